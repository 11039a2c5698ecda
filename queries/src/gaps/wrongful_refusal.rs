//! 不应惩而惩: refused for a measure that stood against nobody concerned.

use graph::id::EntityId;
use graph::record::MatterOutcome;
use graph::time::Date;
use rayon::prelude::*;

use super::matter::{Decided, concerned, decided_of};
use super::{Gap, GapKind};
use crate::sweep::Sweep;
use crate::world::Matter;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let matters = sweep.world().matters.side_by_side();
    matters
        .flat_map_iter(|matters| at(sweep, matters, day))
        .collect()
}

/// The unfounded refusals of one applicant.
pub(super) fn at<'a>(
    sweep: &'a Sweep<'_>,
    matters: (EntityId, &'a [Matter]),
    day: Date,
) -> impl Iterator<Item = Gap> + 'a {
    let refused = decided_of(sweep, matters, &[MatterOutcome::Refused], day);
    refused.filter_map(move |matter| judge(sweep, &matter))
}

fn judge(sweep: &Sweep<'_>, matter: &Decided<'_>) -> Option<Gap> {
    let (world, row) = (sweep.world(), matter.row);
    let relied_on = world.text(row.refused_for)?;
    let subjects = concerned(world, matter.item, matter.applicant, matter.on);
    let founded = subjects.iter().any(|subject| {
        sweep
            .blocking(*subject, &matter.item.category, matter.on)
            .any(|(_, measure)| measure.code == relied_on)
    });
    (!founded).then(|| {
        let mut gap = Gap::new(GapKind::WrongfulRefusal, matter.applicant, matter.on);
        gap.department = world.text(row.department).map(str::to_owned);
        gap.act = Some(row.cited());
        gap.measure = Some(relied_on.to_owned());
        gap.evidence.done.push(row.cited());
        gap
    })
}
