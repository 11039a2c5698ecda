//! `late_change`: who left when.

use graph::record::{PenaltyKind, Record, RemovalReason, RoleKind};

use super::{case, found, subjects};
use crate::signals::SignalKind;
use crate::signals::hand_made::{LEGAL, d, listing, org, penalty, person, role};

fn late(rows: Vec<Record>, on: &str) -> usize {
    let records = rows.into_iter().chain([case()]).collect();
    subjects(SignalKind::LateChange, records, on).len()
}

#[test]
fn replaced_between_the_violation_and_the_last_day_allowed() {
    let of = |interval: &str| {
        let next = role(org(1), LEGAL, person(2), "2024-11-28..");
        vec![role(org(1), LEGAL, person(1), interval), next]
    };
    for (interval, expected) in [
        ("2020-01-01..2024-01-10", 0), // gone before the violation
        ("2020-01-01..2024-01-11", 1), // the day after it
        ("2020-01-01..2024-11-28", 1), // the 180th day
        ("2020-01-01..2024-11-29", 0),
        ("2024-01-11..2024-07-01", 0), // came after the violation
        ("2020-01-01..", 0),
        ("..2024-07-01", 1),
    ] {
        assert_eq!(late(of(interval), "2025-06-01"), expected, "{interval}");
    }
}

#[test]
fn a_change_after_the_day_asked_is_not_known_yet() {
    let rows = || {
        let next = role(org(1), LEGAL, person(2), "2024-07-01..");
        vec![
            role(org(1), LEGAL, person(1), "2020-01-01..2024-07-01"),
            next,
        ]
    };
    assert_eq!(late(rows(), "2024-06-30"), 0);
    assert_eq!(late(rows(), "2024-07-01"), 1);
    assert_eq!(late(rows(), "2024-05-31"), 0); // nor is the case
}

#[test]
fn a_renewed_term_is_no_change_and_the_next_holder_is_told() {
    let first = role(org(1), LEGAL, person(1), "2020-01-01..2024-02-01");
    let renewed = |interval| role(org(1), LEGAL, person(1), interval);
    let next = role(org(1), LEGAL, person(2), "2024-07-01..");
    let stays = vec![first.clone(), renewed("2024-02-01.."), next.clone()];
    assert_eq!(late(stays, "2025-06-01"), 0);
    // The second term did not hold on the violation, the time in office did.
    let leaves = vec![case(), first, renewed("2024-02-01..2024-07-01"), next];
    let signals = found(SignalKind::LateChange, leaves, "2025-06-01");
    assert_eq!(signals.len(), 1);
    assert_eq!(
        (signals[0].subject, &signals[0].persons),
        (person(1), &vec![person(2)])
    );
    assert_eq!(signals[0].on, Some(d("2024-07-01")));
    assert_eq!(signals[0].records.len(), 4);
}

#[test]
fn an_office_that_nobody_takes_over_in_time_is_no_replacement() {
    let left = || role(org(1), LEGAL, person(1), "2020-01-01..2024-07-01");
    assert_eq!(late(vec![left()], "2025-06-01"), 0);
    for (next, expected) in [
        ("2024-11-28..", 1),
        ("2024-11-29..", 0),
        ("2020-01-01..2024-07-01", 0),
        ("2020-01-01..2024-07-02", 1),
    ] {
        let rows = vec![left(), role(org(1), LEGAL, person(2), next)];
        let found = late(rows, "2025-06-01");
        assert_eq!(found, expected, "{next}");
    }
    let other_office = role(org(1), RoleKind::Principal, person(2), "2024-07-01..");
    assert_eq!(late(vec![left(), other_office], "2025-06-01"), 0);
}

#[test]
fn only_the_two_offices_count_each_by_itself() {
    let kinds = [RoleKind::Director, RoleKind::Principal, LEGAL];
    let rows = kinds.iter().flat_map(|kind| {
        let next = role(org(1), *kind, person(2), "2024-07-01..");
        [
            role(org(1), *kind, person(1), "2020-01-01..2024-07-01"),
            next,
        ]
    });
    assert_eq!(late(rows.collect(), "2025-06-01"), 2);
}

#[test]
fn a_case_withdrawn_as_wrong_or_without_a_rule_gives_none() {
    let left = || role(org(1), LEGAL, person(1), "2020-01-01..2024-07-01");
    let next = || role(org(1), LEGAL, person(2), "2024-07-01..");
    let mut revoked = listing("l1", org(1), None, "2024-06-01");
    revoked.removed_on = Some(d("2024-08-01"));
    revoked.removal_reason = Some(RemovalReason::Revoked);
    let fine = penalty("p1", org(1), PenaltyKind::Fine, "2024-06-01");
    let licence = penalty("p2", org(1), PenaltyKind::LicenceRevoked, "2024-06-01");
    let mut quiet = listing("l2", org(1), None, "2024-06-01");
    quiet.list = "quiet".into();
    let mut ended = listing("l3", org(1), None, "2024-06-01");
    ended.expires_on = Some(d("2024-06-15"));
    for (case, expected) in [
        (Record::Listing(revoked), 0),
        (Record::Penalty(fine), 0),
        (Record::Penalty(licence), 1),
        (Record::Listing(quiet), 1),
        (Record::Listing(ended), 1),
    ] {
        let signals = found(
            SignalKind::LateChange,
            vec![case, left(), next()],
            "2025-06-01",
        );
        assert_eq!(signals.len(), expected);
        assert!(signals.iter().all(|signal| signal.assumed_moment));
    }
}
