//! Identity numbers and names of persons: sealed in the data folder, masked on every face.

use crate::binary::{Ran, run};
use crate::product::{Product, list};
use graph::change::BatchNo;
use graph::id::Set;
use graph::store::Store;
use graph_rocks::RocksStore;
use naive::identifier::resident_check;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const DAY: &str = "2025-01-06";
/// The company that all is about.
pub const ORG: &str = "91350100M000100Y43";
/// A name that masking must hide in part.
const NAME: &str = "欧阳锋锐";

/// The n-th planted number: a valid one of nobody.
pub fn number(planted: usize) -> String {
    let body = format!("110105199{planted:01}0101{:03}", 100 + planted);
    format!("{body}{}", resident_check(&body))
}

/// Files with a number in every place where somebody might put one.
pub fn planted() -> (Vec<(&'static str, String)>, Vec<String>) {
    let numbers: Vec<String> = (0..10).map(number).collect();
    let [
        subject,
        holder,
        party,
        text,
        extra,
        bad_row,
        bad_date,
        as_code,
        as_name,
        as_no,
    ] = &numbers[..]
    else {
        unreachable!("ten numbers")
    };
    let files = vec![
        (
            "organizations.csv",
            format!(
                "uscc,name,kind,status,备注\n{ORG},某公司,enterprise,operating,联系人{extra}\n"
            ),
        ),
        (
            "roles.csv",
            format!(
                "uscc,role,id_type,id_number,person_name,from,to\n\
                 {ORG},legal_representative,resident_id,{subject},{NAME},2020-01-01,\n\
                 {ORG},director,resident_id,{bad_row},{NAME},2021-02-30,\n\
                 {ORG},supervisor,passport,E1234567,{NAME},{bad_date},\n\
                 {ORG},executive,resident_id,{}9,{NAME},2021-01-01,\n\
                 {ORG},principal,,,{as_name},2021-01-01,\n",
                &bad_row[..17]
            ),
        ),
        (
            "holdings.csv",
            format!(
                "uscc,holder_kind,id_type,id_number,holder_name,from,ratio\n\
                 {ORG},person,resident_id,{holder},{NAME},2020-01-01,60\n\
                 {as_code},person,resident_id,{holder},{NAME},2020-01-01,60\n"
            ),
        ),
        (
            "penalties.csv",
            format!(
                "decision_no,authority,subject_kind,uscc,id_type,id_number,person_name,decision_on,kinds,facts\n\
                 罚1,某局,org,{ORG},,,,2024-01-02,罚款,当事人{NAME}（身份证{text}）\n\
                 罚2,某局,person,,resident_id,{party},{NAME},2024-01-02,罚款,\n\
                 {as_no},某局,org,{ORG},,,,2024-13-02,罚款,\n"
            ),
        ),
        (
            "listings.csv",
            format!(
                "listing_no,list,uscc,listed_on,subject_name\n\
                 列1,court_consumption_limit,{ORG},2024-02-01,{NAME}{text}\n"
            ),
        ),
    ];
    (files, numbers)
}

/// The files of the sources, and all numbers in them; the passport too.
fn loaded(product: &Product) -> (PathBuf, Vec<String>) {
    let (files, mut numbers) = planted();
    numbers.push("E1234567".to_owned());
    let folder = product.home().join("sources");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    (folder, numbers)
}

/// All files of a folder.
pub fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_under(&path))
        } else {
            files.push(path)
        }
    }
    files
}

/// None of these texts occurs.
pub fn check_absent(secrets: &[String], text: &[u8], place: &str) {
    for secret in secrets {
        let found = text
            .windows(secret.len())
            .any(|window| window.eq_ignore_ascii_case(secret.as_bytes()));
        assert!(
            !found,
            "{secret} occurs in {place}: {}",
            String::from_utf8_lossy(&text[..text.len().min(3000)])
        );
    }
}

fn check_silent(secrets: &[String], ran: &Ran, args: &[&str]) {
    check_absent(
        secrets,
        ran.out.as_bytes(),
        &format!("the answer of {args:?}"),
    );
    check_absent(
        secrets,
        ran.err.as_bytes(),
        &format!("the messages of {args:?}"),
    );
}

