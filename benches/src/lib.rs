//! What is measured, and the sample city's generator.
//!
//! `cargo bench -p benches` runs the kernels in `benches/`; `make bench-city` loads and
//! asks whole cities ([`city`]); the binary `start` takes a kept world up in a process of its own;
//! `make bench-peers` asks other engines the same
//! ([`peers`], with what they are told in the folder `peers/`).

pub mod city;
mod fresh;
pub mod measure;
pub mod peers;
pub mod town;
