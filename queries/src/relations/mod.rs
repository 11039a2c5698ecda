//! Relations: who is linked with whom, for the analyst. Association is
//! information and never restricts anybody.
//!
//! [`Relations`] sees a world as an undirected multigraph: entities, and between
//! them a link a record. It computes an entity's links when they are asked for,
//! so that a question about one subject pays for its neighbourhood and not for
//! the city. [`network`](Relations::network) shows a neighbourhood,
//! [`paths`](Relations::paths) how two entities are connected, [`group`] what is
//! under one ultimate controller. What concerns all of the city walks a [`LinkGraph`].
//!
//! **Hubs.** An entity with more than `hub_degree` links (of those that count for
//! the question) is shown, reported and not walked through: that two companies
//! use one bookkeeper of thousands says nothing. What a question starts from, and
//! for paths where it ends, is always walked.

mod group;
mod links;
mod network;
mod paths;
mod search;
#[cfg(test)]
mod tests;
mod whole;
mod yen;

use graph::id::EntityId;
use graph::time::{Date, Interval};
use rustc_hash::FxHashMap;

use crate::catalogue::Catalogue;
use crate::world::World;

pub use group::{Group, Under, group};
pub use links::{Link, LinkKind};
pub use network::{Network, Node};
pub use paths::{Path, Paths, PathsQuestion, Step};
pub use whole::LinkGraph;

/// Which links count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// Those in force on a day.
    On(Date),
    /// Those in force on any day at all.
    AnyTime,
}

impl When {
    fn counts(self, interval: Interval) -> bool {
        match self {
            Self::On(day) => interval.holds(day),
            Self::AnyTime => !interval.is_empty(),
        }
    }
}

/// A world as a graph. Making it indexes what the world itself does not; keep it
/// for many questions.
#[derive(Debug)]
pub struct Relations<'w> {
    world: &'w World,
    catalogue: &'w Catalogue,
    /// Control agreements are links too.
    agreements: bool,
    /// The cases in which a person is named.
    named: FxHashMap<EntityId, Vec<usize>>,
}

impl<'w> Relations<'w> {
    /// Over all records of a world.
    pub fn new(world: &'w World, catalogue: &'w Catalogue) -> Self {
        let mut named: FxHashMap<EntityId, Vec<usize>> = FxHashMap::default();
        for (place, case) in world.cases.all() {
            for row in case.responsible() {
                let places = named.entry(row.person).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Self {
            world,
            catalogue,
            agreements: false,
            named,
        }
    }

    /// With control agreements among the links. Without being asked they are not:
    /// networks and paths are over roles, holdings, cases, superiors and branches.
    #[must_use]
    pub fn with_agreements(mut self) -> Self {
        self.agreements = true;
        self
    }

    /// The entities directly linked with `entity`, each once, by id.
    pub fn neighbours(&self, entity: EntityId, when: When) -> Vec<EntityId> {
        let mut others: Vec<EntityId> = self
            .edges(entity, when)
            .map(|edge| edge.other(entity))
            .collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// It has more links than the settings allow to walk through.
    pub fn is_hub(&self, entity: EntityId, when: When) -> bool {
        let allowed = self.catalogue.settings.hub_degree;
        self.edges(entity, when).nth(allowed).is_some()
    }
}
