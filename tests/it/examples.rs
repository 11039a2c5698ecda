//! The naive oracle gives the expected answers of the six small worlds.

use naive::{Day, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The day on which the worlds were recorded.
pub const RECORDED: &str = "2025-01-06";

/// A world's folder.
pub fn folder(number: usize) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("worlds/world-{number}"))
}

fn worlds() -> Vec<(usize, World, Value)> {
    let read = |number: usize| {
        let world = World::read(&folder(number), Day::parse(RECORDED));
        let text = std::fs::read_to_string(folder(number).join("expected.json")).unwrap();
        (number, world, serde_json::from_str(&text).unwrap())
    };
    (1..=6).map(read).collect()
}

/// Compares an answer with the expected one on every day for which there is one.
fn check(part: &str, answer: impl Fn(&World, Day, Day) -> Value) {
    for (number, world, expected) in worlds() {
        let days = expected[part].as_object().expect(part);
        assert!(!days.is_empty());
        for (day, expected) in days {
            let found = answer(&world, Day::parse(day), Day::parse(RECORDED));
            compare(
                &format!("world {number}, {part} on {day}"),
                &found,
                expected,
            );
        }
    }
}

/// Lists are compared as bags, so that a difference says what is missing and what is too much.
pub fn compare(place: &str, found: &Value, expected: &Value) {
    let (Value::Array(found), Value::Array(expected)) = (found, expected) else {
        assert_eq!(found, expected, "{place}");
        return;
    };
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for (list, step) in [(found, 1), (expected, -1)] {
        for value in list {
            let mut value = value.clone();
            value.sort_all_objects();
            *counts.entry(value.to_string()).or_default() += step;
        }
    }
    counts.retain(|_, count| *count != 0);
    assert!(
        counts.is_empty(),
        "{place}: found (+) and missing (-): {counts:#?}"
    );
}

#[test]
fn restrictions() {
    check("restrictions", naive::restrictions);
}

#[test]
fn leads() {
    check("leads", naive::leads);
}

#[test]
fn controllers() {
    check("controllers", naive::controllers);
}

#[test]
fn offenders() {
    check("offenders", naive::offenders);
}

#[test]
fn offenders_persons() {
    check("offenders_persons", naive::offenders_persons);
}

/// The expected gaps list a barred appointment once a (subject, measure, case, day).
#[test]
fn gaps() {
    check("gaps", |world, as_of, known_at| {
        let mut seen = Vec::new();
        for mut gap in naive::gaps(world, as_of, known_at)
            .as_array()
            .unwrap()
            .clone()
        {
            let barred = gap.as_object_mut().unwrap().remove("role").is_some();
            if !barred || !seen.contains(&gap) {
                seen.push(gap);
            }
        }
        Value::Array(seen)
    });
}

/// Shares agree to four decimals.
#[test]
fn owners() {
    let rounded = |mut owners: Value| {
        for owner in owners.as_object_mut().unwrap().values_mut() {
            for one in owner.as_array_mut().unwrap() {
                if let Some(share) = one[1].as_str() {
                    one[1] = format!("{:.4}", share.parse::<f64>().unwrap()).into();
                }
            }
        }
        owners
    };
    for (number, world, expected) in worlds() {
        for (day, expected) in expected["owners"].as_object().unwrap() {
            let found = naive::owners(&world, Day::parse(day), Day::parse(RECORDED));
            let (found, expected) = (rounded(found), rounded(expected.clone()));
            for (uscc, expected) in expected.as_object().unwrap() {
                let place = format!("world {number}, owners of {uscc} on {day}");
                compare(&place, &found[uscc], expected);
            }
        }
    }
}

/// The expected answers have three of the nine.
#[test]
fn indicators() {
    for (number, world, expected) in worlds() {
        for (day, expected) in expected["indicators"].as_object().unwrap() {
            let found = naive::indicators(&world, Day::parse(day), Day::parse(RECORDED));
            for (code, expected) in expected.as_object().unwrap() {
                assert_eq!(found[code], *expected, "world {number}, {code} on {day}");
            }
        }
    }
}
