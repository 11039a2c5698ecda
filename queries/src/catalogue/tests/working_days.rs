//! Working days of the shipped calendar, counted by hand from the notices.

use super::super::{Calendar, Catalogue};
use super::day;

fn calendar() -> Calendar {
    Catalogue::shipped()
        .unwrap_or_else(|refusal| panic!("{refusal}"))
        .calendar
}

#[test]
fn every_year_has_its_number_of_working_days() {
    let calendar = calendar();
    let years = [250, 249, 250, 249, 249, 251, 248, 248];
    assert_eq!(
        calendar.years().collect::<Vec<_>>(),
        (2019..=2026).collect::<Vec<_>>()
    );
    for (year, expected) in (2019..).zip(years) {
        let first = day(&format!("{year}-01-01"));
        let last = day(&format!("{year}-12-31"));
        let mut days = std::iter::successors(Some(first), |day| Some(day.next()));
        let worked = days
            .by_ref()
            .take_while(|day| *day <= last)
            .filter(|day| calendar.is_working_day(*day))
            .count();
        assert_eq!(worked, expected, "{year}");
    }
}

#[test]
fn deadlines_skip_holidays_and_count_worked_weekends() {
    let calendar = calendar();
    for (from, count, expected) in [
        ("2019-09-27", 7, "2019-10-12"),
        ("2020-01-21", 7, "2020-02-07"),
        ("2021-02-09", 7, "2021-02-24"),
        ("2022-09-30", 7, "2022-10-14"),
        ("2023-09-27", 7, "2023-10-12"),
        ("2024-02-08", 7, "2024-02-23"),
        ("2025-09-30", 7, "2025-10-16"),
        ("2026-02-13", 7, "2026-03-02"),
        ("2026-09-24", 7, "2026-10-12"),
        ("2026-09-30", 20, "2026-11-03"),
        ("2026-04-30", 10, "2026-05-18"),
        ("2024-05-01", 0, "2024-05-01"),
    ] {
        let deadline = calendar.after(day(from), count);
        assert_eq!(
            (deadline.day, deadline.assumed),
            (day(expected), false),
            "{from} + {count}"
        );
    }
}

#[test]
fn a_year_that_is_missing_is_monday_to_friday_and_says_so() {
    let calendar = calendar();
    let deadline = calendar.after(day("2026-12-31"), 1);
    assert_eq!((deadline.day, deadline.assumed), (day("2027-01-01"), true));
    let deadline = calendar.after(day("2018-12-28"), 2);
    assert_eq!((deadline.day, deadline.assumed), (day("2019-01-02"), true));
}

#[test]
fn weekend_days_among_the_holidays_change_nothing() {
    let texts = [(
        "calendar.toml",
        "[2024]\nholidays = [\"2024-02-10\", \"2024-02-12\"]",
    )];
    let calendar = super::load(&texts).unwrap().calendar;
    assert!(!calendar.is_working_day(day("2024-02-10")));
    assert_eq!(calendar.after(day("2024-02-09"), 1).day, day("2024-02-13"));
}
