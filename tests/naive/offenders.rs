//! High-frequency offenders: organisations, and the persons behind several of them.

use crate::canonical;
use crate::day::Day;
use crate::days::FIRST;
use crate::known::Known;
use crate::record::{Case, CaseKind, Subject};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The offices of which the penalties are counted for a person.
const OFFICES: [&str; 3] = ["legal_representative", "principal", "actual_controller"];

impl Known<'_> {
    /// Whether a penalty counts at all: effective, and not excluded by the settings.
    fn counts(&self, case: &Case) -> bool {
        let settings = &self.catalogue.settings;
        // A penalty of no stated kind is not excluded by kinds.
        let excluded = !case.kinds.is_empty()
            && case
                .kinds
                .iter()
                .all(|kind| settings.excluded_kinds.contains(kind));
        let summary = settings.exclude_summary_procedure && case.summary_procedure;
        case.kind == CaseKind::Penalty && !self.was_withdrawn(case) && !excluded && !summary
    }

    /// The penalties that count on a day: `decision_on` in `(D − window_years, D]`.
    fn counted(&self, day: Day) -> Vec<&Case> {
        let opened = day.minus_years(self.catalogue.settings.window_years);
        let inside =
            |case: &&Case| self.counts(case) && opened < case.own_date && case.own_date <= day;
        self.cases.iter().filter(inside).collect()
    }

    fn counted_at(&self, uscc: &str, day: Day) -> Vec<&Case> {
        self.counted(day)
            .into_iter()
            .filter(|case| case.subject.org() == Some(uscc))
            .collect()
    }

    /// Published on the day, not repaired, and no objection upheld by then.
    fn is_published(&self, case: &Case, day: Day) -> bool {
        let from = case.published_from.unwrap_or(case.own_date);
        from <= day
            && case.published_until.is_none_or(|until| day < until)
            && !self
                .repaired_on(case)
                .iter()
                .any(|repaired| *repaired <= day)
            && !self.upheld_on(case).iter().any(|upheld| *upheld <= day)
    }

    /// How many distinct decisions (authority, decision number) there are.
    fn distinct(cases: &[&Case]) -> usize {
        let keys: BTreeSet<_> = cases
            .iter()
            .map(|case| (&case.authority, &case.number))
            .collect();
        keys.len()
    }

    /// All organisations that are the subject of a penalty.
    fn punished(&self) -> BTreeSet<String> {
        let penalties = self
            .cases
            .iter()
            .filter(|case| case.kind == CaseKind::Penalty);
        penalties
            .filter_map(|case| case.subject.org().map(str::to_owned))
            .collect()
    }

    /// The first day of the unbroken run of days, ending on a day, on each of which the count
    /// was at least the minimum.
    fn first_reached(&self, uscc: &str, day: Day) -> Day {
        let mut first = day;
        while first > FIRST {
            let before = first.plus(-1);
            let count = Known::distinct(&self.counted_at(uscc, before));
            if count < self.catalogue.settings.min_penalties {
                break;
            }
            first = before;
        }
        first
    }

    /// Whether a person stood behind an organisation on a day: in one of the offices, or as its
    /// computed controller.
    fn stood_behind(&self, uscc: &str, day: Day) -> BTreeSet<Subject> {
        let mut all = self.control(day).computed_controllers(uscc);
        for office in OFFICES {
            all.extend(self.role_holders(uscc, office, day));
        }
        all
    }
}

/// The organisations that are offenders on a day, the cleared and the warned ones too.
pub fn offenders(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let settings = &known.catalogue.settings;
    let mut answer = Vec::new();
    for uscc in known.punished() {
        let cases = known.counted_at(&uscc, as_of);
        let count = Known::distinct(&cases);
        let published: Vec<&Case> = cases
            .into_iter()
            .filter(|case| known.is_published(case, as_of))
            .collect();
        let published = Known::distinct(&published);
        let reached = count >= settings.min_penalties;
        let state = if reached && published >= settings.min_published {
            "to_clear"
        } else if reached {
            "cleared"
        } else if count >= 1 && count + 1 == settings.min_penalties {
            "warning"
        } else {
            continue;
        };
        answer.push(json!({
            "uscc": uscc,
            "count": count,
            "published_count": published,
            "state": state,
            "first_reached_on": reached.then(|| known.first_reached(&uscc, as_of).to_string()),
        }));
    }
    canonical(answer)
}

/// The persons hidden behind several organisations: information for analysts.
pub fn offenders_persons(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let counted = known.counted(as_of);
    let mut persons: BTreeSet<Subject> = BTreeSet::new();
    let mut behind: Vec<(&Case, &str, BTreeSet<Subject>)> = Vec::new();
    for case in counted {
        if let Some(uscc) = case.subject.org() {
            let stood = known.stood_behind(uscc, case.own_date);
            persons.extend(stood.iter().cloned());
            behind.push((case, uscc, stood));
        }
    }
    let mut answer = Vec::new();
    for person in persons {
        let theirs = || {
            behind
                .iter()
                .filter(|(_, _, stood)| stood.contains(&person))
        };
        let cases: Vec<&Case> = theirs().map(|(case, _, _)| *case).collect();
        let organisations: BTreeSet<&str> = theirs().map(|(_, uscc, _)| *uscc).collect();
        let count = Known::distinct(&cases);
        if count >= known.catalogue.settings.min_penalties && organisations.len() >= 2 {
            answer.push(json!({
                "subject": known.label(&person),
                "count": count,
                "organisations": organisations.into_iter().collect::<Vec<_>>(),
            }));
        }
    }
    canonical(answer)
}
