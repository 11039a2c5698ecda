//! Control by intervals of days: who controlled a company when.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use graph::id::EntityId;
use graph::time::{Date, Interval, IntervalSet};
use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use super::climb;
use super::numbers::Numbers;
use super::solve::Solution;
use super::votes::{Above, Votes};
use crate::world::World;

/// Who controls one company on one day.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Controllers {
    /// The natural persons who control it.
    pub persons: Vec<EntityId>,
    /// The organisations that control it and that nobody controls.
    pub organisations: Vec<EntityId>,
    /// It is controlled only by members of a closed circle.
    pub circular: bool,
}

type Timeline = Arc<Vec<(Interval, Controllers)>>;
/// The votes of a day with who controls what.
pub type Day = Arc<(Votes, Solution)>;

/// With more companies than this above one, and more than a part of all, the whole
/// day is solved instead, once for all questions about that day.
const LUMP: usize = 1000;
/// The part of all companies: below it, solving the lump alone is cheaper.
const PART: usize = 8;
/// How many whole days are remembered.
const DAYS: usize = 8;
/// Timelines are remembered in so many maps, each with its own lock.
const MAPS: usize = 64;

type Timelines = Mutex<FxHashMap<(EntityId, Interval), Timeline>>;

/// Answers about control over time, to any number of threads; remembers what was
/// costly to work out.
#[derive(Debug)]
pub struct ControlOverTime<'w> {
    world: &'w World,
    timelines: Vec<Timelines>,
    days: Mutex<VecDeque<(Date, Arc<OnceLock<Day>>)>>,
}

impl<'w> ControlOverTime<'w> {
    /// Over the holdings and agreements of a world.
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            timelines: std::iter::repeat_with(Timelines::default)
                .take(MAPS)
                .collect(),
            days: Mutex::default(),
        }
    }

    /// Who controls `org` on `day`.
    pub fn on(&self, org: EntityId, day: Date) -> Controllers {
        self.under(Above::of(self.world, org), day)
    }

    /// The same of a company whose rows were found before.
    pub(crate) fn under(&self, above: Above<'_>, day: Date) -> Controllers {
        climbed(self.world, above, day).unwrap_or_else(|| {
            let solved = self.solved(above.org(), day);
            controllers(&solved.0, &solved.1, above.org())
        })
    }

    /// Who controls each organisation that anybody ever held, on `day`; then each with which
    /// there were only agreements.
    pub fn all(&self, day: Date) -> Vec<(EntityId, Controllers)> {
        let world = self.world;
        let held = world.holdings.beside(&world.agreements);
        let held = held.map(|(org, held, agreed)| Above::by(world, org, (held, agreed)));
        let agreed = world.agreements.side_by_side().map(|(org, _)| org);
        let agreed = agreed.filter(|org| world.holdings.of(*org).is_empty());
        let all = held.chain(agreed.map(|org| Above::of(world, org)));
        all.map(|above| (above.org(), self.under(above, day)))
            .collect()
    }

    /// A solution that covers `org` on `day`: the companies above it alone, or,
    /// for a large lump of them, the whole day, which is then remembered.
    pub(crate) fn solved(&self, org: EntityId, day: Date) -> Day {
        if let Some(known) = self.known(day) {
            return known;
        }
        let above = upstream(self.world, org, Some(day));
        if above.all().len() > LUMP.max(self.world.holdings.home_count() / PART) {
            return self.whole(day);
        }
        let votes = Votes::of(self.world, above.all(), day);
        let solution = Solution::of(&votes);
        Arc::new((votes, solution))
    }

    fn known(&self, day: Date) -> Option<Day> {
        let days = locked(&self.days);
        let found = days.iter().find(|(of, _)| *of == day);
        found.and_then(|(_, known)| known.get().cloned())
    }

    /// The solution for all companies of a day; the last few are remembered.
    pub fn whole(&self, day: Date) -> Day {
        let place = {
            let mut days = locked(&self.days);
            let found = days.iter().find(|(of, _)| *of == day);
            let found = found.map(|(_, place)| Arc::clone(place));
            found.unwrap_or_else(|| {
                let place = Arc::<OnceLock<Day>>::default();
                days.push_back((day, Arc::clone(&place)));
                if days.len() > DAYS {
                    days.pop_front();
                }
                place
            })
        };
        // Who comes second waits for the first instead of solving it again.
        let solved = place.get_or_init(|| {
            let votes = Votes::whole(self.world, day);
            let solution = Solution::of(&votes);
            Arc::new((votes, solution))
        });
        Arc::clone(solved)
    }

    /// The persons who control `org` on some days of `window`, and on which.
    pub fn persons_within(&self, org: EntityId, window: Interval) -> Vec<(EntityId, IntervalSet)> {
        let mut days: FxHashMap<EntityId, Vec<Interval>> = FxHashMap::default();
        for (interval, controllers) in self.timeline(org, window).iter() {
            for person in &controllers.persons {
                days.entry(*person).or_default().push(*interval);
            }
        }
        let mut found: Vec<(EntityId, IntervalSet)> = days
            .into_iter()
            .map(|(person, intervals)| (person, IntervalSet::union_of(intervals)))
            .collect();
        found.sort_unstable_by_key(|(person, _)| *person);
        found
    }

    fn timeline(&self, org: EntityId, window: Interval) -> Timeline {
        if Above::of(self.world, org).is_held_by_persons() {
            return Arc::new(self.make(&[org], org, window));
        }
        let place = FxBuildHasher.hash_one(org) % u64::try_from(MAPS).unwrap_or(1);
        let place = usize::try_from(place).ok();
        let Some(timelines) = place.and_then(|place| self.timelines.get(place)) else {
            return Timeline::default();
        };
        let known = locked(timelines).get(&(org, window)).cloned();
        known.unwrap_or_else(|| {
            let above = upstream(self.world, org, None);
            let made = Arc::new(self.make(above.all(), org, window));
            locked(timelines).insert((org, window), Arc::clone(&made));
            made
        })
    }

    /// The controllers change only where a holding or an agreement above `org`
    /// begins or ends: one solution for each stretch between.
    fn make(
        &self,
        above: &[EntityId],
        org: EntityId,
        window: Interval,
    ) -> Vec<(Interval, Controllers)> {
        if window.is_empty() {
            return Vec::new();
        }
        let world = self.world;
        let mut turns = vec![window.from, window.to];
        for company in above {
            let holdings = world.holdings.of(*company).iter();
            let holdings = holdings.map(|row| row.interval);
            let agreements = world.agreements.of(*company).iter();
            let agreements = agreements.map(|row| row.interval);
            let meeting = holdings
                .chain(agreements)
                .filter(|interval| interval.meets(&window));
            for interval in meeting {
                turns.extend([interval.from.max(window.from), interval.to.min(window.to)]);
            }
        }
        turns.sort_unstable();
        turns.dedup();
        let directly = Above::of(world, org);
        let stretches = turns.iter().zip(turns.iter().skip(1));
        stretches
            .map(|(from, to)| {
                let solved = || {
                    let votes = Votes::of(world, upstream(world, org, Some(*from)).all(), *from);
                    controllers(&votes, &Solution::of(&votes), org)
                };
                let found = climbed(world, directly, *from).unwrap_or_else(solved);
                (Interval::new(*from, *to), found)
            })
            .collect()
    }
}

