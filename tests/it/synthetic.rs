//! The synthetic city: the same seed, the same bytes; and the product finds what was planted.

use crate::product::{Product, Times, label, list};
use graph::time::Date;
use naive::Day;
use queries::catalogue::{Catalogue, Rule, Trigger};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use synthetic::{Plan, law};

/// Every file of a folder, by name.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = folder.read_dir().expect("a folder");
    let file = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name");
        (name, std::fs::read(entry.path()).expect("a file"))
    };
    entries.map(file).collect()
}

fn city(size: u64, seed: u64, threads: usize) -> BTreeMap<String, Vec<u8>> {
    let home = tempfile::tempdir().expect("a folder");
    let plan = Plan::new(size, seed).expect("a plan");
    let summary = synthetic::write(&plan, home.path(), threads, &mut |_| {}).expect("a city");
    assert_eq!(summary.rows(), size, "seed {seed}");
    files(home.path())
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    // Several blocks of organisations, so that threads could come in any order.
    let size = 600_000;
    let once = city(size, 4, 1);
    assert!(once == city(size, 4, 3), "threads make a difference");
    let other = city(size, 5, 3);
    for (name, bytes) in &once {
        let same = other.get(name) == Some(bytes);
        assert!(
            !same || name.starts_with("departments"),
            "{name} does not depend on the seed"
        );
    }
}

#[test]
fn every_size_has_exactly_its_rows() {
    for size in [1_000, 1_003, 2_500, 10_000, 33_333, 100_000] {
        for seed in 0..8 {
            city(size, seed, 2);
        }
    }
    assert!(Plan::new(999, 1).is_err());
}

#[test]
fn a_folder_in_use_is_left_alone() {
    let product = Product::empty();
    let folder = product.fresh("city");
    let out = folder.to_str().expect("a path");
    let line = ["generate", "--size", "1000", "--quiet", "--out", out];
    assert_eq!(product.run(&line), 0);
    let before = files(&folder);
    assert_eq!(product.run(&line), 1);
    assert!(files(&folder) == before);
    assert_eq!(product.run(&["generate", "--size", "1000"]), 1);
    assert_eq!(
        product.run(&["generate", "--size", "village", "--out", out]),
        2
    );
}

/// The generator knows no catalogue; what it believes of the shipped one must be so.
#[test]
fn the_codes_are_those_of_the_catalogue() {
    let catalogue = Catalogue::shipped().expect("the catalogue");
    for day in ["2022-07-01", "2024-06-30", "2024-07-01", "2026-06-30"] {
        let day = Date::parse(day).expect("a day");
        for list in law::ORGANISATION_LISTS.iter().chain(&law::PERSON_LISTS) {
            check_list(&catalogue, list, day);
        }
        for item in law::ITEMS.iter().chain(&law::RESIDENT_ITEMS) {
            let shipped = catalogue.item(item.code, day).expect(item.code);
            assert_eq!(shipped.category, item.category, "{}", item.code);
            assert!(shipped.check_required, "{}", item.code);
            assert_eq!(
                i64::from(shipped.check_valid_days),
                i64::from(item.valid_days),
                "{}",
                item.code
            );
            let subjects: Vec<&str> = shipped.subjects.iter().map(|one| one.code()).collect();
            let applicant = item.applicant.then_some("applicant");
            let ours: Vec<&str> = applicant
                .into_iter()
                .chain(item.offices.iter().copied())
                .collect();
            assert_eq!(subjects, ours, "{}", item.code);
        }
    }
}

