//! What the gaps of matters have in common: whom a matter concerns.

use graph::id::EntityId;
use graph::record::MatterOutcome;
use graph::time::Date;
use rayon::prelude::*;

use crate::catalogue::{Item, ItemSubject};
use crate::sweep::Sweep;
use crate::world::{Matter, World};

/// A matter that was decided by the day asked, with its item's version.
pub(crate) struct Decided<'w> {
    pub(crate) applicant: EntityId,
    pub(crate) row: &'w Matter,
    pub(crate) item: &'w Item,
    pub(crate) on: Date,
}

/// Matters with one of these outcomes, decided by `day`, whose item has a
/// version in force on the day of acceptance: side by side, in order.
pub(crate) fn decided<'a>(
    sweep: &'a Sweep<'_>,
    outcomes: &'static [MatterOutcome],
    day: Date,
) -> impl ParallelIterator<Item = Decided<'a>> {
    let matters = sweep.world().matters.side_by_side();
    matters.flat_map_iter(move |matters| decided_of(sweep, matters, outcomes, day))
}

/// The same of one applicant.
pub(super) fn decided_of<'a>(
    sweep: &'a Sweep<'_>,
    (applicant, rows): (EntityId, &'a [Matter]),
    outcomes: &'static [MatterOutcome],
    day: Date,
) -> impl Iterator<Item = Decided<'a>> {
    rows.iter().filter_map(move |row| {
        let on = row.decided_on().filter(|on| *on <= day)?;
        if !outcomes.contains(&row.outcome) {
            return None;
        }
        Some(Decided {
            applicant,
            row,
            item: sweep.item(row.item?, row.accepted_on)?,
            on,
        })
    })
}

/// The persons concerned by a matter, roles read on `day`; each once.
pub(crate) fn concerned(
    world: &World,
    item: &Item,
    applicant: EntityId,
    day: Date,
) -> Vec<EntityId> {
    let mut subjects = Vec::new();
    for entry in &item.subjects {
        match entry {
            ItemSubject::Applicant => subjects.push(applicant),
            ItemSubject::Role(role) => {
                let held = world.holders(applicant, *role, day);
                subjects.extend(held.map(|row| row.person));
            }
        }
    }
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// What a decided matter asked of the department.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Duty {
    /// A check of at least one subject.
    pub check: bool,
    /// Heed of at least one binding restriction.
    pub restrict: bool,
}

/// The duties that one decided matter brought, for the totals of a notification.
pub fn duty(sweep: &Sweep<'_>, applicant: EntityId, matter: &Matter) -> Duty {
    let item = matter.item;
    let item = item.and_then(|item| sweep.item(item, matter.accepted_on));
    let (Some(item), Some(decided)) = (item, matter.decided_on()) else {
        return Duty::default();
    };
    let restricted = concerned(sweep.world(), item, applicant, decided)
        .into_iter()
        .any(|subject| {
            sweep
                .blocking(subject, &item.category, decided)
                .any(|(_, measure)| measure.binding)
        });
    Duty {
        check: item.check_required,
        restrict: restricted,
    }
}
