//! A world brought up to date: what the batches since have touched is read again, and
//! the rest is shared with the world as it was.
//!
//! Of a table the rows of each home touched are read whole. A case is made of its record
//! and of what is said of numbers; so the cases of each number touched are made again, and
//! those of the listings based on a decision of such a number, in a small world of their own,
//! and put in the place of the old ones.

use std::collections::{BTreeMap, BTreeSet};

use graph::change::BatchNo;
use graph::id::{EntityId, Home, Set};
use graph::record::Record;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError, Version};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::assemble::{CaseParts, assemble};
use super::by_text::digest;
use super::leaf::Key;
use super::load::{Loader, identifiers, known_at};
use super::namesakes::named;
use super::symbol::Words;
use super::{Case, Cases, Cited, Table, World, since, take};

/// With more places touched than this the store is read anew.
const MOST: usize = 50_000;

/// What came between two states of a world.
#[derive(Clone, Default, Debug)]
pub struct Came {
    /// The entities at which records were filed or taken away, by set.
    at: BTreeMap<Set, BTreeSet<EntityId>>,
    /// The places of cases that may have changed, and of those that came or went.
    pub cases: BTreeSet<usize>,
    /// Whose cases these are or were.
    pub subjects: BTreeSet<EntityId>,
    /// Their numbers.
    pub numbers: BTreeSet<String>,
}

impl Came {
    /// The entities at which records of a set were filed or taken away.
    pub fn at(&self, set: Set) -> impl Iterator<Item = EntityId> {
        self.at.get(&set).into_iter().flatten().copied()
    }

    /// The entities at which any record was.
    pub fn anywhere(&self) -> impl Iterator<Item = EntityId> {
        self.at.values().flatten().copied()
    }
}

impl World {
    /// This world as known after the batch `newest`, with what came. None when that is
    /// too much, or this world is not whole: then read the store.
    pub fn after(
        &self,
        snapshot: &dyn Snapshot,
        keys: &Keys,
        newest: BatchNo,
    ) -> Result<Option<(Self, Came)>, StoreError> {
        if !self.whole || newest < self.known {
            return Ok(None);
        }
        let Some(touched) = snapshot.touched(self.known, newest)? else {
            return Ok(None);
        };
        if touched.len() > MOST {
            return Ok(None);
        }
        let (mut came, mut said) = (Came::default(), Vec::new());
        for (set, home) in touched {
            match EntityId::from_bytes(home.0) {
                Some(entity) => {
                    came.at.entry(set).or_default().insert(entity);
                }
                None => said.push((set, home)),
            }
        }
        let mut next = Self {
            whole: true,
            ..known_at(snapshot, newest)?
        };
        next.share(self);
        let loader = Loader::of(&mut next, snapshot);
        next.read_rows(self, &loader, &came)?;
        next.read_registrations(self, &loader, &came)?;
        let numbers = self.numbers_touched(&loader, &came, &said)?;
        let small = small_world((&loader, &mut next), &numbers)?;
        next.symbols = loader.words.into_symbols();
        next.take_cases(self, &small, numbers, &mut came);
        let held = came.at(Set::Holdings).map(|org| next.holdings.of(org));
        next.identifiers
            .extend(identifiers(held, snapshot, keys, newest)?);
        Ok(Some((next, came)))
    }

    /// Takes over all records, batches aside.
    fn share(&mut self, old: &Self) {
        let batches = std::mem::take(&mut self.batches);
        *self = Self {
            batches,
            known: self.known,
            ..old.clone()
        };
    }

    fn read_rows(
        &mut self,
        old: &Self,
        loader: &Loader<'_>,
        came: &Came,
    ) -> Result<(), StoreError> {
        let roles = loader.again(came, Set::Roles, take::role)?;
        let holdings = loader.again(came, Set::Holdings, take::holding)?;
        let agreements = loader.again(came, Set::ControlAgreements, take::agreement)?;
        (self.roles, self.holdings) = rayon::join(
            || old.roles.linked_with(&roles),
            || old.holdings.linked_with(&holdings),
        );
        self.agreements = old.agreements.linked_with(&agreements);
        let matters = loader.again(came, Set::Matters, take::matter)?;
        let checks = loader.again(came, Set::Checks, take::check)?;
        let enforcements = loader.again(came, Set::Enforcements, take::enforcement)?;
        self.matters = old.matters.with(&matters);
        self.checks = old.checks.with(&checks);
        self.enforcements = old.enforcements.with(&enforcements);
        self.citing = old.citing.with(&old.enforcements, &enforcements);
        Ok(())
    }

