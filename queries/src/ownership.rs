//! Beneficial share and beneficial owners (受益所有人).
//!
//! The share of a person in a company is the sum over all walks of holdings of
//! the product of the ratios of capital; circles count, as a convergent series.
//! With `W[z][y]` the part of `y` that `z` holds and `t(y)` the sum over all
//! walks from `y` to the company asked (the empty one included), `t` solves
//! `t = e + W t` over the companies above it, and a person's share is the sum
//! of `W[p][y] t(y)`. The system is solved circle by circle (strongly connected
//! components, nearest first), so chains cost their length only.

use graph::id::EntityId;
use graph::ratio::Percent;
use graph::record::RoleKind;
use graph::time::Date;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::control::{Above, Solution, Votes, upstream};
use crate::world::World;

/// On what ground somebody is a beneficial owner: the first that fits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OwnerBasis {
    /// At least 25 % beneficial share.
    Share,
    /// At least 25 % of the votes, directly or through companies controlled.
    Votes,
    /// Control.
    Control,
    /// Nobody fits: the legal representative.
    Fallback,
}

impl OwnerBasis {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Votes => "votes",
            Self::Control => "control",
            Self::Fallback => "fallback",
        }
    }
}

/// A beneficial owner; the share in millionths of a percent, none where the
/// series does not converge or the owner is a fallback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// Who.
    pub person: EntityId,
    /// How much of the capital.
    pub share: Option<Percent>,
    /// Why.
    pub basis: OwnerBasis,
}

/// The owners of a company on a day.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Owners {
    /// By person.
    pub owners: Vec<Owner>,
    /// Companies above hold each other so that they reproduce themselves.
    pub divergent: bool,
}

/// Below this a pivot counts as zero: the circle reproduces itself. Ratios have
/// steps of 1e-8, so a true pivot is zero or far above rounding.
const NO_PIVOT: f64 = 1e-11;
/// Circles larger than this are solved by iteration.
const DENSE: usize = 256;
/// A quarter, less what rounding may take from a sum of exact products.
const QUARTER: f64 = 0.25 - 1e-12;

/// The beneficial owners of `org` on `day`.
pub fn owners(world: &World, org: EntityId, day: Date) -> Owners {
    // By id, whatever leads there: sums of fractions are rounded in the same order.
    let mut above = upstream(world, org, Some(day)).all().to_vec();
    above.sort_unstable();
    let capital = Capital::of(world, &above, day);
    let shares = capital.shares_in(org);
    let divergent = shares.is_none();
    let share_of = |person: EntityId| -> Option<f64> {
        shares
            .as_ref()
            .map(|shares| shares.get(&person).copied().unwrap_or_default())
    };
    let votes = Votes::of(world, &above, day);
    let solution = Solution::of(&votes);
    let controlling: FxHashSet<EntityId> = heads(&votes, &solution, org).into_iter().collect();
    let mustered = votes_of_persons(world, &votes, &solution, org, day);

    let mut persons: Vec<EntityId> = controlling.iter().chain(mustered.keys()).copied().collect();
    persons.extend(shares.iter().flatten().map(|(person, _)| *person));
    persons.sort_unstable();
    persons.dedup();
    let mut owners: Vec<Owner> = persons
        .into_iter()
        .filter_map(|person| {
            let share = share_of(person);
            let quarter = Percent(Percent::WHOLE.0 / 4);
            let basis = if share.is_some_and(|share| share >= QUARTER) {
                OwnerBasis::Share
            } else if mustered.get(&person).is_some_and(|votes| *votes >= quarter) {
                OwnerBasis::Votes
            } else if controlling.contains(&person) {
                OwnerBasis::Control
            } else {
                return None;
            };
            Some(Owner {
                person,
                share: share.map(percent),
                basis,
            })
        })
        .collect();
    if owners.is_empty() {
        let mut named: Vec<EntityId> = world
            .holders(org, RoleKind::LegalRepresentative, day)
            .map(|row| row.person)
            .collect();
        named.sort_unstable();
        named.dedup();
        let fallback = |person| Owner {
            person,
            share: None,
            basis: OwnerBasis::Fallback,
        };
        owners = named.into_iter().map(fallback).collect();
    }
    Owners { owners, divergent }
}

