//! Each subtle point of each kind of signal, by a hand-made world.

mod late_change;
mod successor;

use graph::id::EntityId;
use graph::record::{OrganisationStatus, Record, RoleKind};

use super::hand_made::{
    LEGAL, agreement, d, enterprise, holding, listing, org, person, role, swept,
};
use super::{Signal, SignalKind, signals};

/// The signals of one kind, as (subject, organisations, day).
fn found(kind: SignalKind, records: Vec<Record>, on: &str) -> Vec<Signal> {
    let all = swept(records, "", |sweep| signals(sweep, d(on)));
    all.into_iter()
        .filter(|signal| signal.kind == kind)
        .collect()
}

fn subjects(kind: SignalKind, records: Vec<Record>, on: &str) -> Vec<EntityId> {
    found(kind, records, on)
        .iter()
        .map(|signal| signal.subject)
        .collect()
}

/// Violation on 2024-01-10, listed on 2024-06-01: 180 days end on 2024-11-28.
fn case() -> Record {
    Record::Listing(listing("l1", org(1), Some("2024-01-10"), "2024-06-01"))
}

fn founded(n: u64, on: &str) -> Record {
    Record::Organisation(enterprise(org(n), on))
}

#[test]
fn a_nominee_represents_enough_operating_organisations_on_the_day() {
    let mut closed = enterprise(org(12), "2010-01-01");
    closed.status = Some(OrganisationStatus::Deregistered);
    let mut records = vec![Record::Organisation(closed)];
    for n in 1..=12 {
        let interval = if n == 11 {
            "2010-01-01..2024-01-01"
        } else {
            "2010-01-01.."
        };
        records.push(role(org(n), LEGAL, person(1), interval));
        if n < 12 {
            records.push(founded(n, "2010-01-01"));
        }
    }
    // The eleventh was left, the twelfth is closed: ten are left.
    let signals = found(SignalKind::NomineeLike, records.clone(), "2025-01-01");
    assert_eq!(signals.len(), 1);
    assert_eq!(signals[0].organisations.len(), 10);
    records.retain(
        |record| !matches!(record, Record::Organisation(organisation) if organisation.id == org(1)),
    );
    assert_eq!(
        subjects(SignalKind::NomineeLike, records.clone(), "2025-01-01"),
        []
    );
    assert_eq!(
        subjects(SignalKind::NomineeLike, records, "2023-12-31"),
        [person(1)]
    );
}

#[test]
fn a_hidden_controller_is_restricted_and_holds_no_role_of_any_kind() {
    let restricted = || {
        vec![
            case(),
            role(org(1), LEGAL, person(1), "2020-01-01.."),
            founded(1, "2010-01-01"),
            founded(2, "2010-01-01"),
            founded(3, "2010-01-01"),
            holding(org(2), person(1), 70, "2010-01-01.."),
            agreement(org(3), org(2), "2010-01-01.."),
            role(
                org(3),
                RoleKind::Supervisor,
                person(1),
                "2010-01-01..2025-01-01",
            ),
        ]
    };
    let orgs = |records, on| -> Vec<EntityId> {
        let signals = found(SignalKind::HiddenController, records, on);
        signals
            .iter()
            .flat_map(|signal| signal.organisations.clone())
            .collect()
    };
    assert_eq!(orgs(restricted(), "2024-12-31"), [org(2)]);
    assert_eq!(orgs(restricted(), "2025-01-01"), [org(2), org(3)]);
    assert_eq!(orgs(restricted(), "2024-05-31"), []); // not yet restricted
    let signals = found(SignalKind::HiddenController, restricted(), "2025-01-01");
    assert!(signals.iter().all(|signal| signal.cases.len() == 1));
    assert_eq!(signals[1].records.len(), 4); // case, role, holding, agreement
}

#[test]
fn each_kind_can_be_switched_off_and_tuned() {
    let rows = || {
        let left = role(org(1), LEGAL, person(1), "2020-01-01..2024-07-01");
        let next = role(org(1), LEGAL, person(2), "2024-07-01..");
        vec![case(), left, next, founded(1, "2010-01-01")]
    };
    let count = |settings| {
        swept(rows(), settings, |sweep| {
            signals(sweep, d("2025-01-01")).len()
        })
    };
    assert_eq!(count(""), 1);
    assert_eq!(count("[signals]\nlate_change = false\n"), 0);
    assert_eq!(count("[signals]\nlate_change_days = 29\n"), 0);
    assert_eq!(count("[signals]\nlate_change_days = 30\n"), 1);
}
