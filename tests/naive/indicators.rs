//! The indicators: each a numerator over a denominator, and the points that some give.

use crate::day::Day;
use crate::identifier::is_credit_code;
use crate::known::{Known, Matter};
use crate::offenders::offenders;
use crate::penetration::{ALL, Key, Restriction};
use crate::record::{Case, CaseKind, Subject};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The list of 失信被执行人.
const COURT_DEFAULTER: &str = "court_defaulter";

/// What fits, each by its code or number, and out of how many.
type Counted = (Vec<String>, Option<usize>);

fn numbers<'c>(cases: impl Iterator<Item = &'c Case>) -> Vec<String> {
    cases.map(|case| case.number.clone()).collect()
}

impl Known<'_> {
    /// The unit records of a day: listings that were in force at some time and effective
    /// penalties, on organisations, with their own date by then.
    fn unit_records(&self, day: Day) -> Vec<&Case> {
        let counts = |case: &&Case| {
            let effective = match case.kind {
                CaseKind::Listing => !self.active_days(case).is_empty(),
                CaseKind::Penalty => !self.was_withdrawn(case),
            };
            !case.subject.is_person() && case.own_date <= day && effective
        };
        self.cases.iter().filter(counts).collect()
    }

    /// Linked to a principal responsible person or to a named one, whether or not a rule asks.
    fn is_penetrated(&self, case: &Case) -> bool {
        let uscc = case
            .subject
            .org()
            .expect("a unit record is on an organisation");
        let answerable = |day: Day| {
            ["legal_representative", "principal"]
                .iter()
                .any(|role| !self.role_holders(uscc, role, day).is_empty())
        };
        self.violation(case).iter().any(answerable) || !self.named_persons(case).is_empty()
    }

    fn is_operating(&self, subject: &Subject) -> bool {
        let org = subject.org().and_then(|uscc| self.organisation(uscc));
        org.is_some_and(|org| org.status == "operating")
    }

    fn has_active_listing(&self, uscc: &str, day: Day, fits: impl Fn(&str) -> bool) -> bool {
        self.cases.iter().any(|case| {
            case.subject.org() == Some(uscc)
                && case.list.as_deref().is_some_and(&fits)
                && self.active_days(case).holds(day)
        })
    }

    /// Whether a listing ended by a day, and by repair or fulfilment.
    fn was_left(&self, case: &Case, day: Day) -> bool {
        let Some(end) = self.listing_end(case).filter(|end| *end <= day) else {
            return false;
        };
        let removed = case.removed_on == Some(end)
            && matches!(case.removal_reason.as_str(), "repaired" | "fulfilled");
        let repaired = self.repairs.iter().any(|repair| {
            repair.target.fits(case) && repair.kind != "revocation" && repair.repaired_on == end
        });
        removed || repaired
    }

    /// The measures of the binding, blocking restrictions that stood when a matter was decided.
    fn standing_measures(
        &self,
        restrictions: &BTreeMap<Key, Restriction>,
        matter: &Matter,
        day: Day,
    ) -> BTreeSet<String> {
        let Some(item) = self.item_of(matter) else {
            return BTreeSet::new();
        };
        let mut measures = BTreeSet::new();
        for subject in self.concerned(matter, item, day) {
            let keys = self.blocking(restrictions, &subject, (&item.category, day), true);
            measures.extend(keys.into_iter().map(|key| key.1.clone()));
        }
        measures
    }

    /// The matters granted or refused by a day, each with the day.
    fn decided_matters(&self, day: Day) -> Vec<(&Matter, Day)> {
        let decided = self
            .matters
            .iter()
            .filter_map(|matter| Some((matter, matter.decided_on?)));
        let counts = |entry: &(&Matter, Day)| {
            entry.1 <= day && matches!(entry.0.outcome.as_str(), "granted" | "refused")
        };
        decided.filter(counts).collect()
    }

    fn count_serious(&self, day: Day) -> Counted {
        let serious = |list: &str| self.catalogue.list(list).serious;
        let enterprises: Vec<_> = self
            .organisations
            .iter()
            .filter(|org| org.kind == "enterprise" && org.status == "operating")
            .collect();
        let listed = enterprises
            .iter()
            .filter(|org| self.has_active_listing(&org.uscc, day, serious));
        let listed = listed.map(|org| org.uscc.clone()).collect();
        (listed, Some(enterprises.len()))
    }

    fn count_publication(&self, day: Day) -> Counted {
        let penalties: Vec<&Case> = self
            .cases
            .iter()
            .filter(|case| case.kind == CaseKind::Penalty && case.own_date <= day)
            .collect();
        let days = self.catalogue.settings.report_workdays;
        let timely = penalties.iter().filter(|case| {
            let deadline = self.catalogue.plus_working_days(case.own_date, days);
            case.reported_on
                .is_some_and(|reported| reported <= deadline && reported <= day)
        });
        (numbers(timely.copied()), Some(penalties.len()))
    }

    fn count_exits(&self, day: Day) -> Counted {
        let listings: Vec<&Case> = self
            .cases
            .iter()
            .filter(|case| case.kind == CaseKind::Listing && case.own_date <= day)
            .filter(|case| self.is_operating(&case.subject))
            // One withdrawn as wrong never was in force.
            .filter(|case| !self.active_days(case).is_empty())
            .collect();
        let left = listings.iter().filter(|case| self.was_left(case, day));
        (numbers(left.copied()), Some(listings.len()))
    }

    fn count_checks(&self, day: Day) -> Counted {
        let mut matters = self.decided_matters(day);
        matters.retain(|(matter, _)| self.item_of(matter).is_some_and(|item| item.check_required));
        let whole = matters
            .iter()
            .filter(|(matter, _)| self.unchecked(matter, day).is_empty());
        let whole = whole.map(|(matter, _)| matter.matter_no.clone()).collect();
        (whole, Some(matters.len()))
    }

    fn count_restricted_matters(&self, day: Day) -> Counted {
        let (mut minded, mut stood) = (Vec::new(), 0);
        let restrictions = self.restrictions(ALL);
        for (matter, decided) in self.decided_matters(day) {
            let measures = self.standing_measures(&restrictions, matter, decided);
            if measures.is_empty() {
                continue;
            }
            stood += 1;
            let refused_for = matter.refused_for.as_ref();
            let refused = matter.outcome == "refused"
                && refused_for.is_some_and(|measure| measures.contains(measure));
            if refused || matter.exemption.is_some() {
                minded.push(matter.matter_no.clone());
            }
        }
        (minded, Some(stood))
    }
}

