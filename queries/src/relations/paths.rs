//! How two entities are connected: the k shortest simple paths.
//!
//! A path is a sequence of entities, none twice; two ways that differ only in
//! which of several links they use between the same two entities are one path,
//! whose step tells all of these links. Paths are ordered by length, then by
//! their entities' ids.

use graph::id::EntityId;

use super::search::Search;
use super::{Link, Relations, When};

/// What is asked of paths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PathsQuestion {
    /// From whom.
    pub from: EntityId,
    /// To whom.
    pub to: EntityId,
    /// How many paths at most; 3 unless told.
    pub k: usize,
    /// How many steps at most; 6 unless told.
    pub max_hops: usize,
    /// Which links count.
    pub when: When,
}

impl PathsQuestion {
    /// With the usual bounds: three paths of at most six steps.
    pub fn new(from: EntityId, to: EntityId, when: When) -> Self {
        Self {
            from,
            to,
            k: 3,
            max_hops: 6,
            when,
        }
    }
}

/// One step of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// From whom, as walked.
    pub from: EntityId,
    /// To whom, as walked.
    pub to: EntityId,
    /// What connects the two: at least one link, sorted; the first is the one
    /// that stands for the step.
    pub links: Vec<Link>,
}

/// One path; its length is the number of its steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// From the one to the other.
    pub steps: Vec<Step>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Paths {
    /// At most k paths, by length and entities. None between an entity and
    /// itself.
    pub paths: Vec<Path>,
    /// The hubs that the search met and did not walk through, by id: there may be
    /// further connections through them.
    pub hubs: Vec<EntityId>,
}

impl Relations<'_> {
    /// The k shortest simple paths between two entities.
    pub fn paths(&self, question: PathsQuestion) -> Paths {
        let PathsQuestion {
            from,
            to,
            k,
            max_hops,
            when,
        } = question;
        if from == to || k == 0 {
            return Paths::default();
        }
        let mut search = Search::new(self, question);
        let mut found = Vec::new();
        for hops in 1..=max_hops {
            search.grow();
            // When one side has nothing further to walk, no way was left out.
            let longest = if search.is_exhausted() {
                max_hops
            } else {
                hops
            };
            if let Some(corridor) = search.corridor(longest) {
                found = corridor.shortest(from, to, k, longest);
            }
            if found.len() >= k || longest == max_hops {
                break;
            }
        }
        let step = |(from, to): (&EntityId, &EntityId)| Step {
            from: *from,
            to: *to,
            links: self.between(*from, *to, when),
        };
        let paths = found.iter().map(|entities| Path {
            steps: entities
                .iter()
                .zip(entities.iter().skip(1))
                .map(step)
                .collect(),
        });
        Paths {
            paths: paths.collect(),
            hubs: search.hubs(),
        }
    }
}
