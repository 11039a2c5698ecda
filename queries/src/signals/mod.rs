//! Signals: people and companies that may be stepping out of reach. Information
//! for analysts, each with its proof; never a restriction, never a score.
//!
//! One kind a file; each is switched and tuned in the settings. What is dated
//! after the day asked does not count. A *case* is what penetration means by it,
//! a listing or a penalty that triggers a rule, here on an organisation and dated
//! by the day asked. One withdrawn as wrong says nothing about anybody; whether it
//! has ended since does not matter. Persons known only by name appear as they are
//! and are never merged.

#[cfg(test)]
pub(crate) mod hand_made;
mod hidden_controller;
mod late_change;
mod nominee_like;
mod successor;
#[cfg(test)]
mod tests;

pub(crate) use hidden_controller::{standing, why_restricted};

use graph::id::EntityId;
use graph::record::{OrganisationStatus, RoleKind};
use graph::time::{Date, Interval};
use rayon::prelude::*;

use crate::sweep::Sweep;
use crate::world::{Case, Cited, World};

/// The kinds of signals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignalKind {
    /// Left the office between the violation and soon after the case.
    LateChange,
    /// A new organisation with the same people.
    Successor,
    /// Legal representative of very many organisations.
    NomineeLike,
    /// Restricted, in control, and in no register.
    HiddenController,
}

impl SignalKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::LateChange,
        Self::Successor,
        Self::NomineeLike,
        Self::HiddenController,
    ];

    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::LateChange => "late_change",
            Self::Successor => "successor",
            Self::NomineeLike => "nominee_like",
            Self::HiddenController => "hidden_controller",
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Self::LateChange => "案发后更换责任人",
            Self::Successor => "原班人马另设主体",
            Self::NomineeLike => "疑似挂名法定代表人",
            Self::HiddenController => "受限人员隐名控制",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One signal. Which fields are filled depends on the kind; see each kind's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signal {
    /// What kind.
    pub kind: SignalKind,
    /// Whom it concerns: the person, or for a successor the new organisation.
    pub subject: EntityId,
    /// The case's place in the world; of a hidden controller those of all
    /// restrictions in force on the day; none for a nominee.
    pub cases: Vec<usize>,
    /// The organisation that was left, that the new one follows, that is
    /// controlled; all that a nominee represents.
    pub organisations: Vec<EntityId>,
    /// Whom a successor shares with the case's organisation; who held the office
    /// after a late change.
    pub persons: Vec<EntityId>,
    /// The office that was left.
    pub role: Option<RoleKind>,
    /// The day of the change or of the foundation.
    pub on: Option<Date>,
    /// For a successor: same industry class as the case's organisation.
    pub same_industry: bool,
    /// The violation days were not told: the case's own date was taken.
    pub assumed_moment: bool,
    /// The records that prove it: case, roles, holdings, agreements.
    pub records: Vec<Cited>,
}

impl Signal {
    fn new(kind: SignalKind, subject: EntityId) -> Self {
        Self {
            kind,
            subject,
            cases: Vec::new(),
            organisations: Vec::new(),
            persons: Vec::new(),
            role: None,
            on: None,
            same_industry: false,
            assumed_moment: false,
            records: Vec::new(),
        }
    }
}

/// The signals on `day` of every kind that is switched on: by kind, a successor
/// in the same industry class before others, then by day, subject and case.
pub fn signals(sweep: &Sweep<'_>, day: Date) -> Vec<Signal> {
    let settings = &sweep.catalogue().settings.signals;
    let mut found = Vec::new();
    if settings.late_change {
        late_change::find(sweep, day, &mut found);
    }
    if settings.successor {
        successor::find(sweep, day, &mut found);
    }
    if settings.nominee_like {
        nominee_like::find(sweep, day, &mut found);
    }
    if settings.hidden_controller {
        hidden_controller::find(sweep, day, &mut found);
    }
    for signal in &mut found {
        signal.records.sort_unstable();
        signal.records.dedup();
    }
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found
}

/// By what signals are sorted: total, since no two have all of it in common.
fn order(signal: &Signal) -> impl Ord + '_ {
    (
        signal.kind,
        !signal.same_industry,
        signal.on,
        signal.subject,
        &signal.cases,
        &signal.organisations,
        signal.role,
    )
}

/// The cases that signals look at, with their places.
fn cases<'a>(sweep: &'a Sweep<'_>, day: Date) -> impl ParallelIterator<Item = (usize, &'a Case)> {
    let catalogue = sweep.catalogue();
    let counts = move |case: &Case| {
        let is_case =
            || case.listing().is_some() || catalogue.rules.iter().any(|rule| case.triggers(rule));
        case.subject().is_organisation() && case.own_date() <= day && !case.never_was() && is_case()
    };
    let all = sweep.world().cases.side_by_side();
    all.filter(move |(_, case)| counts(case))
}

/// The last day that a threshold of days after `from` allows, not after `day`.
fn last_day(from: Date, days: u32, day: Date) -> Date {
    from.plus_days(i32::try_from(days).unwrap_or(i32::MAX))
        .min(day)
}

/// Registered, and operating as last known.
fn is_operating(world: &World, org: EntityId) -> bool {
    let registered = world.organisation(org);
    registered.is_some_and(|org| org.status() == Some(OrganisationStatus::Operating))
}

/// `interval` meets any of the windows.
fn meets_any(interval: Interval, windows: &[Interval]) -> bool {
    windows.iter().any(|window| interval.meets(window))
}
