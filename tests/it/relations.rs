//! Questions about relations, signals and referrals, with both answers.

use crate::differential::Asked;
use crate::product::{Product, Times, label, list};
use naive::{DEFAULT_LINKS, Links, World, canonical};
use serde_json::{Map, Value, json};

/// How far paths are sought, and how many.
const HOPS: usize = 5;
const PATHS: usize = 4;

pub fn ask(world: &World, product: &Product, times: Times) -> Vec<Asked> {
    let mut all = signals(world, product, times);
    all.push(referrals(world, product, times));
    let subjects = subjects(world, times);
    for subject in &subjects {
        all.push(network(world, product, times, subject));
        all.push(group(world, product, times, subject));
    }
    for pair in subjects.windows(2) {
        all.push(paths(world, product, times, (&pair[0], &pair[1]), false));
        all.push(paths(world, product, times, (&pair[1], &pair[0]), true));
    }
    all
}

/// Some organisations and some persons, by their labels.
fn subjects(world: &World, times: Times) -> Vec<String> {
    let controllers = naive::controllers(world, times.as_of, times.known_at);
    let controllers = controllers.as_object().expect("controllers");
    let mut all: Vec<String> = controllers.keys().take(2).cloned().collect();
    let persons = controllers.values().flat_map(|one| list(&one["computed"]));
    all.extend(persons.take(1).filter_map(Value::as_str).map(str::to_owned));
    all
}

/// What the command line takes for a label.
fn asked(product: &Product, label: &str) -> String {
    product.key_of(label).unwrap_or_else(|| label.to_owned())
}

/// Signals, one line a case; successors are compared by what the oracle finds, for the product
/// looks at more days on both sides.
fn signals(world: &World, product: &Product, times: Times) -> Vec<Asked> {
    let answer = product.ask_on(times, &["signals"]);
    let expected = naive::signals(world, times.as_of, times.known_at);
    let of = |kind: &str| -> (Vec<Value>, Vec<Value>) {
        let pick = |all: &Value| {
            let fits = list(all).iter().filter(|one| one["kind"] == kind);
            fits.cloned().collect()
        };
        (pick(&answer), pick(&expected))
    };
    let mut all = Vec::new();
    let mut add = |kind: &str, found: Vec<Value>, expected: Vec<Value>| {
        all.push(Asked {
            part: format!("signal-{kind}"),
            found: canonical(found),
            expected: canonical(expected),
        });
    };
    let (found, wanted) = of("late_change");
    let found = found.iter().flat_map(|one| {
        list(&one["case_nos"]).iter().map(|case| {
            json!({
                "kind": "late_change", "subject": label(&one["subject"]),
                "org": label(&one["organisations"][0]), "role": one["role"], "case_no": case,
                "on": one["on"],
            })
        })
    });
    add("late_change", found.collect(), wanted);
    let (found, wanted) = of("nominee_like");
    let found = found.iter().map(|one| {
        json!({
            "kind": "nominee_like", "subject": label(&one["subject"]),
            "count": list(&one["organisations"]).len(),
        })
    });
    add("nominee_like", found.collect(), wanted);
    let (found, wanted) = of("hidden_controller");
    let found = found.iter().flat_map(|one| {
        list(&one["organisations"]).iter().map(|org| {
            json!({
                "kind": "hidden_controller", "subject": label(&one["subject"]), "org": label(org),
            })
        })
    });
    add("hidden_controller", found.collect(), wanted);
    let (found, wanted) = of("successor");
    let mut told = Vec::new();
    for one in &found {
        for case in list(&one["case_nos"]) {
            for person in list(&one["persons"]) {
                let same = one.get("same_industry").is_some_and(|same| *same == true);
                told.push(json!([label(&one["subject"]), label(person), case, same]));
            }
        }
    }
    let line = |one: &Value| {
        json!([
            one["subject"],
            one["person"],
            one["case_no"],
            one["same_industry"]
        ])
    };
    let missing = wanted.iter().map(line).filter(|one| !told.contains(one));
    add("successor", Vec::new(), missing.collect());
    all
}

