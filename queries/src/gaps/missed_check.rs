//! 应查未查: a decision without the check that the item requires.

use graph::id::{EntityId, EntityKind, RecordId};
use graph::record::MatterOutcome;
use graph::time::{Date, Interval};

use super::matter::{Decided, concerned, decided};
use super::{Gap, GapKind, GapReason, Severity};
use crate::sweep::Sweep;

/// How far before acceptance or after the decision a check still explains the gap.
const NEAR_DAYS: i32 = 365;

pub(super) fn find(sweep: &Sweep<'_>, day: Date, found: &mut Vec<Gap>) {
    let (world, catalogue) = (sweep.world(), sweep.catalogue());
    let outcomes = &[MatterOutcome::Granted, MatterOutcome::Refused];
    for matter in decided(world, catalogue, outcomes, day).filter(|m| m.item.check_required) {
        let record = &matter.row.record;
        for subject in concerned(world, matter.item, record.applicant, record.accepted_on) {
            // Nobody can check a person without an identity number.
            if subject.kind() == EntityKind::Provisional {
                continue;
            }
            let Err((reason, done)) = checked(sweep, &matter, subject, day) else {
                continue;
            };
            let mut gap = Gap::new(GapKind::MissedCheck, subject, matter.on);
            let hit = sweep
                .blocking(subject, &matter.item.category, matter.on)
                .any(|(_, measure)| measure.binding);
            gap.reason = Some(reason);
            gap.hit = Some(hit);
            gap.severity = if hit {
                Severity::High
            } else {
                Severity::Medium
            };
            gap.department.clone_from(&record.department);
            gap.matter_no = Some(record.matter_no.clone());
            gap.evidence.duty.push(matter.row.id);
            gap.evidence.done.extend(done);
            gap.evidence.deadline = Some(matter.on);
            found.push(gap);
        }
    }
}

/// Whether every check that the item requires was made: what `check_coverage` counts.
pub(crate) fn is_covered(sweep: &Sweep<'_>, matter: &Decided<'_>, day: Date) -> bool {
    let record = &matter.row.record;
    concerned(
        sweep.world(),
        matter.item,
        record.applicant,
        record.accepted_on,
    )
    .into_iter()
    .filter(|subject| subject.kind() != EntityKind::Provisional)
    .all(|subject| checked(sweep, matter, subject, day).is_ok())
}

/// The subject was checked in time; else why not, with the check that comes nearest.
fn checked(
    sweep: &Sweep<'_>,
    matter: &Decided<'_>,
    subject: EntityId,
    day: Date,
) -> Result<(), (GapReason, Option<RecordId>)> {
    let record = &matter.row.record;
    let valid = i32::try_from(matter.item.check_valid_days).unwrap_or(i32::MAX / 2);
    let (accepted, decided) = (record.accepted_on, matter.on);
    let in_time = Interval::closed(accepted.plus_days(-valid), decided);
    let late = Interval::closed(decided.next(), decided.plus_days(NEAR_DAYS).min(day));
    let stale = Interval::new(accepted.plus_days(-NEAR_DAYS), accepted.plus_days(-valid));
    let fitting = || {
        sweep.world().checks.of(subject).iter().filter(|row| {
            let check = &row.record;
            check.department.is_some()
                && check.department == record.department
                && check
                    .matter_no
                    .as_ref()
                    .is_none_or(|no| *no == record.matter_no)
        })
    };
    let made_in = |window: Interval| {
        fitting()
            .find(|row| window.holds(row.record.checked_on))
            .map(|row| row.id)
    };
    if made_in(in_time).is_some() {
        return Ok(());
    }
    if let Some(check) = made_in(late) {
        return Err((GapReason::Late, Some(check)));
    }
    match made_in(stale) {
        Some(check) => Err((GapReason::Stale, Some(check))),
        None => Err((GapReason::None, None)),
    }
}
