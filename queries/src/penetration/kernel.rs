//! From one case to everything that the rules draw from it.

use std::sync::Arc;

use graph::id::{EntityId, Set};
use graph::record::DeterminationOutcome;
use graph::time::{Date, Interval, IntervalSet};
use rustc_hash::FxHashMap;

use super::{Ground, Lead, Restriction, search};
use crate::catalogue::{Catalogue, Rule};
use crate::control::ControlOverTime;
use crate::world::{Case, Cited, Determination, World};

/// What a case gives.
#[derive(Clone, Default, Debug)]
pub struct Found {
    /// Restrictions in force on some day, by subject and measure.
    pub restrictions: Vec<Restriction>,
    /// Leads, by subject and measure.
    pub leads: Vec<Lead>,
}

/// Penetration over a world with a catalogue.
#[derive(Debug)]
pub struct Penetration<'w> {
    /// The records.
    pub world: &'w World,
    /// The rules.
    pub catalogue: &'w Catalogue,
    /// Control, remembered between cases.
    pub control: &'w ControlOverTime<'w>,
}

/// Whether what later turned out wrong counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Seen {
    /// As it is.
    AsIs,
    /// As if revocations and rejecting determinations did not exist.
    UnlessRevoked,
}

#[derive(Default)]
struct Grounds {
    direct: bool,
    restrict: Vec<Ground>,
    lead: Vec<Ground>,
}

/// What was gathered of one case, by subject and measure.
type Gathered = FxHashMap<(EntityId, Arc<str>), Grounds>;

impl Penetration<'_> {
    /// All that the rules in force draw from a case.
    pub fn of(&self, place: usize) -> Found {
        self.draw(place, Seen::AsIs)
    }

    /// What they would draw as if revocations and rejections did not exist.
    pub fn unless_revoked(&self, place: usize) -> Found {
        self.draw(place, Seen::UnlessRevoked)
    }

    fn draw(&self, place: usize, seen: Seen) -> Found {
        let Some(case) = self.world.cases.get(place) else {
            return Found::default();
        };
        let mut gathered = Gathered::default();
        for rule in self
            .catalogue
            .rules
            .iter()
            .filter(|rule| case.triggers(rule))
        {
            let life = match seen {
                Seen::AsIs => case.life(rule, self.catalogue),
                Seen::UnlessRevoked => case.life_unless_revoked(rule, self.catalogue),
            };
            if !life.is_empty() {
                self.gather(case, rule, life, &mut gathered);
            }
        }
        let mut found = Found::default();
        for ((subject, measure), grounds) in gathered {
            // A determination concerns persons found by a rule, not the subject itself.
            let decided = (subject != case.subject())
                .then(|| case.determination(subject, seen == Seen::AsIs))
                .flatten();
            found.add(place, (subject, measure), grounds, decided);
        }
        found
            .restrictions
            .sort_by(|a, b| (a.subject, &a.measure).cmp(&(b.subject, &b.measure)));
        found
            .leads
            .sort_by(|a, b| (a.subject, &a.measure).cmp(&(b.subject, &b.measure)));
        found
    }

    /// The grounds that one rule gives, each measure cut to its own validity.
    fn gather(&self, case: &Case, rule: &Arc<Rule>, life: Interval, gathered: &mut Gathered) {
        let ground = Ground {
            rule: Arc::clone(rule),
            role: None,
            moment: None,
            assumed_moment: false,
            org: None,
            records: Vec::new(),
            controlled_on: None,
            days: IntervalSet::new(),
        };
        for measure in &rule.subject_measures {
            let days = self.while_valid(measure, &life.into());
            let grounds = gathered
                .entry((case.subject(), Arc::clone(measure)))
                .or_default();
            grounds.direct = true;
            grounds.restrict.push(Ground {
                days,
                ..ground.clone()
            });
        }
        if !case.subject().is_organisation() {
            return;
        }
        for entry in &rule.persons {
            for found in search(self.world, self.control, case, entry, life) {
                let assumed = entry.moment == crate::catalogue::RuleMoment::Violation
                    && case.violation_days().1;
                for measure in &entry.measures {
                    let ground = Ground {
                        role: Some(entry.role),
                        moment: Some(entry.moment),
                        assumed_moment: assumed,
                        org: Some(case.subject()),
                        records: found.records.clone(),
                        controlled_on: found.controlled_on,
                        days: self.while_valid(measure, &found.days),
                        ..ground.clone()
                    };
                    let grounds = gathered
                        .entry((found.person, Arc::clone(measure)))
                        .or_default();
                    let list = if entry.lead {
                        &mut grounds.lead
                    } else {
                        &mut grounds.restrict
                    };
                    list.push(ground);
                }
            }
        }
    }

    /// The days on which some version of the measure is in force.
    fn while_valid(&self, measure: &str, days: &IntervalSet) -> IntervalSet {
        let versions = self.catalogue.measures.get(measure).into_iter().flatten();
        days.intersect(&IntervalSet::union_of(
            versions.map(|version| version.validity),
        ))
    }
}

impl Found {
    /// Adds what another case gives.
    pub fn extend(&mut self, more: Self) {
        self.restrictions.extend(more.restrictions);
        self.leads.extend(more.leads);
    }

    /// Turns the grounds of one (subject, measure) into a restriction or a lead,
    /// heeding the determination on the person.
    fn add(
        &mut self,
        case: usize,
        (subject, measure): (EntityId, Arc<str>),
        grounds: Grounds,
        decided: Option<&Determination>,
    ) {
        let Grounds {
            direct,
            mut restrict,
            mut lead,
        } = grounds;
        if decided.is_some_and(|row| row.outcome == DeterminationOutcome::Rejected) {
            return;
        }
        let confirmed_on = decided.map(|row| row.decided_on);
        if let Some(row) = decided {
            let from = Interval::new(row.decided_on, Date::MAX);
            for mut ground in lead.drain(..) {
                ground.days = ground.days.within(from);
                restrict.push(ground);
            }
            for ground in &mut restrict {
                ground.records.push(row.cited());
            }
        }
        let days = union(&restrict);
        if !days.is_empty() {
            restrict.retain(|ground| !ground.days.is_empty());
            let confirmed = direct || confirmed_on.is_some();
            let grounds = restrict;
            self.restrictions.push(Restriction {
                subject,
                measure,
                case,
                direct,
                confirmed,
                confirmed_on,
                grounds,
                days,
            });
            return;
        }
        let days = union(&lead);
        if !days.is_empty() {
            lead.retain(|ground| !ground.days.is_empty());
            self.leads.push(Lead {
                subject,
                measure,
                case,
                grounds: lead,
                days,
            });
        }
    }
}

fn union(grounds: &[Ground]) -> IntervalSet {
    IntervalSet::union_of(
        grounds
            .iter()
            .flat_map(|ground| ground.days.intervals().iter().copied()),
    )
}

/// The records of a case that prove it, with what ended it.
pub fn case_records(case: &Case) -> Vec<Cited> {
    let repairs = case.repairs().iter();
    let repairs = repairs.map(|repair| Cited::new(Set::Repairs, repair.id));
    let objections = case.objections().iter();
    let objections = objections.map(|objection| Cited::new(Set::Objections, objection.id));
    std::iter::once(case.cited())
        .chain(repairs)
        .chain(objections)
        .collect()
}