/// A fraction of one as a percentage, to six decimals of a percent.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a float cast saturates; shares are small"
)]
fn percent(share: f64) -> Percent {
    Percent((share * 1e8).round() as i64)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a percentage has far fewer than 53 bits"
)]
fn fraction(ratio: Percent) -> f64 {
    ratio.0 as f64 / 1e8
}

fn heads(votes: &Votes, solution: &Solution, org: EntityId) -> Vec<EntityId> {
    let heads = votes
        .find(org)
        .map(|node| solution.heads(node))
        .unwrap_or_default();
    let entities = heads.iter().filter_map(|head| votes.entity(*head));
    entities.filter(|id| !id.is_organisation()).collect()
}

/// Votes in `org` of each person, held directly or by companies that the person
/// controls; concert groups left aside.
fn votes_of_persons(
    world: &World,
    votes: &Votes,
    solution: &Solution,
    org: EntityId,
    day: Date,
) -> FxHashMap<EntityId, Percent> {
    let mut mustered: FxHashMap<EntityId, Percent> = FxHashMap::default();
    for row in Above::of(world, org).in_force(day) {
        let holder = row.holder;
        let persons = if holder.is_organisation() {
            heads(votes, solution, holder)
        } else {
            vec![holder]
        };
        for person in persons {
            let sum = mustered.entry(person).or_default();
            *sum = sum.plus(row.votes());
        }
    }
    mustered
}

/// The capital above one company on one day.
struct Capital {
    graph: DiGraph<EntityId, f64>,
    nodes: FxHashMap<EntityId, NodeIndex>,
    /// Persons' direct holdings: person, company, fraction.
    held: Vec<(EntityId, NodeIndex, f64)>,
}

impl Capital {
    fn of(world: &World, companies: &[EntityId], day: Date) -> Self {
        let mut graph = DiGraph::new();
        let nodes: FxHashMap<EntityId, NodeIndex> = companies
            .iter()
            .map(|id| (*id, graph.add_node(*id)))
            .collect();
        let mut held = Vec::new();
        for (company, at) in companies
            .iter()
            .filter_map(|id| Some((*id, *nodes.get(id)?)))
        {
            for row in Above::of(world, company).in_force(day) {
                let part = fraction(row.ratio().unwrap_or_default());
                if part <= 0.0 {
                    continue;
                }
                if row.holder.is_organisation() {
                    if let Some(holder) = nodes.get(&row.holder) {
                        graph.add_edge(*holder, at, part);
                    }
                } else {
                    held.push((row.holder, at, part));
                }
            }
        }
        Self { graph, nodes, held }
    }

    /// The beneficial share of every person in `org`; none where it diverges.
    fn shares_in(&self, org: EntityId) -> Option<FxHashMap<EntityId, f64>> {
        let target = *self.nodes.get(&org)?;
        let reached = self.reached_from_persons();
        let mut above: FxHashMap<NodeIndex, f64> = FxHashMap::default();
        // Kosaraju gives components so that a company comes after what it holds.
        for component in kosaraju_scc(&self.graph) {
            let circle: Vec<NodeIndex> = component
                .into_iter()
                .filter(|node| reached.contains(node))
                .collect();
            let known: Vec<f64> = circle
                .iter()
                .map(|node| {
                    let through: f64 = self
                        .graph
                        .edges(*node)
                        .filter_map(|edge| {
                            use petgraph::visit::EdgeRef;
                            Some(edge.weight() * above.get(&edge.target())?)
                        })
                        .sum();
                    through + f64::from(u8::from(*node == target))
                })
                .collect();
            if known.iter().all(|value| *value == 0.0) {
                continue;
            }
            let solved = self.solve(&circle, known)?;
            above.extend(circle.into_iter().zip(solved));
        }
        let mut shares: FxHashMap<EntityId, f64> = FxHashMap::default();
        for (person, company, part) in &self.held {
            if let Some(walks) = above.get(company) {
                *shares.entry(*person).or_default() += part * walks;
            }
        }
        Some(shares)
    }

