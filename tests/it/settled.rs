//! What a gap leaves behind, and what an indicator counts: against the oracle, on random worlds.

use crate::product::{Product, Times, identities, list};
use naive::{Day, Knobs, World};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Worlds asked, from a seed that no other test begins at.
const SEEDS: std::ops::Range<u64> = 5000..5008;
/// Later than every batch.
const LATE: &str = "2030-01-01";

fn worlds() -> impl Iterator<Item = (u64, World, Product)> {
    let knobs = Knobs {
        batches: Some(4),
        matters: Some(40),
        enforced_percent: 90,
        ..Knobs::default()
    };
    SEEDS.map(move |seed| {
        let world = naive::generate(seed, &knobs);
        let product = Product::of(&world);
        (seed, world, product)
    })
}

fn distinct(mut all: Vec<String>) -> Vec<String> {
    all.dedup();
    all
}

#[test]
fn all_gaps_are_those_that_ever_held() {
    let mut settled = 0;
    for (seed, world, product) in worlds() {
        for (as_of, known_at) in naive::days_to_ask(&world, seed, 3) {
            let times = Times { as_of, known_at };
            let found = distinct(product.gap_identities(times, &["gaps", "--all"]));
            let expected = distinct(identities(&naive::gaps_ever(&world, as_of, known_at)));
            assert_eq!(found, expected, "seed {seed}, {times:?}");
            let held = identities(&naive::gaps(&world, as_of, known_at));
            settled += found.iter().filter(|gap| !held.contains(gap)).count();
            let answer = product.ask_on(times, &["gaps", "--all"]);
            let open = list(&answer).iter().filter(|gap| gap["state"] == "open");
            assert_eq!(open.count(), held.len(), "seed {seed}, {times:?}");
        }
    }
    assert!(settled > 20, "{settled} gaps that hold no more are too few");
}

#[test]
fn gaps_since_a_batch_are_the_symmetric_difference() {
    let (mut begun, mut ended) = (0, 0);
    for (seed, world, product) in worlds() {
        let batches = world.batches.len();
        // A batch that changes nothing has no number.
        if list(&product.ask(&["batches"])).len() != batches {
            continue;
        }
        for (as_of, _) in naive::days_to_ask(&world, seed, 2) {
            let known_at = Day::parse(LATE);
            let times = Times { as_of, known_at };
            let now = counts(&naive::gaps(&world, as_of, known_at));
            for since in 0..=batches {
                let then = match since {
                    0 => BTreeMap::new(),
                    _ => counts(&naive::gaps_after(&world, as_of, since)),
                };
                let differs = |gap: &&String| then.get(*gap) != now.get(*gap);
                let mut expected: Vec<String> = then
                    .keys()
                    .chain(now.keys())
                    .filter(differs)
                    .cloned()
                    .collect();
                expected.sort();
                let cursor = since.to_string();
                let found = product.gap_identities(times, &["gaps", "--since", &cursor]);
                let place = format!("seed {seed}, since {since}, {times:?}");
                assert_eq!(distinct(found), distinct(expected.clone()), "{place}");
                ended += expected
                    .iter()
                    .filter(|gap| !now.contains_key(*gap))
                    .count();
                begun += expected.iter().filter(|gap| now.contains_key(*gap)).count();
            }
        }
    }
    assert!(begun > 100 && ended > 20, "{begun} begun, {ended} ended");
}

/// How often each gap stands in a list: two that differ by the authority alone look the same.
fn counts(gaps: &Value) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for gap in identities(gaps) {
        *counts.entry(gap).or_default() += 1;
    }
    counts
}

#[test]
fn an_indicator_lists_what_it_counts() {
    let mut total = BTreeMap::new();
    for (seed, world, product) in worlds() {
        for (as_of, known_at) in naive::days_to_ask(&world, seed, 2) {
            let times = Times { as_of, known_at };
            let expected = naive::indicator_records(&world, as_of, known_at);
            for (code, expected) in expected.as_object().expect("indicators") {
                let answer = product.ask_on(times, &["indicators", "--records", code]);
                let mut found: Vec<String> = list(&answer).iter().map(told).collect();
                found.sort();
                assert_eq!(
                    Value::from(found.clone()),
                    *expected,
                    "seed {seed}, {code}, {times:?}"
                );
                *total.entry(code.clone()).or_insert(0) += found.len();
            }
        }
    }
    for code in [
        "penetration",
        "publication_timely",
        "check_coverage",
        "serious_share",
    ] {
        assert!(total[code] > 0, "nothing was counted: {total:?}");
    }
}

/// The code of an organisation, or the number that stands in the source row.
fn told(one: &Value) -> String {
    if let Some(uscc) = one.get("uscc") {
        return uscc.as_str().expect("a code").to_owned();
    }
    let path = Path::new(one["file"].as_str().expect("a file"));
    let line = usize::try_from(one["line"].as_u64().expect("a line")).expect("a line");
    let mut table = csv::Reader::from_path(path).expect("a table");
    let column = match one["set"].as_str() {
        Some("listings") => "listing_no",
        Some("penalties") => "decision_no",
        Some("matters") => "matter_no",
        other => panic!("{other:?}"),
    };
    let headers = table.headers().expect("a header row").clone();
    let place = headers.iter().position(|header| header == column);
    let row = table
        .records()
        .nth(line - 2)
        .expect("the row")
        .expect("a row");
    row[place.expect(column)].to_owned()
}
