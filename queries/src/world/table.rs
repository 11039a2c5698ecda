//! Rows sorted by the entity they are filed under, found by it and by another.

use std::ops::Range;

use graph::id::EntityId;
use rayon::prelude::*;

use super::Linked;

/// Rows of one record set, sorted by home and record id; found by home and, where
/// they name a second entity, by that. The homes are kept apart from the rows:
/// each once, ascending, with the place of its first row.
#[derive(Debug)]
pub struct Table<T> {
    homes: Vec<EntityId>,
    starts: Vec<u32>,
    rows: Vec<T>,
    /// The places of the rows by the other entity.
    by_other: Vec<u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            homes: Vec::new(),
            starts: Vec::new(),
            rows: Vec::new(),
            by_other: Vec::new(),
        }
    }
}

impl<T> Table<T> {
    /// Adds a row. Rows must come by home.
    pub(super) fn push(&mut self, home: EntityId, row: T) {
        if self.homes.last() != Some(&home) {
            self.homes.push(home);
            self.starts.push(place_of(self.rows.len()));
        }
        self.rows.push(row);
    }

    /// One table of parts whose homes follow each other.
    pub(super) fn concat(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        whole
            .homes
            .reserve_exact(parts.iter().map(|p| p.homes.len()).sum());
        whole
            .starts
            .reserve_exact(parts.iter().map(|p| p.starts.len()).sum());
        whole
            .rows
            .reserve_exact(parts.iter().map(|p| p.rows.len()).sum());
        for part in parts {
            let before = place_of(whole.rows.len());
            whole
                .starts
                .extend(part.starts.iter().map(|start| start + before));
            whole.homes.extend(part.homes);
            whole.rows.extend(part.rows);
        }
        whole
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// There are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, by home, each with its home.
    pub fn all(&self) -> impl Iterator<Item = (EntityId, &T)> {
        let homes = self.homes.iter().enumerate();
        homes.flat_map(|(at, home)| self.at(at).iter().map(|row| (*home, row)))
    }

    /// The homes with their rows, ascending.
    pub fn by_home(&self) -> impl Iterator<Item = (EntityId, &[T])> {
        let homes = self.homes.iter().enumerate();
        homes.map(|(at, home)| (*home, self.at(at)))
    }

    /// All rows, to be completed; their order stays.
    pub(super) fn rows_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }

    /// The homes with their rows, ascending, to be walked side by side.
    pub fn side_by_side(&self) -> impl IndexedParallelIterator<Item = (EntityId, &[T])>
    where
        T: Sync,
    {
        let homes = self.homes.par_iter().enumerate();
        homes.map(|(at, home)| (*home, self.at(at)))
    }

    /// The rows filed under `home`, by record id.
    pub fn of(&self, home: EntityId) -> &[T] {
        let found = self.homes.binary_search(&home);
        found.map(|at| self.at(at)).unwrap_or_default()
    }

    /// The homes that have rows, ascending.
    pub fn homes(&self) -> &[EntityId] {
        &self.homes
    }

    fn at(&self, at: usize) -> &[T] {
        self.rows.get(self.range(at)).unwrap_or_default()
    }

    fn range(&self, at: usize) -> Range<usize> {
        let start = |at: usize| self.starts.get(at).map(|start| to_index(*start));
        start(at).unwrap_or_default()..start(at + 1).unwrap_or(self.rows.len())
    }
}

impl<T: Linked + Sync> Table<T> {
    /// Notes by which other entities the rows are found.
    pub(super) fn link(&mut self) {
        let mut order: Vec<u32> = (0..place_of(self.rows.len())).collect();
        order.par_sort_unstable_by_key(|place| (self.row(*place).map(Linked::other), *place));
        self.by_other = order;
    }

    fn row(&self, place: u32) -> Option<&T> {
        self.rows.get(to_index(place))
    }

    /// The rows that name `other`, by home, each with its home.
    pub fn naming(&self, other: EntityId) -> impl Iterator<Item = (EntityId, &T)> {
        let of = |place: &u32| self.row(*place).map(Linked::other);
        let from = self
            .by_other
            .partition_point(|place| of(place) < Some(other));
        let places = self.by_other.get(from..).unwrap_or_default();
        places
            .iter()
            .take_while(move |place| of(place) == Some(other))
            .filter_map(|place| {
                let home = self.starts.partition_point(|start| start <= place);
                Some((*self.homes.get(home.checked_sub(1)?)?, self.row(*place)?))
            })
    }
}

/// A place in a table: four bytes, since no table has 2³² rows.
fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn to_index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use graph::record::RoleKind;
    use graph::time::Interval;
    use proptest::prelude::*;

    use super::*;
    use crate::world::Role;

    fn entity(n: u8) -> EntityId {
        EntityId::person([n; 15])
    }

    fn role(person: u8) -> Role {
        Role {
            person: entity(person),
            interval: Interval::ALWAYS,
            role: RoleKind::Director,
        }
    }

    proptest! {
        #[test]
        fn rows_are_found_by_either_end_however_they_were_cut(
            mut pairs in proptest::collection::vec((0u8..6, 0u8..6), 0..30),
            cuts in proptest::collection::vec(0u8..7, 0..3),
        ) {
            pairs.sort_by_key(|(home, _)| *home);
            let mut cuts = cuts;
            cuts.sort_unstable();
            let part = |home: u8| cuts.iter().filter(|cut| **cut <= home).count();
            let parts = (0..=cuts.len()).map(|number| {
                let mut table = Table::default();
                for (home, person) in pairs.iter().filter(|(home, _)| part(*home) == number) {
                    table.push(entity(*home), role(*person));
                }
                table
            });
            let mut table = Table::concat(parts.collect());
            table.link();
            let all: Vec<_> = table.all().map(|(home, row)| (home, row.person)).collect();
            let told: Vec<_> = pairs.iter().map(|(h, p)| (entity(*h), entity(*p))).collect();
            prop_assert_eq!(&all, &told);
            for n in 0..7 {
                let of: Vec<_> = table.of(entity(n)).iter().map(|row| row.person).collect();
                let naming: Vec<_> = table.naming(entity(n)).map(|(home, _)| home).collect();
                let at = told.iter().filter(|(home, _)| *home == entity(n));
                prop_assert_eq!(of, at.map(|(_, person)| *person).collect::<Vec<_>>());
                let by = told.iter().filter(|(_, person)| *person == entity(n));
                prop_assert_eq!(naming, by.map(|(home, _)| *home).collect::<Vec<_>>());
            }
            let side_by_side: Vec<_> = table.side_by_side().map(|(_, rows)| rows.len()).collect();
            prop_assert_eq!(side_by_side.iter().sum::<usize>(), told.len());
        }
    }
}
