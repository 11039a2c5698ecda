//! `chuantou`: penetration to the responsible person, on the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    api::cli::main()
}
