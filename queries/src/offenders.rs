//! High-frequency offenders (高频失信): five or more penalties in three years, of
//! which some are still published; and persons behind several such companies.

use std::collections::BTreeMap;

use graph::id::{EntityId, RecordId};
use graph::record::{RepairKind, RoleKind};
use graph::time::{Date, Interval};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::catalogue::Settings;
use crate::control::Above;
use crate::sweep::Sweep;
use crate::world::{Case, Penalty, Role, World};

/// Where an offender stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OffenderState {
    /// 应动态清零: enough penalties, enough of them still published.
    ToClear,
    /// Enough penalties, no longer published.
    Cleared,
    /// One penalty short.
    Warning,
}

impl OffenderState {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::ToClear => "to_clear",
            Self::Cleared => "cleared",
            Self::Warning => "warning",
        }
    }
}

/// An offender with the penalties that count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offender {
    /// The organisation or person.
    pub subject: EntityId,
    /// Where it stands.
    pub state: OffenderState,
    /// How many of the penalties are published on the day.
    pub published: usize,
    /// The penalties' places in the world, by day, each with whether published.
    pub penalties: Vec<(usize, bool)>,
    /// The first and the last decision.
    pub decided: (Date, Date),
    /// The first day of the unbroken run of days with enough penalties.
    pub first_reached_on: Option<Date>,
    /// For a person: the organisations, by code.
    pub organisations: Vec<EntityId>,
}

/// The organisations that are offenders (or one short) on `day`.
pub fn organisations(sweep: &Sweep<'_>, day: Date) -> Vec<Offender> {
    let world = sweep.world();
    let settings = &sweep.catalogue().settings;
    let window = window(settings, day);
    let of_one = |(subject, cases): (EntityId, &[usize])| {
        if are_too_few(settings, cases) {
            return None;
        }
        let counting = counting(world, settings, cases);
        let mut offender = judge(world, settings, (subject, &counting), (day, window))?;
        if offender.state != OffenderState::Warning {
            offender.first_reached_on = first_reached(world, settings, &counting, day);
        }
        Some(offender)
    };
    let subjects = world.cases_of.side_by_side();
    subjects
        .filter(|(subject, _)| subject.is_organisation())
        .filter_map(of_one)
        .collect()
}

/// However many of these cases count, they do not make an offender, nor nearly.
fn are_too_few(settings: &Settings, cases: &[usize]) -> bool {
    usize::try_from(settings.min_penalties).is_ok_and(|least| cases.len() + 1 < least)
}

/// The penalties, of these cases, that count at all.
fn counting(world: &World, settings: &Settings, cases: &[usize]) -> Vec<usize> {
    let counts = |place: &usize| {
        world.cases.get(*place).is_some_and(|case| {
            case.penalty()
                .is_some_and(|penalty| !case.never_was() && !excluded(settings, penalty))
        })
    };
    cases.iter().copied().filter(counts).collect()
}

fn excluded(settings: &Settings, penalty: &Penalty) -> bool {
    let by_kinds = !penalty.kinds.is_empty() && penalty.kinds.within(&settings.excluded_kinds);
    by_kinds || (settings.exclude_summary_procedure && penalty.summary_procedure)
}

/// The days `(day − window, day]`.
fn window(settings: &Settings, day: Date) -> Interval {
    Interval::new(day.minus_years(settings.window_years).next(), day.next())
}

/// What makes several cases one decision: its number and authority.
type Decision<'w> = (&'w str, Option<&'w str>);

fn decision(case: &Case) -> Decision<'_> {
    (case.number(), case.authority())
}

