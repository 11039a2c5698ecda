//! Random worlds: the product and the naive oracle answer every question alike.
//!
//! `CHUANTOU_WORLDS` says how many worlds, `CHUANTOU_SEED` from which seed on. A world that
//! tells them apart is made small and printed, with the seed that reproduces it.

use crate::product::{Product, Times, list};
use naive::{Day, Knobs, World, canonical};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many worlds are asked when nobody says.
const WORLDS: u64 = 24;
/// How many pairs of days a world is asked about.
const QUESTIONS: usize = 4;

fn setting(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(otherwise, |text| text.parse().expect(name))
}

/// Some seeds ask for a world of a particular kind.
fn knobs(seed: u64) -> Knobs {
    let usual = Knobs::default();
    match seed % 8 {
        1 => Knobs {
            organisations: Some(4),
            persons: Some(4),
            listings: Some(20),
            ..usual
        },
        2 => Knobs {
            batches: Some(4),
            ..usual
        },
        3 => Knobs {
            penalties: Some(40),
            organisations: Some(5),
            ..usual
        },
        4 => Knobs {
            matters: Some(50),
            enforced_percent: 100,
            ..usual
        },
        5 => Knobs {
            organisations: Some(20),
            persons: Some(20),
            ..usual
        },
        6 => Knobs {
            enforced_percent: 30,
            ..usual
        },
        7 => Knobs {
            provisional_named: true,
            ..usual
        },
        _ => usual,
    }
}

/// One question with both answers.
pub struct Asked {
    pub part: String,
    pub found: Value,
    pub expected: Value,
}

