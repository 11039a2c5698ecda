//! The one integration binary: everything that crosses a crate.

mod examples;
mod generator;
