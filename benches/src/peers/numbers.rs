//! Whole numbers for entities and matters, so that other engines need not carry codes.
//!
//! Entities are numbered in the order in which ties of votes are broken:
//! organisations by code, then persons by identity number as far as it matters. A peer
//! can break ties by the number.

use graph::id::{EntityId, RecordId};
use queries::world::World;
use rustc_hash::FxHashMap;

/// The numbers of a world.
#[derive(Debug)]
pub struct Numbers {
    /// Entities by number, from 1.
    pub entities: Vec<EntityId>,
    of: FxHashMap<EntityId, usize>,
    matters: FxHashMap<RecordId, usize>,
}

impl Numbers {
    /// Numbers everybody whom a record names, and every matter.
    pub fn of(world: &World) -> Self {
        let mut entities = everybody(world);
        entities.sort_unstable();
        entities.dedup();
        entities.sort_by_cached_key(|id| {
            let number = world.identifiers.get(id);
            (
                !id.is_organisation(),
                number.is_none(),
                number.cloned(),
                *id,
            )
        });
        let of = entities.iter().copied().zip(1..).collect();
        let matters = world.matters.all().map(|(_, row)| row.id).zip(1..);
        Self {
            of,
            matters: matters.collect(),
            entities,
        }
    }

    /// The number of an entity.
    pub fn entity(&self, id: EntityId) -> usize {
        self.of.get(&id).copied().unwrap_or_default()
    }

    /// Who has this number.
    pub fn entity_numbered(&self, number: usize) -> Option<EntityId> {
        self.entities.get(number.checked_sub(1)?).copied()
    }

    /// How many matters there are.
    pub fn matters(&self) -> usize {
        self.matters.len()
    }

    /// The number of a matter; 0 for one that is not loaded.
    pub fn matter(&self, id: RecordId) -> usize {
        self.matters.get(&id).copied().unwrap_or_default()
    }
}

fn everybody(world: &World) -> Vec<EntityId> {
    let mut all = world.organisations.homes().collect::<Vec<_>>();
    for (org, row) in world.roles.all() {
        all.extend([org, row.person]);
    }
    for (org, row) in world.holdings.all() {
        all.extend([org, row.holder]);
    }
    for (org, row) in world.agreements.all() {
        all.extend([org, row.controller]);
    }
    for (_, case) in world.cases.all() {
        all.push(case.subject());
        all.extend(case.named().iter().map(|row| row.person));
        all.extend(case.determinations().iter().map(|row| row.person));
    }
    all.extend(world.matters.homes());
    all.extend(world.checks.homes());
    all.extend(world.enforcements.homes());
    let registered = world.organisations.homes();
    let above = registered.flat_map(|org| {
        let superior = world.superiors.above(org);
        [superior, world.parents.above(org)]
    });
    all.extend(above.flatten());
    all
}
