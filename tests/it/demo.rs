//! The sample city as the demo loads it: every planted story is found, and
//! nothing else of its kind where the story says so.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::product::Product;

const DAY: &str = "2026-06-30";

pub fn city() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/demo")
}

pub fn loaded() -> (Product, Value) {
    let product = Product::empty();
    for (folder, recorded) in [("2026-05", "2026-05-31"), ("2026-06", "2026-06-30")] {
        product.load(&city().join("city").join(folder), recorded);
    }
    let planted = std::fs::read_to_string(city().join("planted.json")).expect("the stories");
    (product, serde_json::from_str(&planted).expect("JSON"))
}

fn text<'a>(planted: &'a Value, path: &str) -> &'a str {
    planted
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{path}"))
}

fn list(answer: &Value) -> &[Value] {
    answer.as_array().expect("a list")
}

fn ask(product: &Product, args: &[&str]) -> Value {
    product.ask(&[args, &["--as-of", DAY]].concat())
}

#[test]
fn the_stories_of_the_sample_city_are_found() {
    let (product, planted) = loaded();
    gaps(&product, &planted);
    control(&product, &planted);
    persons(&product, &planted);
    offenders(&product, &planted);
    lifted(&product, &planted);
    information(&product, &planted);
    bad_rows(&product);
    notification(&product, &planted);
}

/// The counts were worked out apart from the product when the city was made.
fn gaps(product: &Product, planted: &Value) {
    let found = ask(product, &["gaps"]);
    let count = |kind: &str| {
        list(&found)
            .iter()
            .filter(|gap| gap["kind"] == kind)
            .count()
    };
    for (kind, expected) in [
        ("missed_check", 73),
        ("missed_restriction", 11),
        ("wrongful_refusal", 2),
        ("overreach", 1),
        ("overdue_lift", 2),
        ("late_publication", 28),
        ("unenforced", 5),
        ("barred_appointment", 1),
        ("unlinked_person", 1),
    ] {
        assert_eq!(count(kind), expected, "{kind}");
    }
    let has = |kind: &str, field: &str, value: &str| {
        let found = list(&found)
            .iter()
            .any(|gap| gap["kind"] == kind && gap[field] == value);
        assert!(found, "no {kind} with {field} {value}");
    };
    let of = |path: &str| text(planted, path);
    has(
        "missed_restriction",
        "matter_no",
        of("/hidden_controller/missed_restriction_matter"),
    );
    has(
        "wrongful_refusal",
        "matter_no",
        of("/wrongful_refusal/matter_no"),
    );
    has(
        "overreach",
        "enforcement_no",
        of("/overreach/enforcement_no"),
    );
    has("unlinked_person", "case_no", of("/unlinked_person/case"));
    has(
        "late_publication",
        "decision_no",
        of("/late_publication/late"),
    );
    has(
        "late_publication",
        "decision_no",
        of("/late_publication/absent"),
    );
    has(
        "overdue_lift",
        "enforcement_no",
        of("/repaired_in_june/overdue_lift/enforcement_no"),
    );
    has(
        "overdue_lift",
        "enforcement_no",
        of("/fulfilled_but_not_lifted/enforcement_no"),
    );
    let june = of("/revoked_in_june/wrongful_refusal_known_in_june/matter_no");
    has("wrongful_refusal", "matter_no", june);
    let in_may = ask(
        product,
        &[
            "gaps",
            "--kind",
            "wrongful_refusal",
            "--known-at",
            "2026-05-31",
        ],
    );
    assert!(
        list(&in_may).iter().all(|gap| gap["matter_no"] != june),
        "known too early"
    );
}

fn control(product: &Product, planted: &Value) {
    let debtor = text(planted, "/hidden_controller/debtor/uscc");
    let person = text(planted, "/hidden_controller/person/name");
    let answer = ask(product, &["controllers", debtor, "--reveal"]);
    let controllers = list(&answer["controllers"]);
    assert_eq!(controllers.len(), 1);
    assert_eq!(controllers[0]["subject"]["name"], person);
    assert_eq!(controllers[0]["votes"], "51");
    assert_eq!(list(&controllers[0]["chain"]).len(), 6);
    let owners = ask(product, &["owners", debtor, "--reveal"]);
    let share = list(&owners["owners"])
        .iter()
        .find(|owner| owner["subject"]["name"] == person);
    assert_eq!(share.expect("an owner")["share"], "8.482320");
    let ring = text(planted, "/circular_group/ring/0/uscc");
    assert_eq!(ask(product, &["controllers", ring])["circular"], true);
}

fn persons(product: &Product, planted: &Value) {
    let of = |path: &str| text(planted, path);
    let measures = |id: &str, case: &str| -> Vec<String> {
        let found = ask(product, &["restrictions", "--subject", id, "--case", case]);
        list(&found)
            .iter()
            .map(|r| r["measure"].as_str().expect("a code").to_owned())
            .collect()
    };
    let case = of("/swapped_representative/case");
    let mut old = measures(of("/swapped_representative/old/id"), case);
    old.sort();
    assert_eq!(old, ["company_office_bar", "legal_representative_bar"]);
    assert!(measures(of("/swapped_representative/new/id"), case).is_empty());
    let rejected = of("/rejected_lead/person/id");
    assert!(measures(rejected, of("/rejected_lead/case")).is_empty());
    let leads = |id: &str, case: &str| {
        let found = ask(
            product,
            &["restrictions", "--leads", "--subject", id, "--case", case],
        );
        list(&found).len()
    };
    assert_eq!(leads(rejected, of("/rejected_lead/case")), 0);
    assert!(leads(of("/open_lead/person/id"), of("/open_lead/case")) > 0);
}

