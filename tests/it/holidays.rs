//! The shipped calendar against the State Council's notices of 2019 to 2026.

use graph::time::Date;
use naive::Day;
use queries::catalogue::{Calendar, Catalogue};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

fn calendar() -> Calendar {
    Catalogue::shipped()
        .expect("the shipped catalogue")
        .calendar
}

fn date(text: &str) -> Date {
    Date::parse(text).expect(text)
}

/// Days off and days worked by the notices. The last days of December stand in the next year's.
fn notices() -> BTreeMap<String, bool> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/cn-holidays");
    let mut off = BTreeMap::new();
    for year in 2019..=2026 {
        let text = std::fs::read_to_string(folder.join(format!("{year}.json"))).expect("a year");
        let notice: Value = serde_json::from_str(&text).expect("a notice");
        for day in notice["days"].as_array().expect("days") {
            let text = day["date"].as_str().expect("a date");
            off.insert(
                text.to_owned(),
                day["isOffDay"].as_bool().expect("off or not"),
            );
        }
    }
    off
}

#[test]
fn every_day_of_eight_years_is_worked_or_not() {
    let (calendar, off) = (calendar(), notices());
    let mut worked: BTreeMap<String, usize> = BTreeMap::new();
    for number in Day::new(2019, 1, 1).0..Day::new(2027, 1, 1).0 {
        let (day, text) = (Day(number), Day(number).to_string());
        let expected = off.get(&text).map_or(day.weekday() < 5, |off| !off);
        assert_eq!(calendar.is_working_day(date(&text)), expected, "{text}");
        *worked.entry(text[..4].to_owned()).or_default() += usize::from(expected);
    }
    let counts: Vec<usize> = worked.into_values().collect();
    assert_eq!(counts, [250, 249, 250, 249, 249, 251, 248, 248]);
}

#[test]
fn deadlines_are_counted_over_holidays() {
    let calendar = calendar();
    let check = |from: &str, days: u32, to: &str| {
        let deadline = calendar.after(date(from), days);
        assert_eq!(deadline.day.to_string(), to, "{from} + {days}");
        assert!(!deadline.assumed, "{from} + {days}");
    };
    check("2019-09-27", 7, "2019-10-12");
    check("2020-01-21", 7, "2020-02-07");
    check("2021-02-09", 7, "2021-02-24");
    check("2022-09-30", 7, "2022-10-14");
    check("2023-09-27", 7, "2023-10-12");
    check("2024-02-08", 7, "2024-02-23");
    check("2025-09-30", 7, "2025-10-16");
    check("2026-02-13", 7, "2026-03-02");
    check("2026-09-24", 7, "2026-10-12");
    check("2026-09-30", 20, "2026-11-03");
    check("2026-04-30", 10, "2026-05-18");
}

#[test]
fn a_year_without_notice_says_so() {
    let deadline = calendar().after(date("2026-12-30"), 2);
    assert_eq!(deadline.day, date("2027-01-01"));
    assert!(deadline.assumed);
}
