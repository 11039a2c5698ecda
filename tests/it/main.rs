//! The one integration binary: everything that crosses a crate.

mod binary;
mod bods;
mod bulk;
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
mod http;
mod http_contract;
mod http_rough;
mod http_writes;
mod metamorphic;
mod privacy;
mod product;
mod relations;
mod remembered;
mod settled;
mod synthetic;
mod tidy;
mod worlds;
