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

use super::assemble::{CaseParts, assemble, meant_penalties};
use super::leaf::Rows;
use super::load::{Loader, identifiers, known_by};
use super::{Table, World, since, take};

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
        let mut with_cases = Vec::new();
        for org in &orgs {
            if near.add_cases_of(*org)? {
                near.roles.insert(*org);
                with_cases.push(*org);
            }
        }
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
    /// Holdings and agreements by company, those in each company whole.
    holdings: BTreeMap<EntityId, Vec<Version>>,
    agreements: BTreeMap<EntityId, Vec<Version>>,
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
            holdings: BTreeMap::new(),
            agreements: BTreeMap::new(),
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

    /// Adds the cases of a subject with all of their numbers; whether there are any.
    fn add_cases_of(&mut self, subject: EntityId) -> Result<bool, StoreError> {
        self.looked_at += 1;
        if self.looked_at > REACH {
            return Ok(false);
        }
        let mut numbers = BTreeSet::new();
        for set in [Set::Listings, Set::Penalties] {
            for version in self.snapshot.filed(set, subject.into(), self.known)? {
                numbers.extend(version.record.case_no().map(str::to_owned));
                if let Record::Listing(listing) = &version.record {
                    numbers.extend(listing.basis_decision_no.clone());
                }
                self.cases.insert(version.id, version);
            }
        }
        let any = !numbers.is_empty();
        for number in numbers {
            if self.numbers.contains(&number) {
                continue;
            }
            let cases = self.snapshot.numbered(&number, self.known)?;
            self.looked_at += cases.len();
            self.cases
                .extend(cases.into_iter().map(|version| (version.id, version)));
            self.numbers.insert(number);
        }
        Ok(any)
    }

    /// Adds all that is held in these companies and in those above them.
    fn above(&mut self, mut open: Vec<EntityId>) -> Result<(), StoreError> {
        while let Some(company) = open.pop() {
            if self.looked_at > REACH || self.holdings.contains_key(&company) {
                continue;
            }
            self.looked_at += 1;
            let home = Home::from(company);
            let holdings = self.snapshot.filed(Set::Holdings, home, self.known)?;
            let agreements = self
                .snapshot
                .filed(Set::ControlAgreements, home, self.known)?;
            let holders = holdings.iter().chain(&agreements);
            let holders = holders.flat_map(|version| version.record.links());
            open.extend(holders.filter(EntityId::is_organisation));
            self.holdings.insert(company, holdings);
            self.agreements.insert(company, agreements);
        }
        Ok(())
    }

    fn into_world(
        self,
        mut world: World,
        loader: Loader<'_>,
        keys: &Keys,
    ) -> Result<World, StoreError> {
        let (snapshot, known) = (self.snapshot, self.known);
        let mut words = loader.words.words();
        let mut roles = Rows::default();
        for org in &self.roles {
            for version in snapshot.filed(Set::Roles, (*org).into(), known)? {
                push(&mut roles, take::role(version, &mut words));
            }
        }
        let (mut holdings, mut agreements) = (Rows::default(), Rows::default());
        for version in self.holdings.into_values().flatten() {
            push(&mut holdings, take::holding(version, &mut words));
        }
        for version in self.agreements.into_values().flatten() {
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
