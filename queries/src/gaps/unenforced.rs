//! 应惩未反馈: a confirmed restriction that an enforcer did not report on.

use graph::time::Date;

use super::{Gap, GapKind, GapReason};
use crate::penetration::Restriction;
use crate::sweep::Sweep;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    for restriction in sweep
        .restrictions()
        .filter(|restriction| restriction.confirmed)
    {
        let Some(first) = restriction.days.first() else {
            continue;
        };
        // For a person no duty runs before the confirmation.
        let start = match restriction.confirmed_on {
            Some(confirmed) if !restriction.direct => first.from.max(confirmed),
            _ => first.from,
        };
        let measure = sweep.catalogue().measure(&restriction.measure, start);
        let Some(measure) = measure.filter(|measure| measure.binding) else {
            continue;
        };
        let deadline = sweep
            .catalogue()
            .calendar
            .after(start, measure.report_workdays);
        if deadline.day >= day || !restriction.days.holds(deadline.day) {
            continue;
        }
        for enforcer in &measure.enforcers {
            let Err(reason) = reported(sweep, restriction, enforcer, deadline.day, day) else {
                continue;
            };
            let mut gap = Gap::new(GapKind::Unenforced, restriction.subject, deadline.day);
            let case = sweep.world().cases.get(restriction.case);
            gap.reason = Some(reason);
            gap.department = Some(enforcer.clone());
            gap.case_no = case.map(|case| case.number().to_owned());
            gap.measure = Some(restriction.measure.clone());
            gap.evidence.case = Some(restriction.case);
            gap.evidence.confirmed = Some(true);
            gap.evidence.deadline = Some(deadline.day);
            gap.evidence.calendar_assumed = deadline.assumed;
            gap.evidence
                .duty
                .extend(restriction.grounds.iter().flat_map(|g| g.records.clone()));
            gap.evidence
                .done
                .extend(reports(sweep, restriction, enforcer).map(|(_, id)| id));
            found.push(gap);
        }
    }
}

/// The days on which the enforcer reported on the restriction, with the record.
fn reports<'a>(
    sweep: &'a Sweep<'_>,
    restriction: &'a Restriction,
    enforcer: &'a str,
) -> impl Iterator<Item = (Date, graph::id::RecordId)> + 'a {
    let world = sweep.world();
    world
        .enforcements
        .of(restriction.subject)
        .iter()
        .filter_map(move |row| {
            let record = &row.record;
            let of_it = record.department.as_deref() == Some(enforcer)
                && record.measure.as_deref() == Some(restriction.measure.as_str());
            let meant = of_it
                && world
                    .cases_meant(record.case_no.as_deref()?, record.case_authority.as_deref())
                    .contains(&restriction.case);
            meant.then_some((record.reported_on?, row.id))
        })
}

fn reported(
    sweep: &Sweep<'_>,
    restriction: &Restriction,
    enforcer: &str,
    deadline: Date,
    day: Date,
) -> Result<(), GapReason> {
    match reports(sweep, restriction, enforcer)
        .map(|(on, _)| on)
        .min()
    {
        Some(on) if on <= deadline => Ok(()),
        Some(on) if on <= day => Err(GapReason::Late),
        _ => Err(GapReason::Absent),
    }
}
