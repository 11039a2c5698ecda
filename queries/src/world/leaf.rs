//! A leaf of a table: the rows of some homes that follow each other, in memory that is made
//! once, as large as it has to be, or where they lie in a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;
use zerocopy::IntoBytes;

use super::fixed::{Bounds, Fixed};
use super::slab::{KeptPiece, Slab};

/// The rows of a leaf take at most this many bytes, unless one home alone has more: enough
/// that leaves are few, few enough that making one anew is nothing.
const BYTES: usize = 20 << 10;

/// How many rows that is.
const fn most<T>() -> usize {
    if cfg!(test) {
        return 8;
    }
    match BYTES.checked_div(size_of::<T>()) {
        Some(most) => most,
        None => BYTES,
    }
}

/// What rows are filed under.
pub trait Key: Copy + Ord + 'static {}

impl<K: Copy + Ord + 'static> Key for K {}

/// Some homes, ascending, with their rows: a home lies in one leaf whole.
#[derive(Debug)]
pub(super) struct Leaf<T: 'static, K: Key = EntityId> {
    pub(super) homes: Slab<K>,
    /// Where the rows of each home end.
    pub(super) ends: Slab<u32>,
    pub(super) rows: Slab<T>,
}

impl<T: 'static, K: Key> Leaf<T, K> {
    /// The rows of a home.
    #[inline]
    pub(super) fn of(&self, home: K) -> &[T] {
        let found = self.homes.binary_search(&home);
        found.map_or(&[], |place| self.at(place))
    }

    fn at(&self, place: usize) -> &[T] {
        let (start, end) = self.span(place);
        self.rows.get(start..end).unwrap_or_default()
    }

    /// Where the rows of the home at a place begin and end.
    fn span(&self, place: usize) -> (usize, usize) {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| to_index(*end));
        (place.checked_sub(1).map_or(0, end), end(place))
    }

    /// Where the rows of a home begin.
    pub(super) fn start_of(&self, home: K) -> Option<usize> {
        let place = self.homes.binary_search(&home).ok()?;
        Some(self.span(place).0)
    }

    /// Whose the row at a place is.
    pub(super) fn home_of(&self, row: usize) -> Option<K> {
        let place = self.ends.partition_point(|end| to_index(*end) <= row);
        self.homes.get(place).copied()
    }

    /// All homes with their rows.
    pub(super) fn by_home(&self) -> impl Iterator<Item = (K, &[T])> {
        let homes = self.homes.iter().enumerate();
        homes.map(|(place, home)| (*home, self.at(place)))
    }
}

impl<T: Fixed, K: Fixed + Key> Leaf<T, K> {
    /// How many homes and rows it has, to be kept.
    pub(super) fn counts(&self) -> [u32; 2] {
        [place_of(self.homes.len()), place_of(self.rows.len())]
    }

    /// Its bytes where they lie, to be kept.
    pub(super) fn parts(&self) -> [&[u8]; 3] {
        [
            self.homes.as_bytes(),
            self.ends.as_bytes(),
            self.rows.as_bytes(),
        ]
    }

    /// Takes a leaf with these counts off the front; none if these are not the bytes of one.
    pub(super) fn take(from: &mut KeptPiece, counts: [u32; 2], bounds: &Bounds) -> Option<Self> {
        let [homes, rows] = counts.map(to_index);
        let leaf = Self {
            homes: from.take(homes)?,
            ends: from.take(homes)?,
            rows: from.take(rows)?,
        };
        leaf.is_sound(bounds).then_some(leaf)
    }

    /// Each home is known, comes after the one before it and has rows, and these are as many
    /// as there are.
    fn is_sound(&self, bounds: &Bounds) -> bool {
        let ends = self.ends.is_sorted_by(|one, next| one < next);
        let last = self.ends.last().map(|end| to_index(*end));
        let homes = self.homes.is_sorted_by(|one, next| one < next);
        ends && homes
            && self.ends.first().is_some_and(|end| *end > 0)
            && last == Some(self.rows.len())
            && all_fit(&self.homes, bounds)
            && all_fit(&self.rows, bounds)
    }
}

/// All values speak of what there is. Looks at each, without a jump in between.
pub(super) fn all_fit<T: Fixed>(values: &[T], bounds: &Bounds) -> bool {
    let fits = values.iter().map(|value| value.fits(bounds));
    fits.fold(true, |all, fits| all & fits)
}

impl<T: Clone + 'static, K: Key> Leaf<T, K> {
    /// The same with other rows at some homes; none where there are none any more.
    pub(super) fn with<'a>(&'a self, changed: &BTreeMap<K, &'a [T]>) -> Vec<Arc<Self>> {
        let kept = self.by_home();
        let kept = kept.filter(|(home, _)| !changed.contains_key(home));
        let come = changed.iter().map(|(home, rows)| (*home, *rows));
        let mut all: Vec<(K, &[T])> = kept.chain(come).collect();
        all.sort_unstable_by_key(|(home, _)| *home);
        let count: usize = all.iter().map(|(_, rows)| rows.len()).sum();
        // Leaves of like size: each has room for some more.
        let most = count.div_ceil(count.div_ceil(most::<T>()).max(1));
        let mut leaves = Rows::with_most(most);
        for (home, rows) in all {
            for row in rows {
                leaves.push(home, row.clone());
            }
        }
        leaves.finish()
    }
}

