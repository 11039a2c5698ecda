//! The command line: what it says when something is wrong, and what leaves nothing behind.

use crate::binary::run;
use crate::product::{Product, list};
use graph_rocks::RocksStore;
use naive::Day;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const DAY: &str = "2025-01-06";
/// A day on which the first of the small worlds has restrictions.
const ASKED: &str = "2024-06-01";
const ORG: &str = "91350100M000100Y43";
const ORGANISATIONS: &str = "uscc,name\n91350100M000100Y43,某公司\n";

/// A run must end with a status and say some words.
fn check(product: &Product, args: &[&str], status: i32, words: &[&str]) {
    let ran = run(product, args);
    assert_eq!(ran.status, status, "{args:?}: {ran:?}");
    for word in words {
        assert!(
            ran.err.contains(word),
            "{args:?} does not say {word:?}: {}",
            ran.err
        );
    }
}

fn loaded() -> Product {
    let product = Product::empty();
    product.load_texts(DAY, &[("organizations.csv", ORGANISATIONS)]);
    product
}

fn write(product: &Product, name: &str, text: &str) -> PathBuf {
    let path = product.home().join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(&path, text).expect("a file");
    path
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn without_data_it_says_how_to_load_some() {
    let product = Product::empty();
    for command in [
        "restrictions",
        "gaps",
        "indicators",
        "batches",
        "check",
        "offenders",
    ] {
        check(&product, &[command], 1, &["no data at", "chuantou ingest"]);
    }
    check(&product, &["owners", ORG], 1, &["no data at"]);
    assert!(!product.data().exists(), "a question makes no data folder");
}

#[test]
fn wrong_usage_is_status_two() {
    let product = Product::empty();
    check(&product, &["conquer"], 2, &["conquer"]);
    check(
        &product,
        &["restrictions", "--as-of", "2023-02-29"],
        2,
        &["YYYY-MM-DD"],
    );
    check(
        &product,
        &["restrictions", "--known-at", "soon"],
        2,
        &["YYYY-MM-DD"],
    );
    check(&product, &["ingest"], 2, &[]);
    check(
        &product,
        &["gaps", "--kind", "missed"],
        2,
        &["missed_check"],
    );
    check(
        &product,
        &["restrictions", "--format", "poem"],
        2,
        &["ndjson"],
    );
    check(&product, &[], 2, &[]);
    check(&product, &["--help"], 0, &[]);
    check(&product, &["--version"], 0, &[]);
}

#[test]
fn nobody_known_is_an_answer() {
    let product = loaded();
    let body = "91371581MA3C00001";
    let stranger = format!("{body}{}", naive::identifier::credit_check(body));
    for subject in [
        &stranger,
        "id:passport:E7654321",
        "id:resident_id:11010519491231002X",
    ] {
        let answer = product.ask(&["verify", subject]);
        assert_eq!(
            (&answer["known"], &answer["restricted"]),
            (&json!(false), &json!(false))
        );
        assert!(
            !list(&answer["sources"]).is_empty(),
            "the sources consulted are told"
        );
    }
    let known = product.ask(&["verify", ORG]);
    assert_eq!(known["known"], true);
    let none = product.ask(&["restrictions", "--subject", "id:passport:E7654321"]);
    assert_eq!(none, json!([]));
    check(&product, &["verify", "somebody"], 1, &["credit code"]);
    check(
        &product,
        &["verify", "id:resident_id:110105194912310021"],
        1,
        &["GB 11643"],
    );
}

#[test]
fn a_file_that_fits_no_set_is_named_and_the_others_load() {
    let product = Product::empty();
    let folder = product.home().join("in");
    write(&product, "in/organizations.csv", ORGANISATIONS);
    write(&product, "in/午餐.csv", "菜,价\n面,12\n");
    check(
        &product,
        &["ingest", text(&folder), "--recorded-at", DAY],
        1,
        &["午餐.csv", "penalties"],
    );
    assert_eq!(list(&product.ask(&["batches"])).len(), 1);
    assert_eq!(product.ask(&["verify", ORG])["known"], true);
}

#[test]
fn strict_refuses_the_batch_and_a_dry_run_writes_nothing() {
    let product = loaded();
    let bad = write(
        &product,
        "roles.csv",
        "uscc,role,person_name,from\n91350100M000100Y43,director,某人,2023-02-29\n91350100M000100Y43,director,某甲,2023-02-28\n",
    );
    let before = product.ask(&["batches"]);
    check(
        &product,
        &["ingest", text(&bad), "--recorded-at", DAY, "--strict"],
        1,
        &[],
    );
    check(
        &product,
        &["ingest", text(&bad), "--recorded-at", DAY, "--dry-run"],
        0,
        &[],
    );
    assert_eq!(product.ask(&["batches"]), before);
    assert_eq!(product.ask(&["quarantine", "list"]), json!([]));
    check(
        &product,
        &["ingest", text(&bad), "--recorded-at", DAY],
        0,
        &["quarantine"],
    );
    assert_eq!(list(&product.ask(&["quarantine", "list"])).len(), 1);
}

#[test]
fn a_corrected_export_settles_the_quarantine() {
    let product = loaded();
    let bad = "uscc,role,person_name,from,备注\n91350100M000100Y43,director,某人,2023-02-29,原样\n";
    product.load_texts(DAY, &[("roles.csv", bad)]);
    let folder = product.fresh("export");
    let exported = product.ask(&["quarantine", "export", "--dir", text(&folder)]);
    let file = exported[0]["file"].as_str().expect("a file");
    let source = std::fs::read_to_string(file).expect("the export");
    assert!(
        source.contains("原样") && source.contains("bad_date"),
        "{source}"
    );
    std::fs::write(file, source.replace("2023-02-29", "2023-02-28")).expect("the export");
    let report = product.load(Path::new(file), DAY);
    assert_eq!(
        (&report[0]["new"], &report[0]["quarantined"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    assert_eq!(product.ask(&["quarantine", "list"]), json!([]));
    assert_eq!(
        list(&product.ask(&["quarantine", "list", "--all"])).len(),
        1
    );
}

#[test]
fn recorded_time_does_not_go_back() {
    let product = loaded();
    let more = write(&product, "departments.csv", "department,name\nD,某局\n");
    check(
        &product,
        &["ingest", text(&more), "--recorded-at", "2025-01-05"],
        1,
        &["2025-01-05", "2025-01-06"],
    );
    assert_eq!(list(&product.ask(&["batches"])).len(), 1);
}

#[test]
fn a_torn_file_fails_the_whole_batch() {
    let product = Product::empty();
    let folder = product.home().join("in");
    write(&product, "in/organizations.csv", ORGANISATIONS);
    std::fs::write(
        folder.join("roles.csv.gz"),
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 75],
    )
    .expect("a file");
    check(
        &product,
        &["ingest", text(&folder), "--recorded-at", DAY],
        1,
        &["roles.csv.gz"],
    );
    let (status, batches) = product.try_ask(&["batches"]);
    assert!(
        status == 1 || batches == Some(json!([])),
        "nothing is left behind"
    );
}

#[test]
fn a_catalogue_that_is_missing_or_broken_is_named() {
    let mut product = loaded();
    product.set_catalogue(product.home().join("nowhere"));
    check(&product, &["restrictions"], 1, &["nowhere"]);
    let folder = product.home().join("catalogue");
    write(
        &product,
        "catalogue/lists.toml",
        "[[list]]\ncode = \"L\"\nname = \"名单\"\nbasis = \"法\"\nserious = false\n",
    );
    write(
        &product,
        "catalogue/rules.toml",
        "# 规则\n[[rule]]\nid = \"R\"\nbasis = \"法\"\nlist = \"M\"\nfrom = \"2020-01-01\"\n",
    );
    product.set_catalogue(folder);
    check(&product, &["restrictions"], 1, &["rules.toml:5"]);
    write(&product, "catalogue/rules.toml", "[[rule]\n");
    check(&product, &["restrictions"], 1, &["rules.toml:1"]);
}

#[test]
fn readers_work_beside_a_writer_and_a_second_writer_is_told() {
    let product = loaded();
    let more = write(&product, "departments.csv", "department,name\nD,某局\n");
    let writer =
        RocksStore::open(&product.data(), || unreachable!("there is a key")).expect("the store");
    check(&product, &["restrictions"], 0, &[]);
    check(&product, &["batches"], 0, &[]);
    check(
        &product,
        &["ingest", text(&more), "--recorded-at", DAY],
        1,
        &["in use"],
    );
    drop(writer);
    check(
        &product,
        &["ingest", text(&more), "--recorded-at", DAY],
        0,
        &[],
    );
}

#[test]
fn every_format_holds_every_row() {
    let world = naive::World::read(&crate::examples::folder(1), Day::parse(DAY));
    let product = Product::of(&world);
    let rows = list(&product.ask(&["restrictions", "--as-of", ASKED])).len();
    assert!(rows > 0);
    let write_as = |end: &str| {
        let path = product.fresh(&format!("answer.{end}"));
        let status = product.run(&[
            "restrictions",
            "--as-of",
            ASKED,
            "--quiet",
            "--out",
            text(&path),
        ]);
        assert_eq!(status, 0, "{end}");
        path
    };
    let lines = std::fs::read_to_string(write_as("ndjson")).expect("lines");
    let parsed: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(parsed.len(), rows);
    let mut csv = csv::Reader::from_path(write_as("csv")).expect("CSV");
    let headers = csv.headers().expect("headers").clone();
    for name in ["subject.key", "measure", "case_no", "days"] {
        assert!(headers.iter().any(|header| header == name), "{headers:?}");
    }
    let read: Result<Vec<_>, _> = csv.records().collect();
    assert_eq!(read.expect("every row").len(), rows);
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook(write_as("xlsx")).expect("a workbook");
    let sheet = calamine::Reader::worksheet_range_at(&mut book, 0)
        .expect("a sheet")
        .expect("a sheet");
    assert_eq!(sheet.height(), rows + 1);
    check(
        &product,
        &["restrictions", "--out", "answer.poem"],
        1,
        &["answer.poem", ".json"],
    );
    check(
        &product,
        &["restrictions", "--format", "xlsx"],
        1,
        &["--out"],
    );
}

#[test]
fn a_receipt_can_be_explained() {
    let world = naive::World::read(&crate::examples::folder(1), Day::parse(DAY));
    let product = Product::of(&world);
    let restrictions = product.ask(&["restrictions", "--as-of", ASKED]);
    let subject = restrictions[0]["subject"]["key"].as_str().expect("a key");
    let receipt = product.ask(&["verify", subject, "--as-of", ASKED]);
    assert_eq!(receipt["restricted"], true);
    let id = receipt["receipt"].as_str().expect("a receipt");
    let explained = product.ask(&["explain", id]);
    assert_eq!(
        (&explained["signature_valid"], &explained["same_today"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(explained["answer"], receipt);
    check(&product, &["explain", "gap-0"], 1, &["gap-0"]);
}

#[test]
fn a_trial_run_leaves_nothing_behind() {
    let product = Product::empty();
    let path = write(&product, "organizations.csv", ORGANISATIONS);
    let line = ["ingest", text(&path), "--dry-run", "--format", "ndjson"];
    let ran = run(&product, &line);
    assert_eq!(ran.status, 0, "{ran:?}");
    let told: Value = serde_json::from_str(ran.out.trim()).expect("an answer");
    assert_eq!((&told["new"], &told["batch"]), (&json!(1), &Value::Null));
    assert!(!product.data().exists(), "a trial run makes no data folder");
    // And changes none that is there.
    product.load_texts(DAY, &[("organizations.csv", ORGANISATIONS)]);
    write(
        &product,
        "organizations.csv",
        "uscc,name\n91350100M000100Y43,别的公司\n",
    );
    let ran = run(&product, &line);
    let told: Value = serde_json::from_str(ran.out.trim()).expect("an answer");
    assert_eq!(told["changed"], 1, "{ran:?}");
    assert_eq!(list(&product.ask(&["batches"])).len(), 1);
}

#[test]
fn an_organisation_that_no_record_knows_is_told_as_such() {
    let product = loaded();
    for (org, known) in [(ORG, true), ("914403001922038216", false)] {
        for command in ["controllers", "owners"] {
            let answer = product.ask(&[command, org]);
            assert_eq!(answer["known"], known, "{command} {org}");
        }
    }
    let before = product.ask(&["owners", ORG, "--known-at", "2020-01-01"]);
    assert_eq!(before["known"], false, "not known then");
}
