//! The faces of chuantou (穿透): the command line, and the public objects that
//! it answers with.
//!
//! `answer/` holds the public objects, `cli/` one command a file, `output/` the
//! formats, `session` opens what a command needs. Only this crate reads the
//! clock, draws random numbers, and names the storage engine.

pub mod answer;
pub mod audit;
pub mod auth;
pub mod cli;
mod clock;
mod error;
pub mod feed;
mod gapflow;
mod http;
mod notify;
mod outbound;
mod output;
mod pack;
pub mod receipt;
mod seen;
mod service;
mod session;
pub mod shelf;

pub use error::Error;
pub use http::openapi;
