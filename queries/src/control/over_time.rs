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

/// Answers about control over time; remembers what it has worked out.
#[derive(Debug)]
pub struct ControlOverTime<'w> {
    world: &'w World,
    timelines: Mutex<FxHashMap<EntityId, Timeline>>,
}

impl<'w> ControlOverTime<'w> {
    /// Over the holdings and agreements of a world.
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            timelines: Mutex::default(),
        }
    }

    /// Who controls `org` on `day`.
    pub fn on(&self, org: EntityId, day: Date) -> Controllers {
        let timeline = self.timeline(org);
        let at = timeline.iter().find(|(interval, _)| interval.holds(day));
        at.map(|(_, controllers)| controllers.clone())
            .unwrap_or_default()
    }

    /// The persons who control `org` on some days of `window`, and on which.
    pub fn persons_within(&self, org: EntityId, window: Interval) -> Vec<(EntityId, IntervalSet)> {
        let mut days: FxHashMap<EntityId, Vec<Interval>> = FxHashMap::default();
        for (interval, controllers) in self.timeline(org).iter() {
            let shared = interval.intersect(&window);
            if !shared.is_empty() {
                for person in &controllers.persons {
                    days.entry(*person).or_default().push(shared);
                }
            }
        }
        let mut found: Vec<(EntityId, IntervalSet)> = days
            .into_iter()
            .map(|(person, intervals)| (person, IntervalSet::union_of(intervals)))
            .collect();
        found.sort_unstable_by_key(|(person, _)| *person);
        found
    }

    fn timeline(&self, org: EntityId) -> Timeline {
        let lock = || {
            self.timelines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(&org) {
            return Arc::clone(known);
        }
        let made = Arc::new(self.make(org));
        lock().insert(org, Arc::clone(&made));
        made
    }

    /// The controllers change only where a holding or an agreement above `org`
    /// begins or ends: one solution for each stretch between.
    fn make(&self, org: EntityId) -> Vec<(Interval, Controllers)> {
        let above = upstream(self.world, org);
        let mut turns = vec![Date::MIN, Date::MAX];
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
                .filter(|interval| !interval.is_empty())
            {
                turns.extend([interval.from, interval.to]);
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

/// Every company from which a chain of holdings or agreements, of any day, leads
/// down to `org`, `org` among them.
pub(crate) fn upstream(world: &World, org: EntityId) -> Vec<EntityId> {
    let mut seen = FxHashSet::from_iter([org]);
    let mut open = vec![org];
    while let Some(company) = open.pop() {
        let holders = world
            .holdings
            .of(company)
            .iter()
            .map(|row| row.record.holder);
        let parties = world
            .agreements
            .of(company)
            .iter()
            .map(|row| row.record.controller);
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
