//! Whom one entry of a rule finds in one case, and for which days.

use graph::id::EntityId;
use graph::time::{Date, Interval, IntervalSet};
use rustc_hash::FxHashMap;

use crate::catalogue::{PersonRule, RoleSought, RuleMoment};
use crate::control::ControlOverTime;
use crate::world::{Case, Cited, World};

/// A person that a rule's entry finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonFound {
    /// Who.
    pub person: EntityId,
    /// While.
    pub days: IntervalSet,
    /// The records that say so.
    pub records: Vec<Cited>,
    /// A day on which a computed controller was one.
    pub controlled_on: Option<Date>,
}

/// The persons that `entry` finds in `case` while its life is `life`; by person.
pub fn search(
    world: &World,
    control: &ControlOverTime<'_>,
    case: &Case,
    entry: &PersonRule,
    life: Interval,
) -> Vec<PersonFound> {
    if life.is_empty() {
        return Vec::new();
    }
    let window = match entry.moment {
        RuleMoment::Violation => case.violation_days().0,
        RuleMoment::CaseDate => Interval::closed(case.own_date(), case.own_date()),
        RuleMoment::Current | RuleMoment::Named => life,
    };
    let mut found: FxHashMap<EntityId, PersonFound> = FxHashMap::default();
    let mut add = |person: EntityId, days: IntervalSet, record: Option<Cited>, on| {
        let entry = found.entry(person).or_insert_with(|| PersonFound {
            person,
            days: IntervalSet::new(),
            records: Vec::new(),
            controlled_on: on,
        });
        entry.days = entry.days.union(&days);
        entry.records.extend(record);
    };
    match entry.role {
        RoleSought::DirectlyResponsible => {
            for row in case.responsible() {
                add(row.person, life.into(), Some(row.cited()), None);
            }
        }
        RoleSought::Held(role) => {
            for row in world.roles.of(case.subject()) {
                let held = row.interval.intersect(&window);
                if row.role == role && !held.is_empty() {
                    let days = while_held(entry.moment, held.into(), life);
                    let record = Some(row.cited(case.subject()));
                    add(row.person, days, record, None);
                }
            }
        }
        RoleSought::ComputedController => {
            for (person, held) in control.persons_within(case.subject(), window) {
                let on = held.first().map(|interval| interval.from);
                add(person, while_held(entry.moment, held, life), None, on);
            }
        }
    }
    let mut found: Vec<PersonFound> = found.into_values().collect();
    found.sort_unstable_by_key(|found| found.person);
    found
}

/// A current role counts on its own days, every other moment for the whole life.
fn while_held(moment: RuleMoment, held: IntervalSet, life: Interval) -> IntervalSet {
    if moment == RuleMoment::Current {
        held
    } else {
        life.into()
    }
}
