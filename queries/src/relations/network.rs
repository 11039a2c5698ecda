//! The neighbourhood of one entity: who is within so many hops, and every link
//! among those shown.

use graph::id::EntityId;
use rustc_hash::FxHashSet;

use super::links::Edge;
use super::{Link, Relations, When};

/// An entity with how far it is from the start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Node {
    /// Hops from the start.
    pub hops: u32,
    /// Who.
    pub entity: EntityId,
}

/// A neighbourhood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network {
    /// The start and all within reach, by hops and id.
    pub nodes: Vec<Node>,
    /// All links between those shown, also between two that are equally far.
    pub links: Vec<Link>,
    /// Those shown that have too many links to be walked through, by id. The
    /// start is walked whatever it has, and reported here too when it is a hub.
    pub hubs: Vec<EntityId>,
    /// There are more entities within reach than the cap lets be shown.
    pub capped: bool,
}

impl Relations<'_> {
    /// Everyone within `hops` of `start`, at most `cap` entities (the start is
    /// always shown): nearer before farther, then by id.
    pub fn network(&self, start: EntityId, hops: u32, when: When, cap: usize) -> Network {
        let mut nodes = vec![Node {
            hops: 0,
            entity: start,
        }];
        let mut seen = FxHashSet::from_iter([start]);
        let mut layer = vec![start];
        let mut hubs: FxHashSet<EntityId> = FxHashSet::default();
        let mut capped = false;
        for far in 1..=hops {
            let mut next: Vec<EntityId> = Vec::new();
            for entity in layer {
                if entity == start || !hubs.contains(&entity) {
                    let others = self.neighbours(entity, when).into_iter();
                    next.extend(others.filter(|other| seen.insert(*other)));
                }
            }
            next.sort_unstable();
            let room = cap.max(1).saturating_sub(nodes.len());
            for cut in next.drain(room.min(next.len())..) {
                capped = true;
                seen.remove(&cut);
            }
            hubs.extend(next.iter().filter(|entity| self.is_hub(**entity, when)));
            nodes.extend(next.iter().map(|entity| Node {
                hops: far,
                entity: *entity,
            }));
            layer = next;
            if capped || layer.is_empty() {
                break;
            }
        }
        let links = self.among(&nodes, &seen, &hubs, when);
        let mut reported: Vec<EntityId> = hubs.into_iter().collect();
        reported.extend(self.is_hub(start, when).then_some(start));
        reported.sort_unstable();
        Network {
            nodes,
            links,
            hubs: reported,
            capped,
        }
    }

    /// The links with both ends shown, each once, sorted. A hub's links are told
    /// by their other ends; only where two hubs are shown its own are looked at.
    fn among(
        &self,
        nodes: &[Node],
        shown: &FxHashSet<EntityId>,
        hubs: &FxHashSet<EntityId>,
        when: When,
    ) -> Vec<Link> {
        let mut links: Vec<Link> = Vec::new();
        for Node { entity, .. } in nodes {
            let is_hub = hubs.contains(entity);
            if is_hub && hubs.len() < 2 {
                continue;
            }
            let told_here = |edge: &Edge<'_>| {
                let other = edge.other(*entity);
                let by_other = hubs.contains(&other) == is_hub && edge.from != *entity;
                shown.contains(&other) && !by_other && (!is_hub || hubs.contains(&other))
            };
            let told = self.edges(*entity, when).filter(told_here);
            links.extend(told.map(Edge::link));
        }
        links.sort_unstable_by(|a, b| (a.from, a.to, a).cmp(&(b.from, b.to, b)));
        links
    }
}
