//! 应惩未惩: granted although a restriction in force blocks it.

use graph::id::EntityId;
use graph::record::MatterOutcome;
use graph::time::Date;
use rayon::prelude::*;

use super::matter::{Decided, concerned, decided_of};
use super::{Gap, GapKind};
use crate::sweep::Sweep;
use crate::world::{Case, Matter};

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let matters = sweep.world().matters.side_by_side();
    matters
        .flat_map_iter(|matters| at(sweep, matters, day))
        .collect()
}

/// The restrictions passed over in the matters of one applicant.
pub(super) fn at<'a>(
    sweep: &'a Sweep<'_>,
    matters: (EntityId, &'a [Matter]),
    day: Date,
) -> impl Iterator<Item = Gap> + 'a {
    let granted = decided_of(sweep, matters, &[MatterOutcome::Granted], day);
    let unexplained = granted.filter(|matter| !matter.row.exempt);
    unexplained.flat_map(move |matter| of(sweep, &matter))
}

/// The binding restrictions that one matter passed over.
fn of(sweep: &Sweep<'_>, matter: &Decided<'_>) -> Vec<Gap> {
    let (world, row) = (sweep.world(), matter.row);
    let mut found = Vec::new();
    for subject in concerned(world, matter.item, matter.applicant, matter.on) {
        let standing = sweep.blocking(subject, &matter.item.category, matter.on);
        for (restriction, measure) in standing.filter(|(_, measure)| measure.binding) {
            let mut gap = Gap::new(GapKind::MissedRestriction, subject, matter.on);
            let case = world.cases.get(restriction.case);
            gap.at = matter.applicant;
            gap.department = world.text(row.department).map(str::to_owned);
            gap.act = Some(row.cited());
            gap.measure = Some(measure.code.clone());
            gap.case_no = case.map(Case::number).map(str::to_owned);
            gap.evidence.case = Some(restriction.case);
            gap.evidence.confirmed = Some(restriction.confirmed);
            gap.evidence
                .duty
                .extend(restriction.grounds.iter().flat_map(|g| g.records.clone()));
            gap.evidence.done.push(row.cited());
            found.push(gap);
        }
    }
    found
}
