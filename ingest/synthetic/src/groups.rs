//! Who belongs to which group of companies, block by block.
//!
//! A block's first organisations are its groups, one after another; sizes are heavy-tailed, so
//! that a city has many families of three and some groups of thousands. Each member but the head
//! has a parent among the members before it.

use crate::dice::{Dice, Purpose};
use crate::plan::Plan;
use crate::shape::{
    BY_AGREEMENT, CROSS_HOLDING, DEEPEST, GROUP_IS_CHAIN, GROUP_IS_CIRCLE, GROUP_LEAST,
    GROUPED_PERCENT,
};

/// What a member of a group has to do with the others, by places in the block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Member {
    /// The place of the head.
    pub(crate) head: u64,
    /// Whoever holds most of it; none for the head.
    pub(crate) parent: Option<u64>,
    /// Links up to the head.
    pub(crate) depth: u64,
    /// For the head of a closed circle: the member that holds most of it.
    pub(crate) held_by: Option<u64>,
    /// Another member that holds a part of it.
    pub(crate) cross: Option<u64>,
    /// The parent controls by agreement.
    pub(crate) by_agreement: bool,
}

/// The groups of a block.
#[derive(Debug)]
pub(crate) struct Groups {
    members: Vec<Member>,
    /// Members of the largest group.
    pub(crate) largest: u64,
    /// Holdings on the longest chain, that of the person at the top counted.
    pub(crate) deepest: u64,
}

impl Groups {
    pub(crate) fn of(plan: &Plan, block: u64) -> Self {
        let mut dice = Dice::of(plan.seed, Purpose::Groups, block);
        let most = plan.in_block(block) * GROUPED_PERCENT / 100;
        let mut groups = Self {
            members: Vec::new(),
            largest: 0,
            deepest: 0,
        };
        let mut head = 0;
        while head + GROUP_LEAST <= most {
            let size = dice.tail(GROUP_LEAST, most - head);
            groups.found(&mut dice, head, size);
            groups.largest = groups.largest.max(size);
            head += size;
        }
        groups
    }

    /// The member at a place, if there is one.
    pub(crate) fn member(&self, place: u64) -> Option<&Member> {
        self.members.get(usize::try_from(place).ok()?)
    }

    fn found(&mut self, dice: &mut Dice, head: u64, size: u64) {
        let chain = dice.chance(GROUP_IS_CHAIN) || size == DEEPEST;
        let circle = dice
            .chance(GROUP_IS_CIRCLE)
            .then(|| head + 1 + dice.below(size - 1));
        self.members.push(Member {
            head,
            held_by: circle,
            ..Member::default()
        });
        for place in 1..size {
            let parent = if chain || dice.chance(200_000) {
                place - 1
            } else {
                let high = dice.below(place) + 1;
                dice.below(high)
            };
            let depth =
                |groups: &Self, place| groups.member(head + place).map_or(0, |member| member.depth);
            let parent = if depth(self, parent) + 2 > DEEPEST {
                0
            } else {
                parent
            };
            let depth = depth(self, parent) + 1;
            self.deepest = self.deepest.max(depth + 1);
            let other = dice.below(size);
            let cross = (other != place && other != parent && dice.chance(CROSS_HOLDING))
                .then_some(head + other);
            self.members.push(Member {
                head,
                parent: Some(head + parent),
                depth,
                held_by: None,
                cross,
                by_agreement: dice.chance(BY_AGREEMENT),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_before_and_chains_end() {
        let plan = Plan::new(2_000_000, 3).unwrap();
        let mut deepest = 0;
        for block in 0..plan.blocks() {
            let groups = Groups::of(&plan, block);
            for (place, member) in (0..).zip(&groups.members) {
                let Some(parent) = member.parent else {
                    assert_eq!(member.head, place);
                    continue;
                };
                assert!(member.head <= parent && parent < place);
                let above = groups.member(parent).unwrap();
                assert_eq!((above.head, above.depth + 1), (member.head, member.depth));
                assert!(
                    member
                        .cross
                        .is_none_or(|other| other != place && other != parent)
                );
            }
            deepest = deepest.max(groups.deepest);
        }
        assert_eq!(deepest, DEEPEST);
    }

    #[test]
    fn some_groups_have_thousands_of_members() {
        let plan = Plan::new(70_000_000, 1).unwrap();
        let largest = (0..40).map(|block| Groups::of(&plan, block).largest).max();
        assert!(largest > Some(1_500), "{largest:?}");
    }
}
