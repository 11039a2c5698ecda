//! The rows of a table by the other entity that they name: the rows' ranks in that order.
//!
//! Some six bytes a row, where a table of homes by the other entity would take thirty. Where a
//! batch comes all ranks move; so all are written anew, in one pass without a search.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;
use zerocopy::IntoBytes;

use super::Linked;
use super::fixed::Bounds;
use super::leaf::{Leaf, Leaves, place_of, to_index};
use super::sampled::Sampled;
use super::slab::{KeptPiece, Slab};

/// Ranks this far apart know their leaf.
const STEP: u32 = if cfg!(test) { 4 } else { 256 };

/// In which leaf the row of a rank is.
#[derive(Debug, Default)]
struct Ranks {
    /// The rank of the first row of each leaf.
    starts: Vec<u32>,
    /// The leaf of every [`STEP`]th rank.
    leaves: Vec<u32>,
    count: u32,
}

impl Ranks {
    fn of<T: 'static>(leaves: &[Arc<Leaf<T>>]) -> Self {
        let mut ranks = Self::default();
        for (number, leaf) in (0..).zip(leaves) {
            ranks.starts.push(ranks.count);
            ranks.count += place_of(leaf.rows.len());
            while to_index(ranks.count) > ranks.leaves.len() * to_index(STEP) {
                ranks.leaves.push(number);
            }
        }
        ranks
    }

    /// The leaf of the row of a rank, and its place there.
    #[inline]
    fn find(&self, rank: u32) -> Option<(usize, usize)> {
        let step = to_index(rank / STEP);
        let from = to_index(*self.leaves.get(step)?);
        let until = self.leaves.get(step + 1);
        let until = until.map_or(self.starts.len(), |leaf| to_index(*leaf) + 1);
        let starts = self.starts.get(from..until)?;
        let leaf = from
            + starts
                .partition_point(|start| *start <= rank)
                .checked_sub(1)?;
        Some((leaf, to_index(rank - self.starts.get(leaf)?)))
    }
}

/// Ranks by the other entity, then by home and record, and some of these entities.
#[derive(Debug, Default)]
pub(super) struct Order {
    ranks: Slab<u32>,
    others: Sampled<EntityId>,
}

impl Order {
    /// How many ranks there are, to be kept.
    pub(super) fn count(&self) -> u32 {
        place_of(self.ranks.len())
    }

    /// Its bytes where they lie, to be kept.
    pub(super) fn parts(&self) -> [&[u8]; 2] {
        [self.ranks.as_bytes(), self.others.bytes()]
    }

    /// Takes so many ranks off the front; none if these are not the bytes of such.
    pub(super) fn take(from: &mut KeptPiece, count: u32, bounds: &Bounds) -> Option<Self> {
        let ranks: Slab<u32> = from.take(to_index(count))?;
        let others = Sampled::take(from, ranks.len(), bounds)?;
        let last = ranks.iter().max();
        let known = last.is_none_or(|last| *last < count);
        known.then_some(Self { ranks, others })
    }
}

/// The order of a table's rows, and where each is.
#[derive(Debug, Default)]
pub(super) struct Links {
    ranks: Ranks,
    order: Order,
}

