//! What is found by a number as it is written, a case's or a decision's: by a digest of it.
//!
//! Comparing digests that lie together is many times faster than comparing texts that lie
//! anywhere. Two texts may have one digest: whoever asks looks at the text too.

use std::hash::BuildHasher;

use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::Table;

/// Things by digest of a text.
pub(super) type ByText<T> = Table<T, u64>;

/// The digest of a text.
pub(super) fn digest(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

/// Things with their digests, in any order, each once.
pub(super) fn by_text<T: Ord + Send>(mut all: Vec<(u64, T)>) -> ByText<T> {
    all.par_sort_unstable();
    all.dedup();
    Table::of_sorted(all)
}
