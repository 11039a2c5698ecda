//! The faces of chuantou (穿透): the command line, and the public objects that
//! it answers with.
//!
//! `answer/` holds the public objects, `cli/` one command a file, `output/` the
//! formats, `session` opens what a command needs. Only this crate reads the
//! clock, draws random numbers, and names the storage engine.

pub mod answer;
pub mod cli;
mod clock;
mod error;
mod gapflow;
mod notify;
mod output;
mod receipt;
mod seen;
mod session;

pub use error::Error;
