//! What must not change an answer, and what must change it in one way only.

use crate::product::{Product, Times, list};
use naive::{Day, Knobs, Row, World};
use serde_json::{Value, json};
use std::path::Path;

/// The worlds that are asked.
const SEEDS: std::ops::Range<u64> = 100..106;

fn world(seed: u64, batches: usize) -> World {
    let knobs = Knobs {
        batches: Some(batches),
        ..Knobs::default()
    };
    naive::generate(seed, &knobs)
}

/// Everything that a world answers on some days: without keys and rows, which depend on the
/// data folder, but with the ids of the gaps.
fn answers(product: &Product, world: &World, seed: u64) -> Value {
    let mut all = Vec::new();
    for (as_of, known_at) in naive::days_to_ask(world, seed, 3) {
        let times = Times { as_of, known_at };
        all.push(answers_on(product, world, times));
    }
    Value::Array(all)
}

fn answers_on(product: &Product, world: &World, times: Times) -> Value {
    let gaps = product.ask_on(times, &["gaps"]);
    let mut ids: Vec<&Value> = list(&gaps).iter().map(|gap| &gap["id"]).collect();
    ids.sort_by_key(|id| id.to_string());
    let orgs = naive::controllers(world, times.as_of, times.known_at);
    let orgs = orgs.as_object().expect("organisations").keys().take(3);
    let control: Vec<Value> = orgs
        .map(|org| {
            json!([
                org,
                product.controllers(org, times),
                product.owners(org, times).0
            ])
        })
        .collect();
    json!({
        "days": format!("{times:?}"),
        "restrictions": product.restrictions(times),
        "leads": product.leads(times),
        "gaps": product.gaps(times),
        "gap ids": ids,
        "offenders": product.offenders(times),
        "persons": product.offenders_persons(times),
        "indicators": product.indicators(times),
        "control": control,
    })
}

fn check_same(seed: u64, place: &str, found: &Value, expected: &Value) {
    for (found, expected) in list(found).iter().zip(list(expected)) {
        for (part, expected) in expected.as_object().expect("answers") {
            let days = &found["days"];
            assert_eq!(
                &found[part], expected,
                "seed {seed}, {place}, {part} on {days}"
            );
        }
    }
}

/// Writes a batch with its rows in another order, every table in three files.
fn scatter(rows: &[Row], set: &str, folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let mut parts: [Vec<Row>; 3] = Default::default();
    for (number, row) in rows.iter().rev().enumerate() {
        parts[number * 7 % 3].push(row.clone());
    }
    for (number, part) in parts
        .iter()
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
    {
        let text = naive::world::table_text(part);
        std::fs::write(folder.join(format!("{set}-{number}.csv")), text).expect("a table");
    }
}

/// Another data folder has other keys, so this holds across machines too.
#[test]
fn the_order_of_rows_and_files_does_not_matter() {
    for seed in SEEDS {
        let world = world(seed, 2);
        let product = Product::of(&world);
        let mut other = Product::empty();
        other.set_catalogue(product.catalogue().expect("a catalogue").to_owned());
        for (number, batch) in world.batches.iter().enumerate() {
            let folder = other.home().join(format!("scattered-{number}"));
            for (set, rows) in &batch.rows {
                scatter(rows, set, &folder);
            }
            other.load(&folder, &batch.recorded_at.to_string());
        }
        let key = |product: &Product| std::fs::read(product.data().join("key")).expect("a key");
        assert_ne!(
            key(&product),
            key(&other),
            "every data folder has its own key"
        );
        check_same(
            seed,
            "scattered",
            &answers(&other, &world, seed),
            &answers(&product, &world, seed),
        );
    }
}

#[test]
fn loading_twice_changes_nothing() {
    for seed in SEEDS {
        let world = world(seed, 3);
        let product = Product::of(&world);
        let batches = product.ask(&["batches"]);
        let before = answers(&product, &world, seed);
        let last = world.batches.len() - 1;
        let day = world.batches[last].recorded_at;
        let folder = product.home().join(format!("world/batch-{last}-{day}"));
        let report = product.load(&folder, &day.plus(30).to_string());
        for set in list(&report) {
            assert_eq!(set["read"], set["unchanged"], "seed {seed}: {set}");
            for count in ["new", "changed", "withdrawn", "quarantined"] {
                assert_eq!(set[count], 0, "seed {seed}: {set}");
            }
        }
        assert_eq!(product.ask(&["batches"]), batches, "seed {seed}");
        check_same(
            seed,
            "loaded twice",
            &answers(&product, &world, seed),
            &before,
        );
    }
}

#[test]
fn what_was_known_is_what_had_been_loaded() {
    for seed in SEEDS {
        let world = world(seed, 4);
        let product = Product::of(&world);
        for batch in &world.batches {
            let known_at = batch.recorded_at;
            let mut known = world.clone();
            // Two batches may be of one day.
            known.batches.retain(|batch| batch.recorded_at <= known_at);
            let then = Product::of(&known);
            for as_of in [known_at, Day::parse("2025-03-01")] {
                let times = Times { as_of, known_at };
                let (found, expected) = (
                    answers_on(&product, &known, times),
                    answers_on(&then, &known, times),
                );
                let place = format!("known on {known_at}");
                check_same(seed, &place, &json!([found]), &json!([expected]));
            }
        }
    }
}

#[test]
fn rows_that_nobody_understands_change_no_answer() {
    for seed in SEEDS {
        let world = world(seed, 2);
        let (spoiled, count) = naive::spoil(&world, seed);
        let (product, other) = (Product::of(&world), Product::of(&spoiled));
        let quarantined = other.ask(&["quarantine", "list"]);
        assert_eq!(
            list(&quarantined).len(),
            count,
            "seed {seed}: {quarantined}"
        );
        check_same(
            seed,
            "spoiled",
            &answers(&other, &world, seed),
            &answers(&product, &world, seed),
        );
    }
}
