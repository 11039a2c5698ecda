//! Rows sorted by the entity they are filed under, found by it and by another.
//!
//! A table is never changed: bringing it up to date makes another one, which shares the
//! rows with it and has the rows of the homes that changed beside them.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::Linked;
use super::merge::interleave;
use super::sampled::Sampled;

/// Rows on their way into a table: by home.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rows<T> {
    /// Each once, ascending, with its rows' span.
    homes: Vec<EntityId>,
    spans: Vec<Span>,
    all: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            homes: Vec::new(),
            spans: Vec::new(),
            all: Vec::new(),
        }
    }
}

/// The rows of one home: where they begin, and how many there are.
#[derive(Clone, Copy, Default, Debug, Serialize, Deserialize)]
struct Span {
    first: u32,
    count: u32,
}

impl<T> Rows<T> {
    /// Adds a row. Rows must come by home.
    pub(super) fn push(&mut self, home: EntityId, row: T) {
        if self.homes.last() != Some(&home) {
            self.homes.push(home);
            self.spans.push(Span {
                first: place_of(self.all.len()),
                count: 0,
            });
        }
        self.all.push(row);
        if let Some(span) = self.spans.last_mut() {
            span.count += 1;
        }
    }

    /// All rows of parts whose homes follow each other.
    pub(super) fn concat(parts: Vec<Self>) -> Self {
        let count = |of: fn(&Self) -> usize| parts.iter().map(of).sum();
        let mut whole = Self {
            homes: Vec::with_capacity(count(|part| part.homes.len())),
            spans: Vec::with_capacity(count(|part| part.homes.len())),
            all: Vec::with_capacity(count(|part| part.all.len())),
        };
        for part in parts {
            let before = place_of(whole.all.len());
            whole.spans.extend(part.spans.iter().map(|span| Span {
                first: span.first + before,
                ..*span
            }));
            whole.homes.extend(part.homes);
            whole.all.extend(part.all);
        }
        whole
    }
}

/// Rows of one record set, sorted by home and record id; found by home and, where
/// they name a second entity, by that. The homes are kept apart from the rows.
#[derive(Debug)]
pub struct Table<T> {
    homes: Arc<Vec<EntityId>>,
    sampled: Arc<Sampled<EntityId>>,
    spans: Arc<Vec<Span>>,
    base: Arc<Base<T>>,
    /// Rows of homes that changed since the base was made, with the home of each. Their
    /// places follow those of the base.
    fresh: Arc<Vec<T>>,
    fresh_homes: Arc<Vec<EntityId>>,
    /// The places of the rows by the other entity, then by home.
    by_other: Arc<Vec<u32>>,
    /// The other entities, in that order.
    others: Arc<Sampled<EntityId>>,
}

/// The rows as a table was first made, and of whom they are.
#[derive(Debug)]
struct Base<T> {
    homes: Arc<Vec<EntityId>>,
    spans: Arc<Vec<Span>>,
    /// Where the spans begin.
    sampled: Sampled<u32>,
    rows: Vec<T>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            homes: Arc::clone(&self.homes),
            sampled: Arc::clone(&self.sampled),
            spans: Arc::clone(&self.spans),
            base: Arc::clone(&self.base),
            fresh: Arc::clone(&self.fresh),
            fresh_homes: Arc::clone(&self.fresh_homes),
            by_other: Arc::clone(&self.by_other),
            others: Arc::clone(&self.others),
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::of_rows(Rows::default())
    }
}

