//! Rows sorted by the entity they are filed under, found by it and by another.

use std::ops::Range;

use graph::id::EntityId;
use rustc_hash::FxHashMap;

use super::Row;

/// Rows of one record set, sorted by home; found by home or by a second entity.
#[derive(Debug)]
pub struct Table<T> {
    rows: Vec<Row<T>>,
    homes: FxHashMap<EntityId, Range<usize>>,
    linked: FxHashMap<EntityId, Vec<usize>>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            homes: FxHashMap::default(),
            linked: FxHashMap::default(),
        }
    }
}

impl<T> Table<T> {
    /// Sorts rows by home and record id, dropping repetitions of a record.
    pub(crate) fn new(
        mut rows: Vec<Row<T>>,
        home: impl Fn(&T) -> EntityId,
        link: impl Fn(&T) -> Option<EntityId>,
    ) -> Self {
        rows.sort_by_key(|row| (home(&row.record), row.id));
        rows.dedup_by_key(|row| row.id);
        let mut homes: FxHashMap<EntityId, Range<usize>> = FxHashMap::default();
        let mut linked: FxHashMap<EntityId, Vec<usize>> = FxHashMap::default();
        for (place, row) in rows.iter().enumerate() {
            homes.entry(home(&row.record)).or_insert(place..place).end = place + 1;
            if let Some(other) = link(&row.record) {
                linked.entry(other).or_default().push(place);
            }
        }
        Self {
            rows,
            homes,
            linked,
        }
    }

    /// All rows, by home.
    pub fn all(&self) -> &[Row<T>] {
        &self.rows
    }

    /// The rows filed under `home`.
    pub fn of(&self, home: EntityId) -> &[Row<T>] {
        let range = self.homes.get(&home).cloned().unwrap_or_default();
        self.rows.get(range).unwrap_or_default()
    }

    /// The rows that name `other`.
    pub fn naming(&self, other: EntityId) -> impl Iterator<Item = &Row<T>> {
        let places = self
            .linked
            .get(&other)
            .map(Vec::as_slice)
            .unwrap_or_default();
        places.iter().filter_map(|place| self.rows.get(*place))
    }

    /// The homes that have rows.
    pub fn homes(&self) -> impl Iterator<Item = EntityId> {
        self.homes.keys().copied()
    }
}
