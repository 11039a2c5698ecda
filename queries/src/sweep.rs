//! All restrictions and leads of a world, by subject: what gaps, indicators,
//! signals and the answers on restrictions stand on.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::catalogue::{Catalogue, Measure};
use crate::control::ControlOverTime;
use crate::penetration::{Found, Lead, Penetration, Restriction};
use crate::world::World;

/// Everything that the rules draw from every case of a world.
#[derive(Debug)]
pub struct Sweep<'w> {
    /// The kernel, for what is asked beside the sweep.
    pub penetration: Penetration<'w>,
    found: Vec<Found>,
    by_subject: FxHashMap<EntityId, Vec<(usize, usize)>>,
}

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
        let found: Vec<Found> = (0..world.cases.len())
            .into_par_iter()
            .map(|case| penetration.of(case))
            .collect();
        let mut by_subject: FxHashMap<EntityId, Vec<(usize, usize)>> = FxHashMap::default();
        for (case, found) in found.iter().enumerate() {
            for (place, restriction) in found.restrictions.iter().enumerate() {
                by_subject
                    .entry(restriction.subject)
                    .or_default()
                    .push((case, place));
            }
        }
        Self {
            penetration,
            found,
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
    pub fn restrictions(&self) -> impl Iterator<Item = &Restriction> {
        self.found.iter().flat_map(|found| &found.restrictions)
    }

    /// Every lead, by case.
    pub fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.found.iter().flat_map(|found| &found.leads)
    }

    /// The restrictions on a subject.
    pub fn on(&self, subject: EntityId) -> impl Iterator<Item = &Restriction> {
        let places = self
            .by_subject
            .get(&subject)
            .map(Vec::as_slice)
            .unwrap_or_default();
        places
            .iter()
            .filter_map(|(case, place)| self.found.get(*case)?.restrictions.get(*place))
    }

    /// The restriction with this measure on this subject from this case.
    pub fn restriction(
        &self,
        subject: EntityId,
        measure: &str,
        case: usize,
    ) -> Option<&Restriction> {
        self.on(subject)
            .find(|r| r.case == case && r.measure == measure)
    }

    /// The subjects that are restricted on some day.
    pub fn subjects(&self) -> impl Iterator<Item = EntityId> {
        self.by_subject.keys().copied()
    }

    /// The restrictions on a subject in force on `day` that block a category,
    /// each with the measure's version of that day.
    pub fn blocking<'a>(
        &'a self,
        subject: EntityId,
        category: &'a str,
        day: Date,
    ) -> impl Iterator<Item = (&'a Restriction, &'w Measure)> + 'a {
        let catalogue = self.catalogue();
        self.on(subject)
            .filter(move |restriction| restriction.days.holds(day))
            .filter_map(move |restriction| {
                let measure = catalogue.measure(&restriction.measure, day)?;
                let blocks = measure.blocks.iter().any(|blocked| blocked == category);
                blocks.then_some((restriction, measure))
            })
    }
}
