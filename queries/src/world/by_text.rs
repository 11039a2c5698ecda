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

/// Things with their digests, in any order, each once; those of one digest in this order.
pub(super) fn by_text<T: Ord + Send + 'static, K: Ord>(
    mut all: Vec<(u64, T)>,
    order: impl Fn(&T) -> K,
) -> ByText<T> {
    all.par_sort_unstable();
    all.dedup();
    for alike in all.chunk_by_mut(|one, other| one.0 == other.0) {
        if alike.len() > 1 {
            alike.sort_by_key(|(_, thing)| order(thing));
        }
    }
    Table::of_sorted(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables by it are kept in files: another digest raises `FORM` in `saved.rs`.
    #[test]
    fn a_digest_is_the_same_in_every_build() {
        assert_eq!(digest("云市监罚〔2024〕12号"), 0x4fa5_fc8a_8c94_df8b);
        assert_eq!(digest(""), 0xc15c_6362_31f9_c328);
    }
}
