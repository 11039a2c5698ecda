//! Filling a world from a snapshot: everything for a sweep.
//!
//! Each record set is scanned in ranges of homes, side by side. A range gives its
//! rows by home and record id, and the ranges follow each other, so a table comes
//! out sorted. Of each record only the row is kept.

use graph::change::BatchNo;
use graph::id::{EntityId, Set};
use graph::record::Person;
use graph::seal::Keys;
use graph::store::{HomeRange, Packed, Snapshot, StoreError, Version, batch_known_at};
use graph::time::Moment;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::assemble::{CaseParts, assemble};
use super::cases::Gathered;
use super::duties::Duties;
use super::leaf::Rows;
use super::namesakes::{Named, Namesakes, named};
use super::symbol::{Interner, Words};
use super::{Case, Holding, Linked, Organisation, Symbol, Table, Ties, World, since, take};

/// In how many ranges a set is scanned: enough for the threads to end together.
const RANGES: usize = 16;

impl World {
    /// Everything that the store held at `known`.
    pub fn whole(snapshot: &dyn Snapshot, keys: &Keys, known: Moment) -> Result<Self, StoreError> {
        let batches = snapshot.batches()?;
        Self::at(snapshot, keys, batch_known_at(&batches, known))
    }

    /// Everything that was there after the batch `newest`.
    pub fn at(snapshot: &dyn Snapshot, keys: &Keys, newest: BatchNo) -> Result<Self, StoreError> {
        let mut world = known_at(snapshot, newest)?;
        let loader = Loader::of(&mut world, snapshot);
        let (world, duties) =
            rayon::join(|| loader.register(keys, world), || Duties::read(&loader));
        let (world, duties) = (world?, duties?);
        Ok(Self {
            whole: true,
            symbols: loader.words.into_symbols(),
            matters: duties.matters,
            checks: duties.checks,
            enforcements: duties.enforcements,
            citing: duties.citing,
            ..world
        })
    }

    /// What the store held at `known` but for matters, checks and enforcements,
    /// which make most of a city and which only gaps and some indicators ask for.
    pub fn without_duties(
        snapshot: &dyn Snapshot,
        keys: &Keys,
        known: Moment,
    ) -> Result<Self, StoreError> {
        let mut world = known_by(snapshot, known)?;
        let loader = Loader::of(&mut world, snapshot);
        let mut world = loader.register(keys, world)?;
        world.symbols = loader.words.into_symbols();
        Ok(world)
    }
}

/// A row with its home, if the record makes one.
type Made<T> = Result<Option<(EntityId, T)>, StoreError>;

/// A world without records, that knows its batches.
pub(super) fn known_by(snapshot: &dyn Snapshot, known: Moment) -> Result<World, StoreError> {
    known_at(snapshot, batch_known_at(&snapshot.batches()?, known))
}

pub(super) fn known_at(snapshot: &dyn Snapshot, known: BatchNo) -> Result<World, StoreError> {
    let mut batches = snapshot.batches()?;
    batches.retain(|batch| batch.no <= known);
    Ok(World {
        batches,
        known,
        ..World::default()
    })
}

/// Reads one state as known at one batch.
pub(super) struct Loader<'s> {
    pub(super) snapshot: &'s dyn Snapshot,
    pub(super) known: BatchNo,
    pub(super) words: Interner,
}

impl<'s> Loader<'s> {
    /// Takes the world's words, to which it adds.
    pub(super) fn of(world: &mut World, snapshot: &'s dyn Snapshot) -> Self {
        Self {
            snapshot,
            known: world.known,
            words: Interner::of(std::mem::take(&mut world.symbols)),
        }
    }

    /// Fills a world without records with organisations, their people and cases.
    fn register(&self, keys: &Keys, mut world: World) -> Result<World, StoreError> {
        let registered = self.organisations()?;
        world.roles = self.linked(Set::Roles, take::role)?;
        world.holdings = self.linked(Set::Holdings, take::holding)?;
        world.agreements = self.linked(Set::ControlAgreements, take::agreement)?;
        let parts = self.cases()?;
        take_registered(&mut world, registered);
        let holdings = world.holdings.by_home().map(|(_, rows)| rows);
        world.identifiers = identifiers(holdings, self.snapshot, keys, self.known)?;
        assemble(&mut world, parts);
        since::note(&mut world, self.snapshot)?;
        Ok(world)
    }

    /// Ranges that together are all homes, about `count` for each of these sets.
    pub(super) fn ranges(&self, sets: &[Set], count: usize) -> Result<Vec<HomeRange>, StoreError> {
        let mut cuts = Vec::new();
        for set in sets {
            cuts.extend(self.snapshot.boundaries(*set, count)?);
        }
        cuts.sort_unstable();
        cuts.dedup();
        let from = std::iter::once(None).chain(cuts.iter().copied().map(Some));
        let to = cuts.iter().copied().map(Some).chain([None]);
        Ok(from.zip(to).collect())
    }

