//! The house's order, read from its own files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Table;

/// The crates and their folders.
const CRATES: &[(&str, &str)] = &[
    ("graph", "graph"),
    ("graph-rocks", "graph/rocks"),
    ("ingest", "ingest"),
    ("synthetic", "ingest/synthetic"),
    ("queries", "queries"),
    ("api", "api"),
    ("benches", "benches"),
    ("tests", "tests"),
];
/// A file longer than this wants to be two.
const LINES: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the repository")
}

fn manifest(folder: &str) -> Table {
    let text = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
    text.parse().expect("a manifest")
}

/// What a crate names under a heading of its manifest.
fn named(folder: &str, heading: &str) -> BTreeSet<String> {
    let manifest = manifest(folder);
    let table = manifest.get(heading).and_then(|value| value.as_table());
    table
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("graph", &[] as &[&str]),
        ("graph-rocks", &["graph"]),
        ("ingest", &["graph"]),
        ("synthetic", &["graph"]),
        ("queries", &["graph"]),
        (
            "api",
            &["graph", "graph-rocks", "ingest", "queries", "synthetic"],
        ),
        // The oracle knows nobody; the integration binary knows everybody.
        ("tests", &[]),
        (
            "benches",
            &[
                "graph",
                "graph-rocks",
                "ingest",
                "queries",
                "synthetic",
                "api",
            ],
        ),
    ]);
    for (name, folder) in CRATES {
        let ours = named(folder, "dependencies").into_iter();
        let ours: Vec<String> = ours
            .filter(|other| CRATES.iter().any(|(name, _)| name == other))
            .collect();
        for other in &ours {
            assert!(
                allowed[name].contains(&other.as_str()),
                "{name} depends on {other}"
            );
        }
    }
}

#[test]
fn only_one_crate_knows_each_engine() {
    let check = |package: &str, owner: &str| {
        for (name, folder) in CRATES.iter().filter(|(name, _)| *name != owner) {
            for heading in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let found = named(folder, heading).contains(package);
                assert!(!found, "{name} names {package} under {heading}");
            }
        }
    };
    check("rocksdb", "graph-rocks");
    for face in [
        "axum",
        "clap",
        "figment",
        "hyper",
        "memmap2",
        "tower",
        "tower-http",
        "utoipa",
    ] {
        check(face, "api");
    }
}

#[test]
fn the_faces_runtime_stays_in_the_faces() {
    for (name, folder) in CRATES
        .iter()
        .filter(|(name, _)| !["api", "tests"].contains(name))
    {
        assert!(
            !named(folder, "dependencies").contains("tokio"),
            "{name} names tokio"
        );
    }
}

/// Every Rust file, with its path below the root.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = CRATES
        .iter()
        .map(|(_, folder)| root().join(folder))
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(folder) = open.pop() {
        if folder.ends_with("target") || !seen.insert(folder.clone()) {
            continue;
        }
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                files.push((path.strip_prefix(root()).expect("a path").to_owned(), text));
            }
        }
    }
    files
}

#[test]
fn files_say_what_they_are_and_stay_short() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        if !text.starts_with("//!") {
            faults.push(format!("{} does not open with //!", path.display()));
        }
        let lines = text.lines().count();
        if lines > LINES {
            faults.push(format!("{} has {lines} lines", path.display()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The modules that are compiled for tests only: `folder/name`.
fn test_modules(sources: &[(PathBuf, String)]) -> BTreeSet<PathBuf> {
    let mut modules = BTreeSet::new();
    for (path, text) in sources {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let mut folder = path.parent().expect("a folder").to_owned();
        if !["mod", "lib", "main"].contains(&name.as_ref()) {
            folder.push(name.as_ref());
        }
        for after in text.split("#[cfg(test)]\n").skip(1) {
            let line = after.lines().next().unwrap_or_default();
            let named = line.trim_end_matches(';').split("mod ").nth(1);
            modules.extend(named.map(|name| folder.join(name)));
        }
    }
    modules
}

/// Whether a file holds nothing but tests or tools of tests.
fn is_test(path: &Path, modules: &BTreeSet<PathBuf>) -> bool {
    let of_crate = path.starts_with("tests") || path.starts_with("benches");
    let whole = path.with_extension("");
    // The rules that every store must keep are checked by the stores' tests.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_rules = name == "conformance.rs" || name.ends_with("_tests.rs");
    of_crate || is_rules || whole.ancestors().any(|part| modules.contains(part))
}

#[test]
fn the_product_neither_jokes_nor_panics() {
    let mut faults = Vec::new();
    let sources = sources();
    let modules = test_modules(&sources);
    for (path, text) in sources.iter().filter(|(path, _)| !is_test(path, &modules)) {
        // Tests stand at the end of a file.
        let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for (number, line) in product.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in ["todo!", "dbg!", ".unwrap()", "unimplemented!"] {
                if code.contains(word) {
                    faults.push(format!("{}:{}: {word}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
