//! The links of one entity: roles, holdings, cases, superiors and branches; control
//! agreements when they are asked for.
//!
//! A case links its subject with every person named in it as responsible (all
//! responsibilities but `other`): a listing while it is active, a penalty from its
//! decision on until an objection is upheld, a case withdrawn as wrong never. A
//! person named several times for one case is one link of it. The
//! registration's links (superior, branch) have no dates of their own and hold as
//! last known. A holding of a company in itself is no link.

use std::fmt;

use graph::id::EntityId;
use graph::ratio::Percent;
use graph::record::RoleKind;
use graph::time::Interval;
use rustc_hash::FxHashSet;

use super::{Relations, When};
use crate::world::{Case, Cited, Organisation};

/// What links two entities.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LinkKind {
    /// A role held.
    Role(RoleKind),
    /// A share held.
    Holding,
    /// A control agreement.
    ControlAgreement,
    /// A person named as responsible in a case of the subject.
    Case,
    /// The superior of a public body.
    Superior,
    /// The enterprise of a branch.
    Branch,
}

impl fmt::Display for LinkKind {
    /// The code in answers: `role:legal_representative`, `holding`, …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => write!(f, "role:{}", role.code()),
            Self::Holding => f.write_str("holding"),
            Self::ControlAgreement => f.write_str("control_agreement"),
            Self::Case => f.write_str("case:responsible"),
            Self::Superior => f.write_str("superior"),
            Self::Branch => f.write_str("branch"),
        }
    }
}

/// One link: one record (of a case, one record and case).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// When it holds.
    pub interval: Interval,
    /// The record that says so.
    pub record: Cited,
    /// For a case: its place in the world.
    pub case: Option<usize>,
    /// The one above: who holds, controls, leads, is named or has the branch.
    pub from: EntityId,
    /// The one below: the company, subject, body or branch.
    pub to: EntityId,
    /// For a holding: the share of the capital, else of the votes, if told.
    pub ratio: Option<Percent>,
}

impl Link {
    /// The other end.
    pub fn other(&self, end: EntityId) -> EntityId {
        if self.from == end { self.to } else { self.from }
    }
}

impl Relations<'_> {
    /// The links of `entity` that count, each once, in no order that matters.
    pub fn links(&self, entity: EntityId, when: When) -> impl Iterator<Item = Link> {
        let world = self.world;
        let own = move |row| (entity, row);
        let roles = world.roles.of(entity).iter().map(own);
        let roles = roles.chain(world.roles.naming(entity));
        let roles = roles.map(|(org, row)| Link {
            ratio: None,
            ..plain(row.cited(org), LinkKind::Role(row.role), row.interval).between(row.person, org)
        });
        let own = move |row| (entity, row);
        let holdings = world.holdings.of(entity).iter().map(own);
        let holdings = holdings.chain(world.holdings.naming(entity));
        let holdings = holdings.map(|(org, row)| Link {
            ratio: row.ratio().or(row.voting_ratio()),
            ..plain(row.cited(org), LinkKind::Holding, row.interval).between(row.holder, org)
        });
        let own = move |row| (entity, row);
        let agreements = world.agreements.of(entity).iter().map(own);
        let agreements = agreements.chain(world.agreements.naming(entity));
        let agreements = agreements.map(|(org, row)| {
            plain(row.cited(org), LinkKind::ControlAgreement, row.interval)
                .between(row.controller, org)
        });
        let agreements = agreements.filter(|_| self.agreements);
        let dated = roles.chain(holdings).chain(agreements);
        dated
            .chain(self.case_links(entity))
            .chain(self.registered_links(entity))
            .filter(move |link| link.from != link.to && when.counts(link.interval))
    }

    /// What connects two entities, sorted: by kind, beginning and record.
    pub fn between(&self, one: EntityId, other: EntityId, when: When) -> Vec<Link> {
        // Either end knows the link; a hub would take longer to tell.
        let (end, far) = if self.is_hub(one, when) {
            (other, one)
        } else {
            (one, other)
        };
        let mut links: Vec<Link> = self
            .links(end, when)
            .filter(|link| link.other(end) == far)
            .collect();
        links.sort_unstable();
        links
    }

    fn case_links(&self, entity: EntityId) -> impl Iterator<Item = Link> {
        let own = self.world.cases_of.of(entity).iter();
        let named = self.named.get(&entity).into_iter().flatten();
        // A person named in a case of his own is no link to anybody.
        let all = own
            .map(|place| (*place, None))
            .chain(named.map(move |place| (*place, Some(entity))));
        all.filter_map(|(place, person)| Some((place, self.world.cases.get(place)?, person)))
            .flat_map(move |(place, case, person)| {
                let mut seen = FxHashSet::default();
                let rows = case.responsible();
                let rows = rows.filter(move |row| person.is_none_or(|id| id == row.person));
                // Named twice for one case is one link.
                let rows = rows.filter(move |row| seen.insert(row.person));
                let interval = self.days_of(case);
                rows.map(move |row| Link {
                    case: Some(place),
                    ..plain(row.cited(), LinkKind::Case, interval)
                        .between(row.person, case.subject())
                })
            })
    }

    fn days_of(&self, case: &Case) -> Interval {
        if case.listing().is_some() {
            return case.active(self.catalogue);
        }
        let from = Some(case.own_date());
        let to = if case.never_was() {
            from
        } else {
            case.upheld_on()
        };
        Interval::of(from, to)
    }

    /// Superiors and branches, upwards and downwards.
    fn registered_links(&self, entity: EntityId) -> impl Iterator<Item = Link> {
        let world = self.world;
        let registered = |kind, upper, lower| {
            plain(Organisation::cited(lower), kind, Interval::ALWAYS).between(upper, lower)
        };
        let above = world.superiors.above(entity).map(|upper| (upper, entity));
        let led = world
            .superiors
            .below(entity)
            .map(move |lower| (entity, lower));
        let superior = above.into_iter().chain(led);
        let superior =
            superior.map(move |(upper, lower)| registered(LinkKind::Superior, upper, lower));
        let above = world.parents.above(entity).map(|upper| (upper, entity));
        let branches = world
            .parents
            .below(entity)
            .map(move |lower| (entity, lower));
        let branch = above.into_iter().chain(branches);
        let branch = branch.map(move |(upper, lower)| registered(LinkKind::Branch, upper, lower));
        superior.chain(branch)
    }
}

/// A link whose ends are still to be told.
struct Loose {
    kind: LinkKind,
    interval: Interval,
    record: Cited,
}

fn plain(record: Cited, kind: LinkKind, interval: Interval) -> Loose {
    Loose {
        kind,
        interval,
        record,
    }
}

impl Loose {
    fn between(self, from: EntityId, to: EntityId) -> Link {
        let Self {
            kind,
            interval,
            record,
        } = self;
        Link {
            kind,
            interval,
            record,
            case: None,
            from,
            to,
            ratio: None,
        }
    }
}
