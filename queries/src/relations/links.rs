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

use graph::id::{EntityId, RecordId};
use graph::ratio::Percent;
use graph::record::RoleKind;
use graph::time::Interval;
use rustc_hash::FxHashSet;

use super::{Relations, When};
use crate::world::{Case, Row};

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
    pub record: RecordId,
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
        let roles = world
            .roles
            .of(entity)
            .iter()
            .chain(world.roles.naming(entity));
        let roles = roles.map(|row| Link {
            ratio: None,
            ..plain(row, LinkKind::Role(row.record.role), row.record.interval)
                .between(row.record.person, row.record.org)
        });
        let holdings = world
            .holdings
            .of(entity)
            .iter()
            .chain(world.holdings.naming(entity));
        let holdings = holdings.map(|row| Link {
            ratio: row.record.ratio.or(row.record.voting_ratio),
            ..plain(row, LinkKind::Holding, row.record.interval)
                .between(row.record.holder, row.record.org)
        });
        let agreements = world
            .agreements
            .of(entity)
            .iter()
            .chain(world.agreements.naming(entity));
        let agreements = agreements.map(|row| {
            plain(row, LinkKind::ControlAgreement, row.record.interval)
                .between(row.record.controller, row.record.org)
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
        let own = self.world.cases_of.get(&entity).into_iter().flatten();
        let named = self.named.get(&entity).into_iter().flatten();
        // A person named in a case of his own is no link to anybody.
        let all = own
            .map(|place| (*place, None))
            .chain(named.map(move |place| (*place, Some(entity))));
        all.filter_map(|(place, person)| Some((place, self.world.cases.get(place)?, person)))
            .flat_map(move |(place, case, person)| {
                let mut seen = FxHashSet::default();
                let rows = case.responsible();
                let rows = rows.filter(move |row| person.is_none_or(|id| id == row.record.person));
                // Named twice for one case is one link.
                let rows = rows.filter(move |row| seen.insert(row.record.person));
                let interval = self.days_of(case);
                rows.map(move |row| Link {
                    case: Some(place),
                    ..plain(row, LinkKind::Case, interval)
                        .between(row.record.person, case.subject())
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
        let above = std::iter::once(entity);
        let led = self.led.get(&entity).into_iter().flatten().copied();
        let branches = self.branches.get(&entity).into_iter().flatten().copied();
        let superior = above.clone().chain(led).filter_map(|id| {
            let row = self.world.organisations.get(&id)?;
            let superior = row.record.superior?;
            Some(plain(row, LinkKind::Superior, Interval::ALWAYS).between(superior, id))
        });
        let branch = above.chain(branches).filter_map(|id| {
            let row = self.world.organisations.get(&id)?;
            let parent = row.record.parent?;
            Some(plain(row, LinkKind::Branch, Interval::ALWAYS).between(parent, id))
        });
        superior.chain(branch)
    }
}

/// A link whose ends are still to be told.
struct Loose {
    kind: LinkKind,
    interval: Interval,
    record: RecordId,
}

fn plain<T>(row: &Row<T>, kind: LinkKind, interval: Interval) -> Loose {
    Loose {
        kind,
        interval,
        record: row.id,
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
