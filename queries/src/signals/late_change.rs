//! `late_change`: a legal representative or principal who held the office on the
//! violation and was replaced before the case could catch up.
//!
//! Held: on any of the violation days. Replaced: the unbroken time in that office
//! ended (records of one person in one office that touch are one time in office:
//! a renewed term is no change), and somebody else holds the office then or comes
//! into it. Both lie after the violation began, not later than so many days after
//! the case's own date, and by the day asked. An office that nobody takes over,
//! as when the organisation is wound up, is no replacement.

use std::collections::BTreeMap;

use graph::id::EntityId;
use graph::record::RoleKind;
use graph::time::{Date, Interval, IntervalSet};
use rayon::prelude::*;

use super::{Signal, SignalKind, cases, last_day};
use crate::penetration::case_records;
use crate::sweep::Sweep;
use crate::world::{Case, Role};

const OFFICES: [RoleKind; 2] = [RoleKind::LegalRepresentative, RoleKind::Principal];

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let of_cases = cases(sweep, day).flat_map_iter(|(place, case)| of(sweep, place, case, day));
    found.extend(of_cases.collect::<Vec<_>>());
}

fn of(sweep: &Sweep<'_>, place: usize, case: &Case, day: Date) -> Vec<Signal> {
    let allowed = sweep.catalogue().settings.signals.late_change_days;
    let (violation, assumed) = case.violation_days();
    let until = last_day(case.own_date(), allowed, day);
    let org = case.subject();
    let mut found = Vec::new();
    for ((role, person), rows) in terms(sweep.world().roles.of(org)) {
        let terms = IntervalSet::union_of(rows.iter().map(|row| row.interval));
        let left = terms
            .intervals()
            .iter()
            .filter(|term| term.meets(&violation));
        for term in left.filter(|term| term.to <= until) {
            let after = Interval::closed(term.to, until);
            let next: Vec<&Role> = sweep
                .world()
                .roles
                .of(org)
                .iter()
                .filter(|row| row.role == role && row.person != person)
                .filter(|row| row.interval.meets(&after))
                .collect();
            if next.is_empty() {
                continue;
            }
            let mut signal = Signal::new(SignalKind::LateChange, person);
            signal.cases.push(place);
            signal.organisations.push(org);
            signal.role = Some(role);
            signal.on = Some(term.to);
            signal.assumed_moment = assumed;
            signal.records = case_records(case);
            let of_term = rows.iter().filter(|row| row.interval.meets(term));
            signal.records.extend(of_term.map(|row| row.cited(org)));
            signal.records.extend(next.iter().map(|row| row.cited(org)));
            signal.persons.extend(next.iter().map(|row| row.person));
            signal.persons.sort_unstable();
            signal.persons.dedup();
            found.push(signal);
        }
    }
    found
}

/// The rows of each person in each of the offices.
fn terms(rows: &[Role]) -> BTreeMap<(RoleKind, EntityId), Vec<&Role>> {
    let mut terms: BTreeMap<_, Vec<&Role>> = BTreeMap::new();
    for row in rows.iter().filter(|row| OFFICES.contains(&row.role)) {
        terms.entry((row.role, row.person)).or_default().push(row);
    }
    terms
}