/// The penalties decided in a window, by day of decision.
fn in_window(world: &World, cases: &[usize], window: Interval) -> Vec<usize> {
    let mut inside: Vec<(Date, Decision<'_>, RecordId, usize)> = cases
        .iter()
        .filter_map(|place| {
            let case = world.cases.get(*place)?;
            let on = case.own_date();
            window
                .holds(on)
                .then(|| (on, decision(case), case.id, *place))
        })
        .collect();
    if inside.len() > 1 {
        inside.sort_unstable();
        let mut seen: FxHashSet<Decision<'_>> = FxHashSet::default();
        // One decision on several subjects is one penalty.
        inside.retain(|(_, decision, ..)| seen.insert(*decision));
    }
    inside.into_iter().map(|(.., place)| place).collect()
}

/// The state of one with these penalties, if it has one.
fn judge(
    world: &World,
    settings: &Settings,
    (subject, cases): (EntityId, &[usize]),
    (day, window): (Date, Interval),
) -> Option<Offender> {
    let inside = in_window(world, cases, window);
    let (count, least) = (inside.len(), usize::try_from(settings.min_penalties).ok()?);
    if count + 1 < least {
        return None;
    }
    let date = |place: Option<&usize>| Some(world.cases.get(*place?)?.own_date());
    let decided = (date(inside.first())?, date(inside.last())?);
    // A decision is published when it is as regards any of the subjects counted.
    let all = cases.iter().filter_map(|place| world.cases.get(*place));
    let published = all.filter(|case| is_published(case, day));
    let published: FxHashSet<Decision<'_>> = published.map(decision).collect();
    let is_published = |place: usize| {
        let case = world.cases.get(place);
        case.is_some_and(|case| published.contains(&decision(case)))
    };
    let penalties: Vec<(usize, bool)> = inside
        .into_iter()
        .map(|place| (place, is_published(place)))
        .collect();
    let published = penalties.iter().filter(|(_, published)| *published).count();
    let is_open = usize::try_from(settings.min_published).is_ok_and(|min| published >= min);
    let state = match (count >= least, is_open) {
        (true, true) => OffenderState::ToClear,
        (true, false) => OffenderState::Cleared,
        (false, _) => OffenderState::Warning,
    };
    Some(Offender {
        subject,
        state,
        published,
        penalties,
        decided,
        first_reached_on: None,
        organisations: Vec::new(),
    })
}

/// Published on the day, and neither repaired nor struck down by an objection.
fn is_published(case: &Case, day: Date) -> bool {
    let past = |on: Option<Date>| on.is_some_and(|on| on <= day);
    case.penalty()
        .is_some_and(|penalty| penalty.publication.holds(day))
        && !past(case.earliest_repair(|kind| kind == RepairKind::Repair))
        && !past(case.upheld_on())
}

/// The days of each decision: one on several subjects may stand with several.
fn decided_on(world: &World, cases: &[usize]) -> Vec<Vec<Date>> {
    let mut decisions: BTreeMap<Decision<'_>, Vec<Date>> = BTreeMap::new();
    for case in cases.iter().filter_map(|place| world.cases.get(*place)) {
        let days = decisions.entry(decision(case)).or_default();
        days.push(case.own_date());
    }
    decisions.into_values().collect()
}

/// Walks back from `day` over the days on which the count changes.
fn first_reached(world: &World, settings: &Settings, cases: &[usize], day: Date) -> Option<Date> {
    let least = usize::try_from(settings.min_penalties).ok()?;
    // The count of a day d rises at each decision and falls where a decision
    // leaves the window: the day after which d − years reaches it. 29 February
    // can be left on 28 February or 1 March, so both neighbours are looked at.
    let mut turns: Vec<Date> = cases
        .iter()
        .filter_map(|place| world.cases.get(*place))
        .flat_map(|case| {
            let on = case.own_date();
            let leaves = on.plus_months(settings.window_years.saturating_mul(12));
            [on, leaves.previous(), leaves, leaves.next()]
        })
        .filter(|turn| *turn <= day)
        .collect();
    turns.push(day);
    turns.sort_unstable();
    turns.dedup();
    let decisions = decided_on(world, cases);
    let enough = |on: Date| {
        let window = window(settings, on);
        let inside = |days: &&Vec<Date>| days.iter().any(|day| window.holds(*day));
        decisions.iter().filter(inside).count() >= least
    };
    turns
        .into_iter()
        .rev()
        .take_while(|turn| enough(*turn))
        .last()
}

/// The persons who, on the days of decision, stood behind enough distinct
/// penalties of at least two organisations. Information, not a restriction.
pub fn persons(sweep: &Sweep<'_>, day: Date) -> Vec<Offender> {
    let (world, settings) = (sweep.world(), &sweep.catalogue().settings);
    let window = window(settings, day);
    let behind = |(subject, cases): (EntityId, &[usize])| {
        let mut found = Vec::new();
        let inside = in_window(world, &counting(world, settings, cases), window);
        if inside.is_empty() {
            return found;
        }
        let answerable = Answerable::of(sweep, subject);
        for place in inside {
            if let Some(decision) = world.cases.get(place) {
                let persons = answerable.on(decision.own_date());
                found.extend(persons.map(|person| (person, place)));
            }
        }
        found
    };
    let organisations = world.cases_of.side_by_side();
    let mut all: Vec<(EntityId, usize)> = organisations
        .filter(|(subject, _)| subject.is_organisation())
        .flat_map_iter(behind)
        .collect();
    all.par_sort_unstable();
    all.dedup();
    let of_person = |group: &[(EntityId, usize)]| {
        let places: Vec<usize> = group.iter().map(|(_, place)| *place).collect();
        if are_too_few(settings, &places) {
            return None;
        }
        let mut organisations: Vec<EntityId> = places
            .iter()
            .filter_map(|place| world.cases.get(*place).map(Case::subject))
            .collect();
        organisations.sort_unstable();
        organisations.dedup();
        if organisations.len() < 2 {
            return None;
        }
        let person = group.first()?.0;
        let offender = judge(world, settings, (person, &places), (day, window))?;
        (offender.state != OffenderState::Warning).then_some(Offender {
            organisations,
            ..offender
        })
    };
    all.par_chunk_by(|(one, _), (other, _)| one == other)
        .filter_map(of_person)
        .collect()
}

/// Of one organisation: legal representatives, principals and who controls it, on any day.
struct Answerable<'s> {
    sweep: &'s Sweep<'s>,
    roles: &'s [Role],
    above: Above<'s>,
}

impl<'s> Answerable<'s> {
    fn of(sweep: &'s Sweep<'s>, org: EntityId) -> Self {
        let world = sweep.world();
        Self {
            sweep,
            roles: world.roles.of(org),
            above: Above::of(world, org),
        }
    }

    fn on(&self, day: Date) -> impl Iterator<Item = EntityId> {
        let held = self.roles.iter().filter(move |row| {
            let is_head = matches!(
                row.role,
                RoleKind::LegalRepresentative | RoleKind::Principal | RoleKind::ActualController
            );
            is_head && row.interval.holds(day)
        });
        let controllers = self.sweep.penetration.control.under(self.above, day);
        held.map(|row| row.person).chain(controllers.persons)
    }
}
