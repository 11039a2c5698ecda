//! 应查未查: a decision without the check that the item requires.

use graph::id::{EntityId, EntityKind};
use graph::time::{Date, Interval};

use super::matter::{Applicant, Decided};
use super::{Gap, GapKind, GapReason, Severity};
use crate::world::{Check, Cited, World};

/// How far before acceptance or after the decision a check still explains the gap.
const NEAR_DAYS: i32 = 365;

/// The subjects of one matter that were not checked.
pub(super) fn find<'a>(
    world: &World,
    (applicant, matter): (&Applicant<'a>, &Decided<'a>),
    day: Date,
    found: &mut Vec<Gap>,
) {
    if !matter.item.check_required {
        return;
    }
    let row = matter.row;
    let gap = |subject: EntityId| {
        let (reason, done) = checked((applicant, matter), subject, day).err()?;
        let mut gap = Gap::new(GapKind::MissedCheck, subject, matter.on);
        let hit = applicant
            .blocking(subject, matter)
            .any(|(_, measure)| measure.binding);
        gap.at = applicant.id;
        gap.reason = Some(reason);
        gap.hit = Some(hit);
        gap.severity = if hit {
            Severity::High
        } else {
            Severity::Medium
        };
        gap.department = world.text(row.department()).map(str::to_owned);
        gap.act = Some(row.cited());
        gap.evidence.duty.push(row.cited());
        gap.evidence.done.extend(done);
        gap.evidence.deadline = Some(matter.on);
        Some(gap)
    };
    found.extend(checkable(applicant, matter).filter_map(gap));
}

/// Whose check the item requires. Nobody can check a person without an identity number.
fn checkable(applicant: &Applicant<'_>, matter: &Decided<'_>) -> impl Iterator<Item = EntityId> {
    let concerned = applicant.concerned(matter.item, matter.row.accepted_on);
    let concerned = concerned.into_iter();
    concerned.filter(|subject| subject.kind() != EntityKind::Provisional)
}

/// Whether every check that the item requires was made: what `check_coverage` counts.
pub(crate) fn is_covered<'a>(applicant: &Applicant<'a>, matter: &Decided<'a>, day: Date) -> bool {
    checkable(applicant, matter).all(|subject| checked((applicant, matter), subject, day).is_ok())
}

/// The subject was checked in time; else why not, with the check that comes nearest.
fn checked<'a>(
    (applicant, matter): (&Applicant<'a>, &Decided<'a>),
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
        check.department().is_some()
            && check.department() == row.department()
            && check.matter().is_none_or(|matter| matter == row.id)
    };
    let (mut first_late, mut first_stale) = (None, None);
    for check in applicant.of(subject).checks.iter().filter(fits) {
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
