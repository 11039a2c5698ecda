//! The proof of control: the holdings and agreements by which a head controls a
//! company, from the head down.

use graph::id::EntityId;
use graph::ratio::Percent;
use graph::time::Date;
use rustc_hash::FxHashSet;

use super::over_time::ControlOverTime;
use super::votes::Above;
use crate::world::{Cited, World};

/// One step of a chain: a holding (with its votes) or an agreement (without).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Who holds or controls.
    pub from: EntityId,
    /// The company.
    pub to: EntityId,
    /// The votes; none for an agreement.
    pub ratio: Option<Percent>,
    /// The record that says so.
    pub record: Cited,
}

/// The votes that `head`, with what it controls, musters in `org`, and every
/// link of the proof, from the head down to `org`.
pub fn prove(
    world: &World,
    control: &ControlOverTime<'_>,
    org: EntityId,
    head: EntityId,
    day: Date,
) -> (Percent, Vec<Link>) {
    let solved = control.solved(org, day);
    let (votes, solution) = (&solved.0, &solved.1);
    let members = votes
        .find(head)
        .and_then(|node| solution.controlled_by(node));
    let in_coalition = |id: EntityId| {
        id == head
            || members
                .is_some_and(|members| votes.find(id).is_some_and(|node| members.contains(&node)))
    };
    let counted = Above::of(world, org).counted_votes(day);
    let mustered = counted
        .iter()
        .filter(|(holder, _)| in_coalition(*holder) && *holder != org);
    let total = mustered.fold(Percent(0), |sum, (_, share)| sum.plus(Percent(*share)));
    (total, links(world, (org, head), day, in_coalition))
}

/// Breadth first from `org` upwards, within the coalition; told from the top.
fn links(
    world: &World,
    (org, head): (EntityId, EntityId),
    day: Date,
    in_coalition: impl Fn(EntityId) -> bool,
) -> Vec<Link> {
    let mut seen: FxHashSet<EntityId> = FxHashSet::from_iter([org, head]);
    let mut layer = vec![org];
    let mut found: Vec<(usize, Link)> = Vec::new();
    let mut far = 0;
    while !layer.is_empty() {
        far += 1;
        let mut next = Vec::new();
        for company in std::mem::take(&mut layer) {
            for link in links_into(world, company, day) {
                if !in_coalition(link.from) || link.from == org {
                    continue;
                }
                if seen.insert(link.from) {
                    next.push(link.from);
                }
                found.push((far, link));
            }
        }
        next.sort_unstable();
        layer = next;
    }
    found.sort_by_key(|(far, link)| (std::cmp::Reverse(*far), link.from, link.to, link.record));
    found.into_iter().map(|(_, link)| link).collect()
}

fn links_into(world: &World, company: EntityId, day: Date) -> Vec<Link> {
    let held = Above::of(world, company).in_force(day).map(|row| Link {
        from: row.holder,
        to: company,
        ratio: Some(row.votes()),
        record: row.cited(company),
    });
    let agreed = world.agreements.of(company).iter();
    let agreed = agreed
        .filter(|row| row.interval.holds(day))
        .map(|row| Link {
            from: row.controller,
            to: company,
            ratio: None,
            record: row.cited(company),
        });
    held.chain(agreed).collect()
}
