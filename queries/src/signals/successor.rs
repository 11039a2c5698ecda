//! `successor`: an organisation founded soon after a case, with the people of the
//! case's organisation at its head.
//!
//! Founded: `established_on` lies after the case's own date, at most so many days,
//! and by the day asked. Shared: one person who is legal representative, principal
//! or controller (declared or computed) here and there, whichever of these on
//! either side: the representative of the old company who only holds the shares of
//! the new one is what is looked for. At the old organisation it counts on the
//! violation days and on the case's own date (who came later to put things right
//! is not meant), at the new one from its foundation to the day asked.
//!
//! Same industry class: the same code of GB/T 4754, with or without the letter of
//! its section before it.

use std::collections::BTreeMap;

use graph::id::EntityId;
use graph::record::RoleKind;
use graph::time::{Date, Interval, IntervalSet};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Signal, SignalKind, cases, last_day, meets_any};
use crate::control::prove;
use crate::penetration::case_records;
use crate::sweep::Sweep;
use crate::world::{Case, Cited, World};

/// The offices that make a head; computed control is the fourth.
const OFFICES: [RoleKind; 3] = [
    RoleKind::LegalRepresentative,
    RoleKind::Principal,
    RoleKind::ActualController,
];

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let of_cases = cases(sweep, day).flat_map_iter(|(place, case)| of(sweep, place, case, day));
    found.extend(of_cases.collect::<Vec<_>>());
}

fn of(sweep: &Sweep<'_>, place: usize, case: &Case, day: Date) -> Vec<Signal> {
    let (world, own) = (sweep.world(), case.own_date());
    let allowed = sweep.catalogue().settings.signals.successor_days;
    let founded = Interval::closed(own.next(), last_day(own, allowed, day));
    if founded.is_empty() {
        return Vec::new();
    }
    let (violation, assumed) = case.violation_days();
    let moments = IntervalSet::union_of([violation, Interval::closed(own, own)]);
    let mut signals: BTreeMap<EntityId, Signal> = BTreeMap::new();
    for person in heads(sweep, case.subject(), moments.intervals()) {
        let mut here: Option<Vec<Cited>> = None;
        for (org, on) in founded_with(world, person, founded) {
            if org == case.subject() {
                continue;
            }
            let since = [Interval::closed(on, day)];
            let there = proof(sweep, org, person, &since);
            if there.is_empty() {
                continue;
            }
            let here = here
                .get_or_insert_with(|| proof(sweep, case.subject(), person, moments.intervals()));
            let signal = signals.entry(org).or_insert_with(|| {
                let mut signal = Signal::new(SignalKind::Successor, org);
                signal.cases.push(place);
                signal.organisations.push(case.subject());
                signal.on = Some(on);
                signal.same_industry = is_same_industry(world, case.subject(), org);
                signal.assumed_moment = assumed;
                signal.records = case_records(case);
                signal
            });
            signal.persons.push(person);
            signal.records.extend(there);
            signal.records.extend_from_slice(here);
        }
    }
    signals.into_values().collect()
}

/// The persons at the head of `org` on some day of the windows, sorted.
fn heads(sweep: &Sweep<'_>, org: EntityId, windows: &[Interval]) -> Vec<EntityId> {
    let rows = sweep.world().roles.of(org).iter();
    let held = rows.filter(|row| OFFICES.contains(&row.role) && meets_any(row.interval, windows));
    let control = sweep.penetration.control;
    let computed = windows
        .iter()
        .flat_map(|window| control.persons_within(org, *window));
    let mut persons: Vec<EntityId> = held
        .map(|row| row.person)
        .chain(computed.map(|(person, _)| person))
        .collect();
    persons.sort_unstable();
    persons.dedup();
    persons
}

/// The records by which `person` is at the head of `org` on some day of the
/// windows; none when it is not.
fn proof(sweep: &Sweep<'_>, org: EntityId, person: EntityId, windows: &[Interval]) -> Vec<Cited> {
    let world = sweep.world();
    let held = world.roles.of(org).iter().filter(|role| {
        role.person == person && OFFICES.contains(&role.role) && meets_any(role.interval, windows)
    });
    let mut records: Vec<Cited> = held.map(|row| row.cited(org)).collect();
    for window in windows {
        let computed = sweep.penetration.control.persons_within(org, *window);
        let days = computed
            .iter()
            .find(|(controller, _)| *controller == person);
        if let Some(first) = days.and_then(|(_, days)| days.first()) {
            let (_, links) = prove(world, sweep.penetration.control, org, person, first.from);
            records.extend(links.iter().map(|link| link.record));
        }
    }
    records
}

/// The organisations founded within the window that the person could be at the
/// head of: has an office in, or a chain of holdings and agreements to.
fn founded_with(world: &World, person: EntityId, founded: Interval) -> Vec<(EntityId, Date)> {
    let offices = world
        .roles
        .naming(person)
        .filter(|(_, row)| OFFICES.contains(&row.role));
    let mut seen: FxHashSet<EntityId> = FxHashSet::default();
    let mut open = vec![person];
    while let Some(holder) = open.pop() {
        let held = world.holdings.naming(holder).map(|(org, _)| org);
        let agreed = world.agreements.naming(holder).map(|(org, _)| org);
        open.extend(held.chain(agreed).filter(|org| seen.insert(*org)));
    }
    seen.extend(offices.map(|(org, _)| org));
    let mut fitting: Vec<(EntityId, Date)> = seen
        .into_iter()
        .filter_map(|org| Some((org, world.organisation(org)?.established_on()?)))
        .filter(|(_, on)| founded.holds(*on))
        .collect();
    fitting.sort_unstable();
    fitting
}

fn is_same_industry(world: &World, one: EntityId, other: EntityId) -> bool {
    let class = |org| {
        let code = world.text(world.organisation(org)?.industry())?;
        Some(code.trim_start_matches(|c: char| c.is_ascii_alphabetic()))
    };
    class(one).is_some_and(|found| class(other) == Some(found))
}
