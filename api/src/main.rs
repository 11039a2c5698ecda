//! `chuantou`: penetration to the responsible person, on the command line.

use std::process::ExitCode;

/// Every row is a handful of small texts: mimalloc hands them out faster than the
/// system does, and gives memory back after a load.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    api::cli::main()
}