impl<T> Table<T> {
    /// A table of these rows.
    pub(super) fn of_rows(rows: Rows<T>) -> Self {
        let (homes, spans) = (Arc::new(rows.homes), Arc::new(rows.spans));
        let base = Base {
            homes: Arc::clone(&homes),
            spans: Arc::clone(&spans),
            sampled: Sampled::new(spans.len(), |place| Some(spans.get(place)?.first)),
            rows: rows.all,
        };
        Self {
            sampled: Arc::new(sampled(&homes)),
            homes,
            spans,
            base: Arc::new(base),
            fresh: Arc::default(),
            fresh_homes: Arc::default(),
            by_other: Arc::default(),
            others: Arc::default(),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.spans.iter().map(|span| to_index(span.count)).sum()
    }

    /// There are no rows.
    pub fn is_empty(&self) -> bool {
        self.homes.is_empty()
    }

    /// All rows, by home, each with its home.
    pub fn all(&self) -> impl Iterator<Item = (EntityId, &T)> {
        let homes = self.by_home();
        homes.flat_map(|(home, rows)| rows.iter().map(move |row| (home, row)))
    }

    /// The homes with their rows, ascending.
    pub fn by_home(&self) -> impl Iterator<Item = (EntityId, &[T])> {
        let homes = self.homes.iter().zip(&*self.spans);
        homes.map(|(home, span)| (*home, self.at(*span)))
    }

    /// The homes with their rows, ascending, to be walked side by side.
    pub fn side_by_side(&self) -> impl IndexedParallelIterator<Item = (EntityId, &[T])>
    where
        T: Send + Sync,
    {
        let homes = self.homes.par_iter().zip(&*self.spans);
        homes.map(|(home, span)| (*home, self.at(*span)))
    }

    /// The rows filed under `home`, by record id.
    pub fn of(&self, home: EntityId) -> &[T] {
        self.at(self.span(home))
    }

    /// The span of the rows of `home`; empty when there are none.
    fn span(&self, home: EntityId) -> Span {
        let around = self.sampled.around(home);
        let end = around.end.min(self.homes.len());
        let homes = self.homes.get(around.start..end).unwrap_or_default();
        let place = around.start + homes.partition_point(|of| *of < home);
        let found = self.homes.get(place).filter(|of| **of == home);
        let span = found.and_then(|_| self.spans.get(place)).copied();
        span.unwrap_or_default()
    }

    /// The homes that have rows, ascending.
    pub fn homes(&self) -> &[EntityId] {
        &self.homes
    }

    /// How many rows came after the table was first made, and how many came with it.
    pub(super) fn ages(&self) -> (usize, usize) {
        (self.fresh.len(), self.base.rows.len())
    }

    fn at(&self, span: Span) -> &[T] {
        let (first, count) = (to_index(span.first), to_index(span.count));
        let old = self.base.rows.len();
        let (rows, first) = match first.checked_sub(old) {
            None => (&self.base.rows, first),
            Some(first) => (&*self.fresh, first),
        };
        rows.get(first..first + count).unwrap_or_default()
    }

    fn row(&self, place: u32) -> Option<&T> {
        let place = to_index(place);
        let old = self.base.rows.get(place);
        old.or_else(|| self.fresh.get(place.checked_sub(self.base.rows.len())?))
    }

    /// The home of the row at a place.
    fn home(&self, place: u32) -> Option<EntityId> {
        let fresh = to_index(place).checked_sub(self.base.rows.len());
        if let Some(fresh) = fresh {
            return self.fresh_homes.get(fresh).copied();
        }
        let around = self.base.sampled.around(place.checked_add(1)?);
        let end = around.end.min(self.base.spans.len());
        let spans = self.base.spans.get(around.start..end)?;
        let after = around.start + spans.partition_point(|span| span.first <= place);
        self.base.homes.get(after.checked_sub(1)?).copied()
    }
}

impl<T: Clone> Table<T> {
    /// All rows in parts of about `most` rows, to be kept.
    pub(super) fn parts(&self, most: usize) -> impl Iterator<Item = Rows<T>> {
        let mut homes = self.by_home().peekable();
        std::iter::from_fn(move || {
            homes.peek()?;
            let mut part = Rows::default();
            while part.all.len() < most
                && let Some((home, rows)) = homes.next()
            {
                for row in rows {
                    part.push(home, row.clone());
                }
            }
            Some(part)
        })
    }