/// Leaves in order, with the first home of each to find them by.
#[derive(Debug)]
pub(super) struct Leaves<T: 'static, K: Key = EntityId> {
    firsts: Arc<[K]>,
    all: Arc<[Arc<Leaf<T, K>>]>,
}

impl<T: 'static, K: Key> Clone for Leaves<T, K> {
    fn clone(&self) -> Self {
        Self {
            firsts: Arc::clone(&self.firsts),
            all: Arc::clone(&self.all),
        }
    }
}

impl<T: 'static, K: Key> Leaves<T, K> {
    pub(super) fn of(all: Vec<Arc<Leaf<T, K>>>) -> Self {
        let firsts = all.iter().filter_map(|leaf| leaf.homes.first().copied());
        Self {
            firsts: firsts.collect(),
            all: all.into(),
        }
    }

    pub(super) fn all(&self) -> &[Arc<Leaf<T, K>>] {
        &self.all
    }

    /// The leaf in which a home is, if anywhere, with its number.
    #[inline]
    pub(super) fn around(&self, home: K) -> Option<(usize, &Arc<Leaf<T, K>>)> {
        let after = self.firsts.partition_point(|first| *first <= home);
        let number = after.checked_sub(1)?;
        Some((number, self.all.get(number)?))
    }
}

impl<T: Clone + 'static, K: Key> Leaves<T, K> {
    /// The same with other rows at some homes; none where there are none any more. Makes the
    /// leaves in which these homes are anew, and shares the others.
    pub(super) fn with(&self, changed: &BTreeMap<K, Vec<T>>) -> Self {
        let mut all = Vec::with_capacity(self.all.len() + changed.len());
        let mut changed = changed.iter().peekable();
        let next = self.firsts.iter().skip(1).map(Some).chain([None]);
        for (leaf, next) in self.all.iter().zip(next) {
            let mut here = BTreeMap::new();
            let is_here = |home: &K| next.is_none_or(|next| home < next);
            while let Some((home, rows)) = changed.next_if(|(home, _)| is_here(home)) {
                here.insert(*home, rows.as_slice());
            }
            if here.is_empty() {
                all.push(Arc::clone(leaf));
            } else {
                all.extend(leaf.with(&here));
            }
        }
        // Only where there was no leaf.
        let mut rows = Rows::default();
        for (home, of) in changed {
            for row in of {
                rows.push(*home, row.clone());
            }
        }
        all.extend(rows.finish());
        Self::of(all)
    }
}

/// Rows on their way into leaves.
#[derive(Debug)]
pub(super) struct Rows<T: 'static, K: Key = EntityId> {
    most: usize,
    leaves: Vec<Arc<Leaf<T, K>>>,
    /// What is not in leaves yet. This room is used again and again.
    homes: Vec<K>,
    ends: Vec<u32>,
    open: Vec<T>,
}

impl<T: 'static, K: Key> Default for Rows<T, K> {
    fn default() -> Self {
        Self::with_most(most::<T>())
    }
}

impl<T: 'static, K: Key> Rows<T, K> {
    fn with_most(most: usize) -> Self {
        Self {
            most,
            leaves: Vec::new(),
            homes: Vec::new(),
            ends: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Adds a row. Rows must come by home.
    #[inline]
    pub(super) fn push(&mut self, home: K, row: T) {
        if self.homes.last() != Some(&home) {
            if self.open.len() >= self.most {
                self.close(self.homes.len());
            }
            self.homes.push(home);
            self.ends.push(0);
        } else if self.open.len() >= self.most {
            // The home that rows still come for begins the next leaf.
            self.close(self.homes.len() - 1);
        }
        self.open.push(row);
        if let Some(end) = self.ends.last_mut() {
            *end = place_of(self.open.len());
        }
    }

    /// Makes a leaf of the first homes.
    fn close(&mut self, homes: usize) {
        let Some(end) = homes.checked_sub(1).and_then(|last| self.ends.get(last)) else {
            return;
        };
        let end = *end;
        let leaf = Leaf {
            homes: self.homes.drain(..homes).collect(),
            ends: self.ends.drain(..homes).collect(),
            rows: self.open.drain(..to_index(end)).collect(),
        };
        self.leaves.push(Arc::new(leaf));
        for rest in &mut self.ends {
            *rest -= end;
        }
    }

    pub(super) fn finish(mut self) -> Vec<Arc<Leaf<T, K>>> {
        self.close(self.homes.len());
        self.leaves
    }
}

/// A place among rows: four bytes, since no table has 2³² rows.
pub(super) fn place_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(super) fn to_index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}