impl Links {
    /// Of the rows of these leaves.
    pub(super) fn of<T: Linked + Send + Sync + 'static>(leaves: &[Arc<Leaf<T>>]) -> Self {
        let ranks = Ranks::of(leaves);
        let rows = leaves.iter().flat_map(|leaf| &*leaf.rows);
        let mut all: Vec<(EntityId, u32)> = Vec::with_capacity(to_index(ranks.count));
        all.extend(rows.map(Linked::other).zip(0..));
        all.par_sort_unstable();
        let order = all.into_par_iter().map(|(_, rank)| rank).collect();
        Self::ranked(ranks, leaves, order)
    }

    /// Of the rows of these leaves, whose order was kept; none if it is of others.
    pub(super) fn in_order<T: 'static>(leaves: &[Arc<Leaf<T>>], order: Order) -> Option<Self> {
        let ranks = Ranks::of(leaves);
        (ranks.count == order.count()).then_some(Self { ranks, order })
    }

    fn ranked<T: Linked + Sync + Send + 'static>(
        ranks: Ranks,
        leaves: &[Arc<Leaf<T>>],
        order: Vec<u32>,
    ) -> Self {
        let other = |place: usize| Some(row(&ranks, leaves, *order.get(place)?)?.other());
        let others = Sampled::new(order.len(), other);
        let order = Order {
            ranks: order.into(),
            others,
        };
        Self { ranks, order }
    }

    /// The same after the rows of some homes changed, and with them the leaves.
    pub(super) fn after<T: Linked + Sync + Send + 'static>(
        &self,
        (before, after): (&Leaves<T>, &Leaves<T>),
        changed: &BTreeMap<EntityId, Vec<T>>,
    ) -> Self {
        let ranks = Ranks::of(after.all());
        let moved = before.all().par_iter();
        let moved: Vec<Moved> = moved
            .map(|leaf| Moved::of(leaf, (after, &ranks), changed))
            .collect();
        let key = |rank: u32| {
            let (leaf, place) = self.ranks.find(rank)?;
            let leaf = before.all().get(leaf)?;
            Some((leaf.rows.get(place)?.other(), leaf.home_of(place)?))
        };
        let come = changed.iter().flat_map(|(home, rows)| {
            let first = rank_of(after, &ranks, *home);
            let rows = rows.iter().zip(first.into_iter().flat_map(|first| first..));
            rows.map(|(row, rank)| (row.other(), *home, rank))
        });
        let mut come: Vec<(EntityId, EntityId, u32)> = come.collect();
        come.sort_unstable();
        let now = |rank: &u32| {
            let (leaf, place) = self.ranks.find(*rank)?;
            moved.get(leaf)?.rank(place)
        };
        let mut order = Vec::with_capacity(to_index(ranks.count));
        let mut rest = &*self.order.ranks;
        for (other, home, rank) in come {
            let until = rest.partition_point(|old| key(*old) < Some((other, home)));
            let (earlier, later) = rest.split_at(until);
            order.extend(earlier.iter().filter_map(now));
            order.push(rank);
            rest = later;
        }
        order.extend(rest.iter().filter_map(now));
        Self::ranked(ranks, after.all(), order)
    }

    /// The ranks, to be kept.
    pub(super) fn order(&self) -> &Order {
        &self.order
    }

    /// The rows that name `other`, each with its home.
    pub(super) fn naming<'a, T: Linked + 'static>(
        &'a self,
        leaves: &'a [Arc<Leaf<T>>],
        other: EntityId,
    ) -> impl Iterator<Item = (EntityId, &'a T)> {
        let named = move |rank: &u32| Some(row(&self.ranks, leaves, *rank)?.other());
        let (order, others) = (&*self.order.ranks, &self.order.others);
        let around = others.around(other);
        let end = around.end.min(order.len());
        let near = order.get(around.start..end).unwrap_or_default();
        let from = around.start + near.partition_point(|rank| named(rank) < Some(other));
        let ranks = order.get(from..).unwrap_or_default().iter();
        ranks.map_while(move |rank| {
            let (leaf, place) = self.ranks.find(*rank)?;
            let leaf = leaves.get(leaf)?;
            let row = leaf.rows.get(place).filter(|row| row.other() == other)?;
            Some((leaf.home_of(place)?, row))
        })
    }
}

#[inline]
fn row<'a, T: 'static>(ranks: &Ranks, leaves: &'a [Arc<Leaf<T>>], rank: u32) -> Option<&'a T> {
    let (leaf, place) = ranks.find(rank)?;
    leaves.get(leaf)?.rows.get(place)
}

/// The rank of the first row of a home.
fn rank_of<T: 'static>(leaves: &Leaves<T>, ranks: &Ranks, home: EntityId) -> Option<u32> {
    let (number, leaf) = leaves.around(home)?;
    Some(ranks.starts.get(number)? + place_of(leaf.start_of(home)?))
}

/// Where the rows of a leaf are after a change.
enum Moved {
    /// All together, from this rank on.
    Whole(u32),
    /// Each somewhere, or gone.
    Apart(Vec<Option<u32>>),
}

impl Moved {
    fn of<T: 'static>(
        leaf: &Arc<Leaf<T>>,
        (after, ranks): (&Leaves<T>, &Ranks),
        changed: &BTreeMap<EntityId, Vec<T>>,
    ) -> Self {
        let now = leaf.homes.first().and_then(|home| after.around(*home));
        let same = now.filter(|(_, now)| Arc::ptr_eq(leaf, now));
        if let Some(start) = same.and_then(|(number, _)| ranks.starts.get(number)) {
            return Self::Whole(*start);
        }
        let each = leaf.by_home().flat_map(|(home, rows)| {
            let kept = !changed.contains_key(&home);
            let first = rank_of(after, ranks, home).filter(|_| kept);
            (0..place_of(rows.len())).map(move |place| Some(first? + place))
        });
        Self::Apart(each.collect())
    }

    #[inline]
    fn rank(&self, place: usize) -> Option<u32> {
        match self {
            Self::Whole(start) => Some(start + place_of(place)),
            Self::Apart(ranks) => *ranks.get(place)?,
        }
    }
}
