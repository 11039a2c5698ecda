//! Filling a world from a snapshot: everything for a sweep.

use graph::change::BatchNo;
use graph::id::{EntityId, RecordId, Set};
use graph::record::{DeterminationOutcome, PenaltyStatus, Record, RemovalReason, RepairKind};
use graph::seal::Keys;
use graph::store::{BatchInfo, Past, Snapshot, StoreError, Version, batch_known_at, open_detail};
use graph::time::Moment;

use super::case::assemble;
use super::{Case, CaseParts, Row, Table, World};
use crate::control::{identifier, tied_persons};

impl World {
    /// Everything that the store held at `known`.
    pub fn whole(snapshot: &dyn Snapshot, keys: &Keys, known: Moment) -> Result<Self, StoreError> {
        let batches = snapshot.batches()?;
        Self::at(snapshot, keys, batch_known_at(&batches, known))
    }

    /// Reads every record that was there after the batch `newest`.
    pub fn at(snapshot: &dyn Snapshot, keys: &Keys, newest: BatchNo) -> Result<Self, StoreError> {
        let mut parts = Parts::default();
        for set in Set::ALL {
            snapshot.scan(set, newest, &mut |version| {
                parts.take(version, keys);
                Ok(())
            })?;
        }
        parts.into_world(snapshot, keys, newest)
    }
}

/// Versions sorted into columns.
#[derive(Debug, Default)]
struct Parts {
    world: World,
    roles: Vec<Row<graph::record::Role>>,
    holdings: Vec<Row<graph::record::Holding>>,
    agreements: Vec<Row<graph::record::ControlAgreement>>,
    matters: Vec<Row<graph::record::Matter>>,
    checks: Vec<Row<graph::record::Check>>,
    enforcements: Vec<Row<graph::record::Enforcement>>,
    cases: CaseParts,
}

impl Parts {
    fn take(&mut self, version: Version, keys: &Keys) {
        let Version {
            id,
            record,
            batch,
            source,
            sealed,
        } = version;
        macro_rules! row {
            ($record:expr) => {
                Row {
                    id,
                    batch,
                    source,
                    record: $record,
                }
            };
        }
        match record {
            Record::Organisation(r) => {
                self.world.organisations.insert(r.id, row!(r));
            }
            Record::Person(mut r) => {
                r.tag = keys.veil(r.id, r.tag);
                self.world.persons.insert(r.id, (row!(r), sealed));
            }
            Record::Department(r) => {
                self.world.departments.insert(r.code.clone(), row!(r));
            }
            Record::Role(r) => self.roles.push(row!(r)),
            Record::Holding(r) => self.holdings.push(row!(r)),
            Record::ControlAgreement(r) => self.agreements.push(row!(r)),
            Record::Matter(r) => self.matters.push(row!(r)),
            Record::Check(r) => self.checks.push(row!(r)),
            Record::Enforcement(r) => self.enforcements.push(row!(r)),
            Record::Penalty(r) => self.cases.penalties.push(row!(r)),
            Record::Listing(r) => self.cases.listings.push(row!(r)),
            Record::Repair(r) => self.cases.repairs.push(row!(r)),
            Record::Objection(r) => self.cases.objections.push(row!(r)),
            Record::ResponsiblePerson(r) => self.cases.named.push(row!(r)),
            Record::Determination(r) => self.cases.determinations.push(row!(r)),
        }
    }

    fn into_world(
        mut self,
        snapshot: &dyn Snapshot,
        keys: &Keys,
        known: BatchNo,
    ) -> Result<World, StoreError> {
        self.world.batches = snapshot.batches()?;
        self.world.batches.retain(|batch| batch.no <= known);
        self.note_since(snapshot, known)?;
        self.note_identifiers(keys)?;
        let mut world = self.world;
        world.roles = Table::new(self.roles, |r| r.org, |r| Some(r.person));
        world.holdings = Table::new(self.holdings, |r| r.org, |r| Some(r.holder));
        world.agreements = Table::new(self.agreements, |r| r.org, |r| Some(r.controller));
        world.matters = Table::new(self.matters, |r| r.applicant, |_| None);
        world.checks = Table::new(self.checks, |r| r.subject, |_| None);
        world.enforcements = Table::new(self.enforcements, |r| r.subject, |_| None);
        assemble(&mut world, self.cases);
        note_rejections(&mut world, snapshot)?;
        Ok(world)
    }

