//! 应查未查: a decision without the check that the item requires.

use graph::id::{EntityId, EntityKind};
use graph::record::MatterOutcome;
use graph::time::{Date, Interval};
use rayon::prelude::*;

use super::matter::{Decided, concerned, decided_of};
use super::{Gap, GapKind, GapReason, Severity};
use crate::sweep::Sweep;
use crate::world::{Check, Cited, Matter};

/// How far before acceptance or after the decision a check still explains the gap.
const NEAR_DAYS: i32 = 365;

const OUTCOMES: &[MatterOutcome] = &[MatterOutcome::Granted, MatterOutcome::Refused];

pub(super) fn find(sweep: &Sweep<'_>, day: Date) -> Vec<Gap> {
    let matters = sweep.world().matters.side_by_side();
    matters
        .flat_map_iter(|matters| at(sweep, matters, day))
        .collect()
}

/// The missed checks in the matters of one applicant.
pub(super) fn at<'a>(
    sweep: &'a Sweep<'_>,
    matters: (EntityId, &'a [Matter]),
    day: Date,
) -> impl Iterator<Item = Gap> + 'a {
    let decided = decided_of(sweep, matters, OUTCOMES, day);
    let required = decided.filter(|matter| matter.item.check_required);
    required.flat_map(move |matter| of(sweep, &matter, day))
}

/// The subjects of one matter that were not checked.
fn of(sweep: &Sweep<'_>, matter: &Decided<'_>, day: Date) -> Vec<Gap> {
    let row = matter.row;
    let concerned = concerned(
        sweep.world(),
        matter.item,
        matter.applicant,
        row.accepted_on,
    );
    // Nobody can check a person without an identity number.
    let checkable = concerned
        .into_iter()
        .filter(|subject| subject.kind() != EntityKind::Provisional);
    let gap = |subject: EntityId| {
        let (reason, done) = checked(sweep, matter, subject, day).err()?;
        let mut gap = Gap::new(GapKind::MissedCheck, subject, matter.on);
        let hit = sweep
            .blocking(subject, &matter.item.category, matter.on)
            .any(|(_, measure)| measure.binding);
        gap.at = matter.applicant;
        gap.reason = Some(reason);
        gap.hit = Some(hit);
        gap.severity = if hit {
            Severity::High
        } else {
            Severity::Medium
        };
        gap.department = sweep.world().text(row.department).map(str::to_owned);
        gap.act = Some(row.cited());
        gap.evidence.duty.push(row.cited());
        gap.evidence.done.extend(done);
        gap.evidence.deadline = Some(matter.on);
        Some(gap)
    };
    checkable.filter_map(gap).collect()
}

/// Whether every check that the item requires was made: what `check_coverage` counts.
pub(crate) fn is_covered(sweep: &Sweep<'_>, matter: &Decided<'_>, day: Date) -> bool {
    concerned(
        sweep.world(),
        matter.item,
        matter.applicant,
        matter.row.accepted_on,
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
) -> Result<(), (GapReason, Option<Cited>)> {
    let row = matter.row;
    let valid = i32::try_from(matter.item.check_valid_days).unwrap_or(i32::MAX / 2);
    let (accepted, decided) = (row.accepted_on, matter.on);
    let in_time = Interval::closed(accepted.plus_days(-valid), decided);
    let late = Interval::closed(decided.next(), decided.plus_days(NEAR_DAYS).min(day));
    let stale = Interval::new(accepted.plus_days(-NEAR_DAYS), accepted.plus_days(-valid));
    let fits = |check: &&Check| {
        check.department.is_some()
            && check.department == row.department
            && check.matter().is_none_or(|matter| matter == row.id)
    };
    let (mut first_late, mut first_stale) = (None, None);
    for check in sweep.world().checks.of(subject).iter().filter(fits) {
        if in_time.holds(check.checked_on) {
            return Ok(());
        } else if late.holds(check.checked_on) {
            first_late.get_or_insert(check);
        } else if stale.holds(check.checked_on) {
            first_stale.get_or_insert(check);
        }
    }
    Err(match (first_late, first_stale) {
        (Some(check), _) => (GapReason::Late, Some(check.cited())),
        (None, Some(check)) => (GapReason::Stale, Some(check.cited())),
        (None, None) => (GapReason::None, None),
    })
}
