//! One day's graph of votes: who holds how many votes in which company, concert
//! groups already counted for their leading member.

use graph::id::EntityId;
use graph::time::Date;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::numbers::Numbers;
use crate::world::{Agreement, Holding, Symbol, World};

/// The graph of votes and agreements on one day, with dense node numbers.
#[derive(Debug, Default)]
pub struct Votes {
    nodes: Numbers,
    /// For each node: the companies it has a stake in, with votes in millionths
    /// of a percent; an agreement counts as [`AGREED`] votes.
    stakes: Vec<Vec<(u32, i64)>>,
}

/// An agreement decides whatever the votes are: more than any sum of them.
const AGREED: i64 = 1 << 56;
/// Of how many companies the votes are counted side by side, before they are numbered.
const SIDE_BY_SIDE: usize = 1 << 14;

impl Votes {
    /// The graph of all holdings and agreements in force on `day`.
    pub fn whole(world: &World, day: Date) -> Self {
        let (holdings, agreements) = (&world.holdings, &world.agreements);
        let mut orgs = Vec::with_capacity(holdings.home_count() + agreements.home_count());
        orgs.extend(holdings.homes().chain(agreements.homes()));
        // Two lists in order: a stable sort only merges them.
        orgs.sort();
        orgs.dedup();
        let mut votes = Self::default();
        for orgs in orgs.chunks(SIDE_BY_SIDE) {
            let stakes: Vec<_> = orgs
                .par_iter()
                .map(|org| Above::of(world, *org).stakes(day))
                .collect();
            for (org, stakes) in orgs.iter().zip(stakes) {
                votes.add_company(*org, stakes);
            }
        }
        votes
    }

    /// The graph of what is held in `orgs` on `day`.
    pub fn of(world: &World, orgs: &[EntityId], day: Date) -> Self {
        let mut votes = Self::default();
        for org in orgs {
            votes.add_company(*org, Above::of(world, *org).stakes(day));
        }
        votes
    }

    fn add_company(&mut self, org: EntityId, stakes: Vec<(EntityId, i64)>) {
        let company = self.node(org);
        for (holder, share) in stakes {
            let holder = self.node(holder);
            self.push_stake(holder, (company, share));
        }
    }

    fn push_stake(&mut self, holder: u32, stake: (u32, i64)) {
        if let Some(list) = self.stakes.get_mut(to_index(holder)) {
            list.push(stake);
        }
    }

    fn node(&mut self, id: EntityId) -> u32 {
        let (node, is_new) = self.nodes.meet(id);
        if is_new {
            self.stakes.push(Vec::new());
        }
        node
    }

    /// The node of an entity, if it takes part.
    pub fn find(&self, id: EntityId) -> Option<u32> {
        self.nodes.find(id)
    }

    /// What a node has a stake in.
    pub(crate) fn stakes(&self, node: u32) -> &[(u32, i64)] {
        self.stakes
            .get(to_index(node))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The entity of a node.
    pub(crate) fn entity(&self, node: u32) -> Option<EntityId> {
        self.nodes.all().get(to_index(node)).copied()
    }

    /// How many entities take part.
    pub fn len(&self) -> usize {
        self.stakes.len()
    }

    /// Nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.stakes.is_empty()
    }
}

/// A node number as an index.
pub(crate) fn to_index(node: u32) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}

/// The rows that tell who is directly above a company, on any day: looked up once, to be
/// asked about many days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Above<'w> {
    world: &'w World,
    org: EntityId,
    holdings: &'w [Holding],
    agreements: &'w [Agreement],
}

impl<'w> Above<'w> {
    pub(crate) fn of(world: &'w World, org: EntityId) -> Self {
        let rows = (world.holdings.of(org), world.agreements.of(org));
        Self::by(world, org, rows)
    }

    /// The same when these rows were found before.
    pub(super) fn by(
        world: &'w World,
        org: EntityId,
        (holdings, agreements): (&'w [Holding], &'w [Agreement]),
    ) -> Self {
        Self {
            world,
            org,
            holdings,
            agreements,
        }
    }

    /// The company.
    pub(super) fn org(&self) -> EntityId {
        self.org
    }

    /// The holdings in force on `day`, self-holdings left out.
    pub(crate) fn in_force(self, day: Date) -> impl Iterator<Item = &'w Holding> {
        let rows = self.holdings.iter();
        rows.filter(move |row| row.interval.holds(day) && row.holder != self.org)
    }

    /// Votes by holder, the votes of each concert group counted for its
    /// leading member: the one with the largest votes in the group's rows (ties:
    /// organisations before persons, then the smaller identifier).
    pub(crate) fn counted_votes(self, day: Date) -> Vec<(EntityId, i64)> {
        let mut counted: Vec<(EntityId, i64)> = Vec::with_capacity(self.holdings.len());
        let mut groups: FxHashMap<Symbol, FxHashMap<EntityId, i64>> = FxHashMap::default();
        for row in self.in_force(day) {
            let votes = row.votes().0;
            match row.concert_group() {
                None => counted.push((row.holder, votes)),
                Some(group) => {
                    let sum = groups.entry(group).or_default().entry(row.holder);
                    let sum = sum.or_default();
                    *sum = sum.saturating_add(votes);
                }
            }
        }
        for members in groups.into_values() {
            let total = members
                .values()
                .fold(0i64, |sum, votes| sum.saturating_add(*votes));
            counted.extend(leader(self.world, &members).map(|leader| (leader, total)));
        }
        added_up(counted)
    }

    /// Who has votes on `day`, or an agreement: that is more than any votes.
    pub(super) fn stakes(self, day: Date) -> Vec<(EntityId, i64)> {
        let mut stakes = self.counted_votes(day);
        let agreements = self.agreements.iter();
        let agreed = agreements.filter(|row| row.interval.holds(day) && row.controller != self.org);
        stakes.extend(agreed.map(|row| (row.controller, AGREED)));
        stakes
    }

    /// No organisation but itself ever held it or had an agreement with it. Then nothing
    /// above it matters but these rows.
    pub(super) fn is_held_by_persons(self) -> bool {
        let holders = self.holdings.iter().map(|row| row.holder);
        let mut above = holders.chain(self.agreements.iter().map(|row| row.controller));
        !above.any(|other| other.is_organisation() && other != self.org)
    }
}

/// One sum for each holder, sorted.
pub(super) fn added_up(mut votes: Vec<(EntityId, i64)>) -> Vec<(EntityId, i64)> {
    votes.sort_unstable();
    votes.dedup_by(|(later, more), (holder, sum)| {
        let same = later == holder;
        if same {
            *sum = sum.saturating_add(*more);
        }
        same
    });
    votes
}

fn leader(world: &World, members: &FxHashMap<EntityId, i64>) -> Option<EntityId> {
    let most = members.values().max()?;
    let top: FxHashSet<EntityId> = members
        .iter()
        .filter(|(_, votes)| *votes == most)
        .map(|(id, _)| *id)
        .collect();
    top.into_iter()
        .min_by_key(|id| (!id.is_organisation(), identifier_order(world, *id), *id))
}

/// What persons sort by where a rule says "the smaller identifier": the identity
/// number, which only the keys of the store can read, so it is read when the
/// world is loaded; a provisional person, having none, comes last.
fn identifier_order(world: &World, id: EntityId) -> (bool, Option<&str>) {
    let rank = world.identifiers.get(&id).map(String::as_str);
    (rank.is_none(), rank)
}
