//! Pairs of organisations that a registration ties: body and superior, branch and
//! enterprise. Few have one, so they are kept beside the registrations.

use graph::id::EntityId;

/// Pairs of a lower and an upper organisation, found by either.
#[derive(Debug, Default)]
pub struct Ties {
    up: Vec<(EntityId, EntityId)>,
    down: Vec<(EntityId, EntityId)>,
}

impl Ties {
    /// Of pairs of a lower and an upper; each lower has one upper.
    pub(super) fn new(mut up: Vec<(EntityId, EntityId)>) -> Self {
        let mut down: Vec<_> = up.iter().map(|(lower, upper)| (*upper, *lower)).collect();
        up.sort_unstable();
        down.sort_unstable();
        Self { up, down }
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
