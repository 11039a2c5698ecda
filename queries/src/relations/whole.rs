//! All links of a world at once, as a graph that petgraph's algorithms run on.
//!
//! [`Relations`] reads the links of an entity when it walks there. A question about the
//! whole city (its components, its centre, all distances from somebody) walks everywhere:
//! for that the links are gathered once. Entities are numbered by id, and the neighbours of
//! each lie together, ascending; four bytes an end. Several links between two entities are
//! one edge.
//!
//! ```
//! use petgraph::algo::connected_components;
//! use petgraph::visit::Bfs;
//! use queries::catalogue::Catalogue;
//! use queries::relations::{LinkGraph, Relations, When};
//! use queries::world::World;
//!
//! let (world, catalogue) = (World::default(), Catalogue::shipped()?);
//! let relations = Relations::new(&world, &catalogue);
//! let graph = LinkGraph::of(&relations, When::AnyTime);
//! assert_eq!(connected_components(&graph), 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use fixedbitset::FixedBitSet;
use graph::id::EntityId;
use petgraph::Undirected;
use petgraph::visit::{
    Data, EdgeCount, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges, IntoNeighbors,
    IntoNodeIdentifiers, NodeCompactIndexable, NodeCount, NodeIndexable, Visitable,
};
use rayon::prelude::*;

use super::{Relations, When};

/// Who is linked with whom, on a day or ever.
#[derive(Clone, Debug)]
pub struct LinkGraph {
    /// By number: ascending.
    entities: Vec<EntityId>,
    /// Where the neighbours of each begin, and at last where they end.
    starts: Vec<usize>,
    neighbours: Vec<u32>,
}

impl LinkGraph {
    /// Of all links that count; every registered organisation is in it, linked or not.
    pub fn of(relations: &Relations<'_>, when: When) -> Self {
        let world = relations.world;
        let mut below: Vec<EntityId> = Vec::new();
        below.extend(world.organisations.homes());
        below.extend(world.roles.homes());
        below.extend(world.holdings.homes());
        below.extend(world.agreements.homes());
        below.extend(world.cases_of.homes());
        below.par_sort_unstable();
        below.dedup();
        let links = below.par_iter().flat_map_iter(|below| {
            let edges = relations.edges_to(*below, when);
            edges.map(|edge| (edge.from, edge.to))
        });
        let links: Vec<(EntityId, EntityId)> = links.collect();
        // Who has cases and is linked with nobody is no organisation: not in it.
        let registered = world.organisations.homes();
        let ends = links.par_iter().flat_map_iter(|(from, to)| [*from, *to]);
        let mut entities: Vec<EntityId> = ends.collect();
        entities.extend(registered);
        entities.par_sort_unstable();
        entities.dedup();
        entities.shrink_to_fit();
        Self::linked(entities, &links)
    }

    fn linked(entities: Vec<EntityId>, links: &[(EntityId, EntityId)]) -> Self {
        let ends = links.par_iter().filter_map(|(one, other)| {
            let (one, other) = (number(&entities, *one)?, number(&entities, *other)?);
            Some([(one, other), (other, one)])
        });
        let mut ends: Vec<(u32, u32)> = ends.flatten_iter().collect();
        ends.par_sort_unstable();
        ends.dedup();
        let mut starts = vec![0; entities.len() + 1];
        for (one, _) in &ends {
            if let Some(count) = starts.get_mut(to_index(*one) + 1) {
                *count += 1;
            }
        }
        let mut before = 0;
        for start in &mut starts {
            before += *start;
            *start = before;
        }
        let neighbours = ends.into_iter().map(|(_, other)| other).collect();
        Self {
            entities,
            starts,
            neighbours,
        }
    }

    /// The number of an entity; none when it is not in the graph.
    pub fn number(&self, entity: EntityId) -> Option<u32> {
        number(&self.entities, entity)
    }

