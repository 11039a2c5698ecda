//! The program itself, as a process.

use crate::product::Product;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The built program, brought up to date first: it stands beside the folder of this test.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().expect("this test");
        let folder = test.ancestors().nth(2).expect("the build's folder");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "-p", "api", "--bin", "chuantou"]);
        build.current_dir(env!("CARGO_MANIFEST_DIR"));
        build.env(
            "CARGO_TARGET_DIR",
            folder.parent().expect("the target folder"),
        );
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(
            build.status().expect("cargo").success(),
            "the program does not build"
        );
        folder.join("chuantou")
    })
}

/// How a run of the program went.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status.
    pub status: i32,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// Runs the program on a product's data folder.
pub fn run(product: &Product, args: &[&str]) -> Ran {
    let line = product.line(args);
    let mut command = Command::new(program());
    command
        .args(&line[1..])
        .current_dir(product.home())
        .env_remove("CHUANTOU_DATA");
    let output = command.output().expect("the program");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        status: output.status.code().expect("an exit status"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}
