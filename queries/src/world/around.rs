//! Filling a world with what can touch one subject, for a question at the counter.
//!
//! A restriction on somebody comes from a case of its own, or from a case of an
//! organisation where it holds or held a role, in which it is named, or which it may
//! control through whatever chain of holdings and agreements. So these organisations
//! are sought first, then their cases with all that is said about the numbers of
//! these, their roles, and everybody above those that have cases. Every slice that
//! is loaded is whole: a kernel sees of a case, a company or a number all or nothing,
//! and answers as it would over the city.
//!
//! Cases of others that share a number are loaded too, since a reference by number
//! means them as well. What the rules draw from them is not asked for.

use std::collections::{BTreeMap, BTreeSet};

use graph::change::BatchNo;
use graph::id::{EntityId, Home, RecordId, Set};
use graph::record::Record;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError, Version};
use graph::time::Moment;
use rayon::prelude::*;

use super::assemble::{CaseParts, assemble, meant_penalties};
use super::leaf::Rows;
use super::load::{Loader, identifiers, known_by};
use super::{Table, World, since, take};

/// So few numbers are looked up by one thread.
const ALONE: usize = 16;
/// With more entities than this to look at, the city is loaded instead.
const REACH: usize = 20_000;

impl World {
    /// What the restrictions on `subject` can depend on.
    pub fn around(
        snapshot: &dyn Snapshot,
        keys: &Keys,
        known: Moment,
        subject: EntityId,
    ) -> Result<Self, StoreError> {
        let mut world = known_by(snapshot, known)?;
        let loader = Loader::of(&mut world, snapshot);
        let mut near = Near::new(snapshot, world.known);
        let mut orgs = near.below(subject)?;
        orgs.insert(subject);
        orgs.extend(near.offices(subject)?);
        orgs.extend(near.named_in(subject, &loader)?);
        let with_cases = near.add_cases_of(&orgs)?;
        near.roles.extend(with_cases.iter().copied());
        near.above(with_cases)?;
        if near.looked_at > REACH {
            return Self::without_duties(snapshot, keys, known);
        }
        near.into_world(world, loader, keys)
    }

    /// What control of `org` and its beneficial owners can depend on.
    pub fn above(
        snapshot: &dyn Snapshot,
        keys: &Keys,
        known: Moment,
        org: EntityId,
    ) -> Result<Self, StoreError> {
        let mut world = known_by(snapshot, known)?;
        let loader = Loader::of(&mut world, snapshot);
        let mut near = Near::new(snapshot, world.known);
        near.roles.insert(org);
        near.above(vec![org])?;
        if near.looked_at > REACH {
            return Self::without_duties(snapshot, keys, known);
        }
        near.into_world(world, loader, keys)
    }
}

/// What has been gathered around a subject.
struct Near<'s> {
    snapshot: &'s dyn Snapshot,
    known: BatchNo,
    /// How many entities were looked at.
    looked_at: usize,
    /// Whose roles are wanted.
    roles: BTreeSet<EntityId>,
    /// The companies whose holdings and agreements are there, those in each company whole.
    seen: BTreeSet<EntityId>,
    holdings: Vec<(EntityId, Version)>,
    agreements: Vec<(EntityId, Version)>,
    /// Listings and penalties.
    cases: BTreeMap<RecordId, Version>,
    /// The numbers whose cases are among them.
    numbers: BTreeSet<String>,
}

impl<'s> Near<'s> {
    fn new(snapshot: &'s dyn Snapshot, known: BatchNo) -> Self {
        Self {
            snapshot,
            known,
            looked_at: 0,
            roles: BTreeSet::new(),
            seen: BTreeSet::new(),
            holdings: Vec::new(),
            agreements: Vec::new(),
            cases: BTreeMap::new(),
            numbers: BTreeSet::new(),
        }
    }

    /// The companies to which holdings and agreements of any time lead down.
    fn below(&mut self, subject: EntityId) -> Result<BTreeSet<EntityId>, StoreError> {
        let mut seen = BTreeSet::new();
        let mut open = vec![subject];
        while let Some(holder) = open.pop() {
            self.looked_at += 1;
            if self.looked_at > REACH {
                break;
            }
            for set in [Set::Holdings, Set::ControlAgreements] {
                let rows = self.snapshot.linked(set, holder, self.known)?;
                let orgs = rows.iter().filter_map(|version| company(&version.record));
                open.extend(orgs.filter(|org| seen.insert(*org)));
            }
        }
        Ok(seen)
    }

    /// The organisations where the subject holds or held a role.
    fn offices(&mut self, subject: EntityId) -> Result<Vec<EntityId>, StoreError> {
        let rows = self.snapshot.linked(Set::Roles, subject, self.known)?;
        self.looked_at += rows.len();
        let orgs = rows.iter().filter_map(|version| match &version.record {
            Record::Role(role) => Some(role.org),
            _ => None,
        });
        Ok(orgs.collect())
    }

