//! What the rules draw from every case of a world, by subject; brought up to date by
//! drawing again from the cases that something can have changed.

use std::collections::BTreeSet;

use graph::id::EntityId;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::penetration::{Found, Lead, Penetration, Restriction};
use crate::world::World;

/// How many cases a thread takes at once.
const CHUNK: usize = 256;

/// All restrictions and leads.
#[derive(Clone, Default, Debug)]
pub struct Drawn {
    /// Listings before penalties, each by id; of one case by subject and measure.
    restrictions: Vec<Restriction>,
    leads: Vec<Lead>,
    /// The places of the restrictions, by subject.
    places: Vec<u32>,
    /// Of each subject: where its places begin and how many there are.
    by_subject: FxHashMap<EntityId, (u32, u32)>,
}

impl Drawn {
    /// Draws from every case, on all cores.
    pub fn whole(penetration: &Penetration<'_>) -> Self {
        let world = penetration.world;
        let cases: Vec<usize> = world.cases.all().map(|(place, _)| place).collect();
        let found = draw(penetration, &cases);
        Self::of(world, found.restrictions, found.leads)
    }

    /// The same after some cases changed, came or went, or what the rules draw from them
    /// may have: drawn from these again. With the subjects of all that was and is drawn
    /// from them.
    pub fn after(
        &self,
        penetration: &Penetration<'_>,
        cases: &BTreeSet<usize>,
    ) -> (Self, BTreeSet<EntityId>) {
        let again: Vec<usize> = cases.iter().copied().collect();
        let found = draw(penetration, &again);
        let old = self.restrictions.iter();
        let (gone, mut restrictions): (Vec<&Restriction>, Vec<&Restriction>) =
            old.partition(|restriction| cases.contains(&restriction.case));
        restrictions.extend(&found.restrictions);
        let old = self.leads.iter().filter(|lead| !cases.contains(&lead.case));
        let leads = old.chain(&found.leads).cloned().collect();
        let subjects = gone.into_iter().chain(&found.restrictions);
        let subjects = subjects.map(|restriction| restriction.subject).collect();
        let restrictions = restrictions.into_iter().cloned().collect();
        (Self::of(penetration.world, restrictions, leads), subjects)
    }

    fn of(world: &World, mut restrictions: Vec<Restriction>, mut leads: Vec<Lead>) -> Self {
        let order = |place: usize| world.cases.get(place).map(|case| (case.kind(), case.id));
        // Of one case they come in order, and the places of a world made at once are too.
        restrictions.par_sort_by_key(|restriction| order(restriction.case));
        leads.par_sort_by_key(|lead| order(lead.case));
        let (places, by_subject) = index(&restrictions);
        Self {
            restrictions,
            leads,
            places,
            by_subject,
        }
    }

    /// Every restriction in force on some day, by case.
    pub fn restrictions(&self) -> &[Restriction] {
        &self.restrictions
    }

    /// Every lead, by case.
    pub fn leads(&self) -> &[Lead] {
        &self.leads
    }

    /// The restrictions on a subject.
    pub fn on(&self, subject: EntityId) -> impl Iterator<Item = &Restriction> {
        let (from, count) = self.by_subject.get(&subject).copied().unwrap_or_default();
        let places = self.places.get(to_index(from)..to_index(from + count));
        let places = places.unwrap_or_default().iter();
        places.filter_map(|place| self.restrictions.get(to_index(*place)))
    }

    /// The subjects that are restricted on some day, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = EntityId> {
        self.by_subject.keys().copied()
    }
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

/// The places of the restrictions by subject, and where each subject's begin.
fn index(restrictions: &[Restriction]) -> (Vec<u32>, FxHashMap<EntityId, (u32, u32)>) {
    let subject = |place: &u32| restrictions.get(to_index(*place)).map(|r| r.subject);
    let count = u32::try_from(restrictions.len()).unwrap_or(u32::MAX);
    let mut places: Vec<u32> = (0..count).collect();
    places.par_sort_unstable_by_key(|place| (subject(place), *place));
    let mut by_subject = FxHashMap::default();
    let mut from = 0;
    for group in places.chunk_by(|one, other| subject(one) == subject(other)) {
        let count = u32::try_from(group.len()).unwrap_or(u32::MAX);
        by_subject.extend(
            group
                .first()
                .and_then(subject)
                .map(|of| (of, (from, count))),
        );
        from += count;
    }
    (places, by_subject)
}

fn to_index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
