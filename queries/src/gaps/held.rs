//! All gaps of one day, by the entity whose records show them: brought up to date by
//! looking again at the entities that something can have changed.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use graph::id::EntityId;
use graph::store::StoreError;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::listed::Listed;
use super::{Gap, at, everywhere, named};
use crate::sweep::Sweep;
use crate::world::{Texts, World};

/// How many entities a thread looks at at once.
const CHUNK: usize = 32;

/// The gaps that hold on one day.
#[derive(Clone, Debug)]
pub struct Held {
    day: Date,
    /// Named, but not told apart.
    at: FxHashMap<EntityId, Arc<[Arc<Gap>]>>,
    /// All of them, once somebody has asked.
    all: OnceLock<Arc<Listed>>,
}

impl Held {
    /// Looks everywhere.
    pub fn whole(sweep: &Sweep<'_>, texts: &Texts<'_>, day: Date) -> Result<Self, StoreError> {
        let mut by_entity: FxHashMap<EntityId, Vec<Arc<Gap>>> = FxHashMap::default();
        for gap in named(sweep, texts, everywhere(sweep, day))? {
            by_entity.entry(gap.at).or_default().push(Arc::new(gap));
        }
        let at = by_entity.into_iter();
        let at = at.map(|(entity, gaps)| (entity, gaps.into())).collect();
        let all = OnceLock::new();
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
            let found = each.map(|entity| (*entity, at(sweep, *entity, self.day)));
            found.collect::<Vec<_>>()
        };
        let found: Vec<_> = entities.par_chunks(CHUNK).flat_map_iter(again).collect();
        let mut held = self.at.clone();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for (entity, gaps) in found {
            let before = held.get(&entity).map_or(&[][..], |gaps| gaps);
            let gaps: Vec<Arc<Gap>> = named(sweep, texts, gaps)?
                .into_iter()
                .map(Arc::new)
                .collect();
            // Nearly all that is looked at again is as it was: then the same is kept.
            if gaps == before {
                continue;
            }
            gone.extend_from_slice(before);
            come.extend_from_slice(&gaps);
            if gaps.is_empty() {
                held.remove(&entity);
            } else {
                held.insert(entity, gaps.into());
            }
        }
        let all = OnceLock::new();
        let listed = self.all.get();
        if let Some(listed) = listed.and_then(|listed| listed.after(&gone, &come)) {
            // Nobody else has seen this one yet.
            let _ = all.set(Arc::new(listed));
        }
        Ok(Self {
            day: self.day,
            at: held,
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
            let gaps = self.at.values().flat_map(|gaps| gaps.to_vec());
            Arc::new(Listed::new(world, gaps.collect()))
        });
        Arc::clone(&all.gaps)
    }
}