    /// The subjects of the cases in which the subject is named: by their number, or by
    /// that of a listing's basis decision.
    fn named_in(
        &mut self,
        subject: EntityId,
        loader: &Loader<'_>,
    ) -> Result<Vec<EntityId>, StoreError> {
        let namings = self
            .snapshot
            .linked(Set::ResponsiblePersons, subject, self.known)?;
        let (mut orgs, mut loose) = (Vec::new(), BTreeSet::new());
        for version in &namings {
            let Record::ResponsiblePerson(naming) = &version.record else {
                continue;
            };
            let cases = self.snapshot.numbered(&naming.case_no, self.known)?;
            self.looked_at += cases.len();
            orgs.extend(cases.iter().filter_map(|case| of_case(&case.record)));
            // With a decision, a listing based on it counts only on the same subject.
            if meant_penalties(&cases, naming.case_authority.as_deref()).is_empty() {
                loose.insert(naming.case_no.clone());
            }
        }
        if !loose.is_empty() {
            orgs.extend(
                loader.list(Set::Listings, |version, _| match version.record {
                    Record::Listing(listing) => {
                        let basis = listing.basis_decision_no.as_deref();
                        basis
                            .is_some_and(|basis| loose.contains(basis))
                            .then_some(listing.subject)
                    }
                    _ => None,
                })?,
            );
        }
        Ok(orgs)
    }

    /// Adds the cases of these subjects with all cases of their numbers; the subjects that
    /// have any.
    fn add_cases_of(&mut self, subjects: &BTreeSet<EntityId>) -> Result<Vec<EntityId>, StoreError> {
        self.looked_at += subjects.len();
        if self.looked_at > REACH {
            return Ok(Vec::new());
        }
        let (snapshot, known) = (self.snapshot, self.known);
        let homes: Vec<Home> = subjects.iter().copied().map(Home::from).collect();
        let mut with_cases = BTreeSet::new();
        for set in [Set::Listings, Set::Penalties] {
            snapshot.filed_at(set, &homes, known, &mut |version| {
                let record = &version.record;
                with_cases.extend(of_case(record));
                self.numbers.extend(record.case_no().map(str::to_owned));
                if let Record::Listing(listing) = record {
                    self.numbers.extend(listing.basis_decision_no.clone());
                }
                self.cases.insert(version.id, version);
                Ok(())
            })?;
        }
        let numbers: Vec<&String> = self.numbers.iter().collect();
        let cases = numbers.into_par_iter().with_min_len(ALONE);
        let cases = cases.map(|number| snapshot.numbered(number, known));
        for version in cases.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            self.looked_at += 1;
            self.cases.insert(version.id, version);
        }
        Ok(with_cases.into_iter().collect())
    }

    /// Adds all that is held in these companies and in those above them.
    fn above(&mut self, companies: Vec<EntityId>) -> Result<(), StoreError> {
        let mut open: BTreeSet<EntityId> = companies.into_iter().collect();
        while !open.is_empty() && self.looked_at <= REACH {
            self.looked_at += open.len();
            let homes: Vec<Home> = open.iter().copied().map(Home::from).collect();
            self.seen.extend(std::mem::take(&mut open));
            for (set, rows) in [
                (Set::Holdings, &mut self.holdings),
                (Set::ControlAgreements, &mut self.agreements),
            ] {
                self.snapshot
                    .filed_at(set, &homes, self.known, &mut |version| {
                        let above = version.record.links().filter(EntityId::is_organisation);
                        open.extend(above.filter(|above| !self.seen.contains(above)));
                        rows.extend(company(&version.record).map(|org| (org, version)));
                        Ok(())
                    })?;
            }
        }
        Ok(())
    }

    fn into_world(
        mut self,
        mut world: World,
        loader: Loader<'_>,
        keys: &Keys,
    ) -> Result<World, StoreError> {
        let (snapshot, known) = (self.snapshot, self.known);
        let mut words = loader.words.words();
        let mut roles = Rows::default();
        let homes: Vec<Home> = self.roles.iter().copied().map(Home::from).collect();
        snapshot.filed_at(Set::Roles, &homes, known, &mut |version| {
            push(&mut roles, take::role(version, &mut words));
            Ok(())
        })?;
        let (mut holdings, mut agreements) = (Rows::default(), Rows::default());
        // Of one company they came together, by record.
        self.holdings.sort_by_key(|(company, _)| *company);
        for (_, version) in self.holdings {
            push(&mut holdings, take::holding(version, &mut words));
        }
        self.agreements.sort_by_key(|(company, _)| *company);
        for (_, version) in self.agreements {
            push(&mut agreements, take::agreement(version, &mut words));
        }
        let cases = self.cases.into_values();
        let parts = CaseParts::of((snapshot, known), cases, &self.numbers, &mut words)?;
        world.roles = Table::of_rows([roles]).linked();
        world.holdings = Table::of_rows([holdings]).linked();
        world.agreements = Table::of_rows([agreements]).linked();
        world.symbols = loader.words.into_symbols();
        let held = world.holdings.by_home().map(|(_, rows)| rows);
        world.identifiers = identifiers(held, snapshot, keys, known)?;
        assemble(&mut world, parts);
        since::note(&mut world, snapshot)?;
        Ok(world)
    }
}

fn push<T>(rows: &mut Rows<T>, row: Option<(EntityId, T)>) {
    if let Some((home, row)) = row {
        rows.push(home, row);
    }
}

/// The company that a holding or an agreement is in.
fn company(record: &Record) -> Option<EntityId> {
    match record {
        Record::Holding(holding) => Some(holding.org),
        Record::ControlAgreement(agreement) => Some(agreement.org),
        _ => None,
    }
}

/// Whose case it is.
fn of_case(record: &Record) -> Option<EntityId> {
    match record {
        Record::Listing(listing) => Some(listing.subject),
        Record::Penalty(penalty) => Some(penalty.subject),
        _ => None,
    }
}
