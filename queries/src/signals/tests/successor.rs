//! `successor`: founded when, sharing whom.

use graph::record::{Organisation, Record, RoleKind};

use super::{case, found, founded, subjects};
use crate::signals::SignalKind;
use crate::signals::hand_made::{LEGAL, enterprise, holding, org, person, role};

/// The case's organisation with its head, and others.
fn succession(others: Vec<Record>) -> Vec<Record> {
    let old = Record::Organisation(enterprise(org(1), "2010-01-01"));
    let head = role(org(1), LEGAL, person(1), "2020-01-01..2024-07-01");
    [old, head, case()].into_iter().chain(others).collect()
}

#[test]
fn a_successor_is_founded_after_the_case_and_within_the_days() {
    for (on, expected) in [
        ("2024-06-01", 0),
        ("2024-06-02", 1),
        ("2025-06-01", 1),
        ("2025-06-02", 0),
    ] {
        let rows = vec![
            founded(2, on),
            role(org(2), LEGAL, person(1), "2024-01-01.."),
        ];
        let signals = found(SignalKind::Successor, succession(rows), "2025-12-31");
        assert_eq!(signals.len(), expected, "{on}");
    }
    let rows = vec![
        founded(2, "2024-09-01"),
        role(org(2), LEGAL, person(1), "2024-09-01.."),
    ];
    assert_eq!(
        subjects(
            SignalKind::Successor,
            succession(rows.clone()),
            "2024-08-31"
        ),
        []
    );
    assert_eq!(
        subjects(SignalKind::Successor, succession(rows), "2024-09-01"),
        [org(2)]
    );
}

#[test]
fn the_shared_person_may_hold_another_office_or_control_there() {
    let rows = vec![
        founded(2, "2024-09-01"),
        founded(3, "2024-09-01"),
        founded(4, "2024-09-01"),
        founded(5, "2024-09-01"),
        role(
            org(2),
            RoleKind::ActualController,
            person(1),
            "2024-09-01..",
        ),
        // Through a holding company; half is not control.
        holding(org(9), person(1), 51, "2024-01-01.."),
        holding(org(3), org(9), 60, "2024-09-01.."),
        holding(org(4), org(9), 50, "2024-09-01.."),
        role(org(5), RoleKind::Director, person(1), "2024-09-01.."),
    ];
    let found = subjects(SignalKind::Successor, succession(rows), "2025-12-31");
    assert_eq!(found, [org(2), org(3)]);
}

#[test]
fn at_the_old_organisation_the_violation_or_the_case_counts_not_later() {
    let rows = vec![
        founded(2, "2024-09-01"),
        founded(3, "2024-09-01"),
        // Came between violation and case, still there on the case's date.
        role(
            org(1),
            RoleKind::Principal,
            person(2),
            "2024-03-01..2024-06-02",
        ),
        role(org(2), LEGAL, person(2), "2024-09-01.."),
        // Came after the case.
        role(org(1), LEGAL, person(3), "2024-07-01.."),
        role(org(3), LEGAL, person(3), "2024-09-01.."),
    ];
    let found = subjects(SignalKind::Successor, succession(rows), "2025-12-31");
    assert_eq!(found, [org(2)]);
}

#[test]
fn the_same_industry_comes_first_and_controllers_of_the_old_count() {
    let with = |n, industry: Option<&str>| {
        Record::Organisation(Organisation {
            industry: industry.map(str::to_owned),
            ..enterprise(org(n), "2024-09-01")
        })
    };
    let rows = vec![
        with(2, Some("C2641")),
        with(3, None),
        with(4, Some("5211")),
        holding(org(1), person(5), 60, "2010-01-01.."),
        role(org(2), LEGAL, person(5), "2024-09-01.."),
        role(org(3), LEGAL, person(5), "2024-09-01.."),
        role(org(4), LEGAL, person(5), "2025-09-01.."),
    ];
    let signals = found(SignalKind::Successor, succession(rows), "2025-12-31");
    let order: Vec<_> = signals
        .iter()
        .map(|s| (s.subject, s.same_industry))
        .collect();
    assert_eq!(order, [(org(4), true), (org(2), false), (org(3), false)]);
    assert!(signals.iter().all(|signal| signal.persons == [person(5)]));
}

#[test]
fn an_organisation_does_not_succeed_itself() {
    let mut rows = succession(vec![]);
    rows.retain(|row| !matches!(row, Record::Organisation(_)));
    rows.push(founded(1, "2024-09-01"));
    rows.push(role(org(1), RoleKind::Principal, person(1), "2024-01-01.."));
    assert_eq!(subjects(SignalKind::Successor, rows, "2025-12-31"), []);
}
