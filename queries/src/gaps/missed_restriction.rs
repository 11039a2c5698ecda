//! 应惩未惩: granted although a restriction in force blocks it.

use graph::record::MatterOutcome;

use super::matter::{Applicant, Decided};
use super::{Gap, GapKind};
use crate::world::{Case, World};

/// The binding restrictions that one matter passed over without a reason.
pub(super) fn find<'a>(
    world: &World,
    (applicant, matter): (&Applicant<'a>, &Decided<'a>),
    found: &mut Vec<Gap>,
) {
    let row = matter.row;
    if row.outcome != MatterOutcome::Granted || row.exempt {
        return;
    }
    for subject in applicant.concerned(matter.item, matter.on) {
        let standing = applicant.blocking(subject, matter);
        for (restriction, measure) in standing.filter(|(_, measure)| measure.binding) {
            let mut gap = Gap::new(GapKind::MissedRestriction, subject, matter.on);
            let case = world.cases.get(restriction.case);
            gap.at = applicant.id;
            gap.department = world.text(row.department()).map(str::to_owned);
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
}