/// Every measure that a department must report on is known, and none that is not there.
fn check_list(catalogue: &Catalogue, list: &law::List, day: Date) {
    let shipped = catalogue.lists.get(list.code).expect(list.code);
    assert_eq!(
        shipped.max_months.unwrap_or(0),
        list.max_months,
        "{}",
        list.code
    );
    let applies = |rule: &&Arc<Rule>| {
        rule.validity.holds(day)
            && matches!(&rule.trigger, Trigger::List(code) if code == list.code)
    };
    let rules: Vec<&Arc<Rule>> = catalogue.rules.iter().filter(applies).collect();
    let theirs: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| &rule.subject_measures)
        .map(|code| &**code)
        .collect();
    for code in &theirs {
        let reported = catalogue
            .measure(code, day)
            .is_some_and(|one| !one.enforcers.is_empty());
        let known = list.measures.iter().any(|one| *one.code == **code);
        assert!(known || !reported, "{} of {} is not known", code, list.code);
    }
    for one in list.measures {
        assert!(
            theirs.contains(one.code),
            "{} of {} on {day}",
            one.code,
            list.code
        );
        let shipped = catalogue.measure(one.code, day).expect(one.code);
        let words = |text: &str| Vec::from_iter((!text.is_empty()).then(|| text.to_owned()));
        assert_eq!(shipped.blocks, words(one.blocks), "{}", one.code);
        assert_eq!(shipped.enforcers, words(one.enforcer), "{}", one.code);
        assert!(
            one.enforcer.is_empty()
                || law::DEPARTMENTS
                    .iter()
                    .any(|(code, _)| *code == one.enforcer)
        );
    }
}

#[test]
fn what_was_planted_is_found() {
    let product = Product::empty();
    let folder = product.fresh("city");
    let out = folder.to_str().expect("a path");
    let line = [
        "generate", "--size", "12000", "--seed", "3", "--quiet", "--out", out,
    ];
    assert_eq!(product.run(&line), 0);
    let truth = std::fs::read_to_string(folder.join("truth.json")).expect("the truth");
    let truth: Value = serde_json::from_str(&truth).expect("the truth");
    let day = truth["as_of"].as_str().expect("a day");
    let report = product.load(&folder, day);
    let times = Times {
        as_of: Day::parse(day),
        known_at: Day::parse(day),
    };
    counts(&truth, &report);
    quarantine(&product, &truth);
    controllers(&product, &truth, times);
    offenders(&product, &truth, times);
    restrictions(&product, &truth);
    gaps(&product, &truth, times);
    signals(&product, &truth, times);
    let errors = &product.indicators(times)["code_errors"][0];
    assert_eq!(errors, &truth["totals"]["code_errors"]);
}

/// A subject of the truth by its label.
fn told(subject: &Value) -> Value {
    subject.get("uscc").unwrap_or(&subject["name"]).clone()
}

fn counts(truth: &Value, report: &Value) {
    let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
    for file in list(&truth["files"]) {
        *rows.entry(file["set"].as_str().unwrap()).or_default() += file["rows"].as_u64().unwrap();
    }
    let mut bad: BTreeMap<&str, u64> = BTreeMap::new();
    for one in list(&truth["quarantined"]["by_reason"]) {
        *bad.entry(one["set"].as_str().unwrap()).or_default() += one["rows"].as_u64().unwrap();
    }
    assert_eq!(list(report).len(), 14);
    for one in list(report) {
        let set = one["set"].as_str().unwrap();
        assert_eq!(one["read"], rows[set], "{set}");
        let quarantined = bad.get(set).copied().unwrap_or(0);
        assert_eq!(one["quarantined"], quarantined, "{set}");
        assert_eq!(one["new"], rows[set] - quarantined, "{set}");
    }
}

