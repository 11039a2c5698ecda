//! 应解未解 and 超清单惩戒: enforcements that outlast their restriction, and those
//! that never had one. The protection of the subject: measures binding or not.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;

use super::{Gap, GapKind};
use crate::catalogue::Measure;
use crate::sweep::Sweep;
use crate::world::Enforcement;

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let enforcements = sweep.world().enforcements.side_by_side();
    enforcements
        .flat_map_iter(|enforcements| at(sweep, enforcements, day))
        .collect()
}

/// Those of one subject's enforcements.
pub(super) fn at<'a>(
    sweep: &'a Sweep<'_>,
    (subject, rows): (EntityId, &'a [Enforcement]),
    day: Date,
) -> impl Iterator<Item = Gap> + 'a {
    let rows = rows.iter();
    rows.filter_map(move |row| judge(sweep, subject, row, day))
}

fn judge(sweep: &Sweep<'_>, subject: EntityId, row: &Enforcement, day: Date) -> Option<Gap> {
    // An interval of no days is never in force: nothing was done to anybody.
    if row.interval.from > day || row.interval.is_empty() {
        return None;
    }
    let world = sweep.world();
    let authority = world.text(row.case_authority);
    let meant = row.case_no.as_deref();
    let meant = meant.map_or_else(Vec::new, |number| world.cases_meant(number, authority));
    let measure = world.text(row.measure);
    let founded: Vec<usize> = meant
        .iter()
        .copied()
        .filter(|case| measure.is_some_and(|measure| is_founded(sweep, subject, measure, *case)))
        .collect();
    if founded.is_empty() {
        let mut gap = describe(sweep, GapKind::Overreach, (subject, row), row.interval.from);
        gap.evidence.case = meant.first().copied();
        return Some(gap);
    }
    if row.interval.to > day {
        return overdue(sweep, (subject, row), &founded, day);
    }
    None
}

/// The case gave this restriction on some day, as if revocations and rejections
/// did not exist. Whatever is a restriction as it is, is one then too.
fn is_founded(sweep: &Sweep<'_>, subject: EntityId, measure: &str, case: usize) -> bool {
    let drawn = || sweep.penetration.unless_revoked(case).restrictions;
    sweep.restriction(subject, measure, case).is_some()
        || drawn()
            .iter()
            .any(|restriction| restriction.subject == subject && *restriction.measure == *measure)
}

fn describe(
    sweep: &Sweep<'_>,
    kind: GapKind,
    (subject, row): (EntityId, &Enforcement),
    on: Date,
) -> Gap {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let mut gap = Gap::new(kind, subject, on);
    gap.department = owned(sweep.world().text(row.department));
    gap.case_no = owned(row.case_no.as_deref());
    gap.measure = owned(sweep.world().text(row.measure));
    gap.act = Some(row.cited());
    gap.evidence.done.push(row.cited());
    gap
}

/// The enforcement still runs although no case that founded it holds any more.
fn overdue(
    sweep: &Sweep<'_>,
    (subject, row): (EntityId, &Enforcement),
    founded: &[usize],
    day: Date,
) -> Option<Gap> {
    let measure = sweep.world().text(row.measure)?;
    let mut last: Option<(Date, usize, u32)> = None;
    for case in founded {
        let (ended, lift) = ended(sweep, (subject, measure), *case, day)?;
        if last.is_none_or(|(latest, _, _)| latest < ended) {
            last = Some((ended, *case, lift));
        }
    }
    let (ended, case, lift) = last?;
    let deadline = sweep.catalogue().calendar.after(ended, lift);
    (deadline.day < day).then(|| {
        let mut gap = describe(sweep, GapKind::OverdueLift, (subject, row), deadline.day);
        gap.evidence.case = Some(case);
        gap.evidence.deadline = Some(deadline.day);
        gap.evidence.ended = Some(ended);
        gap.evidence.calendar_assumed = deadline.assumed;
        if let Some(case) = sweep.world().cases.get(case) {
            gap.evidence
                .duty
                .extend(crate::penetration::case_records(case));
        }
        gap
    })
}

/// When the restriction from this case ended, with the working days to lift it;
/// none while it is in force or before it began.
fn ended(
    sweep: &Sweep<'_>,
    (subject, code): (EntityId, &str),
    place: usize,
    day: Date,
) -> Option<(Date, u32)> {
    let case = sweep.world().cases.get(place)?;
    let versions = sweep.catalogue().measures.get(code)?;
    if let Some(since) = case.gone_since(subject) {
        let newest: &Measure = versions.iter().max_by_key(|measure| measure.validity)?;
        return Some((since, newest.lift_workdays));
    }
    let restriction = sweep.restriction(subject, code, place)?;
    if restriction.days.holds(day) {
        return None;
    }
    let begun = restriction
        .days
        .intervals()
        .iter()
        .rev()
        .find(|i| i.from <= day)?;
    let measure = sweep.catalogue().measure(code, begun.to.previous())?;
    Some((begun.to, measure.lift_workdays))
}
