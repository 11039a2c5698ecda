//! The one integration binary: everything that crosses a crate.

mod around;
mod binary;
mod bods;
mod cli;
mod crash;
mod demo;
mod differential;
mod duty;
mod examples;
mod formats;
mod generator;
mod gleif;
mod holidays;
mod metamorphic;
mod privacy;
mod product;
mod relations;
mod remembered;
mod settled;
mod synthetic;
mod tidy;
mod worlds;
