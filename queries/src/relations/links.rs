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
use crate::world::{Agreement, Case, Cited, Holding, Organisation, Role};

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
        let links = self.links_to(entity).chain(self.links_from(entity));
        links.filter(move |link| link.from != link.to && when.counts(link.interval))
    }

    /// The links with `entity` below.
    pub(super) fn links_to(&self, entity: EntityId) -> impl Iterator<Item = Link> {
        let world = self.world;
        let roles = world.roles.of(entity).iter();
        let roles = roles.map(move |row| of_role(entity, row));
        let holdings = world.holdings.of(entity).iter();
        let holdings = holdings.map(move |row| of_holding(entity, row));
        let agreements = world.agreements.of(entity).iter();
        let agreements = agreements.map(move |row| of_agreement(entity, row));
        let superior = world.superiors.above(entity).into_iter();
        let superior = superior.map(move |upper| of_tie(LinkKind::Superior, upper, entity));
        let parent = world.parents.above(entity).into_iter();
        let parent = parent.map(move |upper| of_tie(LinkKind::Branch, upper, entity));
        let own = world.cases_of.of(entity).iter();
        let cases = own.flat_map(|place| self.case_links(*place, None));
        let agreements = agreements.filter(|_| self.agreements);
        let dated = roles.chain(holdings).chain(agreements).chain(cases);
        dated.chain(superior).chain(parent)
    }

    /// The links with `entity` above.
    fn links_from(&self, entity: EntityId) -> impl Iterator<Item = Link> {
        let world = self.world;
        let roles = world.roles.naming(entity);
        let roles = roles.map(|(org, row)| of_role(org, row));
        let holdings = world.holdings.naming(entity);
        let holdings = holdings.map(|(org, row)| of_holding(org, row));
        let agreements = world.agreements.naming(entity);
        let agreements = agreements.map(|(org, row)| of_agreement(org, row));
        let led = world.superiors.below(entity);
        let led = led.map(move |lower| of_tie(LinkKind::Superior, entity, lower));
        let branches = world.parents.below(entity);
        let branches = branches.map(move |lower| of_tie(LinkKind::Branch, entity, lower));
        let named = self.named.get(&entity).into_iter().flatten();
        // A person named in a case of his own is no link to anybody.
        let cases = named.flat_map(move |place| self.case_links(*place, Some(entity)));
        let agreements = agreements.filter(|_| self.agreements);
        let dated = roles.chain(holdings).chain(agreements).chain(cases);
        dated.chain(led).chain(branches)
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

    /// The links of a case: with all who are named in it, or with one of them.
    fn case_links(&self, place: usize, only: Option<EntityId>) -> impl Iterator<Item = Link> {
        let case = self.world.cases.get(place).into_iter();
        case.flat_map(move |case| {
            let mut seen = FxHashSet::default();
            let rows = case.responsible();
            let rows = rows.filter(move |row| only.is_none_or(|id| id == row.person));
            // Named twice for one case is one link.
            let rows = rows.filter(move |row| seen.insert(row.person));
            let interval = self.days_of(case);
            rows.map(move |row| Link {
                case: Some(place),
                ..plain(row.cited(), LinkKind::Case, interval).between(row.person, case.subject())
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
}

fn of_role(org: EntityId, row: &Role) -> Link {
    plain(row.cited(org), LinkKind::Role(row.role), row.interval).between(row.person, org)
}

fn of_holding(org: EntityId, row: &Holding) -> Link {
    Link {
        ratio: row.ratio().or(row.voting_ratio()),
        ..plain(row.cited(org), LinkKind::Holding, row.interval).between(row.holder, org)
    }
}

fn of_agreement(org: EntityId, row: &Agreement) -> Link {
    plain(row.cited(org), LinkKind::ControlAgreement, row.interval).between(row.controller, org)
}

/// A tie of a registration, which has no dates of its own.
fn of_tie(kind: LinkKind, upper: EntityId, lower: EntityId) -> Link {
    plain(Organisation::cited(lower), kind, Interval::ALWAYS).between(upper, lower)
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
