//! 不应惩而惩: refused for a measure that stood against nobody concerned.

use graph::record::MatterOutcome;

use super::matter::{Applicant, Decided};
use super::{Gap, GapKind};
use crate::world::World;

/// The refusal of one matter, if it was unfounded.
pub(super) fn find<'a>(
    world: &World,
    (applicant, matter): (&Applicant<'a>, &Decided<'a>),
) -> Option<Gap> {
    let row = matter.row;
    if row.outcome != MatterOutcome::Refused {
        return None;
    }
    let relied_on = world.text(row.refused_for())?;
    let mut subjects = applicant.concerned(matter.item, matter.on).into_iter();
    let founded = subjects.any(|subject| {
        let mut blocking = applicant.blocking(subject, matter);
        blocking.any(|(_, measure)| measure.code == relied_on)
    });
    (!founded).then(|| {
        let mut gap = Gap::new(GapKind::WrongfulRefusal, applicant.id, matter.on);
        gap.department = world.text(row.department()).map(str::to_owned);
        gap.act = Some(row.cited());
        gap.measure = Some(relied_on.to_owned());
        gap.evidence.done.push(row.cited());
        gap
    })
}