    /// The companies that some person holds, through whatever chain.
    fn reached_from_persons(&self) -> FxHashSet<NodeIndex> {
        let mut open: Vec<NodeIndex> = self.held.iter().map(|(_, company, _)| *company).collect();
        let mut seen: FxHashSet<NodeIndex> = open.iter().copied().collect();
        while let Some(company) = open.pop() {
            open.extend(
                self.graph
                    .neighbors(company)
                    .filter(|next| seen.insert(*next)),
            );
        }
        seen
    }

    /// Solves `t = known + W t` within one circle; none where it diverges.
    fn solve(&self, circle: &[NodeIndex], known: Vec<f64>) -> Option<Vec<f64>> {
        let place: FxHashMap<NodeIndex, usize> = circle
            .iter()
            .enumerate()
            .map(|(place, node)| (*node, place))
            .collect();
        let mut within: Vec<(usize, usize, f64)> = Vec::new();
        for (row, node) in circle.iter().enumerate() {
            use petgraph::visit::EdgeRef;
            let edges = self.graph.edges(*node);
            within.extend(
                edges.filter_map(|edge| Some((row, *place.get(&edge.target())?, *edge.weight()))),
            );
        }
        if within.is_empty() {
            Some(known)
        } else if circle.len() <= DENSE {
            eliminate(circle.len(), &within, known)
        } else {
            iterate(&within, &known)
        }
    }
}

/// Gaussian elimination on `I − W`. It is an M-matrix exactly when the series
/// converges, and then every pivot is positive without exchanging rows.
#[expect(
    clippy::indexing_slicing,
    reason = "all places lie below `size`, the length of every row"
)]
fn eliminate(size: usize, within: &[(usize, usize, f64)], mut known: Vec<f64>) -> Option<Vec<f64>> {
    let mut matrix = vec![vec![0.0; size]; size];
    for (place, row) in matrix.iter_mut().enumerate() {
        row[place] = 1.0;
    }
    for (row, column, part) in within {
        matrix[*row][*column] -= part;
    }
    for step in 0..size {
        let pivot = matrix[step][step];
        if pivot <= NO_PIVOT {
            return None;
        }
        let (above, below) = matrix.split_at_mut(step + 1);
        let pivot_row = &above[step];
        for (offset, row) in below.iter_mut().enumerate() {
            let factor = row[step] / pivot;
            if factor != 0.0 {
                for column in step..size {
                    row[column] -= factor * pivot_row[column];
                }
                known[step + 1 + offset] -= factor * known[step];
            }
        }
    }
    for step in (0..size).rev() {
        let later: f64 = ((step + 1)..size)
            .map(|column| matrix[step][column] * known[column])
            .sum();
        known[step] = (known[step] - later) / matrix[step][step];
    }
    Some(known)
}

/// Gauss–Seidel for large circles: each round adds the walks one step longer.
#[expect(
    clippy::indexing_slicing,
    reason = "all places lie below the length of `known`"
)]
fn iterate(within: &[(usize, usize, f64)], known: &[f64]) -> Option<Vec<f64>> {
    const ROUNDS: usize = 100_000;
    let mut rows: Vec<Vec<(usize, f64)>> = vec![Vec::new(); known.len()];
    for (row, column, part) in within {
        rows[*row].push((*column, *part));
    }
    let mut walks = known.to_vec();
    for _ in 0..ROUNDS {
        let mut change = 0.0f64;
        for (row, stakes) in rows.iter().enumerate() {
            let sum: f64 = stakes
                .iter()
                .map(|(column, part)| part * walks[*column])
                .sum();
            let next = known[row] + sum;
            change = change.max((next - walks[row]).abs());
            walks[row] = next;
        }
        if change < 1e-15 {
            return Some(walks);
        }
        // No share of a convergent circle of this size comes near.
        if change > 1e12 {
            return None;
        }
    }
    None
}
