//! The product gives the expected answers of the six small worlds.

use crate::examples::{RECORDED, compare, folder};
use crate::product::{Product, Times, four_decimals, list};
use naive::{Day, World, canonical};
use serde_json::{Value, json};

fn times(day: &str) -> Times {
    Times {
        as_of: Day::parse(day),
        known_at: Day::parse(RECORDED),
    }
}

/// Asks one world everything that its expected answers tell.
fn check(number: usize) {
    let world = World::read(&folder(number), Day::parse(RECORDED));
    let text = std::fs::read_to_string(folder(number).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let product = Product::of(&world);
    assert_eq!(product.ask(&["quarantine", "list"]), json!([]));
    let part = |name: &str, answer: &dyn Fn(Times) -> Value| {
        let days = expected[name].as_object().expect(name);
        assert!(!days.is_empty());
        for (day, expected) in days {
            let place = format!("world {number}, {name} on {day}");
            compare(&place, &answer(times(day)), expected);
        }
    };
    part("restrictions", &|times| product.restrictions(times));
    part("leads", &|times| product.leads(times));
    part("offenders", &|times| product.offenders(times));
    part("offenders_persons", &|times| {
        product.offenders_persons(times)
    });
    // Barred appointments are listed once a (subject, measure, case, day).
    part("gaps", &|times| {
        let mut seen = Vec::new();
        for mut gap in list(&product.gaps(times)).to_vec() {
            let barred = gap.as_object_mut().unwrap().remove("role").is_some();
            if !barred || !seen.contains(&gap) {
                seen.push(gap);
            }
        }
        Value::Array(seen)
    });
    for (day, expected) in expected["indicators"].as_object().unwrap() {
        let found = product.indicators(times(day));
        for (code, expected) in expected.as_object().unwrap() {
            assert_eq!(found[code], *expected, "world {number}, {code} on {day}");
        }
    }
    for (day, expected) in expected["controllers"].as_object().unwrap() {
        for (org, expected) in expected.as_object().unwrap() {
            let found = product.controllers(org, times(day));
            for (field, expected) in expected.as_object().unwrap() {
                let place = format!("world {number}, {field} of {org} on {day}");
                compare(&place, &found[field], expected);
            }
        }
    }
    for (day, expected) in expected["owners"].as_object().unwrap() {
        for (org, expected) in expected.as_object().unwrap() {
            let owner = |one: &Value| json!([one[0], four_decimals(&one[1]), one[2]]);
            let expected = canonical(list(expected).iter().map(owner).collect());
            let place = format!("world {number}, owners of {org} on {day}");
            compare(&place, &product.owners(org, times(day)).0, &expected);
        }
    }
}

#[test]
fn world_1() {
    check(1);
}

#[test]
fn world_2() {
    check(2);
}

#[test]
fn world_3() {
    check(3);
}

#[test]
fn world_4() {
    check(4);
}

#[test]
fn world_5() {
    check(5);
}

#[test]
fn world_6() {
    check(6);
}