    /// The same with other rows at some homes; none where there are none any more. Shares
    /// the other rows. What is found by another entity is to be linked again.
    pub(super) fn with(&self, changed: &BTreeMap<EntityId, Vec<T>>) -> Self {
        let (mut fresh, mut fresh_homes) = ((*self.fresh).clone(), (*self.fresh_homes).clone());
        let old = self.base.rows.len();
        let (mut homes, mut spans) = (Vec::new(), Vec::new());
        let room = self.homes.len() + changed.len();
        homes.reserve_exact(room);
        spans.reserve_exact(room);
        let mut done = 0;
        for (home, rows) in changed {
            let until = self.homes.partition_point(|of| of < home);
            homes.extend_from_slice(self.homes.get(done..until).unwrap_or_default());
            spans.extend_from_slice(self.spans.get(done..until).unwrap_or_default());
            done = until + usize::from(self.homes.get(until) == Some(home));
            if !rows.is_empty() {
                homes.push(*home);
                spans.push(Span {
                    first: place_of(old + fresh.len()),
                    count: place_of(rows.len()),
                });
                fresh.extend_from_slice(rows);
                fresh_homes.extend(rows.iter().map(|_| *home));
            }
        }
        homes.extend_from_slice(self.homes.get(done..).unwrap_or_default());
        spans.extend_from_slice(self.spans.get(done..).unwrap_or_default());
        Self {
            sampled: Arc::new(sampled(&homes)),
            homes: Arc::new(homes),
            spans: Arc::new(spans),
            base: Arc::clone(&self.base),
            fresh: Arc::new(fresh),
            fresh_homes: Arc::new(fresh_homes),
            by_other: Arc::default(),
            others: Arc::default(),
        }
    }
}

impl<T: Linked + Send + Sync> Table<T> {
    /// The places of the rows by the other entity, as they are when the table is made of
    /// its parts: to be kept with them.
    pub(super) fn order(&self) -> Vec<u32> {
        let mut places = vec![0; self.base.rows.len() + self.fresh.len()];
        let old = self
            .spans
            .iter()
            .flat_map(|span| span.first..span.first + span.count);
        for (place, old) in (0..).zip(old) {
            if let Some(new) = places.get_mut(to_index(old)) {
                *new = place;
            }
        }
        let order = self.by_other.iter();
        let order = order.filter_map(|place| places.get(to_index(*place)));
        order.copied().collect()
    }

    /// A table of these rows, which are found by the other entity in this order.
    pub(super) fn ordered(rows: Rows<T>, order: Vec<u32>) -> Self {
        Self::of_rows(rows).in_order(order)
    }

    fn in_order(mut self, order: Vec<u32>) -> Self {
        let other = |place: usize| Some(self.row(*order.get(place)?)?.other());
        self.others = Arc::new(Sampled::new(order.len(), other));
        self.by_other = Arc::new(order);
        self
    }

    /// A table of these rows, which are found by the other entity too.
    pub(super) fn linked(rows: Rows<T>) -> Self {
        let table = Self::of_rows(rows);
        let rows = table.base.rows.par_iter().enumerate();
        let mut order: Vec<(EntityId, u32)> = rows
            .map(|(place, row)| (row.other(), place_of(place)))
            .collect();
        order.par_sort_unstable();
        let order = order.into_par_iter().map(|(_, place)| place);
        table.in_order(order.collect())
    }

    /// Finds the rows by the other entity again, after [`Table::with`] made this of `old`.
    pub(super) fn relinked(self, old: &Self, changed: impl Iterator<Item = EntityId>) -> Self {
        let mut gone: FxHashSet<u32> = FxHashSet::default();
        let mut come: Vec<u32> = Vec::new();
        for home in changed {
            gone.extend(old.places(home));
            come.extend(self.places(home));
        }
        let key = |place: u32| (self.row(place).map(Linked::other), self.home(place), place);
        come.sort_unstable_by_key(|place| key(*place));
        let kept = old.by_other.iter().copied();
        let kept: Vec<u32> = kept.filter(|place| !gone.contains(place)).collect();
        let order = interleave(&kept, &come, |one, other| key(*one) < key(*other));
        self.in_order(order)
    }

    fn places(&self, home: EntityId) -> std::ops::Range<u32> {
        let span = self.span(home);
        span.first..span.first + span.count
    }

