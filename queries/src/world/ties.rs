//! Pairs of organisations that a registration ties: body and superior, branch and
//! enterprise. Few have one, so they are kept beside the registrations.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;

/// Pairs of a lower and an upper organisation, found by either.
#[derive(Clone, Debug, Default)]
pub struct Ties {
    up: Arc<Vec<(EntityId, EntityId)>>,
    down: Arc<Vec<(EntityId, EntityId)>>,
}

impl Ties {
    /// Of pairs of a lower and an upper; each lower has one upper.
    pub(super) fn new(mut up: Vec<(EntityId, EntityId)>) -> Self {
        let mut down: Vec<_> = up.iter().map(|(lower, upper)| (*upper, *lower)).collect();
        up.sort_unstable();
        down.sort_unstable();
        Self {
            up: Arc::new(up),
            down: Arc::new(down),
        }
    }

    /// The same with other uppers for some.
    pub(super) fn with(&self, changed: &BTreeMap<EntityId, Option<EntityId>>) -> Self {
        let kept = self.up.iter().copied();
        let kept = kept.filter(|(lower, _)| !changed.contains_key(lower));
        let come = changed.iter();
        let come = come.filter_map(|(lower, upper)| Some((*lower, (*upper)?)));
        Self::new(kept.chain(come).collect())
    }

    /// All pairs of a lower and an upper, to be kept.
    pub(super) fn pairs(&self) -> Vec<(EntityId, EntityId)> {
        self.up.to_vec()
    }

    /// The one above.
    pub fn above(&self, lower: EntityId) -> Option<EntityId> {
        from(&self.up, lower).next()
    }

    /// Those below, by id.
    pub fn below(&self, upper: EntityId) -> impl Iterator<Item = EntityId> {
        from(&self.down, upper)
    }
}

fn from(pairs: &[(EntityId, EntityId)], one: EntityId) -> impl Iterator<Item = EntityId> {
    let first = pairs.partition_point(|(of, _)| *of < one);
    let rest = pairs.get(first..).unwrap_or_default().iter();
    rest.take_while(move |(of, _)| *of == one)
        .map(|(_, other)| *other)
}
