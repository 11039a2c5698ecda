//! 应惩未反馈: a confirmed restriction that an enforcer did not report on.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, GapKind, GapReason};
use crate::penetration::Restriction;
use crate::sweep::Sweep;
use crate::world::{Case, Cited};

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let restrictions = sweep.restrictions_side_by_side();
    restrictions
        .flat_map_iter(|restriction| of(sweep, restriction, day))
        .collect()
}

/// The enforcers that did not report on the restrictions on one subject.
pub(super) fn on(sweep: &Sweep<'_>, subject: EntityId, day: Date) -> impl Iterator<Item = Gap> {
    let restrictions = sweep.on(subject);
    restrictions.flat_map(move |restriction| of(sweep, restriction, day))
}

/// The enforcers that did not report on one confirmed restriction.
fn of(sweep: &Sweep<'_>, restriction: &Restriction, day: Date) -> Vec<Gap> {
    let (catalogue, mut found) = (sweep.catalogue(), Vec::new());
    let Some(first) = restriction.days.first().filter(|_| restriction.confirmed) else {
        return found;
    };
    // For a person no duty runs before the confirmation.
    let start = match restriction.confirmed_on {
        Some(confirmed) if !restriction.direct => first.from.max(confirmed),
        _ => first.from,
    };
    let measure = catalogue.measure(&restriction.measure, start);
    let Some(measure) = measure.filter(|measure| measure.binding) else {
        return found;
    };
    let deadline = catalogue.calendar.after(start, measure.report_workdays);
    if deadline.day >= day || !restriction.days.holds(deadline.day) {
        return found;
    }
    for enforcer in &measure.enforcers {
        let reports: Vec<(Date, Cited)> = reports(sweep, restriction, enforcer).collect();
        let reason = match reports.iter().map(|(on, _)| *on).min() {
            Some(on) if on <= deadline.day => continue,
            Some(on) if on <= day => GapReason::Late,
            _ => GapReason::Absent,
        };
        let mut gap = Gap::new(GapKind::Unenforced, restriction.subject, deadline.day);
        let case = sweep.world().cases.get(restriction.case);
        gap.reason = Some(reason);
        gap.department = Some(enforcer.clone());
        gap.case_no = case.map(Case::number).map(str::to_owned);
        gap.measure = Some(restriction.measure.to_string());
        gap.evidence.case = Some(restriction.case);
        gap.evidence.confirmed = Some(true);
        gap.evidence.deadline = Some(deadline.day);
        gap.evidence.calendar_assumed = deadline.assumed;
        gap.evidence
            .duty
            .extend(restriction.grounds.iter().flat_map(|g| g.records.clone()));
        gap.evidence
            .done
            .extend(reports.iter().map(|(_, record)| *record));
        found.push(gap);
    }
    found
}

/// The days on which the enforcer reported on the restriction, with the record.
fn reports<'a>(
    sweep: &'a Sweep<'_>,
    restriction: &'a Restriction,
    enforcer: &'a str,
) -> impl Iterator<Item = (Date, Cited)> + 'a {
    let world = sweep.world();
    let rows = world.enforcements.of(restriction.subject).iter();
    rows.filter_map(move |row| {
        let of_it = world.text(row.department) == Some(enforcer)
            && world.text(row.measure) == Some(&*restriction.measure);
        let meant = of_it
            && world
                .cases_meant(row.case_no.as_deref()?, world.text(row.case_authority))
                .contains(&restriction.case);
        meant.then_some((row.reported_on?, row.cited()))
    })
}
