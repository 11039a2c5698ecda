//! `hidden_controller`: a person under a restriction who controls an operating
//! organisation without any registered role there.
//!
//! The restriction is in force on the day (confirmed or not; a lead is none),
//! control is computed for the day, and no role of any kind is held on it: a
//! declared actual controller is not hidden.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::{Signal, SignalKind, is_operating};
use crate::control::prove;
use crate::penetration::case_records;
use crate::sweep::Sweep;
use crate::world::{Cited, World};

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let mut persons: Vec<EntityId> = sweep
        .subjects()
        .filter(|subject| !subject.is_organisation())
        .collect();
    persons.sort_unstable();
    let hidden = persons
        .into_par_iter()
        .flat_map_iter(|person| of(sweep, person, day));
    found.extend(hidden.collect::<Vec<_>>());
}

/// What one restricted person controls without a role.
fn of(sweep: &Sweep<'_>, person: EntityId, day: Date) -> Vec<Signal> {
    let (world, control) = (sweep.world(), sweep.penetration.control);
    let cases = standing(sweep, person, day);
    if cases.is_empty() {
        return Vec::new();
    }
    let below = below(world, person, day).into_iter();
    let hidden = below.filter(|org| {
        let mut roles = world.roles.of(*org).iter();
        is_operating(world, *org)
            && !roles.any(|row| row.person == person && row.interval.holds(day))
            && control.on(*org, day).persons.contains(&person)
    });
    let signal = |org: EntityId| {
        let mut signal = Signal::new(SignalKind::HiddenController, person);
        signal.cases.clone_from(&cases);
        signal.organisations.push(org);
        signal.records = why_restricted(sweep, person, day);
        let (_, links) = prove(world, control, org, person, day);
        signal.records.extend(links.iter().map(|link| link.record));
        signal
    };
    hidden.map(signal).collect()
}

/// The companies to which a chain of holdings and agreements in force on `day`
/// leads down from `person`: whatever it controls is among them.
fn below(world: &World, person: EntityId, day: Date) -> FxHashSet<EntityId> {
    let mut seen: FxHashSet<EntityId> = FxHashSet::default();
    let mut open = vec![person];
    while let Some(holder) = open.pop() {
        let held = world.holdings.naming(holder);
        let held = held.filter(|(_, row)| row.interval.holds(day));
        let agreed = world.agreements.naming(holder);
        let agreed = agreed.filter(|(_, row)| row.interval.holds(day));
        let orgs = held.map(|(org, _)| org).chain(agreed.map(|(org, _)| org));
        open.extend(orgs.filter(|org| seen.insert(*org)));
    }
    seen
}

/// The cases of the restrictions in force on the person, sorted.
pub(crate) fn standing(sweep: &Sweep<'_>, person: EntityId, day: Date) -> Vec<usize> {
    let standing = sweep
        .on(person)
        .filter(|restriction| restriction.days.holds(day));
    let mut cases: Vec<usize> = standing.map(|restriction| restriction.case).collect();
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// The records that prove the restrictions in force on the person.
pub(crate) fn why_restricted(sweep: &Sweep<'_>, person: EntityId, day: Date) -> Vec<Cited> {
    let standing = sweep
        .on(person)
        .filter(|restriction| restriction.days.holds(day));
    let mut records = Vec::new();
    for restriction in standing {
        records.extend(
            sweep
                .world()
                .cases
                .get(restriction.case)
                .into_iter()
                .flat_map(case_records),
        );
        let grounds = restriction.grounds.iter();
        records.extend(grounds.flat_map(|ground| ground.records.iter().copied()));
    }
    records
}
