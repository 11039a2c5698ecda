//! 应解未解 and 超清单惩戒: enforcements that outlast their restriction, and those
//! that never had one. The protection of the subject: measures binding or not.

use graph::record::Enforcement;
use graph::time::Date;
use rustc_hash::FxHashMap;

use super::{Gap, GapKind};
use crate::catalogue::Measure;
use crate::penetration::{Found, Restriction};
use crate::sweep::Sweep;
use crate::world::Row;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    let mut unless_revoked: FxHashMap<usize, Found> = FxHashMap::default();
    for row in sweep.world().enforcements.all() {
        let record = &row.record;
        // An interval of no days is never in force: nothing was done to anybody.
        if record.interval.from > day || record.interval.is_empty() {
            continue;
        }
        let meant = record.case_no.as_deref().map_or_else(Vec::new, |number| {
            sweep
                .world()
                .cases_meant(number, record.case_authority.as_deref())
        });
        let founded: Vec<usize> = meant
            .iter()
            .copied()
            .filter(|case| {
                let found = unless_revoked
                    .entry(*case)
                    .or_insert_with(|| sweep.penetration.unless_revoked(*case));
                found
                    .restrictions
                    .iter()
                    .any(|restriction| is_of(restriction, record))
            })
            .collect();
        if founded.is_empty() {
            let mut gap = describe(GapKind::Overreach, row, record.interval.from);
            gap.evidence.case = meant.first().copied();
            found.push(gap);
        } else if record.interval.to > day {
            found.extend(overdue(sweep, row, &founded, day));
        }
    }
}

fn is_of(restriction: &Restriction, record: &Enforcement) -> bool {
    restriction.subject == record.subject
        && record.measure.as_deref() == Some(restriction.measure.as_str())
}

fn describe(kind: GapKind, row: &Row<Enforcement>, on: Date) -> Gap {
    let record = &row.record;
    let mut gap = Gap::new(kind, record.subject, on);
    gap.department.clone_from(&record.department);
    gap.case_no.clone_from(&record.case_no);
    gap.measure.clone_from(&record.measure);
    gap.enforcement_no = Some(record.enforcement_no.clone());
    gap.evidence.done.push(row.id);
    gap
}

/// The enforcement still runs although no case that founded it holds any more.
fn overdue(sweep: &Sweep<'_>, row: &Row<Enforcement>, founded: &[usize], day: Date) -> Option<Gap> {
    let mut last: Option<(Date, usize, u32)> = None;
    for case in founded {
        let (ended, lift) = ended(sweep, &row.record, *case, day)?;
        if last.is_none_or(|(latest, _, _)| latest < ended) {
            last = Some((ended, *case, lift));
        }
    }
    let (ended, case, lift) = last?;
    let deadline = sweep.catalogue().calendar.after(ended, lift);
    (deadline.day < day).then(|| {
        let mut gap = describe(GapKind::OverdueLift, row, deadline.day);
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
fn ended(sweep: &Sweep<'_>, record: &Enforcement, place: usize, day: Date) -> Option<(Date, u32)> {
    let code = record.measure.as_deref()?;
    let case = sweep.world().cases.get(place)?;
    let versions = sweep.catalogue().measures.get(code)?;
    let known_wrong = [
        case.ends.revoked_since,
        case.rejected_since
            .get(&record.subject)
            .copied()
            .filter(|_| record.subject != case.subject()),
    ];
    if let Some(since) = known_wrong.into_iter().flatten().min() {
        let newest: &Measure = versions.iter().max_by_key(|measure| measure.validity)?;
        return Some((since, newest.lift_workdays));
    }
    let restriction = sweep.restriction(record.subject, code, place)?;
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