/// The differences between two lists, or the two values.
fn difference(asked: &Asked) -> Option<String> {
    let Asked {
        part,
        found,
        expected,
    } = asked;
    let (Value::Array(found), Value::Array(expected)) = (found, expected) else {
        return (found != expected).then(|| format!("{part}: {found}, not {expected}"));
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
    let line = |(text, count): (&String, &i64)| format!("\n    {count:+} {text}");
    (!counts.is_empty()).then(|| {
        format!(
            "{part}: product +, oracle -{}",
            counts.iter().map(line).collect::<String>()
        )
    })
}

fn grounds(answer: &Value) -> Value {
    let mut all = Vec::new();
    for one in list(answer) {
        for ground in list(&one["grounds"]) {
            all.push(json!({
                "subject": crate::product::label(&one["subject"]),
                "measure": one["measure"],
                "case_no": one["case_no"],
                "case_kind": one["case_kind"],
                "list": one["list"],
                "authority": one["authority"],
                "rule": ground["rule"],
                "role": ground["role"],
                "moment": ground["moment"],
                "assumed_moment": ground.get("assumed_moment").is_some_and(|told| told == true),
                "org": ground["org"],
                "days": ground["days"],
            }));
        }
    }
    canonical(all)
}

/// Asks everything on one pair of days; `whole` asks about every organisation.
fn ask(world: &World, product: &Product, times: Times, whole: bool) -> Vec<Asked> {
    let Times { as_of, known_at } = times;
    let mut all = Vec::new();
    let mut add = |part: String, found: Value, expected: Value| {
        all.push(Asked {
            part,
            found,
            expected,
        })
    };
    add(
        "restrictions".into(),
        product.restrictions(times),
        naive::restrictions(world, as_of, known_at),
    );
    let answer = product.ask_on(times, &["restrictions"]);
    add(
        "grounds".into(),
        grounds(&answer),
        naive::grounds(world, as_of, known_at),
    );
    add(
        "leads".into(),
        product.leads(times),
        naive::leads(world, as_of, known_at),
    );
    add(
        "gaps".into(),
        product.gaps(times),
        naive::gaps(world, as_of, known_at),
    );
    add(
        "offenders".into(),
        product.offenders(times),
        naive::offenders(world, as_of, known_at),
    );
    add(
        "offenders --persons".into(),
        product.offenders_persons(times),
        naive::offenders_persons(world, as_of, known_at),
    );
    let (found, expected) = (
        product.indicators(times),
        naive::indicators(world, as_of, known_at),
    );
    for (code, expected) in expected.as_object().expect("indicators") {
        add(
            format!("indicator {code}"),
            found[code].clone(),
            expected.clone(),
        );
    }
    let controllers = naive::controllers(world, as_of, known_at);
    let votes = naive::control_votes(world, as_of, known_at);
    let declared = naive::declared_controllers(world, as_of, known_at);
    let owners = naive::owners(world, as_of, known_at);
    let divergent = naive::divergent(world, as_of, known_at);
    let usccs = controllers.as_object().expect("controllers").keys();
    let most = if whole { usize::MAX } else { 5 };
    for uscc in usccs.take(most) {
        let found = product.controllers(uscc, times);
        for field in ["computed", "controlling_organisations", "circular"] {
            add(
                format!("{field} of {uscc}"),
                found[field].clone(),
                controllers[uscc][field].clone(),
            );
        }
        add(
            format!("votes in {uscc}"),
            found["votes"].clone(),
            votes[uscc].clone(),
        );
        add(
            format!("declared of {uscc}"),
            found["declared"].clone(),
            declared[uscc].clone(),
        );
        let (found, diverges) = product.owners(uscc, times);
        let rounded = |one: &Value| json!([one[0], crate::product::four_decimals(&one[1]), one[2]]);
        let expected = canonical(list(&owners[uscc]).iter().map(rounded).collect());
        add(format!("owners of {uscc}"), found, expected);
        add(
            format!("divergence of {uscc}"),
            diverges,
            divergent[uscc].clone(),
        );
    }
    all
}

/// What tells the two apart on some days; a world with a row that the product refuses is told so.
fn differences(world: &World, days: &[(Day, Day)], whole: bool) -> Vec<(Times, String)> {
    let product = Product::of(world);
    // A person without a number who is named for a case that is not loaded waits for it.
    let waits = |one: &Value| one["set"] == "responsible_persons" && one["field"] == "id_number";
    let refused = product.ask(&["quarantine", "list"]);
    if let Some(first) = list(&refused).iter().find(|one| !waits(one)) {
        let times = Times {
            as_of: days[0].0,
            known_at: days[0].1,
        };
        let words = ["set", "field", "reason"].map(|word| first[word].as_str().unwrap_or("row"));
        return vec![(times, format!("quarantined-{}: {first}", words.join("-")))];
    }
    let mut all = Vec::new();
    for (as_of, known_at) in days.iter().copied() {
        let times = Times { as_of, known_at };
        let mut found = ask(world, &product, times, whole);
        found.extend(crate::relations::ask(world, &product, times));
        all.extend(
            found
                .iter()
                .filter_map(difference)
                .map(|text| (times, text)),
        );
    }
    all
}

/// The first word of a difference: what a smaller world must still get wrong.
fn part(text: &str) -> &str {
    let end = if text.starts_with("indicator ") {
        ":"
    } else {
        " "
    };
    text.split(end).next().unwrap_or(text).trim_end_matches(':')
}

/// Makes a world small that still has a difference of the same part on the same days.
fn report(seed: u64, world: World, times: Times, text: &str) -> String {
    let still = |smaller: &World| {
        // Without a row there is no data folder to ask.
        if smaller.row_count() == 0 {
            return false;
        }
        let asked = catch_unwind(AssertUnwindSafe(|| {
            differences(smaller, &[(times.as_of, times.known_at)], true)
        }));
        asked.is_ok_and(|found| found.iter().any(|(_, other)| part(other) == part(text)))
    };
    let small = if still(&world) {
        naive::shrink(world, still)
    } else {
        world
    };
    let folder = std::env::temp_dir().join(format!("chuantou-world-{seed}-{}", part(text)));
    drop(std::fs::remove_dir_all(&folder));
    small.write(&folder);
    let again = catch_unwind(AssertUnwindSafe(|| {
        differences(&small, &[(times.as_of, times.known_at)], true)
    }));
    let again: Vec<String> = again
        .unwrap_or_default()
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    format!(
        "seed {seed}, {times:?}\n  {text}\n  made small, in {}:\n  {}",
        folder.display(),
        again.join("\n  ")
    )
}

#[test]
fn random_worlds_answer_alike() {
    let first = setting("CHUANTOU_SEED", 0);
    let last = first + setting("CHUANTOU_WORLDS", WORLDS);
    check(&(first..last).collect::<Vec<_>>());
}

#[test]
fn a_withdrawal_that_one_record_takes_over_from_another_has_one_beginning() {
    // A revocation was known before its penalty, which then said so itself, and the
    // revocation became a repair.
    check(&[193]);
}

/// Asks both about the worlds of these seeds.
fn check(seeds: &[u64]) {
    let (next, failures) = (AtomicUsize::new(0), std::sync::Mutex::new(Vec::new()));
    let work = || {
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
            let world = naive::generate(seed, &knobs(seed));
            let days = naive::days_to_ask(&world, seed, QUESTIONS);
            let found = differences(&world, &days, seed % 4 == 0);
            let mut parts: Vec<String> = Vec::new();
            for (times, text) in found {
                if !parts.contains(&part(&text).to_owned()) {
                    parts.push(part(&text).to_owned());
                    // Told at once: making it small takes a while.
                    eprintln!("seed {seed}, {times:?}: {text}");
                    failures
                        .lock()
                        .unwrap()
                        .push((seed, world.clone(), times, text));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort_by_key(|(seed, ..)| *seed);
    let seeds: Vec<String> = failures
        .iter()
        .map(|(seed, _, times, text)| format!("seed {seed}, {times:?}: {text}"))
        .collect();
    if failures.is_empty() {
        return;
    }
    // The first of each part is made small.
    let mut parts: Vec<String> = Vec::new();
    let mut reports = Vec::new();
    for (seed, world, times, text) in failures {
        if !parts.contains(&part(&text).to_owned()) {
            parts.push(part(&text).to_owned());
            reports.push(report(seed, world, times, &text));
        }
    }
    panic!("{}\n\n{}", seeds.join("\n"), reports.join("\n\n"));
}
