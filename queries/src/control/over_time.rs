//! Control by intervals of days: who controlled a company when.

use std::sync::{Arc, Mutex, PoisonError};

use graph::id::EntityId;
use graph::time::{Date, Interval, IntervalSet};
use rustc_hash::{FxHashMap, FxHashSet};

use super::solve::Solution;
use super::votes::Votes;
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

/// With more companies than this above one, the whole day is solved instead,
/// once for all questions about that day.
const LUMP: usize = 1000;

/// Answers about control over time; remembers what it has worked out.
#[derive(Debug)]
pub struct ControlOverTime<'w> {
    world: &'w World,
    timelines: Mutex<FxHashMap<(EntityId, Interval), Timeline>>,
    days: Mutex<FxHashMap<Date, Day>>,
}

impl<'w> ControlOverTime<'w> {
    /// Over the holdings and agreements of a world.
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            timelines: Mutex::default(),
            days: Mutex::default(),
        }
    }

    /// Who controls `org` on `day`.
    pub fn on(&self, org: EntityId, day: Date) -> Controllers {
        let solved = self.solved(org, day);
        controllers(&solved.0, &solved.1, org)
    }

    /// A solution that covers `org` on `day`: the companies above it alone, or,
    /// for a large lump of them, the whole day, which is then remembered.
    pub(crate) fn solved(&self, org: EntityId, day: Date) -> Day {
        let known = locked(&self.days).get(&day).cloned();
        known.unwrap_or_else(|| {
            let above = upstream(self.world, org, Some(day));
            if above.len() > LUMP {
                return self.whole(day);
            }
            let votes = Votes::of(self.world, &above, day);
            let solution = Solution::of(&votes);
            Arc::new((votes, solution))
        })
    }

    /// The solution for all companies of a day; remembered.
    pub fn whole(&self, day: Date) -> Day {
        let known = locked(&self.days).get(&day).cloned();
        known.unwrap_or_else(|| {
            let votes = Votes::whole(self.world, day);
            let solution = Solution::of(&votes);
            let made = Arc::new((votes, solution));
            locked(&self.days).insert(day, Arc::clone(&made));
            made
        })
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
        let known = locked(&self.timelines).get(&(org, window)).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(self.make(org, window));
            locked(&self.timelines).insert((org, window), Arc::clone(&made));
            made
        })
    }

    /// The controllers change only where a holding or an agreement above `org`
    /// begins or ends: one solution for each stretch between.
    fn make(&self, org: EntityId, window: Interval) -> Vec<(Interval, Controllers)> {
        if window.is_empty() {
            return Vec::new();
        }
        let above = upstream(self.world, org, None);
        let mut turns = vec![window.from, window.to];
        for company in &above {
            let holdings = self
                .world
                .holdings
                .of(*company)
                .iter()
                .map(|row| row.record.interval);
            let agreements = self
                .world
                .agreements
                .of(*company)
                .iter()
                .map(|row| row.record.interval);
            for interval in holdings
                .chain(agreements)
                .filter(|interval| interval.meets(&window))
            {
                turns.extend([interval.from.max(window.from), interval.to.min(window.to)]);
            }
        }
        turns.sort_unstable();
        turns.dedup();
        let stretches = turns.iter().zip(turns.iter().skip(1));
        stretches
            .map(|(from, to)| {
                let votes = Votes::of(self.world, &above, *from);
                (
                    Interval::new(*from, *to),
                    controllers(&votes, &Solution::of(&votes), org),
                )
            })
            .collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every company from which a chain of holdings or agreements leads down to
/// `org`, `org` among them: those in force on `day`, or of any day.
pub(crate) fn upstream(world: &World, org: EntityId, day: Option<Date>) -> Vec<EntityId> {
    let counts = |interval: Interval| day.is_none_or(|day| interval.holds(day));
    let mut seen = FxHashSet::from_iter([org]);
    let mut open = vec![org];
    while let Some(company) = open.pop() {
        let holdings = world.holdings.of(company).iter().map(|row| &row.record);
        let holders = holdings.filter(|r| counts(r.interval)).map(|r| r.holder);
        let agreements = world.agreements.of(company).iter().map(|row| &row.record);
        let parties = agreements
            .filter(|r| counts(r.interval))
            .map(|r| r.controller);
        for above in holders.chain(parties).filter(EntityId::is_organisation) {
            if seen.insert(above) {
                open.push(above);
            }
        }
    }
    let mut all: Vec<EntityId> = seen.into_iter().collect();
    all.sort_unstable();
    all
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