    fn note_identifiers(&mut self, keys: &Keys) -> Result<(), StoreError> {
        for id in tied_persons(&self.holdings) {
            if let Some((row, sealed)) = self.world.persons.get(&id) {
                let number = identifier(&open_detail(keys, row.id, sealed)?);
                self.world
                    .identifiers
                    .extend(number.map(|number| (id, number)));
            }
        }
        Ok(())
    }

    /// For each revocation and rejection: since which batch it has been known.
    fn note_since(&mut self, snapshot: &dyn Snapshot, known: BatchNo) -> Result<(), StoreError> {
        let c = &self.cases;
        let revoked_listings = c
            .listings
            .iter()
            .filter(|row| row.record.removal_reason == Some(RemovalReason::Revoked))
            .map(|row| (Set::Listings, row.id));
        let revoked_penalties = c
            .penalties
            .iter()
            .filter(|row| row.record.status != PenaltyStatus::Effective)
            .map(|row| (Set::Penalties, row.id));
        let revocations = c
            .repairs
            .iter()
            .filter(|row| row.record.kind == RepairKind::Revocation)
            .map(|row| (Set::Repairs, row.id));
        let rejections = c
            .determinations
            .iter()
            .filter(|row| row.record.outcome == DeterminationOutcome::Rejected)
            .map(|row| (Set::Determinations, row.id));
        let asked: Vec<(Set, RecordId)> = revoked_listings
            .chain(revoked_penalties)
            .chain(revocations)
            .chain(rejections)
            .collect();
        for (set, id) in asked {
            let past = snapshot.history(set, id)?;
            let first = first_of_run(&past, known);
            if let Some(first) = first {
                let day = self.world.recorded_on(first);
                self.cases.since.insert(id, day);
            }
        }
        Ok(())
    }
}

/// The batch that began the unbroken run, up to `known`, of versions that
/// revoke or reject.
fn first_of_run(past: &[Past], known: BatchNo) -> Option<BatchNo> {
    let seen = past.iter().rev().filter(|past| past.batch <= known);
    let run = seen.take_while(|past| past.version.as_ref().is_some_and(negates));
    run.last().map(|past| past.batch)
}

fn negates(version: &Version) -> bool {
    match &version.record {
        Record::Listing(r) => r.removal_reason == Some(RemovalReason::Revoked),
        Record::Penalty(r) => r.status != PenaltyStatus::Effective,
        Record::Repair(r) => r.kind == RepairKind::Revocation,
        Record::Determination(r) => r.outcome == DeterminationOutcome::Rejected,
        _ => false,
    }
}

/// For each person whose counting determination rejects: since which batch the
/// determinations known then have been rejecting without a break.
fn note_rejections(world: &mut World, snapshot: &dyn Snapshot) -> Result<(), StoreError> {
    let mut asked: Vec<(usize, EntityId)> = Vec::new();
    for (place, case) in world.cases.iter().enumerate() {
        let rejected = case
            .determinations
            .iter()
            .map(|row| row.record.person)
            .filter(|person| {
                case.determination(*person, true)
                    .is_some_and(|row| row.record.outcome == DeterminationOutcome::Rejected)
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
    for (place, person) in asked {
        let Some(case) = world.cases.get(place) else {
            continue;
        };
        let mut since = None;
        for batch in &batches {
            if !rejected_at(snapshot, case, person, *batch)? {
                break;
            }
            since = Some(*batch);
        }
        let day = since.map(|batch| world.recorded_on(batch));
        if let (Some(day), Some(case)) = (day, world.cases.get_mut(place)) {
            case.rejected_since.insert(person, day);
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