/// The nine indicators on a day, each with what it counts.
fn counted(world: &World, as_of: Day, known_at: Day) -> Vec<(&'static str, Counted)> {
    let known = Known::at(world, known_at);
    let units = known.unit_records(as_of);
    let penetrated = units.iter().filter(|case| known.is_penetrated(case));
    let codes = |all: Vec<&crate::record::Organisation>| -> Vec<String> {
        all.iter().map(|org| org.uscc.clone()).collect()
    };
    let organisations = known.organisations.iter();
    let wrong = organisations
        .clone()
        .filter(|org| !is_credit_code(&org.uscc));
    let offenders = offenders(world, as_of, known_at);
    let to_clear = |one: &&Value| one["state"] == "to_clear";
    let open = offenders.as_array().unwrap().iter().filter(to_clear);
    let open = open.map(|one| one["uscc"].as_str().unwrap().to_owned());
    let organs = organisations.filter(|org| org.kind == "government");
    let defaulters = organs
        .filter(|org| known.has_active_listing(&org.uscc, as_of, |list| list == COURT_DEFAULTER));
    vec![
        (
            "penetration",
            (numbers(penetrated.copied()), Some(units.len())),
        ),
        ("serious_share", known.count_serious(as_of)),
        (
            "code_errors",
            (codes(wrong.collect()), Some(known.organisations.len())),
        ),
        ("publication_timely", known.count_publication(as_of)),
        ("list_exit", known.count_exits(as_of)),
        ("check_coverage", known.count_checks(as_of)),
        (
            "restriction_coverage",
            known.count_restricted_matters(as_of),
        ),
        ("high_frequency_open", (open.collect(), None)),
        ("government_defaulters", (codes(defaulters.collect()), None)),
    ]
}

/// The nine indicators on a day: `[numerator, denominator|null]` by code.
pub fn indicators(world: &World, as_of: Day, known_at: Day) -> Value {
    let all = counted(world, as_of, known_at).into_iter();
    let entry =
        |(code, (part, whole)): (&str, Counted)| (code.to_owned(), json!([part.len(), whole]));
    Value::Object(all.map(entry).collect())
}

/// What each indicator counts: organisations by their code, cases and matters by their number.
pub fn indicator_records(world: &World, as_of: Day, known_at: Day) -> Value {
    let all = counted(world, as_of, known_at).into_iter();
    let entry = |(code, (mut part, _)): (&str, Counted)| {
        part.sort();
        (code.to_owned(), json!(part))
    };
    Value::Object(all.map(entry).collect())
}

/// The points that the policy gives: penetration × 2, at most 2; list exits × 5, at most 3.
/// None of a denominator of nought.
pub fn indicator_points(world: &World, as_of: Day, known_at: Day) -> Value {
    let all = indicators(world, as_of, known_at);
    let mut points = Map::new();
    for (code, factor, most) in [("penetration", 2.0, 2.0), ("list_exit", 5.0, 3.0)] {
        let (part, whole) = (
            all[code][0].as_f64().unwrap(),
            all[code][1].as_f64().unwrap(),
        );
        let value = (whole > 0.0).then(|| f64::min(part / whole * factor, most));
        points.insert(code.to_owned(), json!(value));
    }
    Value::Object(points)
}
