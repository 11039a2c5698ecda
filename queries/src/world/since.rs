//! Since when a revocation or a rejection has been known: the first batch of the
//! unbroken run of batches, up to the one known, that say so.

use graph::change::BatchNo;
use graph::id::{EntityId, RecordId, Set};
use graph::record::{DeterminationOutcome, PenaltyStatus, Record, RemovalReason, RepairKind};
use graph::store::{BatchInfo, Past, Snapshot, StoreError, Version};
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::assemble::CaseParts;
use super::{Case, CaseRecord, World};

/// For each revocation: since which recorded date it has been known.
pub(super) fn revocations(
    world: &World,
    parts: &CaseParts,
    snapshot: &dyn Snapshot,
) -> Result<FxHashMap<RecordId, Date>, StoreError> {
    let cases = parts.listings.iter().chain(&parts.penalties);
    let revoked = cases.filter(|(case, _)| match &case.record {
        CaseRecord::Listing(listing) => listing.removal_reason == Some(RemovalReason::Revoked),
        CaseRecord::Penalty(penalty) => penalty.status != PenaltyStatus::Effective,
    });
    let revoked = revoked.map(|(case, _)| (case.cited().set, case.id));
    let repairs = parts.repairs.iter();
    let repairs = repairs.filter(|repair| repair.said.kind == RepairKind::Revocation);
    let asked: Vec<(Set, RecordId)> = revoked
        .chain(repairs.map(|repair| (Set::Repairs, repair.id)))
        .collect();
    let found = asked
        .into_par_iter()
        .map(|(set, id)| -> Result<_, StoreError> {
            let past = snapshot.history(set, id)?;
            let first = first_of_run(&past, world.known);
            Ok(first.map(|batch| (id, world.recorded_on(batch))))
        });
    let found: Vec<Option<(RecordId, Date)>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}

/// The batch that began the unbroken run, up to `known`, of versions that revoke.
fn first_of_run(past: &[Past], known: BatchNo) -> Option<BatchNo> {
    let seen = past.iter().rev().filter(|past| past.batch <= known);
    let run = seen.take_while(|past| past.version.as_ref().is_some_and(revokes));
    run.last().map(|past| past.batch)
}

fn revokes(version: &Version) -> bool {
    match &version.record {
        Record::Listing(r) => r.removal_reason == Some(RemovalReason::Revoked),
        Record::Penalty(r) => r.status != PenaltyStatus::Effective,
        Record::Repair(r) => r.kind == RepairKind::Revocation,
        _ => false,
    }
}

/// For each person whose counting determination rejects: since which batch the
/// determinations known then have been rejecting without a break.
pub(super) fn note_rejections(
    world: &mut World,
    snapshot: &dyn Snapshot,
) -> Result<(), StoreError> {
    let mut asked: Vec<(usize, EntityId)> = Vec::new();
    for (place, case) in world.cases.iter().enumerate() {
        let rejected = case
            .determinations()
            .iter()
            .map(|determination| determination.person)
            .filter(|person| {
                case.determination(*person, true)
                    .is_some_and(|d| d.outcome == DeterminationOutcome::Rejected)
            });
        asked.extend(rejected.map(|person| (place, person)));
    }
    asked.dedup();
    let batches: Vec<BatchNo> = world
        .batches
        .iter()
        .rev()
        .filter(|info| may_determine(info))
        .map(|info| info.no)
        .collect();
    let since = asked
        .into_par_iter()
        .map(|(place, person)| -> Result<_, StoreError> {
            let Some(case) = world.cases.get(place) else {
                return Ok(None);
            };
            let mut since = None;
            for batch in &batches {
                if !rejected_at(snapshot, case, person, *batch)? {
                    break;
                }
                since = Some(*batch);
            }
            Ok(since.map(|batch| (place, person, world.recorded_on(batch))))
        });
    let since: Vec<Option<(usize, EntityId, Date)>> = since.collect::<Result<_, _>>()?;
    for (place, person, day) in since.into_iter().flatten() {
        if let Some(case) = world.cases.get_mut(place)
            && case.rejected_since(person).is_none()
        {
            case.said_mut().rejected_since.push((person, day));
        }
    }
    Ok(())
}

/// As known at `batch`, the determination that counts rejects the person.
fn rejected_at(
    snapshot: &dyn Snapshot,
    case: &Case,
    person: EntityId,
    batch: BatchNo,
) -> Result<bool, StoreError> {
    let versions = snapshot.linked(Set::Determinations, person, batch)?;
    let of_case = versions.iter().filter_map(|version| match &version.record {
        Record::Determination(r)
            if r.case_no == case.number()
                && (r.case_authority.is_none()
                    || r.case_authority.as_deref() == case.authority()) =>
        {
            Some(((r.decided_on, version.batch, version.id), r.outcome))
        }
        _ => None,
    });
    let counting = of_case.max_by_key(|(order, _)| *order);
    Ok(counting.is_some_and(|(_, outcome)| outcome == DeterminationOutcome::Rejected))
}

/// The batch's report does not rule out that it brought determinations.
fn may_determine(info: &BatchInfo) -> bool {
    !info.report.contains("\"sets\"") || info.report.contains("\"determinations\"")
}
