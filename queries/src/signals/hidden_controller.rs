//! `hidden_controller`: a person under a restriction who controls an operating
//! organisation without any registered role there.
//!
//! The restriction is in force on the day (confirmed or not; a lead is none),
//! control is computed for the day, and no role of any kind is held on it: a
//! declared actual controller is not hidden.

use graph::id::{EntityId, RecordId};
use graph::time::Date;

use super::{Signal, SignalKind, is_operating};
use crate::control::{Solution, Votes, prove};
use crate::penetration::case_records;
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Signal>) {
    let world = sweep.world();
    let restricted: Vec<(EntityId, Vec<usize>)> = sweep
        .subjects()
        .filter(|subject| !subject.is_organisation())
        .map(|person| (person, standing(sweep, person, day)))
        .filter(|(_, cases)| !cases.is_empty())
        .collect();
    if restricted.is_empty() {
        return;
    }
    let votes = Votes::whole(world, day);
    let solution = Solution::of(&votes);
    for (person, cases) in restricted {
        let controlled = votes
            .find(person)
            .and_then(|node| solution.controlled_by(node));
        let controlled = controlled
            .into_iter()
            .flatten()
            .filter_map(|node| votes.entity(*node));
        for org in controlled.filter(|org| is_operating(world, *org)) {
            let registered = world
                .roles
                .of(org)
                .iter()
                .any(|row| row.record.person == person && row.record.interval.holds(day));
            if registered {
                continue;
            }
            let mut signal = Signal::new(SignalKind::HiddenController, person);
            signal.cases.clone_from(&cases);
            signal.organisations.push(org);
            signal.records = why_restricted(sweep, person, day);
            let (_, links) = prove(world, sweep.penetration.control, org, person, day);
            signal.records.extend(links.iter().map(|link| link.record));
            found.push(signal);
        }
    }
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
pub(crate) fn why_restricted(sweep: &Sweep<'_>, person: EntityId, day: Date) -> Vec<RecordId> {
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
