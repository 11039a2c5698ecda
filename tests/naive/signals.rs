//! Signals: information for analysts about people who try to step out of reach.

use crate::canonical;
use crate::day::Day;
use crate::known::Known;
use crate::penetration::ALL;
use crate::record::{Case, CaseKind, Role, Subject};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl Known<'_> {
    /// The cases of organisations by a day that were not withdrawn as wrong: listings, and
    /// penalties that trigger a rule.
    fn signal_cases(&self, day: Day) -> Vec<(&Case, &str)> {
        let mut all = Vec::new();
        for case in &self.cases {
            let reached = case.kind == CaseKind::Listing
                || self
                    .catalogue
                    .rules
                    .iter()
                    .any(|rule| self.rule_applies(rule, case));
            if let Some(uscc) = case.subject.org()
                && case.own_date <= day
                && reached
                && !self.was_withdrawn(case)
            {
                all.push((case, uscc));
            }
        }
        all
    }

    /// Legal representatives, principals and controllers, declared or computed, on a day.
    fn leaders(&self, uscc: &str, day: Day) -> BTreeSet<Subject> {
        let mut all = self.control(day).computed_controllers(uscc);
        for role in ["legal_representative", "principal", "actual_controller"] {
            all.extend(self.role_holders(uscc, role, day));
        }
        all
    }

    /// The day on which the unbroken time in an office ended that a record belongs to: where
    /// another record of the same person in the same office goes on, so does the time.
    fn left_office(&self, record: &Role) -> Option<Day> {
        let mut left = record.span.to?;
        while let Some(next) = self.roles.iter().find(|one| {
            (&one.org, &one.role, &one.person) == (&record.org, &record.role, &record.person)
                && one.span.holds(left)
        }) {
            left = next.span.to?;
        }
        Some(left)
    }

    /// Held the office on the violation, and was replaced between it and some days after the
    /// case's own date, by today.
    fn was_replaced(&self, case: &Case, record: &Role, today: Day) -> Option<Day> {
        let left = self.left_office(record)?;
        let last = case
            .own_date
            .plus(self.catalogue.settings.late_change_days)
            .min(today);
        let held = self
            .violation(case)
            .iter()
            .any(|day| record.span.holds(day));
        let office = matches!(record.role.as_str(), "legal_representative" | "principal");
        let holders = |day: Day| self.role_holders(&record.org, &record.role, day);
        let by_another = (left.0..=last.0).any(|day| {
            holders(Day(day))
                .iter()
                .any(|holder| *holder != record.person)
        });
        (office && held && left <= last && by_another).then_some(left)
    }

    fn late_changes(&self, today: Day) -> Vec<Value> {
        let mut all = Vec::new();
        for (case, uscc) in self.signal_cases(today) {
            for record in self.roles.iter().filter(|record| record.org == uscc) {
                if let Some(left) = self.was_replaced(case, record, today) {
                    let told = json!({
                        "kind": "late_change",
                        "subject": self.label(&record.person),
                        "org": uscc,
                        "role": record.role,
                        "case_no": case.number,
                        "on": left.to_string(),
                    });
                    // Two records of one time in office tell it once.
                    if !all.contains(&told) {
                        all.push(told);
                    }
                }
            }
        }
        all
    }

    fn successors(&self, today: Day) -> Vec<Value> {
        let mut all = Vec::new();
        for (case, uscc) in self.signal_cases(today) {
            let last = case
                .own_date
                .plus(self.catalogue.settings.successor_days)
                .min(today);
            let before = self.leaders(uscc, case.own_date);
            for org in &self.organisations {
                let Some(founded) = org.established_on else {
                    continue;
                };
                if org.uscc == uscc || founded <= case.own_date || founded > last {
                    continue;
                }
                let industry = self.organisation(uscc).and_then(|old| old.industry.clone());
                let same_industry = industry.is_some() && industry == org.industry;
                for person in self.leaders(&org.uscc, today).intersection(&before) {
                    all.push(json!({
                        "kind": "successor",
                        "subject": org.uscc,
                        "org": uscc,
                        "person": self.label(person),
                        "case_no": case.number,
                        "same_industry": same_industry,
                    }));
                }
            }
        }
        all
    }

    fn nominees(&self, today: Day) -> Vec<Value> {
        let persons: BTreeSet<&Subject> = self.roles.iter().map(|record| &record.person).collect();
        let mut all = Vec::new();
        for person in persons {
            let represented = |uscc: &str| {
                self.role_holders(uscc, "legal_representative", today)
                    .contains(person)
            };
            let operating = self
                .organisations
                .iter()
                .filter(|org| org.status == "operating");
            let count = operating.filter(|org| represented(&org.uscc)).count();
            if count >= self.catalogue.settings.nominee_organisations {
                all.push(json!({
                    "kind": "nominee_like",
                    "subject": self.label(person),
                    "count": count,
                }));
            }
        }
        all
    }

    fn hidden_controllers(&self, today: Day) -> Vec<Value> {
        let restrictions = self.restrictions(ALL);
        let restricted: BTreeSet<&Subject> = restrictions
            .iter()
            .filter(|((subject, _, _), one)| subject.is_person() && one.days.holds(today))
            .map(|((subject, _, _), _)| subject)
            .collect();
        let mut all = Vec::new();
        for org in self
            .organisations
            .iter()
            .filter(|org| org.status == "operating")
        {
            for person in self.control(today).computed_controllers(&org.uscc) {
                let registered = self.roles.iter().any(|record| {
                    record.org == org.uscc && record.person == person && record.span.holds(today)
                });
                if restricted.contains(&person) && !registered {
                    all.push(json!({
                        "kind": "hidden_controller",
                        "subject": self.label(&person),
                        "org": org.uscc,
                    }));
                }
            }
        }
        all
    }
}

/// All signals on a day.
pub fn signals(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut all = known.late_changes(as_of);
    all.extend(known.successors(as_of));
    all.extend(known.nominees(as_of));
    all.extend(known.hidden_controllers(as_of));
    canonical(all)
}