    fn read_registrations(
        &mut self,
        old: &Self,
        loader: &Loader<'_>,
        came: &Came,
    ) -> Result<(), StoreError> {
        let (mut rows, mut gone, mut fresh) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (mut superiors, mut parents) = (BTreeMap::new(), BTreeMap::new());
        let mut words = loader.words.words();
        for org in came.at(Set::Organisations) {
            let at = |known| loader.snapshot.filed(Set::Organisations, org.into(), known);
            let before = at(old.known)?.into_iter().filter_map(registration);
            gone.extend(before.map(|record| named(&record.name, org)));
            let now = at(loader.known)?.into_iter().find_map(registration);
            superiors.insert(org, now.as_ref().and_then(|record| record.superior));
            parents.insert(org, now.as_ref().and_then(|record| record.parent));
            fresh.extend(now.iter().map(|record| named(&record.name, org)));
            let row = now.map(|record| take::organisation(&record, &mut words));
            rows.insert(org, row.into_iter().collect());
        }
        if !rows.is_empty() {
            self.organisations = old.organisations.with(&rows);
            self.namesakes = old.namesakes.with(&gone, &fresh);
            self.superiors = old.superiors.with(&superiors);
            self.parents = old.parents.with(&parents);
        }
        Ok(())
    }

    /// The numbers of the cases that may have changed.
    fn numbers_touched(
        &self,
        loader: &Loader<'_>,
        came: &Came,
        said: &[(Set, Home)],
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut numbers = BTreeSet::new();
        let sets = [Set::Listings, Set::Penalties];
        let of_cases = sets.map(|set| came.at(set).map(move |subject| (set, Home::from(subject))));
        let places = of_cases.into_iter().flatten().chain(said.iter().copied());
        for (set, home) in places {
            for known in [self.known, loader.known] {
                let versions = loader.snapshot.filed(set, home, known)?;
                numbers.extend(versions.iter().filter_map(|one| number(&one.record)));
            }
        }
        let based = numbers
            .iter()
            .flat_map(|number| self.listings_based_on(number));
        let based = based.filter_map(|place| self.cases.get(place).map(Case::number));
        let based: Vec<String> = based.map(str::to_owned).collect();
        numbers.extend(based);
        Ok(numbers)
    }

    /// Puts the cases of these numbers, made anew, in the place of the old ones.
    fn take_cases(&mut self, old: &Self, small: &Self, numbers: BTreeSet<String>, came: &mut Came) {
        let mut before: FxHashMap<Cited, usize> = FxHashMap::default();
        for place in numbers.iter().flat_map(|no| old.cases_numbered(no)) {
            if let Some(case) = old.cases.get(place) {
                before.insert(case.cited(), place);
                came.subjects.insert(case.subject());
            }
        }
        for (_, case) in small.cases.all() {
            if numbers.contains(case.number()) {
                let place = match before.remove(&case.cited()) {
                    Some(place) => {
                        self.cases.put(place, Some(case.clone()));
                        place
                    }
                    None => self.cases.push(case.clone()),
                };
                came.cases.insert(place);
                came.subjects.insert(case.subject());
            }
        }
        for place in before.into_values() {
            self.cases.put(place, None);
            came.cases.insert(place);
        }
        came.numbers = numbers;
        self.index_again(old, came);
    }

    fn index_again(&mut self, old: &Self, came: &Came) {
        let regroup = Regroup {
            before: &old.cases,
            now: &self.cases,
            places: &came.cases,
        };
        let by_number = |case: &Case| Some(digest(case.number()));
        let by_basis = |case: &Case| case.basis().map(digest);
        let by_subject = |case: &Case| Some(case.subject());
        (self.by_number, self.by_basis, self.cases_of) = (
            regroup.with(&old.by_number, by_number),
            regroup.with(&old.by_basis, by_basis),
            regroup.with(&old.cases_of, by_subject),
        );
    }
}

