//! The fixpoint of control for all companies of a day, without a loop over all
//! sources.
//!
//! **Idea.** Only *heads* matter for the answer: natural persons, and
//! organisations that nobody controls. A head `h` is kept with its coalition
//! `S(h)` (itself and what it controls) and a tally of the coalition's votes by
//! company. When a tally passes 50 % (or an agreement says so) the company is
//! captured. If the captured company is itself still a head, it stops being
//! one, and its coalition is poured into the capturer's, the smaller into the
//! larger. Everything `y` controls is controlled by whoever controls `y`, so
//! nothing is lost.
//!
//! **Cost.** Where votes add up to no more than 100 %, two disjoint coalitions
//! cannot both pass 50 %, so each company is in one coalition only, and small
//! into large moves each edge at most log n times: `O(E log E)`. Agreements and
//! sums above 100 % can put a company under several heads; then each further
//! head pays for the part of the graph that it really controls: the cost is
//! that of writing the answer down.
//!
//! **Circles.** A coalition may hold a majority in its own head `h`. That alone
//! is not control of `h`: two companies that `h` controls with 30 % of `h` each
//! do not act without `h`. `h` is controlled exactly when some `x` controls it
//! *without the votes of `h`*: the derivation of "`x` controls `h`" must reach
//! `h` a first time, and until then `h` is nothing to `x`. So the same search
//! is run once more inside the coalition with `h` silent.

use graph::ratio::Percent;
use rustc_hash::{FxHashMap, FxHashSet};

use super::votes::{Votes, to_index};

/// More than this many millionths of a percent is a majority.
const HALF: i64 = Percent::HALF.0;

/// Who controls what on one day.
#[derive(Debug, Default)]
pub struct Solution {
    /// For each node: the heads that control it: persons, and organisations
    /// that nobody controls; sorted.
    heads: Vec<Vec<u32>>,
    /// For each node: it is controlled by somebody.
    controlled: Vec<bool>,
    /// The coalition of each head: what it controls.
    coalitions: FxHashMap<u32, FxHashSet<u32>>,
    /// What is under each closed circle, its members among it.
    circles: Vec<FxHashSet<u32>>,
}

impl Solution {
    /// Finds the least fixpoint.
    pub fn of(votes: &Votes) -> Self {
        let everyone = 0..u32::try_from(votes.len()).unwrap_or(u32::MAX);
        let mut solution = Self {
            heads: vec![Vec::new(); votes.len()],
            controlled: vec![false; votes.len()],
            coalitions: FxHashMap::default(),
            circles: Vec::new(),
        };
        for (head, coalition) in search(votes, everyone, None) {
            let circular =
                coalition.has_majority_in(head) && is_controlled(votes, head, &coalition);
            solution.note(votes, head, coalition.members, circular);
        }
        for heads in &mut solution.heads {
            heads.sort_unstable();
        }
        solution
    }

    fn note(&mut self, votes: &Votes, head: u32, mut members: FxHashSet<u32>, circular: bool) {
        members.remove(&head);
        for member in &members {
            if let Some(flag) = self.controlled.get_mut(to_index(*member)) {
                *flag = true;
            }
            // A circle's label stands for its members: controlled, so no head.
            if let Some(heads) = self.heads.get_mut(to_index(*member)).filter(|_| !circular) {
                heads.push(head);
            }
        }
        if circular && let Some(flag) = self.controlled.get_mut(to_index(head)) {
            *flag = true;
        }
        if circular {
            self.circles
                .push(members.iter().copied().chain([head]).collect());
        }
        let is_person = votes.entity(head).is_some_and(|id| !id.is_organisation());
        if !members.is_empty() && (is_person || !circular) {
            self.coalitions.insert(head, members);
        }
    }

    /// The heads that control a node.
    pub(crate) fn heads(&self, node: u32) -> &[u32] {
        self.heads
            .get(to_index(node))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Somebody controls the node.
    pub(crate) fn is_controlled(&self, node: u32) -> bool {
        self.controlled
            .get(to_index(node))
            .copied()
            .unwrap_or_default()
    }

    /// What is under each closed circle, its members among it.
    pub(crate) fn circles(&self) -> &[FxHashSet<u32>] {
        &self.circles
    }

    /// What a head controls; empty for all others.
    pub(crate) fn controlled_by(&self, head: u32) -> Option<&FxHashSet<u32>> {
        self.coalitions.get(&head)
    }
}

/// A head with what it controls and the votes it thereby has.
#[derive(Debug, Default)]
struct Coalition {
    members: FxHashSet<u32>,
    tally: FxHashMap<u32, i64>,
    /// Sum of the members' stakes: what pouring it elsewhere costs.
    weight: usize,
    /// Companies whose tally passed the half and that are not yet captured.
    passed: Vec<u32>,
}

impl Coalition {
    fn has_majority_in(&self, company: u32) -> bool {
        self.tally.get(&company).is_some_and(|sum| *sum > HALF)
    }

    /// Adds a node with its stakes; a silent one brings none.
    fn join(&mut self, votes: &Votes, node: u32, silent: Option<u32>) {
        if !self.members.insert(node) || silent == Some(node) {
            return;
        }
        let stakes = votes.stakes(node);
        self.weight += stakes.len();
        for (company, share) in stakes {
            let sum = self.tally.entry(*company).or_default();
            let before = *sum;
            *sum = sum.saturating_add(*share);
            if before <= HALF && *sum > HALF {
                self.passed.push(*company);
            }
        }
    }
}

/// Lets every head act until nothing more is captured; gives the coalitions of
/// those that are heads then. The silent node has no stakes and is no head, but
/// it can be captured.
fn search(
    votes: &Votes,
    nodes: impl Iterator<Item = u32> + Clone,
    silent: Option<u32>,
) -> FxHashMap<u32, Coalition> {
    let mut live: FxHashMap<u32, Coalition> = FxHashMap::default();
    // Who has a majority nowhere captures nothing, and brings its stakes when it is captured.
    let acts = |node: u32| votes.stakes(node).iter().any(|(_, share)| *share > HALF);
    for node in nodes.clone() {
        if silent != Some(node) && acts(node) {
            let mut coalition = Coalition::default();
            coalition.join(votes, node, silent);
            live.insert(node, coalition);
        }
    }
    for head in nodes {
        // A head captured before its turn acts through its capturer.
        if let Some(mut coalition) = live.remove(&head) {
            while let Some(company) = coalition.passed.pop() {
                if company != head && !coalition.members.contains(&company) {
                    capture(votes, &mut live, &mut coalition, company, silent);
                }
            }
            live.insert(head, coalition);
        }
    }
    live
}

/// `company` joins the coalition; if it was a head, with all it controls, the
/// smaller coalition being poured into the larger.
fn capture(
    votes: &Votes,
    live: &mut FxHashMap<u32, Coalition>,
    coalition: &mut Coalition,
    company: u32,
    silent: Option<u32>,
) {
    match live.remove(&company) {
        None => coalition.join(votes, company, silent),
        Some(mut other) => {
            if other.weight > coalition.weight {
                // What either had passed and not captured stays in its own list.
                std::mem::swap(&mut other, coalition);
            }
            for member in other.members {
                coalition.join(votes, member, silent);
            }
        }
    }
}

/// Some member of its coalition controls the head without the head's own votes.
fn is_controlled(votes: &Votes, head: u32, coalition: &Coalition) -> bool {
    let members: Vec<u32> = coalition.members.iter().copied().collect();
    let found = search(votes, members.into_iter(), Some(head));
    found
        .values()
        .any(|coalition| coalition.members.contains(&head))
}
