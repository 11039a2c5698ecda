//! All restrictions and leads of a world, by subject: what gaps, indicators,
//! signals and the answers on restrictions stand on.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::catalogue::{Catalogue, Item, Measure};
use crate::control::ControlOverTime;
use crate::penetration::{Found, Lead, Penetration, Restriction};
use crate::world::{Symbol, World};

/// Everything that the rules draw from every case of a world.
#[derive(Debug)]
pub struct Sweep<'w> {
    /// The kernel, for what is asked beside the sweep.
    pub penetration: Penetration<'w>,
    /// By case.
    restrictions: Vec<Restriction<'w>>,
    leads: Vec<Lead<'w>>,
    /// The places of the restrictions, by subject and case.
    places: Vec<u32>,
    /// Of each subject: where its places begin and how many there are.
    by_subject: FxHashMap<EntityId, (u32, u32)>,
    /// The catalogue's items by the world's word for them.
    items: FxHashMap<Symbol, &'w [Item]>,
}

/// How many cases a thread takes at once.
const CHUNK: usize = 256;

impl<'w> Sweep<'w> {
    /// Draws from every case, on all cores.
    pub fn new(
        world: &'w World,
        catalogue: &'w Catalogue,
        control: &'w ControlOverTime<'w>,
    ) -> Self {
        let penetration = Penetration {
            world,
            catalogue,
            control,
        };
        let draw = |cases: &[usize]| {
            let mut all = Found::default();
            for case in cases {
                let found = penetration.of(*case);
                all.restrictions.extend(found.restrictions);
                all.leads.extend(found.leads);
            }
            all
        };
        let cases: Vec<usize> = (0..world.cases.len()).collect();
        let found: Vec<Found<'w>> = cases.par_chunks(CHUNK).map(draw).collect();
        let mut restrictions = Vec::new();
        restrictions.reserve_exact(found.iter().map(|found| found.restrictions.len()).sum());
        let mut leads = Vec::new();
        for found in found {
            restrictions.extend(found.restrictions);
            leads.extend(found.leads);
        }
        let (places, by_subject) = index(&restrictions);
        let items = catalogue.items.iter();
        let items = items
            .filter_map(|(code, versions)| Some((world.symbols.find(code)?, versions.as_slice())));
        Self {
            items: items.collect(),
            penetration,
            restrictions,
            leads,
            places,
            by_subject,
        }
    }

    /// The records.
    pub fn world(&self) -> &'w World {
        self.penetration.world
    }

    /// The rules.
    pub fn catalogue(&self) -> &'w Catalogue {
        self.penetration.catalogue
    }

    /// Every restriction in force on some day, by case.
    pub fn restrictions(&self) -> &[Restriction<'w>] {
        &self.restrictions
    }

    /// Every lead, by case.
    pub fn leads(&self) -> &[Lead<'w>] {
        &self.leads
    }

    /// The restrictions on a subject.
    pub fn on(&self, subject: EntityId) -> impl Iterator<Item = &Restriction<'w>> {
        let (from, count) = self.by_subject.get(&subject).copied().unwrap_or_default();
        let places = self.places.get(to_index(from)..to_index(from + count));
        let places = places.unwrap_or_default().iter();
        places.filter_map(|place| self.restrictions.get(to_index(*place)))
    }

    /// The restriction with this measure on this subject from this case.
    pub fn restriction(
        &self,
        subject: EntityId,
        measure: &str,
        case: usize,
    ) -> Option<&Restriction<'w>> {
        self.on(subject)
            .find(|r| r.case == case && r.measure == measure)
    }

    /// The subjects that are restricted on some day, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = EntityId> {
        self.by_subject.keys().copied()
    }

    /// The version of an item in force on `day`.
    pub fn item(&self, item: Symbol, day: Date) -> Option<&'w Item> {
        let mut versions = self.items.get(&item)?.iter();
        versions.find(|item| item.validity.holds(day))
    }

    /// The restrictions on a subject in force on `day` that block a category,
    /// each with the measure's version of that day.
    pub fn blocking<'a>(
        &'a self,
        subject: EntityId,
        category: &'a str,
        day: Date,
    ) -> impl Iterator<Item = (&'a Restriction<'w>, &'w Measure)> + 'a {
        let catalogue = self.catalogue();
        self.on(subject)
            .filter(move |restriction| restriction.days.holds(day))
            .filter_map(move |restriction| {
                let measure = catalogue.measure(restriction.measure, day)?;
                let blocks = measure.blocks.iter().any(|blocked| blocked == category);
                blocks.then_some((restriction, measure))
            })
    }
}

/// The places of the restrictions by subject, and where each subject's begin.
fn index(restrictions: &[Restriction<'_>]) -> (Vec<u32>, FxHashMap<EntityId, (u32, u32)>) {
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
