//! The tree over receipts that are signed together.
//!
//! ```text
//! leaf = SM3(00 ‖ bytes of the receipt)
//! node = SM3(01 ‖ left ‖ right)
//! ```
//!
//! Levels are paired from the left; an odd last one goes up as it is. The first
//! byte keeps a node from being passed off as a leaf. A leaf's place and the
//! number of leaves say at each level whether there is a sibling and on which
//! side, so a path holds digests only, and only one path fits a place.

use sm3::{Digest as _, Sm3};

/// An SM3 digest.
pub(crate) type Digest = [u8; 32];

/// The digest of a leaf, while its bytes come.
#[derive(Clone, Debug)]
pub(crate) struct Leaf(Sm3);

impl Leaf {
    pub(crate) fn new() -> Self {
        Self(Sm3::new().chain_update([0]))
    }

    /// More of the receipt's bytes.
    pub(crate) fn and(self, bytes: &[u8]) -> Self {
        Self(self.0.chain_update(bytes))
    }

    pub(crate) fn digest(self) -> Digest {
        self.0.finalize().into()
    }
}

fn node(left: &Digest, right: &Digest) -> Digest {
    let parts = Sm3::new().chain_update([1]).chain_update(left);
    parts.chain_update(right).finalize().into()
}

/// The digests of all levels, from the leaves up to the root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Tree(Vec<Vec<Digest>>);

impl Tree {
    pub(super) fn over(leaves: Vec<Digest>) -> Self {
        let mut levels = Vec::new();
        let mut level = leaves;
        while level.len() > 1 {
            let pairs = level.chunks(2).filter_map(|pair| match pair {
                [left, right] => Some(node(left, right)),
                [one] => Some(*one),
                _ => None,
            });
            let above = pairs.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self(levels)
    }

    pub(super) fn leaves(&self) -> &[Digest] {
        self.0.first().map_or(&[], Vec::as_slice)
    }

    /// The root of nothing is zeros; nobody signs it.
    pub(super) fn root(&self) -> Digest {
        let root = self.0.last().and_then(|top| top.first());
        root.copied().unwrap_or_default()
    }

    pub(super) fn levels(&self) -> &[Vec<Digest>] {
        &self.0
    }
}

/// What lies beside the way of a leaf to the root, of levels with something for each
/// digest of a tree.
pub(super) fn beside<T>(levels: &[Vec<T>], leaf: usize) -> impl Iterator<Item = &T> {
    let mut place = leaf;
    levels.iter().filter_map(move |level| {
        let beside = level.get(place ^ 1);
        place /= 2;
        beside
    })
}

/// The root that a receipt and its path lead to; none when the path does not fit
/// the place.
pub(super) fn root_from(
    receipt: &[u8],
    place: u32,
    leaves: u32,
    path: &[Digest],
) -> Option<Digest> {
    if place >= leaves {
        return None;
    }
    let (mut place, mut width) = (place, leaves);
    let mut reached = Leaf::new().and(receipt).digest();
    let mut path = path.iter();
    while width > 1 {
        if place % 2 == 1 {
            reached = node(path.next()?, &reached);
        } else if place + 1 < width {
            reached = node(&reached, path.next()?);
        }
        (place, width) = (place / 2, width.div_ceil(2));
    }
    path.next().is_none().then_some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaf(receipt: &[u8]) -> Digest {
        Leaf::new().and(receipt).digest()
    }

    /// The root as the page above says it, by recursion.
    fn naive(digests: &[Digest]) -> Digest {
        match digests {
            [one] => *one,
            many => {
                let half = many.len().next_power_of_two() / 2;
                node(&naive(&many[..half]), &naive(&many[half..]))
            }
        }
    }

    proptest! {
        #[test]
        fn every_leaf_leads_to_the_root(receipts in prop::collection::vec(
            prop::collection::vec(any::<u8>(), 0..8), 1..70,
        )) {
            let leaves: Vec<Digest> = receipts.iter().map(|one| leaf(one)).collect();
            let tree = Tree::over(leaves.clone());
            let root = tree.root();
            prop_assert_eq!(root, naive(&leaves));
            let width = u32::try_from(receipts.len()).unwrap();
            for (leaf, receipt) in receipts.iter().enumerate() {
                let path: Vec<Digest> = beside(tree.levels(), leaf).copied().collect();
                let place = u32::try_from(leaf).unwrap();
                prop_assert_eq!(root_from(receipt, place, width, &path), Some(root));
            }
        }
    }

    #[test]
    fn a_node_is_no_leaf() {
        let root = Tree::over(vec![leaf(&[1]), leaf(&[2])]).root();
        let inner = [leaf(&[1]), leaf(&[2])].concat();
        assert_ne!(leaf(&inner), root);
        assert_eq!(root_from(&[1], 1, 1, &[]), None);
    }
}
