//! What is found by a number as it is written, a case's or a decision's: by a digest of it.
//!
//! Comparing digests that lie together is many times faster than comparing texts that lie
//! anywhere. Two texts may have one digest: whoever asks looks at the text too.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::Table;

/// Things by digest of a text.
#[derive(Clone, Debug)]
pub(super) struct ByText<T>(Table<T, u64>);

impl<T> Default for ByText<T> {
    fn default() -> Self {
        Self(Table::default())
    }
}

pub(super) fn digest(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

impl<T: Copy + Ord + Send> ByText<T> {
    /// Of things with their digests, in any order, each once.
    pub(super) fn new(mut all: Vec<(u64, T)>) -> Self {
        all.par_sort_unstable();
        all.dedup();
        Self(Table::of_sorted(all))
    }

    /// The same with other things for some digests.
    pub(super) fn with(&self, changed: &BTreeMap<u64, Vec<T>>) -> Self {
        Self(self.0.with(changed))
    }

    /// The things of this text, and of others with its digest.
    pub(super) fn of(&self, text: &str) -> &[T] {
        self.at(digest(text))
    }

    pub(super) fn at(&self, digest: u64) -> &[T] {
        self.0.of(digest)
    }
}
