//! Where in a long sorted column to search: every so many of its keys, close together.
//!
//! A search in millions of keys leaves the processor's cache at almost each step. Among the
//! sampled keys it stays inside, and then only a few steps are left.

use std::ops::Range;

use rayon::prelude::*;
use zerocopy::IntoBytes;

use super::fixed::{Bounds, Fixed};
use super::leaf::all_fit;
use super::slab::{KeptPiece, Slab};

/// How many keys of the column stand for one that is sampled.
const STEP: usize = 8;

/// Every [`STEP`]th key of a sorted column.
#[derive(Debug)]
pub(super) struct Sampled<K: 'static>(Slab<K>);

impl<K> Default for Sampled<K> {
    fn default() -> Self {
        Self(Slab::default())
    }
}

impl<K: Copy + Ord + Send + 'static> Sampled<K> {
    /// Of a column of so many keys, each given by its place.
    pub(super) fn new(count: usize, key: impl Fn(usize) -> Option<K> + Sync + Send) -> Self {
        let places = (0..count).into_par_iter().step_by(STEP);
        let keys: Vec<K> = places.filter_map(key).collect();
        Self(keys.into())
    }

    /// The place of the first key that is not below `wanted` is in this range, or its end.
    pub(super) fn around(&self, wanted: K) -> Range<usize> {
        let after = self.0.partition_point(|key| *key < wanted);
        after.saturating_sub(1) * STEP..after * STEP
    }
}

impl<K: Fixed + Copy + Ord> Sampled<K> {
    /// Its bytes where they lie, to be kept.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Takes the samples of a column of so many keys off the front; none if these are not the
    /// bytes of such.
    pub(super) fn take(from: &mut KeptPiece, count: usize, bounds: &Bounds) -> Option<Self> {
        let keys: Slab<K> = from.take(count.div_ceil(STEP))?;
        let sound = keys.is_sorted() && all_fit(&keys, bounds);
        sound.then_some(Self(keys))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_first_key_not_below_is_around(
            mut column in proptest::collection::vec(0u8..40, 0..200),
            wanted in 0u8..41,
        ) {
            column.sort_unstable();
            let sampled = Sampled::new(column.len(), |place| column.get(place).copied());
            let around = sampled.around(wanted);
            let first = column.partition_point(|key| *key < wanted);
            prop_assert!(around.start <= first && first <= around.end, "{first} in {around:?}");
            prop_assert!(around.len() <= STEP);
        }
    }
}
