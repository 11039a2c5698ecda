//! Rows sorted by the entity they are filed under, found by it and by another.
//!
//! A table is never changed: bringing it up to date makes another one, which shares all leaves
//! but those in which something changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;

use super::Linked;
use super::leaf::{Key, Leaf, Leaves, Rows};
use super::links::{Links, Order};

/// Rows of one record set, sorted by home and record id; found by home and, where
/// they name a second entity, by that. The homes are kept apart from the rows.
#[derive(Debug)]
pub struct Table<T: 'static, K: Key = EntityId> {
    leaves: Leaves<T, K>,
    homes: usize,
    len: usize,
    links: Arc<Links>,
}

impl<T: 'static, K: Key> Clone for Table<T, K> {
    fn clone(&self) -> Self {
        Self {
            leaves: self.leaves.clone(),
            links: Arc::clone(&self.links),
            ..*self
        }
    }
}

impl<T: 'static, K: Key> Default for Table<T, K> {
    fn default() -> Self {
        Self::of_leaves(Vec::new())
    }
}

impl<T: 'static, K: Key> Table<T, K> {
    /// A table of leaves whose homes follow each other.
    pub(super) fn of_leaves(leaves: Vec<Arc<Leaf<T, K>>>) -> Self {
        Self::from(Leaves::of(leaves))
    }

    /// A table of leaves that were kept; none if their homes do not follow each other.
    pub(super) fn of_kept(leaves: Vec<Arc<Leaf<T, K>>>) -> Option<Self> {
        let ends = leaves.iter().map(|leaf| leaf.homes.last());
        let next = leaves.iter().skip(1).map(|leaf| leaf.homes.first());
        let follow = ends.zip(next).all(|(end, next)| end < next);
        follow.then(|| Self::of_leaves(leaves))
    }

    /// A table of parts whose homes follow each other.
    pub(super) fn of_rows(parts: impl IntoIterator<Item = Rows<T, K>>) -> Self {
        let leaves = parts.into_iter().flat_map(Rows::finish);
        Self::of_leaves(leaves.collect())
    }

    /// A table of rows that come by home.
    pub(crate) fn of_sorted(all: impl IntoIterator<Item = (K, T)>) -> Self {
        let mut rows = Rows::default();
        all.into_iter().for_each(|(home, row)| rows.push(home, row));
        Self::of_rows([rows])
    }

    fn from(leaves: Leaves<T, K>) -> Self {
        let all = leaves.all().iter();
        Self {
            homes: all.clone().map(|leaf| leaf.homes.len()).sum(),
            len: all.map(|leaf| leaf.rows.len()).sum(),
            leaves,
            links: Arc::default(),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// There are no rows.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All rows, by home, each with its home.
    pub fn all(&self) -> impl Iterator<Item = (K, &T)> {
        let homes = self.by_home();
        homes.flat_map(|(home, rows)| rows.iter().map(move |row| (home, row)))
    }

    /// The rows of each home, with it, by home.
    pub fn by_home(&self) -> impl Iterator<Item = (K, &[T])> {
        self.leaves.all().iter().flat_map(|leaf| leaf.by_home())
    }

    /// The same, to be walked side by side.
    pub fn side_by_side(&self) -> impl ParallelIterator<Item = (K, &[T])>
    where
        T: Send + Sync,
        K: Send + Sync,
    {
        let leaves = self.leaves.all().par_iter();
        leaves.flat_map_iter(|leaf| leaf.by_home())
    }

    /// The rows of each home, with those of the same home in another table, to be walked side
    /// by side: nothing is looked up.
    pub fn beside<'a, U>(
        &'a self,
        other: &'a Table<U, K>,
    ) -> impl ParallelIterator<Item = (K, &'a [T], &'a [U])>
    where
        T: Send + Sync,
        U: Send + Sync + 'static,
        K: Send + Sync,
    {
        self.leaves.all().par_iter().flat_map_iter(|leaf| {
            let first = leaf.homes.first().copied();
            let mut others = other.by_home_from(first).peekable();
            leaf.by_home().map(move |(home, rows)| {
                while others.next_if(|(other, _)| *other < home).is_some() {}
                let same = others.next_if(|(other, _)| *other == home);
                (home, rows, same.map_or(&[][..], |(_, rows)| rows))
            })
        })
    }

    /// [`Table::by_home`] from the leaf on in which a home lies, or would.
    fn by_home_from(&self, home: Option<K>) -> impl Iterator<Item = (K, &[T])> {
        let from = home.and_then(|home| self.leaves.around(home));
        let leaves = self.leaves.all().iter();
        let leaves = leaves.skip(from.map_or(0, |(number, _)| number));
        leaves.flat_map(|leaf| leaf.by_home())
    }

    /// The rows of `home`, by record id.
    #[inline]
    pub fn of(&self, home: K) -> &[T] {
        let leaf = self.leaves.around(home);
        leaf.map_or(&[], |(_, leaf)| leaf.of(home))
    }

    /// Each home that has rows, by id.
    pub fn homes(&self) -> impl Iterator<Item = K> {
        let leaves = self.leaves.all().iter();
        leaves.flat_map(|leaf| leaf.homes.iter().copied())
    }

    /// How many homes have rows.
    pub fn home_count(&self) -> usize {
        self.homes
    }

    /// The leaves, to be kept.
    pub(super) fn leaves(&self) -> &[Arc<Leaf<T, K>>] {
        self.leaves.all()
    }
}

impl<T: Clone + 'static, K: Key> Table<T, K> {
    /// The same with other rows at some homes; none where there are none any more. What is
    /// found by another entity is to be linked again.
    pub(crate) fn with(&self, changed: &BTreeMap<K, Vec<T>>) -> Self {
        if changed.is_empty() {
            return self.clone();
        }
        Self::from(self.leaves.with(changed))
    }
}

impl<T: Linked + Send + Sync + 'static> Table<T> {
    /// The same, its rows to be found by the other entity too.
    pub(super) fn linked(self) -> Self {
        let links = Links::of(self.leaves.all());
        self.with_links(links)
    }

    /// The same, when the order of the links was kept; none if it is of other rows.
    pub(super) fn ordered(self, order: Order) -> Option<Self> {
        let links = Links::in_order(self.leaves.all(), order)?;
        Some(self.with_links(links))
    }

    fn with_links(self, links: Links) -> Self {
        let links = Arc::new(links);
        Self { links, ..self }
    }

    /// [`Table::with`], with the rows found by the other entity too.
    pub(super) fn linked_with(&self, changed: &BTreeMap<EntityId, Vec<T>>) -> Self
    where
        T: Clone,
    {
        if changed.is_empty() {
            return self.clone();
        }
        let next = self.with(changed);
        let links = self.links.after((&self.leaves, &next.leaves), changed);
        next.with_links(links)
    }

    /// The order of the rows by the other entity, to be kept.
    pub(super) fn order(&self) -> &Order {
        self.links.order()
    }

    /// The rows that name `other`, by home, each with its home.
    pub fn naming(&self, other: EntityId) -> impl Iterator<Item = (EntityId, &T)> {
        self.links.naming(self.leaves.all(), other)
    }
}

#[cfg(test)]
mod tests;
