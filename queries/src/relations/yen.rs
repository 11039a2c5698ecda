//! The k shortest simple paths of a small undirected graph, after Yen.
//!
//! Paths are sequences of nodes, ordered by length and then by the sequence
//! itself. Every path after the first leaves an earlier one somewhere: for each
//! place, the best path that shares what is before and differs after is found by
//! one breadth-first search from the target. So the cost is bounded whatever the
//! graph looks like; enumerating walks by length is not, in graphs where most
//! walks of a length lead nowhere (persons and organisations alternate).

use std::collections::{BTreeSet, VecDeque};

use graph::id::EntityId;
use rustc_hash::{FxHashMap, FxHashSet};

/// An undirected graph whose node numbers sort as the entities do.
#[derive(Debug)]
pub(super) struct Corridor {
    entities: Vec<EntityId>,
    adjacent: Vec<Vec<usize>>,
}

/// A path: by length first, so that sets of them are in the right order.
type Candidate = (usize, Vec<usize>);

impl Corridor {
    /// The graph of these entities, with the edges that `edges` tells (in either
    /// direction or both).
    pub(super) fn new(
        entities: &FxHashSet<EntityId>,
        edges: &FxHashMap<EntityId, Vec<EntityId>>,
    ) -> Self {
        let mut entities: Vec<EntityId> = entities.iter().copied().collect();
        entities.sort_unstable();
        let mut corridor = Self {
            adjacent: vec![Vec::new(); entities.len()],
            entities,
        };
        for (one, others) in edges {
            let Some(one) = corridor.find(*one) else {
                continue;
            };
            for other in others {
                if let Some(other) = corridor.find(*other) {
                    corridor.push(one, other);
                    corridor.push(other, one);
                }
            }
        }
        for list in &mut corridor.adjacent {
            list.sort_unstable();
            list.dedup();
        }
        corridor
    }

    fn push(&mut self, from: usize, to: usize) {
        if let Some(list) = self.adjacent.get_mut(from) {
            list.push(to);
        }
    }

    fn find(&self, entity: EntityId) -> Option<usize> {
        self.entities.binary_search(&entity).ok()
    }

    fn beside(&self, node: usize) -> &[usize] {
        self.adjacent
            .get(node)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The first `k` simple paths of at most `longest` steps.
    pub(super) fn shortest(
        &self,
        from: EntityId,
        to: EntityId,
        k: usize,
        longest: usize,
    ) -> Vec<Vec<EntityId>> {
        let (Some(from), Some(to)) = (self.find(from), self.find(to)) else {
            return Vec::new();
        };
        let mut candidates: BTreeSet<Candidate> = BTreeSet::new();
        candidates.extend(self.best(&[from], &[], to, longest));
        let mut accepted: Vec<Vec<usize>> = Vec::new();
        while accepted.len() < k
            && let Some((_, path)) = candidates.pop_first()
        {
            for end in 1..path.len() {
                let prefix = path.get(..end).unwrap_or_default();
                let taken: Vec<usize> = accepted
                    .iter()
                    .chain([&path])
                    .filter(|other| other.starts_with(prefix))
                    .filter_map(|other| other.get(end).copied())
                    .collect();
                candidates.extend(self.best(prefix, &taken, to, longest));
            }
            accepted.push(path);
        }
        let name = |node: &usize| self.entities.get(*node).copied();
        accepted
            .iter()
            .map(|path| path.iter().filter_map(name).collect())
            .collect()
    }

    /// The first path that begins with `prefix` and does not go on to a node in
    /// `taken`.
    fn best(
        &self,
        prefix: &[usize],
        taken: &[usize],
        to: usize,
        longest: usize,
    ) -> Option<Candidate> {
        let spur = *prefix.last()?;
        // After the step away from the prefix, this many are left.
        let left = longest.checked_sub(prefix.len())?;
        let distance = self.distances(to, prefix, left);
        let far = |node: &usize| distance.get(*node).copied().flatten();
        let open = self
            .beside(spur)
            .iter()
            .filter(|next| !taken.contains(next));
        // The first of the nearest, since neighbours are sorted.
        let first = *open
            .filter(|next| far(next).is_some())
            .min_by_key(|next| far(next))?;
        let mut path = prefix.to_vec();
        path.push(first);
        let mut at = first;
        let mut steps = far(&at)?;
        while let Some(nearer) = steps.checked_sub(1) {
            at = *self
                .beside(at)
                .iter()
                .find(|next| far(next) == Some(nearer))?;
            path.push(at);
            steps = nearer;
        }
        Some((path.len(), path))
    }

    /// How far each node is from `to`, up to `longest`, without those of `prefix`.
    fn distances(&self, to: usize, prefix: &[usize], longest: usize) -> Vec<Option<usize>> {
        let mut distance = vec![None; self.entities.len()];
        let mut open = VecDeque::new();
        if let Some(start) = distance.get_mut(to).filter(|_| !prefix.contains(&to)) {
            *start = Some(0);
            open.push_back((to, 0));
        }
        while let Some((node, far)) = open.pop_front() {
            for next in self
                .beside(node)
                .iter()
                .filter(|next| !prefix.contains(next))
            {
                if let Some(place) = distance.get_mut(*next).filter(|place| place.is_none())
                    && far < longest
                {
                    *place = Some(far + 1);
                    open.push_back((*next, far + 1));
                }
            }
        }
        distance
    }
}