/// Who controls a company, where climbing tells; then it is in no circle.
fn climbed(world: &World, above: Above<'_>, day: Date) -> Option<Controllers> {
    let mut heads = climb::heads(world, above, day)?;
    // Organisations come first; mostly there are none.
    let persons = match heads.partition_point(EntityId::is_organisation) {
        0 => std::mem::take(&mut heads),
        organisations => heads.split_off(organisations),
    };
    Some(Controllers {
        persons,
        organisations: heads,
        circular: false,
    })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every company from which a chain of holdings or agreements leads down to
/// `org`, `org` first: through those in force on `day`, or of any day.
pub(crate) fn upstream(world: &World, org: EntityId, day: Option<Date>) -> Numbers {
    let counts = |interval: Interval| day.is_none_or(|day| interval.holds(day));
    let mut met = Numbers::default();
    met.meet(org);
    let mut next = 0;
    while let Some(company) = met.all().get(next).copied() {
        next += 1;
        let holdings = world.holdings.of(company).iter();
        let holders = holdings.filter(|r| counts(r.interval)).map(|r| r.holder);
        let agreements = world.agreements.of(company).iter();
        let parties = agreements
            .filter(|r| counts(r.interval))
            .map(|r| r.controller);
        for above in holders.chain(parties).filter(EntityId::is_organisation) {
            met.meet(above);
        }
    }
    met
}

/// The public answer for one company, from a day's solution.
pub(crate) fn controllers(votes: &Votes, solution: &Solution, org: EntityId) -> Controllers {
    let Some(node) = votes.find(org) else {
        return Controllers::default();
    };
    let heads = solution
        .heads(node)
        .iter()
        .filter_map(|head| votes.entity(*head));
    let (mut organisations, mut persons): (Vec<EntityId>, Vec<EntityId>) =
        heads.partition(EntityId::is_organisation);
    organisations.sort_unstable();
    persons.sort_unstable();
    let circular = organisations.is_empty() && persons.is_empty() && solution.is_controlled(node);
    Controllers {
        persons,
        organisations,
        circular,
    }
}