/// Cases that changed, came or went, to be found again.
struct Regroup<'a> {
    before: &'a Cases,
    now: &'a Cases,
    places: &'a BTreeSet<usize>,
}

impl Regroup<'_> {
    /// The table by which they are found, with what each is found by: the places in the order
    /// of a world made at once.
    fn with<K: Key>(
        &self,
        found: &Table<usize, K>,
        by: impl Fn(&Case) -> Option<K>,
    ) -> Table<usize, K> {
        let mut changed: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for place in self.places {
            let both = [self.before, self.now];
            let keys = both.map(|cases| cases.get(*place).and_then(&by));
            for key in keys.into_iter().flatten() {
                let kept = found.of(key).iter().copied();
                let kept = kept.filter(|place| !self.places.contains(place));
                changed.entry(key).or_insert_with(|| kept.collect());
            }
            let [_, now] = keys;
            now.and_then(|key| changed.get_mut(&key))
                .into_iter()
                .for_each(|places| places.push(*place));
        }
        let order = |place: &usize| self.now.get(*place).map(|case| (case.kind(), case.id));
        for places in changed.values_mut() {
            places.sort_by_key(order);
        }
        found.with(&changed)
    }
}

impl Loader<'_> {
    /// The rows of a set at each entity where something came, read again.
    fn again<T: Send>(
        &self,
        came: &Came,
        set: Set,
        make: impl Fn(Version, &mut Words<'_>) -> Option<(EntityId, T)> + Sync,
    ) -> Result<BTreeMap<EntityId, Vec<T>>, StoreError> {
        let read = |home: EntityId| {
            let mut words = self.words.words();
            let versions = self.snapshot.filed(set, home.into(), self.known)?;
            let rows = versions.into_iter();
            let rows = rows.filter_map(|version| make(version, &mut words));
            Ok((home, rows.map(|(_, row)| row).collect()))
        };
        let homes: Vec<EntityId> = came.at(set).collect();
        homes.into_par_iter().map(read).collect()
    }
}

/// The cases of these numbers, with what they depend on.
fn small_world(
    (loader, next): (&Loader<'_>, &mut World),
    numbers: &BTreeSet<String>,
) -> Result<World, StoreError> {
    let (snapshot, known) = (loader.snapshot, loader.known);
    let numbered = |numbers: &BTreeSet<String>| -> Result<Vec<Version>, StoreError> {
        let read: Vec<&String> = numbers.iter().collect();
        let found = read.into_par_iter();
        let found = found.map(|number| snapshot.numbered(number, known));
        Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
    };
    let mut cases = numbered(numbers)?;
    let bases = cases.iter().filter_map(|case| match &case.record {
        Record::Listing(listing) => listing.basis_decision_no.clone(),
        _ => None,
    });
    let beside: BTreeSet<String> = bases.filter(|basis| !numbers.contains(basis)).collect();
    cases.extend(numbered(&beside)?);
    let all = numbers.union(&beside).cloned().collect();
    let mut words = loader.words.words();
    let parts = CaseParts::of((snapshot, known), cases.into_iter(), &all, &mut words)?;
    let mut small = World {
        known,
        batches: std::mem::take(&mut next.batches),
        ..World::default()
    };
    assemble(&mut small, parts);
    since::note(&mut small, snapshot)?;
    next.batches = std::mem::take(&mut small.batches);
    Ok(small)
}

fn registration(version: Version) -> Option<graph::record::Organisation> {
    match version.record {
        Record::Organisation(record) => Some(record),
        _ => None,
    }
}

/// The number of a case, or of the case of which something is said.
fn number(record: &Record) -> Option<String> {
    match record {
        Record::ResponsiblePerson(said) => Some(said.case_no.clone()),
        Record::Determination(said) => Some(said.case_no.clone()),
        Record::Repair(said) => Some(said.target_no.clone()),
        Record::Objection(said) => Some(said.target_no.clone().unwrap_or_default()),
        case => case.case_no().map(str::to_owned),
    }
}
