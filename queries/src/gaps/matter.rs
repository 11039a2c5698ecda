//! What the gaps of matters have in common: whom a matter concerns.

use std::cell::RefCell;
use std::sync::Arc;

use graph::id::EntityId;
use graph::record::MatterOutcome;
use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, missed_check, missed_restriction, wrongful_refusal};
use crate::catalogue::{Item, ItemSubject, Measure};
use crate::penetration::Restriction;
use crate::sweep::Sweep;
use crate::world::{Check, Matter, Role, World};

/// Of how many subjects an applicant remembers what was found.
const REMEMBERED: usize = 16;

/// An applicant with what its matters are judged by: it has many, and what they concern is
/// found once for all of them.
pub(crate) struct Applicant<'a> {
    sweep: &'a Sweep<'a>,
    pub(crate) id: EntityId,
    roles: &'a [Role],
    found: RefCell<Vec<(EntityId, Found<'a>)>>,
}

/// What there is of a subject.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) checks: &'a [Check],
    restrictions: &'a [Arc<Restriction>],
}

/// A matter that was decided by the day asked, with its item's version.
pub(crate) struct Decided<'a> {
    pub(crate) row: &'a Matter,
    pub(crate) item: &'a Item,
    pub(crate) on: Date,
}

impl<'a> Applicant<'a> {
    pub(crate) fn new(sweep: &'a Sweep<'_>, id: EntityId) -> Self {
        Self {
            sweep,
            id,
            roles: sweep.world().roles.of(id),
            found: RefCell::default(),
        }
    }

    /// The persons concerned by a matter of an item, roles read on `day`; each once.
    pub(crate) fn concerned(&self, item: &Item, day: Date) -> Vec<EntityId> {
        let mut subjects = Vec::with_capacity(item.subjects.len());
        for entry in &item.subjects {
            match entry {
                ItemSubject::Applicant => subjects.push(self.id),
                ItemSubject::Role(role) => {
                    let held = self.roles.iter();
                    let held = held.filter(|row| row.role == *role && row.interval.holds(day));
                    subjects.extend(held.map(|row| row.person));
                }
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        subjects
    }

    /// The checks of a subject and the restrictions on it.
    pub(crate) fn of(&self, subject: EntityId) -> Found<'a> {
        let mut known = self.found.borrow_mut();
        if let Some((_, found)) = known.iter().find(|(of, _)| *of == subject) {
            return *found;
        }
        let found = Found {
            checks: self.sweep.world().checks.of(subject),
            restrictions: self.sweep.all_on(subject),
        };
        if known.len() < REMEMBERED {
            known.push((subject, found));
        }
        found
    }

    /// The restrictions on a subject that block the item of a matter on the day of its
    /// decision, each with the measure's version of that day.
    pub(crate) fn blocking(
        &self,
        subject: EntityId,
        matter: &Decided<'a>,
    ) -> impl Iterator<Item = (&'a Restriction, &'a Measure)> + use<'a> {
        let all = self.of(subject).restrictions;
        self.sweep
            .blocking_of(all, &matter.item.category, matter.on)
    }

    /// The matter, if it was granted or refused by `day` and its item has a version in force on
    /// the day of acceptance.
    fn decided(&self, row: &'a Matter, day: Date) -> Option<Decided<'a>> {
        let on = row.decided_on().filter(|on| *on <= day)?;
        if !matches!(row.outcome, MatterOutcome::Granted | MatterOutcome::Refused) {
            return None;
        }
        let item = self.sweep.item(row.item()?, row.accepted_on)?;
        Some(Decided { row, item, on })
    }
}

/// What `judge` finds in the matters granted or refused by `day`, whose item has a version in
/// force on the day of acceptance: side by side, in order.
pub(crate) fn in_decided<'a, T: Send + 'a>(
    sweep: &'a Sweep<'a>,
    day: Date,
    judge: impl Fn(&Applicant<'a>, &Decided<'a>, &mut Vec<T>) + Send + Sync + 'a,
) -> impl ParallelIterator<Item = T> + 'a {
    let matters = sweep.world().matters.side_by_side();
    matters.flat_map_iter(move |(applicant, rows)| {
        let applicant = Applicant::new(sweep, applicant);
        let mut found = Vec::new();
        for row in rows {
            if let Some(matter) = applicant.decided(row, day) {
                judge(&applicant, &matter, &mut found);
            }
        }
        found
    })
}

/// The gaps of all matters.
pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let world = sweep.world();
    let gaps = in_decided(sweep, day, |applicant, matter, found| {
        gaps_of(world, (applicant, matter), day, found);
    });
    gaps.collect()
}

/// The gaps of the matters of one applicant.
pub(super) fn at(sweep: &Sweep<'_>, applicant: EntityId, day: Date) -> Vec<Gap> {
    let world = sweep.world();
    let (rows, applicant) = (
        world.matters.of(applicant),
        Applicant::new(sweep, applicant),
    );
    let mut found = Vec::new();
    for row in rows {
        if let Some(matter) = applicant.decided(row, day) {
            gaps_of(world, (&applicant, &matter), day, &mut found);
        }
    }
    found
}

fn gaps_of<'a>(world: &World, of: (&Applicant<'a>, &Decided<'a>), day: Date, found: &mut Vec<Gap>) {
    missed_check::find(world, of, day, found);
    missed_restriction::find(world, of, found);
    found.extend(wrongful_refusal::find(world, of));
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
    let item = matter.item();
    let item = item.and_then(|item| sweep.item(item, matter.accepted_on));
    let (Some(item), Some(decided)) = (item, matter.decided_on()) else {
        return Duty::default();
    };
    let restricted = Applicant::new(sweep, applicant)
        .concerned(item, decided)
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
