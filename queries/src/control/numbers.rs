//! Numbers for entities, in the order in which they were met.

use std::collections::hash_map::Entry;

use graph::id::EntityId;
use rustc_hash::FxHashMap;

/// So few are found sooner by looking at each than by a digest; most companies have no more
/// above them.
const FEW: usize = 16;

/// Entities, each with a number from 0 without holes.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    all: Vec<EntityId>,
    /// Of all, once they are not few any more.
    index: FxHashMap<EntityId, u32>,
}

impl Numbers {
    /// The entities, by number.
    pub(crate) fn all(&self) -> &[EntityId] {
        &self.all
    }

    /// The number of an entity that was met.
    pub(crate) fn find(&self, id: EntityId) -> Option<u32> {
        if self.all.len() > FEW {
            return self.index.get(&id).copied();
        }
        let place = self.all.iter().position(|one| *one == id);
        place.map(number)
    }

    /// The number of an entity, and whether it is met for the first time.
    pub(crate) fn meet(&mut self, id: EntityId) -> (u32, bool) {
        let next = number(self.all.len());
        if self.all.len() > FEW {
            match self.index.entry(id) {
                Entry::Occupied(known) => return (*known.get(), false),
                Entry::Vacant(free) => free.insert(next),
            };
        } else if let Some(known) = self.find(id) {
            return (known, false);
        }
        self.all.push(id);
        if self.all.len() == FEW + 1 {
            let numbered = self.all.iter().copied().zip(0..);
            self.index.extend(numbered);
        }
        (next, true)
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_number_however_many_there_are() {
        let id = |n: u8| EntityId::person([n; 15]);
        let mut numbers = Numbers::default();
        for round in 0..2 {
            for (n, expected) in (0..50).zip(0..) {
                assert_eq!(numbers.find(id(n)).is_some(), round > 0);
                assert_eq!(numbers.meet(id(n)), (expected, round == 0));
                assert_eq!(numbers.find(id(n)), Some(expected));
            }
        }
        assert_eq!(numbers.all(), (0..50).map(id).collect::<Vec<_>>());
        assert_eq!(numbers.find(id(50)), None);
    }
}