#[test]
fn planted_numbers_are_nowhere_in_the_clear() {
    let product = Product::empty();
    let (folder, numbers) = loaded(&product);
    let path = folder.to_str().expect("a path");
    let mut secrets = numbers.clone();
    secrets.push(NAME.to_owned());

    // Loading, refusing and trying say what is wrong without the numbers.
    for args in [
        vec!["ingest", path, "--recorded-at", DAY, "--strict"],
        vec!["ingest", path, "--recorded-at", DAY, "--dry-run", "-v"],
        vec!["ingest", path, "--recorded-at", DAY, "-v"],
        vec!["ingest", path, "--recorded-at", DAY, "--format", "table"],
    ] {
        check_silent(&secrets, &run(&product, &args), &args);
    }
    for format in ["table", "json", "csv"] {
        for args in [
            vec!["batches"],
            vec!["quarantine", "list", "--all"],
            vec!["restrictions", "--as-of", DAY],
            vec!["restrictions", "--leads", "--as-of", DAY],
            vec!["controllers", ORG, "--as-of", DAY],
            vec!["owners", ORG, "--as-of", DAY],
            vec!["offenders", "--all", "--as-of", DAY],
            vec!["offenders", "--persons", "--as-of", DAY],
            vec!["gaps", "--as-of", DAY],
            vec!["indicators", "--as-of", DAY],
            vec!["check"],
        ] {
            let args = [args, vec!["--format", format]].concat();
            let ran = run(&product, &args);
            assert_eq!(ran.status, 0, "{args:?}: {}", ran.err);
            check_silent(&secrets, &ran, &args);
        }
    }
    // Asked by number, the answer does not repeat it; nor does the message about a wrong one.
    let asked = format!("id:resident_id:{}", numbers[0]);
    let wrong = format!("id:resident_id:{}9", &numbers[0][..17]);
    for subject in [&asked, &wrong] {
        for command in ["verify", "owners"] {
            let args = [command, subject.as_str(), "--format", "json"];
            check_silent(&secrets, &run(&product, &args), &args[..1]);
        }
    }
    let receipt = run(&product, &["verify", &asked, "--format", "json"]);
    assert_eq!(receipt.status, 0, "{}", receipt.err);
    let receipt: serde_json::Value = serde_json::from_str(&receipt.out).expect("a receipt");
    assert_eq!(receipt["known"], true);
    let restrictions = product.ask(&["restrictions", "--as-of", DAY]);
    let gaps = product.ask(&["gaps", "--as-of", DAY]);
    let ids = list(&restrictions)
        .iter()
        .chain(list(&gaps))
        .map(|one| &one["id"]);
    let ids: Vec<&str> = ids
        .chain([&receipt["receipt"]])
        .filter_map(|id| id.as_str())
        .collect();
    assert!(ids.len() > 1, "there is something to explain");
    for id in ids {
        let args = ["explain", id, "--as-of", DAY];
        let ran = run(&product, &args);
        assert_eq!(ran.status, 0, "{args:?}: {}", ran.err);
        check_silent(&secrets, &ran, &args);
    }
    // On the disk: no byte of any file, and no stored record that is not sealed.
    for file in files_under(&product.data()) {
        let bytes = std::fs::read(&file).expect("a file");
        check_absent(&secrets, &bytes, &file.display().to_string());
    }
    let store = RocksStore::open_read_only(&product.data()).expect("the store");
    let snapshot = store.snapshot().expect("a snapshot");
    for set in Set::ALL {
        let mut each = |version: graph::store::Version| {
            check_absent(
                &secrets,
                format!("{:?}", version.record).as_bytes(),
                set.name(),
            );
            check_absent(&secrets, &version.sealed, set.name());
            Ok(())
        };
        snapshot.scan(set, BatchNo::MAX, &mut each).expect("a scan");
    }
    for batch in snapshot.batches().expect("batches") {
        check_absent(&secrets, format!("{batch:?}").as_bytes(), "the batches");
    }
}

#[test]
fn keys_are_for_their_owner_only() {
    let product = Product::empty();
    product.load_texts(
        DAY,
        &[(
            "organizations.csv",
            "uscc,name\n91350100M000100Y43,某公司\n",
        )],
    );
    product.ask(&["verify", ORG]);
    for name in ["key", "receipt-key"] {
        let path = product.data().join(name);
        let mode = std::fs::metadata(&path).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let folder = std::fs::metadata(product.data())
        .expect("the folder")
        .permissions()
        .mode();
    assert_eq!(
        folder & 0o022,
        0,
        "others cannot write into the data folder"
    );
}

#[test]
fn revealing_shows_names_and_goes_into_the_audit() {
    let product = Product::empty();
    let (folder, _) = loaded(&product);
    product.load(&folder, DAY);
    let entries = || {
        let report = product.ask(&["audit", "verify"]);
        assert_eq!(report["faults"], serde_json::json!([]));
        report["entries"].as_u64().expect("a number")
    };
    let before = entries();
    let masked = product.ask(&["owners", ORG, "--as-of", DAY]);
    assert_eq!(entries(), before, "a masked look needs no entry");
    let clear = product.ask(&["owners", ORG, "--as-of", DAY, "--reveal"]);
    assert_eq!(entries(), before + 1);
    let name = |answer: &serde_json::Value| answer["owners"][0]["subject"]["name"].clone();
    assert_eq!(name(&clear), NAME);
    assert_ne!(name(&masked), NAME);
    // Reading the log is a look as well.
    let logged = product.ask(&["audit", "list", "--action", "reveal"]);
    assert_eq!(logged[0]["purpose"], "owners");
    assert_eq!(entries(), before + 2);
    let logged = product.ask(&["audit", "list"]);
    let last = list(&logged).last().expect("an entry");
    assert_eq!(last["action"], "audit_log");
}