fn referrals(world: &World, product: &Product, times: Times) -> Asked {
    let answer = product.ask_on(times, &["referrals"]);
    let mut found = Vec::new();
    for one in list(&answer) {
        let to = if one["to"].is_null() {
            Value::Null
        } else {
            label(&one["to"])
        };
        // A discipline referral is about the person, whatever the cases.
        let cases = match one["kind"].as_str() {
            Some("discipline") => vec![Value::Null],
            _ => list(&one["case_nos"]).to_vec(),
        };
        for case in cases {
            found.push(json!({
                "kind": one["kind"], "subject": label(&one["subject"]), "to": to, "case_no": case,
            }));
        }
    }
    Asked {
        part: "referrals".into(),
        found: canonical(found),
        expected: naive::referrals(world, times.as_of, times.known_at),
    }
}

fn network(world: &World, product: &Product, times: Times, subject: &str) -> Asked {
    let answer = product.ask_on(times, &["network", &asked(product, subject), "--hops", "3"]);
    let nodes = list(&answer["nodes"]).iter();
    let found = nodes.map(|node| json!([label(&node["subject"]), node["hops"]]));
    Asked {
        part: format!("network of {subject}"),
        found: canonical(found.collect()),
        expected: naive::network(
            world,
            (subject, 3),
            DEFAULT_LINKS,
            times.as_of,
            times.known_at,
        ),
    }
}

/// The companies by controller; a closed circle has none, and the oracle leaves it out.
fn group(world: &World, product: &Product, times: Times, subject: &str) -> Asked {
    let answer = product.ask_on(times, &["group", &asked(product, subject)]);
    let mut found = Map::new();
    for under in list(&answer)
        .iter()
        .filter(|one| !one["controller"].is_null())
    {
        let controller = label(&under["controller"]);
        let companies = list(&under["organisations"]).iter().map(label).collect();
        let controller = controller.as_str().expect("a label").to_owned();
        found.insert(controller, canonical(companies));
    }
    let expected = naive::group(world, subject, times.as_of, times.known_at);
    let mut sorted = Map::new();
    for (controller, companies) in expected.as_object().expect("a group") {
        sorted.insert(controller.clone(), canonical(list(companies).to_vec()));
    }
    let (mut found, mut expected) = (Value::Object(found), Value::Object(sorted));
    found.sort_all_objects();
    expected.sort_all_objects();
    Asked {
        part: format!("group of {subject}"),
        found,
        expected,
    }
}

/// The shortest paths: as many as there are, each of them a simple path, as long as they must be.
fn paths(
    world: &World,
    product: &Product,
    times: Times,
    (from, to): (&str, &str),
    any_time: bool,
) -> Asked {
    let (one, other) = (asked(product, from), asked(product, to));
    let (k, hops) = (PATHS.to_string(), HOPS.to_string());
    let mut args = vec!["paths", &one, &other, "-k", &k, "--max-hops", &hops];
    if any_time {
        args.push("--any-time");
    }
    let answer = product.ask_on(times, &args);
    let links = Links {
        any_time,
        ..DEFAULT_LINKS
    };
    let all = naive::paths(world, (from, to, HOPS), links, times.as_of, times.known_at);
    let lengths: Vec<usize> = list(&all).iter().map(|path| list(path).len() - 1).collect();
    let mut found = Vec::new();
    for path in list(&answer) {
        let steps = list(&path["steps"]);
        let mut labels = vec![json!(from)];
        labels.extend(steps.iter().map(|step| label(&step["to"])));
        let known = list(&all).contains(&Value::Array(labels.clone()));
        found.push(if known {
            json!(steps.len())
        } else {
            json!(labels)
        });
    }
    Asked {
        part: format!("paths from {from} to {to}, any time {any_time}"),
        found: Value::Array(found),
        expected: json!(lengths[..lengths.len().min(PATHS)]),
    }
}
