//! All restrictions and leads of a world, by subject: what gaps, indicators,
//! signals and the answers on restrictions stand on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graph::id::EntityId;
use graph::store::StoreError;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::catalogue::{Catalogue, Item, Measure};
use crate::control::ControlOverTime;
use crate::drawn::Drawn;
use crate::gaps::{Gap, Held};
use crate::penetration::{Lead, Penetration, Restriction};
use crate::world::{Symbol, Texts, World};

/// The gaps of the day that was asked for last.
pub type Kept = Mutex<Option<Arc<Held>>>;

/// What is kept.
pub(crate) fn locked(kept: &Kept) -> MutexGuard<'_, Option<Arc<Held>>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything that the rules draw from every case of a world.
#[derive(Debug)]
pub struct Sweep<'w> {
    /// The kernel, for what is asked beside the sweep.
    pub penetration: Penetration<'w>,
    drawn: Arc<Drawn>,
    kept: Arc<Kept>,
    /// The catalogue's items by the world's word for them.
    items: FxHashMap<Symbol, &'w [Item]>,
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
        let drawn = Arc::new(Drawn::whole(&penetration));
        Self::of(penetration, (drawn, Arc::default()))
    }

    /// Over what was drawn already, keeping gaps where others find them.
    pub fn of(penetration: Penetration<'w>, (drawn, kept): (Arc<Drawn>, Arc<Kept>)) -> Self {
        let (world, catalogue) = (penetration.world, penetration.catalogue);
        let items = catalogue.items.iter();
        let items = items
            .filter_map(|(code, versions)| Some((world.symbols.find(code)?, versions.as_slice())));
        Self {
            items: items.collect(),
            penetration,
            drawn,
            kept,
        }
    }

    /// The gaps of a day; `texts` are those of the world. Those of the day that was asked
    /// for last are kept.
    pub fn gaps(&self, texts: &Texts<'_>, day: Date) -> Result<Arc<Vec<Arc<Gap>>>, StoreError> {
        // Who comes second waits for the first instead of looking too.
        let mut kept = locked(&self.kept);
        if let Some(held) = kept.as_ref().filter(|held| held.day() == day) {
            return Ok(held.gaps(self.world()));
        }
        let held = Arc::new(Held::whole(self, texts, day)?);
        *kept = Some(Arc::clone(&held));
        drop(kept);
        Ok(held.gaps(self.world()))
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
        self.drawn.restrictions()
    }

    /// The same, to be walked side by side.
    pub fn restrictions_side_by_side(&self) -> impl ParallelIterator<Item = &Restriction> {
        self.drawn.side_by_side()
    }

    /// How many restrictions and how many leads there are.
    pub fn counts(&self) -> (usize, usize) {
        self.drawn.counts()
    }

    /// Every lead, by case.
    pub fn leads(&self) -> impl Iterator<Item = &Lead> {
        self.drawn.leads()
    }

    /// The restrictions on a subject.
    pub fn on(&self, subject: EntityId) -> impl Iterator<Item = &Restriction> {
        self.all_on(subject)
            .iter()
            .map(|restriction| &**restriction)
    }

    /// The same, as they lie.
    pub(crate) fn all_on(&self, subject: EntityId) -> &[Arc<Restriction>] {
        self.drawn.on(subject)
    }

    /// The restriction with this measure on this subject from this case.
    pub fn restriction(
        &self,
        subject: EntityId,
        measure: &str,
        case: usize,
    ) -> Option<&Restriction> {
        self.on(subject)
            .find(|r| r.case == case && *r.measure == *measure)
    }

    /// The subjects that are restricted on some day, by id.
    pub fn subjects(&self) -> impl Iterator<Item = EntityId> {
        self.drawn.subjects()
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
    ) -> impl Iterator<Item = (&'a Restriction, &'w Measure)> + 'a {
        self.blocking_of(self.all_on(subject), category, day)
    }

    /// The same of restrictions that were found before.
    pub(crate) fn blocking_of<'a>(
        &self,
        all: &'a [Arc<Restriction>],
        category: &'a str,
        day: Date,
    ) -> impl Iterator<Item = (&'a Restriction, &'w Measure)> + use<'a, 'w> {
        let catalogue = self.catalogue();
        let all = all.iter().map(|restriction| &**restriction);
        all.filter(move |restriction| restriction.days.holds(day))
            .filter_map(move |restriction| {
                let measure = catalogue.measure(&restriction.measure, day)?;
                let blocks = measure.blocks.iter().any(|blocked| blocked == category);
                blocks.then_some((restriction, measure))
            })
    }
}
