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
use crate::world::{Agreement, Case, Cited, Holding, Naming, Organisation, Role};

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

/// A link as it is walked. Naming the record of a link costs a digest, and most links are only
/// walked: so the record is named when somebody wants to see the link.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge<'w> {
    pub(super) from: EntityId,
    pub(super) to: EntityId,
    interval: Interval,
    row: Row<'w>,
}

/// What says that there is an edge.
#[derive(Clone, Copy, Debug)]
enum Row<'w> {
    Role(&'w Role),
    Holding(&'w Holding),
    Agreement(&'w Agreement),
    /// A tie of the registration of the one below.
    Registration(LinkKind),
    /// A person named in the case at a place.
    Named(usize, &'w Naming),
}

impl Edge<'_> {
    /// The other end.
    pub(super) fn other(&self, end: EntityId) -> EntityId {
        if self.from == end { self.to } else { self.from }
    }

    /// The link, with its record.
    pub(super) fn link(self) -> Link {
        let (kind, record) = match self.row {
            Row::Role(row) => (LinkKind::Role(row.role), row.cited(self.to)),
            Row::Holding(row) => (LinkKind::Holding, row.cited(self.to)),
            Row::Agreement(row) => (LinkKind::ControlAgreement, row.cited(self.to)),
            Row::Registration(kind) => (kind, Organisation::cited(self.to)),
            Row::Named(_, row) => (LinkKind::Case, row.cited()),
        };
        Link {
            kind,
            interval: self.interval,
            record,
            case: match self.row {
                Row::Named(place, _) => Some(place),
                _ => None,
            },
            from: self.from,
            to: self.to,
            ratio: match self.row {
                Row::Holding(row) => row.ratio().or(row.voting_ratio()),
                _ => None,
            },
        }
    }
}

impl<'w> Relations<'w> {
    /// The links of `entity` that count, each once, in no order that matters.
    pub fn links(&self, entity: EntityId, when: When) -> impl Iterator<Item = Link> {
        self.edges(entity, when).map(Edge::link)
    }

    /// The same, to be walked.
    pub(super) fn edges(&self, entity: EntityId, when: When) -> impl Iterator<Item = Edge<'w>> {
        self.edges_to(entity, when)
            .chain(self.edges_from(entity, when))
    }

    /// Those with `entity` below.
    pub(super) fn edges_to(&self, entity: EntityId, when: When) -> impl Iterator<Item = Edge<'w>> {
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
        let cases = own.flat_map(|place| self.case_edges(*place, None));
        let agreements = agreements.filter(|_| self.agreements);
        let dated = roles.chain(holdings).chain(agreements).chain(cases);
        let all = dated.chain(superior).chain(parent);
        all.filter(move |edge| edge.from != edge.to && when.counts(edge.interval))
    }

    /// Those with `entity` above.
    fn edges_from(&self, entity: EntityId, when: When) -> impl Iterator<Item = Edge<'w>> {
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
        let cases = named.flat_map(move |place| self.case_edges(*place, Some(entity)));
        let agreements = agreements.filter(|_| self.agreements);
        let dated = roles.chain(holdings).chain(agreements).chain(cases);
        let all = dated.chain(led).chain(branches);
        all.filter(move |edge| edge.from != edge.to && when.counts(edge.interval))
    }

    /// What connects two entities, sorted: by kind, beginning and record.
    pub fn between(&self, one: EntityId, other: EntityId, when: When) -> Vec<Link> {
        // Either end knows the link; a hub would take longer to tell.
        let (end, far) = if self.is_hub(one, when) {
            (other, one)
        } else {
            (one, other)
        };
        let edges = self.edges(end, when);
        let edges = edges.filter(|edge| edge.other(end) == far);
        let mut links: Vec<Link> = edges.map(Edge::link).collect();
        links.sort_unstable();
        links
    }

    /// The edges of a case: to all who are named in it, or to one of them.
    fn case_edges(
        &self,
        place: usize,
        only: Option<EntityId>,
    ) -> impl Iterator<Item = Edge<'w>> + use<'w> {
        let case = self.world.cases.get(place);
        let interval = case.map_or(Interval::ALWAYS, |case| self.days_of(case));
        case.into_iter().flat_map(move |case| {
            let mut seen = FxHashSet::default();
            let rows = case.responsible();
            let rows = rows.filter(move |row| only.is_none_or(|id| id == row.person));
            // Named twice for one case is one link.
            let rows = rows.filter(move |row| seen.insert(row.person));
            rows.map(move |row| Edge {
                from: row.person,
                to: case.subject(),
                interval,
                row: Row::Named(place, row),
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

fn of_role(org: EntityId, row: &Role) -> Edge<'_> {
    Edge {
        from: row.person,
        to: org,
        interval: row.interval,
        row: Row::Role(row),
    }
}

fn of_holding(org: EntityId, row: &Holding) -> Edge<'_> {
    Edge {
        from: row.holder,
        to: org,
        interval: row.interval,
        row: Row::Holding(row),
    }
}

fn of_agreement(org: EntityId, row: &Agreement) -> Edge<'_> {
    Edge {
        from: row.controller,
        to: org,
        interval: row.interval,
        row: Row::Agreement(row),
    }
}

/// A tie of a registration, which has no dates of its own.
fn of_tie<'w>(kind: LinkKind, upper: EntityId, lower: EntityId) -> Edge<'w> {
    Edge {
        from: upper,
        to: lower,
        interval: Interval::ALWAYS,
        row: Row::Registration(kind),
    }
}