    /// The rows that name `other`, by home, each with its home.
    pub fn naming(&self, other: EntityId) -> impl Iterator<Item = (EntityId, &T)> {
        let of = |place: &u32| self.row(*place).map(Linked::other);
        let around = self.others.around(other);
        let end = around.end.min(self.by_other.len());
        let near = self.by_other.get(around.start..end).unwrap_or_default();
        let from = around.start + near.partition_point(|place| of(place) < Some(other));
        let places = self.by_other.get(from..).unwrap_or_default();
        places
            .iter()
            .take_while(move |place| of(place) == Some(other))
            .filter_map(|place| Some((self.home(*place)?, self.row(*place)?)))
    }
}

fn sampled(homes: &[EntityId]) -> Sampled<EntityId> {
    Sampled::new(homes.len(), |place| homes.get(place).copied())
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

    type Pairs = Vec<(u8, u8)>;

    /// So many entities at most: some samples of a column.
    const MANY: u8 = 150;

    /// Rows of few entities or of many.
    fn pairs() -> impl Strategy<Value = Pairs> {
        let of = |many: u8, rows| proptest::collection::vec((0..many, 0..many), 0..rows);
        prop_oneof![of(6, 30), of(MANY, 300)]
    }

    /// What a table answers, against the plain list of its rows.
    fn holds(table: &Table<Role>, pairs: &Pairs) -> Result<(), TestCaseError> {
        let all: Vec<_> = table.all().map(|(home, row)| (home, row.person)).collect();
        let told: Vec<_> = pairs
            .iter()
            .map(|(h, p)| (entity(*h), entity(*p)))
            .collect();
        prop_assert_eq!(&all, &told);
        prop_assert_eq!(
            (table.len(), table.is_empty()),
            (told.len(), told.is_empty())
        );
        for n in 0..=MANY {
            let of: Vec<_> = table.of(entity(n)).iter().map(|row| row.person).collect();
            let naming: Vec<_> = table.naming(entity(n)).map(|(home, _)| home).collect();
            let at = told.iter().filter(|(home, _)| *home == entity(n));
            prop_assert_eq!(of, at.map(|(_, person)| *person).collect::<Vec<_>>());
            let by = told.iter().filter(|(_, person)| *person == entity(n));
            prop_assert_eq!(naming, by.map(|(home, _)| *home).collect::<Vec<_>>());
        }
        let side_by_side: Vec<_> = table.side_by_side().map(|(_, rows)| rows.len()).collect();
        prop_assert_eq!(side_by_side.iter().sum::<usize>(), told.len());
        Ok(())
    }

    proptest! {
        #[test]
        fn rows_are_found_by_either_end_however_they_were_cut(
            mut pairs in pairs(),
            cuts in proptest::collection::vec(0..=MANY, 0..3),
        ) {
            pairs.sort_by_key(|(home, _)| *home);
            let mut cuts = cuts;
            cuts.sort_unstable();
            let part = |home: u8| cuts.iter().filter(|cut| **cut <= home).count();
            let parts = (0..=cuts.len()).map(|number| {
                let mut table = Rows::default();
                for (home, person) in pairs.iter().filter(|(home, _)| part(*home) == number) {
                    table.push(entity(*home), role(*person));
                }
                table
            });
            holds(&Table::linked(Rows::concat(parts.collect())), &pairs)?;
        }

        #[test]
        fn a_table_brought_up_to_date_is_as_one_made_anew(
            mut pairs in pairs(),
            steps in proptest::collection::vec(
                proptest::collection::btree_map(0..MANY, proptest::collection::vec(0..MANY, 0..4), 0..4),
                0..4,
            ),
        ) {
            pairs.sort_by_key(|(home, _)| *home);
            let mut rows = Rows::default();
            for (home, person) in &pairs {
                rows.push(entity(*home), role(*person));
            }
            let mut table = Table::linked(rows);
            for step in steps {
                let before = (table.clone(), pairs.clone());
                pairs.retain(|(home, _)| !step.contains_key(home));
                let come = step.iter();
                pairs.extend(come.flat_map(|(home, of)| of.iter().map(|person| (*home, *person))));
                pairs.sort_by_key(|(home, _)| *home);
                let changed: BTreeMap<EntityId, Vec<Role>> = step
                    .iter()
                    .map(|(home, of)| (entity(*home), of.iter().map(|n| role(*n)).collect()))
                    .collect();
                table = table.with(&changed).relinked(&before.0, changed.keys().copied());
                holds(&table, &pairs)?;
                holds(&before.0, &before.1)?;
            }
        }
    }
}
