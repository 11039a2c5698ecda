//! Since when it has been known that a case never was, or that a person has no part in
//! it: the first batch of the unbroken run of batches, up to the one known, that say so.
//! One record may take over from another within a run.

use graph::change::BatchNo;
use graph::id::{EntityId, Home, Set};
use graph::record::{DeterminationOutcome, PenaltyStatus, Record, RemovalReason, RepairKind};
use graph::store::{Snapshot, StoreError, Version};
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

use super::{Case, World, meant};

/// The place of a case, since when it was withdrawn, and persons rejected.
type Since = (usize, Option<Date>, Vec<(EntityId, Date)>);

/// Notes in each case that is gone, wholly or for a person, since when.
pub(super) fn note(world: &mut World, snapshot: &dyn Snapshot) -> Result<(), StoreError> {
    let found: Vec<(usize, Vec<Gone>)> = world
        .cases
        .side_by_side()
        .filter(|(_, case)| may_be_gone(case))
        .map(|(place, case)| Ok((place, runs(snapshot, case, world.known)?)))
        .collect::<Result<_, StoreError>>()?;
    let found: Vec<Since> = found
        .into_iter()
        .map(|(place, said)| {
            let first = |gone: &dyn Fn(&Gone) -> bool| -> Option<Date> {
                let run = said.iter().take_while(|at| gone(at));
                run.last().map(|at| world.recorded_on(at.batch))
            };
            let whole = first(&|at| at.withdrawn);
            let persons: BTreeSet<EntityId> =
                said.iter().flat_map(|at| &at.rejected).copied().collect();
            let persons = persons.into_iter().filter_map(|person| {
                let since = first(&|at| at.withdrawn || at.rejected.contains(&person))?;
                Some((person, since))
            });
            (place, whole, persons.collect())
        })
        .collect();
    for (place, whole, persons) in found {
        if let Some(case) = world.cases.get_mut(place) {
            let said = case.said_mut();
            (said.gone_since, said.gone_for) = (whole, persons);
        }
    }
    Ok(())
}

fn may_be_gone(case: &Case) -> bool {
    let rejects = |outcome| outcome == DeterminationOutcome::Rejected;
    let mut determinations = case.determinations().iter();
    case.never_was() || determinations.any(|determination| rejects(determination.outcome))
}

/// What the records as known at one batch say against a case.
struct Gone {
    batch: BatchNo,
    /// The case never was.
    withdrawn: bool,
    /// These persons, but never its own subject, have no part in it.
    rejected: Vec<EntityId>,
}

/// From `known` back, as long as anything is said against the case: one for each batch
/// that changed a record on which that depends.
fn runs(snapshot: &dyn Snapshot, case: &Case, known: BatchNo) -> Result<Vec<Gone>, StoreError> {
    let home = Home::number(case.number());
    let mut batches: BTreeSet<BatchNo> = BTreeSet::new();
    for set in [Set::Repairs, Set::Determinations] {
        batches.extend(snapshot.changes(set, home)?);
    }
    for other in snapshot.numbered(case.number(), known)? {
        let past = snapshot.history(other.record.set(), other.id)?;
        batches.extend(past.iter().map(|past| past.batch));
    }
    let mut runs = Vec::new();
    for batch in batches.range(..=known).rev() {
        let at = gone_at(snapshot, case, *batch)?;
        if !at.withdrawn && at.rejected.is_empty() {
            break;
        }
        runs.push(at);
    }
    Ok(runs)
}

fn gone_at(snapshot: &dyn Snapshot, case: &Case, batch: BatchNo) -> Result<Gone, StoreError> {
    let home = Home::number(case.number());
    let cases = Numbered::at(snapshot, case, batch)?;
    let mut withdrawn = cases.withdrawn;
    for version in snapshot.filed(Set::Repairs, home, batch)? {
        if let Record::Repair(repair) = version.record
            && repair.kind == RepairKind::Revocation
        {
            withdrawn |= cases.means_this(repair.target_authority.as_deref(), repair.subject);
        }
    }
    let mut last = FxHashMap::default();
    for version in snapshot.filed(Set::Determinations, home, batch)? {
        let (brought, id) = (version.batch, version.id);
        if let Record::Determination(said) = version.record
            && said.person != case.subject()
            && cases.means_this(said.case_authority.as_deref(), None)
        {
            let counts = (said.decided_on, brought, id, said.outcome);
            let last = last.entry(said.person).or_insert(counts);
            if (last.0, last.1, last.2) < (counts.0, counts.1, counts.2) {
                *last = counts;
            }
        }
    }
    let rejected = last.into_iter();
    let rejected = rejected.filter(|(_, last)| last.3 == DeterminationOutcome::Rejected);
    Ok(Gone {
        batch,
        withdrawn,
        rejected: rejected.map(|(person, _)| person).collect(),
    })
}

/// The cases of one number, with the one that is asked about first. What is said of a
/// case may be known before the case itself.
struct Numbered {
    authorities: Vec<Option<String>>,
    subjects: Vec<EntityId>,
    /// The record of the case says itself that it never was.
    withdrawn: bool,
}

impl Numbered {
    fn at(snapshot: &dyn Snapshot, case: &Case, batch: BatchNo) -> Result<Self, StoreError> {
        let mut all = Self {
            authorities: vec![case.authority().map(str::to_owned)],
            subjects: vec![case.subject()],
            withdrawn: false,
        };
        for version in snapshot.numbered(case.number(), batch)? {
            if version.id == case.id {
                all.withdrawn = is_withdrawn(&version);
                continue;
            }
            let (authority, subject) = match version.record {
                Record::Listing(listing) => (listing.authority, listing.subject),
                Record::Penalty(penalty) => (Some(penalty.authority), penalty.subject),
                _ => continue,
            };
            all.authorities.push(authority);
            all.subjects.push(subject);
        }
        Ok(all)
    }

    /// Whether a reference by number, perhaps with an authority and a subject, means the
    /// case that is asked about.
    fn means_this(&self, authority: Option<&str>, subject: Option<EntityId>) -> bool {
        let places: Vec<usize> = (0..self.authorities.len()).collect();
        let places = meant(&places, authority, |place| {
            self.authorities.get(place)?.as_deref()
        });
        let of = |place: &usize| self.subjects.get(*place).copied();
        let one = subject.filter(|one| places.iter().any(|place| of(place) == Some(*one)));
        places.contains(&0) && one.is_none_or(|one| of(&0) == Some(one))
    }
}

fn is_withdrawn(version: &Version) -> bool {
    match &version.record {
        Record::Listing(r) => r.removal_reason == Some(RemovalReason::Revoked),
        Record::Penalty(r) => r.status != PenaltyStatus::Effective,
        _ => false,
    }
}
