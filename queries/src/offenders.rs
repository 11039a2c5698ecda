//! High-frequency offenders (高频失信): five or more penalties in three years, of
//! which some are still published; and persons behind several such companies.

use graph::id::{EntityId, RecordId};
use graph::record::{RepairKind, RoleKind};
use graph::time::{Date, Interval, IntervalSet};
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

/// The days on which a decision of this day is in the window.
fn counts_on(settings: &Settings, on: Date) -> Interval {
    let years = settings.window_years;
    let leaves = on.plus_months(years.saturating_mul(12));
    // A decision of 29 February may leave a day later: the day on which the window, which has
    // its own end of February, begins behind it.
    let left = leaves.minus_years(years) >= on;
    Interval::new(on, if left { leaves } else { leaves.next() })
}

/// The first of the days without a break up to `day` on which there were enough decisions.
fn first_reached(world: &World, settings: &Settings, cases: &[usize], day: Date) -> Option<Date> {
    let least = i64::from(settings.min_penalties);
    let cases = cases.iter().filter_map(|place| world.cases.get(*place));
    let mut decided: Vec<(Decision<'_>, Date)> = cases
        .map(|case| (decision(case), case.own_date()))
        .collect();
    decided.sort_unstable();
    // How many decisions more there are on the day before one than on it.
    let mut turns: Vec<(Date, i64)> = Vec::with_capacity(2 * decided.len());
    let mut count = 0;
    // One decision on several subjects may stand with several days, and counts once.
    for same in decided.chunk_by(|(one, _), (other, _)| one == other) {
        let days = same.iter().map(|(_, on)| counts_on(settings, *on));
        let mut days: Vec<Interval> = days.collect();
        if days.len() > 1 {
            days = IntervalSet::union_of(days).intervals().to_vec();
        }
        for interval in days.iter().filter(|interval| interval.from <= day) {
            count += i64::from(interval.holds(day));
            turns.push((interval.from, -1));
            if interval.to <= day {
                turns.push((interval.to, 1));
            }
        }
    }
    if count < least {
        return None;
    }
    turns.sort_unstable();
    let mut at = turns.chunk_by(|(one, _), (other, _)| one == other).rev();
    let turn = at.find(|same| {
        count += same.iter().map(|(_, change)| change).sum::<i64>();
        count < least
    });
    Some(turn?.first()?.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_counts_on_the_days_whose_window_holds_it() {
        let day = |text| Date::parse(text).unwrap();
        let (first, last) = (day("2019-01-01"), day("2033-01-01"));
        let days = || std::iter::successors(Some(first), |day| Some(day.next()));
        for window_years in [1, 3, 4] {
            let settings = Settings {
                window_years,
                ..Settings::default()
            };
            // Around the end of February, in leap years and others, and elsewhere.
            let ends = ["2020-02-27", "2021-02-27", "2024-02-27", "2023-12-30"];
            for on in ends.into_iter().flat_map(|from| {
                let from = day(from);
                [
                    from,
                    from.next(),
                    from.next().next(),
                    from.next().next().next(),
                ]
            }) {
                let counts = counts_on(&settings, on);
                for day in days().take_while(|day| *day < last) {
                    let inside = window(&settings, day).holds(on);
                    assert_eq!(counts.holds(day), inside, "{on} on {day}");
                }
            }
        }
    }
}