fn offenders(product: &Product, planted: &Value) {
    let found = ask(product, &["offenders", "--all"]);
    for (path, state) in [
        ("/offender_to_clear", "to_clear"),
        ("/offender_cleared", "cleared"),
        ("/offender_warning", "warning"),
    ] {
        let uscc = text(planted, &format!("{path}/organisation/uscc"));
        let one = list(&found)
            .iter()
            .find(|one| one["subject"]["uscc"] == uscc);
        assert_eq!(one.expect("an offender")["state"], state, "{path}");
    }
    let name = text(planted, "/offender_person/person/name");
    let persons = ask(product, &["offenders", "--persons", "--reveal"]);
    let one = list(&persons)
        .iter()
        .find(|one| one["subject"]["name"] == name)
        .expect("a person");
    assert_eq!(list(&one["organisations"]).len(), 4);
    assert_eq!(one["count"], 8);
}

fn lifted(product: &Product, planted: &Value) {
    for story in ["/repaired_in_june", "/revoked_in_june"] {
        let case = text(planted, &format!("{story}/case"));
        let at = |known: &str| {
            let args = ["restrictions", "--case", case, "--known-at", known];
            list(&ask(product, &args)).len()
        };
        assert!(at("2026-05-31") > 0, "{story}");
        assert_eq!(at("2026-06-30"), 0, "{story}");
    }
}

fn information(product: &Product, planted: &Value) {
    let signals = ask(product, &["signals", "--reveal"]);
    let has = |kind: &str, name: &str| {
        let found = list(&signals)
            .iter()
            .any(|s| s["kind"] == kind && s["subject"]["name"] == name);
        assert!(found, "no {kind} about {name}");
    };
    has(
        "late_change",
        text(planted, "/swapped_representative/old/name"),
    );
    has(
        "successor",
        text(planted, "/swapped_representative/successor/name"),
    );
    has("nominee_like", text(planted, "/nominee_like/person/name"));
    has(
        "hidden_controller",
        text(planted, "/hidden_controller/person/name"),
    );
    let referrals = ask(product, &["referrals", "--reveal"]);
    let to = text(planted, "/discipline_referral/body/name");
    let told = list(&referrals)
        .iter()
        .any(|one| one["kind"] == "discipline" && one["to"]["name"] == to);
    assert!(told, "no discipline referral");
    for kind in ["superior", "audit"] {
        let of_kind = list(&referrals).iter().filter(|one| one["kind"] == kind);
        assert_eq!(of_kind.count(), 2, "{kind}");
    }
}

/// Each reason code occurs in the city.
fn bad_rows(product: &Product) {
    let rows = product.ask(&["quarantine", "list", "--all"]);
    for reason in graph::change::Reason::ALL {
        let found = list(&rows).iter().any(|row| row["reason"] == reason.code());
        assert!(found, "no {}", reason.code());
    }
    let resolved = list(&rows)
        .iter()
        .filter(|row| !row["resolved_in"].is_null());
    assert_eq!(resolved.count(), 1, "the registration that came in June");
}

fn notification(product: &Product, planted: &Value) {
    let department = text(planted, "/best_notification");
    let path = product.fresh("notice.xlsx");
    let out = path.to_str().expect("a path");
    let args = [
        "gaps",
        "notify",
        "--department",
        department,
        "--as-of",
        DAY,
        "--out",
        out,
    ];
    assert_eq!(product.run(&args), 0);
    let bytes = std::fs::read(&path).expect("a workbook");
    assert!(bytes.starts_with(b"PK"), "a workbook is a zip file");
    let told = ask(product, &["gaps", "--department", department]);
    assert_eq!(list(&told).len(), 67);
    assert!(list(&told).iter().all(|gap| gap["state"] == "notified"));
}

#[test]
fn the_demo_tells_its_tour_twice_and_spares_strange_folders() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("tour");
    let line =
        |dir: &Path| api::cli::run_from(["chuantou", "demo", "--dir", dir.to_str().unwrap()]);
    assert_eq!(line(&dir), 0);
    assert_eq!(line(&dir), 0);
    assert!(dir.join("通报-D-APV.xlsx").exists());
    let strange = home.path().join("strange");
    std::fs::create_dir(&strange).expect("a folder");
    std::fs::write(strange.join("mine"), "kept").expect("a file");
    assert_eq!(line(&strange), 1);
    assert!(strange.join("mine").exists());
}

#[test]
fn a_folder_without_data_gives_no_answer_and_is_not_made() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("mistyped");
    let line = |args: &[&str]| {
        let global = ["chuantou", "--data", data.to_str().expect("a path")];
        api::cli::run_from([&global, args].concat())
    };
    assert_eq!(line(&["verify", "914403001922038216"]), 1);
    assert_eq!(line(&["verify", "914403001922038216", "--reveal"]), 1);
    assert_eq!(line(&["quarantine", "export"]), 1);
    assert_eq!(line(&["gaps", "respond", "gap-0", "--accept"]), 1);
    assert!(!data.exists());
}
