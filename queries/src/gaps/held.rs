//! All gaps of one day, by the entity whose records show them: brought up to date by
//! looking again at the entities that something can have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use graph::id::EntityId;
use graph::store::StoreError;
use graph::time::Date;
use rayon::prelude::*;

use super::listed::Listed;
use super::{Gap, at, everywhere, named};
use crate::sweep::Sweep;
use crate::world::{Table, Texts, World};

/// How many entities a thread looks at at once.
const CHUNK: usize = 32;

/// The gaps that hold on one day.
#[derive(Clone, Debug)]
pub struct Held {
    day: Date,
    /// Named, but not told apart.
    at: Table<Arc<Gap>>,
    /// All of them, once somebody has asked.
    all: OnceLock<Arc<Listed>>,
}

impl Held {
    /// Looks everywhere.
    pub fn whole(sweep: &Sweep<'_>, texts: &Texts<'_>, day: Date) -> Result<Self, StoreError> {
        let gaps = named(sweep, texts, everywhere(sweep, day))?.into_par_iter();
        let mut gaps: Vec<(EntityId, Arc<Gap>)> = gaps.map(|gap| (gap.at, Arc::new(gap))).collect();
        // Those of one entity stay as they came.
        gaps.par_sort_by_key(|(entity, _)| *entity);
        let all = OnceLock::new();
        let at = Table::of_sorted(gaps);
        Ok(Self { day, at, all })
    }

    /// Looks again at some entities.
    pub fn after(
        &self,
        sweep: &Sweep<'_>,
        texts: &Texts<'_>,
        entities: &BTreeSet<EntityId>,
    ) -> Result<Self, StoreError> {
        let entities: Vec<EntityId> = entities.iter().copied().collect();
        let again = |entities: &[EntityId]| {
            let each = entities.iter();
            let found = each.map(|entity| {
                let gaps = named(sweep, texts, at(sweep, *entity, self.day))?;
                Ok((*entity, gaps.into_iter().map(Arc::new).collect()))
            });
            found.collect::<Vec<Result<_, StoreError>>>()
        };
        let found = entities.par_chunks(CHUNK).flat_map_iter(again);
        let found: Vec<(EntityId, Vec<Arc<Gap>>)> = found.collect::<Result<_, _>>()?;
        let mut changed = BTreeMap::new();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for (entity, gaps) in found {
            let before = self.at.of(entity);
            // Nearly all that is looked at again is as it was: then the same is kept.
            if gaps == before {
                continue;
            }
            gone.extend_from_slice(before);
            come.extend_from_slice(&gaps);
            changed.insert(entity, gaps);
        }
        let all = OnceLock::new();
        let listed = self.all.get();
        if let Some(listed) = listed.and_then(|listed| listed.after(&gone, &come)) {
            // Nobody else has seen this one yet.
            let _ = all.set(Arc::new(listed));
        }
        Ok(Self {
            day: self.day,
            at: self.at.with(&changed),
            all,
        })
    }

    /// The day.
    pub fn day(&self) -> Date {
        self.day
    }

    /// All of them, by kind, day and id, in the world that they were found in.
    pub fn gaps(&self, world: &World) -> Arc<Vec<Arc<Gap>>> {
        let all = self.all.get_or_init(|| {
            let mut gaps = Vec::with_capacity(self.at.len());
            gaps.extend(self.at.all().map(|(_, gap)| Arc::clone(gap)));
            Arc::new(Listed::new(world, gaps))
        });
        Arc::clone(&all.gaps)
    }
}
