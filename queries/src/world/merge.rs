//! Putting a few things among many that are in order.

/// Both lists, each in order, as one: `before` says whether a kept one stands before one
/// that comes. Searches for the place of each that comes, and compares no others.
pub(super) fn interleave<T: Clone>(
    kept: &[T],
    come: &[T],
    before: impl Fn(&T, &T) -> bool,
) -> Vec<T> {
    let mut all = Vec::with_capacity(kept.len() + come.len());
    let mut rest = kept;
    for one in come {
        let (earlier, later) = rest.split_at(rest.partition_point(|kept| before(kept, one)));
        all.extend_from_slice(earlier);
        all.push(one.clone());
        rest = later;
    }
    all.extend_from_slice(rest);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::interleave;

    proptest! {
        #[test]
        fn two_lists_in_order_become_one(mut one: Vec<u8>, mut other: Vec<u8>) {
            one.sort_unstable();
            other.sort_unstable();
            let mut all = [one.clone(), other.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(interleave(&one, &other, |a, b| a < b), all);
        }
    }
}
