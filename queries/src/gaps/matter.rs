//! What the gaps of matters have in common: whom a matter concerns.

use graph::id::EntityId;
use graph::record::{Matter, MatterOutcome};
use graph::time::Date;

use crate::catalogue::{Catalogue, Item, ItemSubject};
use crate::sweep::Sweep;
use crate::world::{Row, World};

/// A matter that was decided by the day asked, with its item's version.
pub(crate) struct Decided<'w> {
    pub(crate) row: &'w Row<Matter>,
    pub(crate) item: &'w Item,
    pub(crate) on: Date,
}

/// Matters with one of these outcomes, decided by `day`, whose item has a
/// version in force on the day of acceptance.
pub(crate) fn decided<'w>(
    world: &'w World,
    catalogue: &'w Catalogue,
    outcomes: &'static [MatterOutcome],
    day: Date,
) -> impl Iterator<Item = Decided<'w>> {
    world.matters.all().iter().filter_map(move |row| {
        let matter = &row.record;
        let decided_on = matter.decided_on.filter(|on| *on <= day)?;
        if !outcomes.contains(&matter.outcome) {
            return None;
        }
        let item = catalogue.item(matter.item.as_deref()?, matter.accepted_on)?;
        Some(Decided {
            row,
            item,
            on: decided_on,
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
            ItemSubject::Role(role) => subjects.extend(
                world
                    .holders(applicant, *role, day)
                    .map(|row| row.record.person),
            ),
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
pub fn duty(sweep: &Sweep<'_>, matter: &Matter) -> Duty {
    let item = matter.item.as_deref();
    let item = item.and_then(|code| sweep.catalogue().item(code, matter.accepted_on));
    let (Some(item), Some(decided)) = (item, matter.decided_on) else {
        return Duty::default();
    };
    let restricted = concerned(sweep.world(), item, matter.applicant, decided)
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
