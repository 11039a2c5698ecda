//! What the rules draw from every case of a world, by case and by subject; brought up to date
//! by drawing again from the cases that something can have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::id::{EntityId, RecordId};
use rayon::prelude::*;

use crate::penetration::{Found, Lead, Penetration, Restriction};
use crate::world::{CaseKind, Table, World};

/// How many cases a thread takes at once.
const CHUNK: usize = 256;

/// Which case: listings before penalties, each by id.
type Key = (CaseKind, RecordId);

/// A restriction with the key of its case.
type Keyed = (Option<Key>, Arc<Restriction>);

/// All restrictions and leads.
#[derive(Clone, Default, Debug)]
pub struct Drawn {
    /// Of one case by subject and measure.
    restrictions: Table<Arc<Restriction>, Key>,
    leads: Table<Arc<Lead>, Key>,
    /// The restrictions again, by subject, then by case.
    by_subject: Table<Arc<Restriction>>,
}

impl Drawn {
    /// Draws from every case, on all cores.
    pub fn whole(penetration: &Penetration<'_>) -> Self {
        let world = penetration.world;
        let cases: Vec<usize> = world.cases.all().map(|(place, _)| place).collect();
        let found = draw(penetration, &cases);
        let restrictions = by_case(world, found.restrictions, |restriction| restriction.case);
        let leads = by_case(world, found.leads, |lead| lead.case);
        let of = restrictions.par_iter();
        let mut of: Vec<(EntityId, Arc<Restriction>)> =
            of.map(|(_, one)| (one.subject, Arc::clone(one))).collect();
        // They stay in the order of cases.
        of.par_sort_by_key(|(subject, _)| *subject);
        Self {
            by_subject: Table::of_sorted(of),
            restrictions: Table::of_sorted(restrictions),
            leads: Table::of_sorted(leads),
        }
    }

    /// The same after some cases changed, came or went, or what the rules draw from them
    /// may have: drawn from these again, with the world that they were drawn from before. With
    /// the subjects of all that was and is drawn from them.
    pub fn after(
        &self,
        before: &World,
        penetration: &Penetration<'_>,
        cases: &BTreeSet<usize>,
    ) -> (Self, BTreeSet<EntityId>) {
        let world = penetration.world;
        let again: Vec<usize> = cases.iter().copied().collect();
        let found = draw(penetration, &again);
        let restrictions = by_case(world, found.restrictions, |restriction| restriction.case);
        let leads = by_case(world, found.leads, |lead| lead.case);
        let keys = again
            .iter()
            .flat_map(|place| [key(before, *place), key(world, *place)]);
        let keys: BTreeSet<Key> = keys.flatten().collect();
        let gone = keys.iter().flat_map(|key| self.restrictions.of(*key));
        let all = gone.chain(restrictions.iter().map(|(_, come)| come));
        let subjects: BTreeSet<EntityId> = all.map(|restriction| restriction.subject).collect();
        let mut by_subject: BTreeMap<EntityId, Vec<Keyed>> = subjects
            .iter()
            .map(|subject| {
                let kept = self.by_subject.of(*subject).iter();
                let kept = kept.filter(|one| !cases.contains(&one.case));
                let kept = kept.map(|one| (key(world, one.case), Arc::clone(one)));
                (*subject, kept.collect())
            })
            .collect();
        for (key, come) in &restrictions {
            let of = by_subject.entry(come.subject).or_default();
            of.push((Some(*key), Arc::clone(come)));
        }
        let by_subject = by_subject.into_iter().map(|(subject, mut all)| {
            all.sort_by_key(|(key, _)| *key);
            (subject, all.into_iter().map(|(_, one)| one).collect())
        });
        let drawn = Self {
            restrictions: self.restrictions.with(&changed(&keys, restrictions)),
            leads: self.leads.with(&changed(&keys, leads)),
            by_subject: self.by_subject.with(&by_subject.collect()),
        };
        (drawn, subjects)
    }

    /// Every restriction in force on some day, by case.
    pub fn restrictions(&self) -> impl Iterator<Item = &Restriction> {
        self.restrictions
            .all()
            .map(|(_, restriction)| &**restriction)
    }

    /// The same, to be walked side by side.
    pub fn side_by_side(&self) -> impl ParallelIterator<Item = &Restriction> {
        let cases = self.restrictions.side_by_side();
        cases.flat_map_iter(|(_, of)| of.iter().map(|restriction| &**restriction))
    }

    /// Every lead, by case.
    pub fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.leads.all().map(|(_, lead)| &**lead)
    }

    /// How many restrictions and how many leads there are.
    pub fn counts(&self) -> (usize, usize) {
        (self.restrictions.len(), self.leads.len())
    }

    /// The restrictions on a subject, by case.
    pub fn on(&self, subject: EntityId) -> &[Arc<Restriction>] {
        self.by_subject.of(subject)
    }

    /// The subjects that are restricted on some day, by id.
    pub fn subjects(&self) -> impl Iterator<Item = EntityId> {
        self.by_subject.homes()
    }
}

fn key(world: &World, place: usize) -> Option<Key> {
    let case = world.cases.get(place)?;
    Some((case.kind(), case.id))
}

/// What was drawn with the key of its case, in the order of cases. Of one case it comes in
/// order, and the places of a world made at once are too.
fn by_case<T: Send + Sync>(
    world: &World,
    found: Vec<T>,
    place: impl Fn(&T) -> usize + Sync,
) -> Vec<(Key, Arc<T>)> {
    let found = found.into_par_iter();
    let keyed = found.filter_map(|one| Some((key(world, place(&one))?, Arc::new(one))));
    let mut keyed: Vec<(Key, Arc<T>)> = keyed.collect();
    keyed.par_sort_by_key(|(key, _)| *key);
    keyed
}

/// What is drawn from these cases now, of some nothing.
fn changed<T>(keys: &BTreeSet<Key>, found: Vec<(Key, Arc<T>)>) -> BTreeMap<Key, Vec<Arc<T>>> {
    let mut changed: BTreeMap<Key, Vec<Arc<T>>> =
        keys.iter().map(|key| (*key, Vec::new())).collect();
    for (key, one) in found {
        changed.entry(key).or_default().push(one);
    }
    changed
}

/// Draws from some cases, on all cores.
fn draw(penetration: &Penetration<'_>, cases: &[usize]) -> Found {
    let draw = |cases: &[usize]| {
        let mut all = Found::default();
        for case in cases {
            all.extend(penetration.of(*case));
        }
        all
    };
    let found: Vec<Found> = cases.par_chunks(CHUNK).map(draw).collect();
    let mut all = Found::default();
    all.restrictions
        .reserve_exact(found.iter().map(|found| found.restrictions.len()).sum());
    for found in found {
        all.extend(found);
    }
    all
}
