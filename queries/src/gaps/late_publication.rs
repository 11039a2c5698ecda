//! 双公示迟报: a penalty reported after its deadline, or not at all.

use graph::time::Date;

use super::{Gap, GapKind, GapReason};
use crate::sweep::Sweep;
use crate::world::CaseRecord;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    let catalogue = sweep.catalogue();
    for (place, case) in sweep.world().cases.iter().enumerate() {
        let CaseRecord::Penalty(row) = &case.record else {
            continue;
        };
        let penalty = &row.record;
        let allowed = catalogue.settings.publication_workdays;
        let deadline = catalogue.calendar.after(penalty.decision_on, allowed);
        let reason = match penalty.reported_on {
            Some(on) if on <= deadline.day => continue,
            Some(on) if on <= day => GapReason::Late,
            _ => GapReason::Absent,
        };
        if deadline.day >= day {
            continue;
        }
        let mut gap = Gap::new(GapKind::LatePublication, penalty.subject, deadline.day);
        gap.reason = Some(reason);
        gap.department = Some(penalty.authority.clone());
        gap.decision_no = Some(penalty.decision_no.clone());
        gap.evidence.case = Some(place);
        gap.evidence.deadline = Some(deadline.day);
        gap.evidence.calendar_assumed = deadline.assumed;
        gap.evidence.done.push(row.id);
        found.push(gap);
    }
}