fn quarantine(product: &Product, truth: &Value) {
    let answer = product.ask(&["quarantine", "list"]);
    let found: BTreeSet<(String, String, String)> = list(&answer)
        .iter()
        .map(|one| {
            let file = Path::new(one["file"].as_str().unwrap())
                .file_name()
                .unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                file.to_str().unwrap().to_owned(),
                text(&one["place"]),
                text(&one["reason"]),
            )
        })
        .collect();
    assert_eq!(json!(list(&answer).len()), truth["quarantined"]["rows"]);
    let examples = list(&truth["quarantined"]["examples"]);
    for one in examples {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let wanted = (
            text(&one["file"]),
            format!("line {}", one["line"]),
            text(&one["reason"]),
        );
        assert!(
            found.contains(&wanted),
            "{wanted:?} is not among {found:#?}"
        );
    }
    let reasons: BTreeSet<&str> = examples
        .iter()
        .map(|one| one["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons.len(), 11, "{reasons:?}");
}

fn controllers(product: &Product, truth: &Value, times: Times) {
    assert_eq!(list(&truth["controllers"]).len(), 5);
    for one in list(&truth["controllers"]) {
        let found = product.controllers(one["org"].as_str().unwrap(), times);
        let wanted: Vec<Value> = list(&one["controllers"]).iter().map(told).collect();
        assert_eq!(found["computed"], json!(wanted), "{one}");
        assert_eq!(found["circular"], one["circular"], "{one}");
    }
}

fn offenders(product: &Product, truth: &Value, times: Times) {
    let found = product.offenders(times);
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for one in list(&found) {
        *states.entry(one["state"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(json!(states), truth["totals"]["offenders"]);
    for wanted in list(&truth["offenders"]) {
        let same = |one: &&Value| {
            ["uscc", "count", "published_count", "state"]
                .iter()
                .all(|field| one[field] == wanted[field])
        };
        assert_eq!(list(&found).iter().filter(same).count(), 1, "{wanted}");
    }
    let persons = product.ask_on(times, &["offenders", "--persons"]);
    for wanted in list(&truth["offending_persons"]) {
        let named = |one: &&Value| label(&one["subject"]) == told(&wanted["person"]);
        let one = list(&persons)
            .iter()
            .find(named)
            .expect("the person behind the shells");
        assert_eq!(one["count"], wanted["count"]);
        let sorted = |value: &Value| {
            list(value)
                .iter()
                .map(Value::to_string)
                .collect::<BTreeSet<_>>()
        };
        assert_eq!(
            sorted(&one["organisations"]),
            sorted(&wanted["organisations"])
        );
    }
}

fn restrictions(product: &Product, truth: &Value) {
    for wanted in list(&truth["restrictions"]) {
        let on = Day::parse(wanted["as_of"].as_str().unwrap());
        let known_at = Day::parse(truth["as_of"].as_str().unwrap());
        let answer = product.restrictions(Times {
            as_of: on,
            known_at,
        });
        let same = |one: &&Value| {
            one["subject"] == told(&wanted["subject"])
                && one["case_no"] == wanted["case_no"]
                && one["measure"] == wanted["measure"]
        };
        let found = list(&answer).iter().find(same);
        assert_eq!(found.is_some(), wanted["in_force"] == true, "{wanted}");
        assert_eq!(
            found.map(|one| &one["confirmed"]),
            found.map(|_| &wanted["confirmed"]),
            "{wanted}"
        );
    }
}

/// The planted gaps are found, and those who were planted have no other.
fn gaps(product: &Product, truth: &Value, times: Times) {
    let answer = product.gaps(times);
    let planted: BTreeSet<String> = list(&truth["planted_subjects"])
        .iter()
        .map(|one| told(one).to_string())
        .collect();
    let found: Vec<&Value> = list(&answer)
        .iter()
        .filter(|gap| planted.contains(&gap["subject"].to_string()))
        .collect();
    let wanted = list(&truth["gaps"]);
    for gap in wanted {
        let fits = |one: &&&Value| {
            gap.as_object()
                .unwrap()
                .iter()
                .all(|(field, value)| match field.as_str() {
                    "subject" => one["subject"] == told(value),
                    field => one[field] == *value,
                })
        };
        assert_eq!(
            found.iter().filter(fits).count(),
            1,
            "{gap} is not once among {found:#?}"
        );
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    let kinds: BTreeSet<&str> = wanted
        .iter()
        .map(|gap| gap["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    for (reason, count) in truth["totals"]["late_publication"].as_object().unwrap() {
        let same = |gap: &&Value| gap["kind"] == "late_publication" && gap["reason"] == **reason;
        assert_eq!(
            json!(list(&answer).iter().filter(same).count()),
            *count,
            "{reason}"
        );
    }
}

fn signals(product: &Product, truth: &Value, times: Times) {
    let answer = product.ask_on(times, &["signals", "--kind", "late_change"]);
    for wanted in list(&truth["swapped_representatives"]) {
        let same = |one: &&Value| label(&one["subject"]) == told(&wanted["outgoing"]);
        let found: Vec<&Value> = list(&answer).iter().filter(same).collect();
        assert_eq!(found.len(), 1, "{wanted}");
        for word in [&wanted["org"], &wanted["case_no"], &wanted["on"]] {
            assert!(
                found[0].to_string().contains(&word.to_string()),
                "{word} is not in {}",
                found[0]
            );
        }
    }
}
