//! 双公示迟报: a penalty reported after its deadline, or not at all.

use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, GapKind, GapReason};
use crate::sweep::Sweep;
use crate::world::Case;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let cases = sweep.world().cases.side_by_side();
    cases
        .filter_map(|(place, case)| of(sweep, place, case, day))
        .collect()
}

/// Whether one case is published late.
pub(super) fn of(sweep: &Sweep<'_>, place: usize, case: &Case, day: Date) -> Option<Gap> {
    let (catalogue, penalty) = (sweep.catalogue(), case.penalty()?);
    let allowed = catalogue.settings.publication_workdays;
    let deadline = catalogue.calendar.after(penalty.decision_on, allowed);
    let reason = match penalty.reported_on {
        Some(on) if on <= deadline.day => return None,
        Some(on) if on <= day => GapReason::Late,
        _ => GapReason::Absent,
    };
    if deadline.day >= day {
        return None;
    }
    let mut gap = Gap::new(GapKind::LatePublication, case.subject(), deadline.day);
    gap.reason = Some(reason);
    gap.department = case.authority().map(str::to_owned);
    gap.decision_no = Some(case.number().to_owned());
    gap.evidence.case = Some(place);
    gap.evidence.deadline = Some(deadline.day);
    gap.evidence.calendar_assumed = deadline.assumed;
    gap.evidence.done.push(case.cited());
    Some(gap)
}
