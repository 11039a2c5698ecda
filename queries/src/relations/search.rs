//! What paths are sought in: the part of the graph between two entities.
//!
//! It is walked from both ends, one hop further at a time, always on the side
//! that has less to walk; so a hub at one end is walked only when the other side
//! has become larger still, and often never. Before paths are sought, what lies
//! on no way short enough is dropped.

use graph::id::EntityId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::yen::Corridor;
use super::{PathsQuestion, Relations};

type Edges = FxHashMap<EntityId, Vec<EntityId>>;

/// What has been walked so far between the two ends of a question.
pub(super) struct Search<'r> {
    relations: &'r Relations<'r>,
    question: PathsQuestion,
    /// The neighbours of all that were walked, from either side.
    edges: Edges,
    /// Whether an entity met is a hub; the two ends are never asked.
    is_hub: FxHashMap<EntityId, bool>,
    sides: [Side; 2],
}

struct Side {
    start: EntityId,
    /// Where the other side starts: a simple path does not go on from there.
    goal: EntityId,
    seen: FxHashSet<EntityId>,
    frontier: Vec<EntityId>,
    /// How much the next hop costs, roughly.
    cost: usize,
}

impl<'r> Search<'r> {
    pub(super) fn new(relations: &'r Relations<'r>, question: PathsQuestion) -> Self {
        let side = |start, goal| Side {
            start,
            goal,
            seen: FxHashSet::from_iter([start]),
            frontier: vec![start],
            cost: relations.edges(start, question.when).count(),
        };
        let sides = [
            side(question.from, question.to),
            side(question.to, question.from),
        ];
        Self {
            relations,
            question,
            edges: Edges::default(),
            is_hub: FxHashMap::default(),
            sides,
        }
    }

    /// One hop further on the cheaper side.
    pub(super) fn grow(&mut self) {
        let Self {
            relations,
            question,
            edges,
            is_hub,
            sides: [one, other],
        } = self;
        let when = question.when;
        let side = if one.cost <= other.cost { one } else { other };
        let mut next = Vec::new();
        for entity in std::mem::take(&mut side.frontier) {
            let mut blocked = || {
                *is_hub
                    .entry(entity)
                    .or_insert_with(|| relations.is_hub(entity, when))
            };
            if entity == side.goal || (entity != side.start && blocked()) {
                continue;
            }
            let walked = edges.entry(entity);
            let others = walked.or_insert_with(|| relations.neighbours(entity, when));
            next.extend(
                others
                    .iter()
                    .copied()
                    .filter(|other| side.seen.insert(*other)),
            );
        }
        side.cost = next.len();
        side.frontier = next;
    }

    /// One side has nothing further to walk: every way there is was walked.
    pub(super) fn is_exhausted(&self) -> bool {
        self.sides.iter().any(|side| side.frontier.is_empty())
    }

    /// What lies on ways of at most `longest` steps, if there are any. After as
    /// many hops on the two sides together, every step of such a way begins or
    /// ends with an entity that was walked, so nothing is missing.
    pub(super) fn corridor(&mut self, longest: usize) -> Option<Corridor> {
        let PathsQuestion { from, to, when, .. } = self.question;
        let [one, other] = &self.sides;
        if one.seen.is_disjoint(&other.seen) {
            return None;
        }
        let mut both = Edges::default();
        for (one, others) in &self.edges {
            for other in others {
                both.entry(*other).or_default().push(*one);
                both.entry(*one).or_default().push(*other);
            }
        }
        let near = self.reach(&both, from, longest);
        let left = near.get(&to).map(|_| self.reach(&both, to, longest))?;
        let mut entities = FxHashSet::from_iter([from, to]);
        for (entity, steps) in near {
            let fits = left
                .get(&entity)
                .is_some_and(|others| steps + others <= longest);
            let relations = self.relations;
            let mut blocked = || {
                *self
                    .is_hub
                    .entry(entity)
                    .or_insert_with(|| relations.is_hub(entity, when))
            };
            if fits && entity != from && entity != to && !blocked() {
                entities.insert(entity);
            }
        }
        Some(Corridor::new(&entities, &both))
    }

    /// How many steps everybody is from `start` within what was walked, by ways
    /// that pass no known hub.
    fn reach(&self, edges: &Edges, start: EntityId, longest: usize) -> FxHashMap<EntityId, usize> {
        let mut steps = FxHashMap::from_iter([(start, 0)]);
        let mut layer = vec![start];
        for far in 1..=longest {
            let mut next = Vec::new();
            for entity in layer {
                if self.is_hub.get(&entity) == Some(&true) {
                    continue;
                }
                for other in edges.get(&entity).into_iter().flatten() {
                    if !steps.contains_key(other) {
                        steps.insert(*other, far);
                        next.push(*other);
                    }
                }
            }
            layer = next;
        }
        steps
    }

    /// The hubs met, by id.
    pub(super) fn hubs(&self) -> Vec<EntityId> {
        let met = self.is_hub.iter().filter(|(_, is_hub)| **is_hub);
        let mut hubs: Vec<EntityId> = met.map(|(entity, _)| *entity).collect();
        hubs.sort_unstable();
        hubs
    }
}