    /// What is filed in a range, by home.
    pub(super) fn scan(
        &self,
        set: Set,
        range: HomeRange,
        each: &mut dyn FnMut(Packed<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.snapshot.scan_within(set, range, self.known, each)
    }

    /// What `add` gathers from each range, the ranges in order.
    fn gather<T: Default + Send>(
        &self,
        set: Set,
        add: impl Fn(&mut T, Packed<'_>, &mut Words<'_>) -> Result<(), StoreError> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let gather = |range: HomeRange| {
            let (mut gathered, mut words) = (T::default(), self.words.words());
            let mut each = |packed: Packed<'_>| add(&mut gathered, packed, &mut words);
            self.scan(set, range, &mut each).map(|()| gathered)
        };
        self.ranges(&[set], RANGES)?
            .into_par_iter()
            .map(gather)
            .collect()
    }

    pub(super) fn table<T: Send + Sync>(
        &self,
        set: Set,
        make: impl Fn(Packed<'_>, &mut Words<'_>) -> Made<T> + Sync,
    ) -> Result<Table<T>, StoreError> {
        let parts = self.gather(set, |rows: &mut Rows<T>, packed, words| {
            if let Some((home, row)) = make(packed, words)? {
                rows.push(home, row);
            }
            Ok(())
        });
        parts.map(Table::of_rows)
    }

    fn linked<T: Linked + Send + Sync>(
        &self,
        set: Set,
        make: impl Fn(Version, &mut Words<'_>) -> Option<(EntityId, T)> + Sync,
    ) -> Result<Table<T>, StoreError> {
        let make = |packed: Packed<'_>, words: &mut Words<'_>| Ok(make(packed.version()?, words));
        self.table(set, make).map(Table::linked)
    }

    pub(super) fn list<T: Send>(
        &self,
        set: Set,
        make: impl Fn(Version, &mut Words<'_>) -> Option<T> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let parts = self.gather(set, |list: &mut Vec<T>, packed, words| {
            list.extend(make(packed.version()?, words));
            Ok(())
        })?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn gathered(
        &self,
        set: Set,
        make: impl Fn(Version, &mut Words<'_>) -> Option<Case> + Sync,
    ) -> Result<Gathered, StoreError> {
        let parts = self.gather(set, |cases: &mut Vec<Case>, packed, words| {
            cases.extend(make(packed.version()?, words));
            Ok(())
        });
        parts.map(Gathered)
    }

    fn organisations(&self) -> Result<Vec<Registered>, StoreError> {
        let add = |parts: &mut Registered, packed: Packed<'_>, words: &mut Words<'_>| {
            parts.add(&packed.content()?, words);
            Ok(())
        };
        self.gather(Set::Organisations, add)
    }

    fn cases(&self) -> Result<CaseParts, StoreError> {
        Ok(CaseParts {
            penalties: self.gathered(Set::Penalties, take::penalty)?,
            listings: self.gathered(Set::Listings, take::listing)?,
            repairs: self.list(Set::Repairs, take::repair)?,
            objections: self.list(Set::Objections, take::objection)?,
            named: self.list(Set::ResponsiblePersons, take::naming)?,
            determinations: self.list(Set::Determinations, take::determination)?,
        })
    }
}

/// The registrations of one range.
#[derive(Default)]
struct Registered {
    rows: Rows<Organisation>,
    names: Vec<Named>,
    superiors: Vec<(EntityId, EntityId)>,
    parents: Vec<(EntityId, EntityId)>,
}

impl Registered {
    fn add(&mut self, record: &graph::record::Organisation, words: &mut Words<'_>) {
        self.names.push(named(&record.name, record.id));
        let above = |upper: Option<EntityId>| upper.map(|upper| (record.id, upper));
        self.superiors.extend(above(record.superior));
        self.parents.extend(above(record.parent));
        self.rows.push(record.id, take::organisation(record, words));
    }
}

/// Puts what the ranges gave together.
fn take_registered(world: &mut World, parts: Vec<Registered>) {
    let names = parts.iter().map(|part| part.names.len()).sum();
    let (mut rows, mut names) = (Vec::new(), Vec::with_capacity(names));
    let (mut superiors, mut parents) = (Vec::new(), Vec::new());
    for part in parts {
        rows.push(part.rows);
        names.extend(part.names);
        superiors.extend(part.superiors);
        parents.extend(part.parents);
    }
    world.organisations = Table::of_rows(rows);
    world.namesakes = Namesakes::new(names);
    world.superiors = Ties::new(superiors);
    world.parents = Ties::new(parents);
}

/// The identity numbers that control may have to compare: of persons who act in
/// concert with another person.
pub(super) fn identifiers<'r>(
    holdings: impl Iterator<Item = &'r [Holding]>,
    snapshot: &dyn Snapshot,
    keys: &Keys,
    known: BatchNo,
) -> Result<FxHashMap<EntityId, String>, StoreError> {
    let mut tied: FxHashSet<EntityId> = FxHashSet::default();
    for rows in holdings {
        let mut groups: FxHashMap<Symbol, FxHashSet<EntityId>> = FxHashMap::default();
        for row in rows.iter().filter(|row| !row.holder.is_organisation()) {
            if let Some(group) = row.concert_group() {
                groups.entry(group).or_default().insert(row.holder);
            }
        }
        let several = groups.into_values().filter(|members| members.len() > 1);
        tied.extend(several.flatten());
    }
    let read = |person: EntityId| -> Result<_, StoreError> {
        let found = snapshot.filed(Set::Persons, person.into(), known)?;
        let detail = found
            .first()
            .map(|version| version.detail(keys))
            .transpose()?;
        let number = detail.and_then(|mut detail| detail.remove(Person::NUMBER));
        Ok(number.map(|number| (person, number)))
    };
    let found = tied
        .into_iter()
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(read);
    let found: Vec<Option<(EntityId, String)>> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().flatten().collect())
}