    /// The entity of a number.
    pub fn entity(&self, number: u32) -> Option<EntityId> {
        self.entities.get(to_index(number)).copied()
    }

    fn beside(&self, number: u32) -> &[u32] {
        let from = self.starts.get(to_index(number)).copied();
        let until = self.starts.get(to_index(number) + 1).copied();
        let span = from.zip(until);
        span.and_then(|(from, until)| self.neighbours.get(from..until))
            .unwrap_or_default()
    }

    fn numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.entities.len()).unwrap_or(u32::MAX)
    }
}

fn number(entities: &[EntityId], entity: EntityId) -> Option<u32> {
    u32::try_from(entities.binary_search(&entity).ok()?).ok()
}

fn to_index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl GraphBase for LinkGraph {
    type NodeId = u32;
    type EdgeId = (u32, u32);
}

impl Data for LinkGraph {
    type NodeWeight = ();
    type EdgeWeight = ();
}

impl GraphProp for LinkGraph {
    type EdgeType = Undirected;
}

impl NodeCount for LinkGraph {
    fn node_count(&self) -> usize {
        self.entities.len()
    }
}

impl EdgeCount for LinkGraph {
    fn edge_count(&self) -> usize {
        self.neighbours.len() / 2
    }
}

impl NodeIndexable for LinkGraph {
    fn node_bound(&self) -> usize {
        self.entities.len()
    }

    fn to_index(&self, number: u32) -> usize {
        to_index(number)
    }

    fn from_index(&self, index: usize) -> u32 {
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}

impl NodeCompactIndexable for LinkGraph {}

impl Visitable for LinkGraph {
    type Map = FixedBitSet;

    fn visit_map(&self) -> FixedBitSet {
        FixedBitSet::with_capacity(self.entities.len())
    }

    fn reset_map(&self, map: &mut FixedBitSet) {
        map.clear();
        map.grow(self.entities.len());
    }
}

impl IntoNodeIdentifiers for &LinkGraph {
    type NodeIdentifiers = std::ops::Range<u32>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        self.numbers()
    }
}

impl<'g> IntoNeighbors for &'g LinkGraph {
    type Neighbors = std::iter::Copied<std::slice::Iter<'g, u32>>;

    fn neighbors(self, number: u32) -> Self::Neighbors {
        self.beside(number).iter().copied()
    }
}

/// An edge: from, to, and nothing else.
type Edge<'g> = (u32, u32, &'g ());

/// The edges of some entities; each edge once, or from both ends.
#[derive(Debug)]
pub struct Edges<'g> {
    graph: &'g LinkGraph,
    of: std::ops::Range<u32>,
    rest: std::slice::Iter<'g, u32>,
    at: u32,
    once: bool,
}

impl<'g> Edges<'g> {
    fn of(graph: &'g LinkGraph, of: std::ops::Range<u32>, once: bool) -> Self {
        Self {
            graph,
            at: of.start,
            of,
            rest: [].iter(),
            once,
        }
    }
}

impl<'g> Iterator for Edges<'g> {
    type Item = Edge<'g>;

    fn next(&mut self) -> Option<Edge<'g>> {
        loop {
            if let Some(other) = self.rest.next() {
                if !self.once || self.at < *other {
                    return Some((self.at, *other, &()));
                }
            } else {
                self.at = self.of.next()?;
                self.rest = self.graph.beside(self.at).iter();
            }
        }
    }
}

impl<'g> IntoEdgeReferences for &'g LinkGraph {
    type EdgeRef = Edge<'g>;
    type EdgeReferences = Edges<'g>;

    fn edge_references(self) -> Edges<'g> {
        Edges::of(self, self.numbers(), true)
    }
}

impl<'g> IntoEdges for &'g LinkGraph {
    type Edges = Edges<'g>;

    fn edges(self, number: u32) -> Edges<'g> {
        Edges::of(self, number..number.saturating_add(1), false)
    }
}
