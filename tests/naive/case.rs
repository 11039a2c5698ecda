//! Cases: when a listing is active, when a case lives under a rule, when the violation was.

use crate::catalogue::Rule;
use crate::day::Day;
use crate::days::Days;
use crate::known::{Known, Repair};
use crate::record::{Case, CaseKind};

/// The days of a violation, and whether they had to be assumed.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The first day and the last.
    pub days: (Day, Day),
    /// No record states them: the case's own date stands in.
    pub assumed: bool,
}

impl Violation {
    /// Each of the days.
    pub fn iter(&self) -> impl Iterator<Item = Day> {
        (self.days.0.0..=self.days.1.0).map(Day)
    }
}

impl Known<'_> {
    fn repairs_of<'a>(&'a self, case: &'a Case, kind: &'a str) -> impl Iterator<Item = &'a Repair> {
        self.repairs
            .iter()
            .filter(move |repair| repair.kind == kind && repair.target.fits(case))
    }

    /// The days on which an objection to the case was upheld.
    pub fn upheld_on(&self, case: &Case) -> Vec<Day> {
        let upheld = self
            .objections
            .iter()
            .filter(|one| one.upheld && one.target.fits(case));
        upheld
            .filter_map(|objection| objection.decided_on)
            .collect()
    }

    /// The days on which the case was repaired by a repair of kind `repair`.
    pub fn repaired_on(&self, case: &Case) -> Vec<Day> {
        self.repairs_of(case, "repair")
            .map(|repair| repair.repaired_on)
            .collect()
    }

    /// Whether the case was withdrawn as wrong, so that it never was in force.
    pub fn was_withdrawn(&self, case: &Case) -> bool {
        let word = match case.kind {
            CaseKind::Listing => case.removal_reason == "revoked",
            CaseKind::Penalty => matches!(case.status.as_str(), "revoked" | "annulled_on_review"),
        };
        word || self.was_revoked(case)
    }

    /// Whether a repair of kind `revocation` says that the case was wrong.
    pub fn was_revoked(&self, case: &Case) -> bool {
        self.repairs_of(case, "revocation").next().is_some()
    }

    /// An objection is undecided on the day.
    pub fn is_under_objection(&self, case: &Case, day: Day) -> bool {
        self.objections.iter().any(|objection| {
            objection.target.fits(case)
                && objection.filed_on.is_some_and(|filed| filed <= day)
                && objection.decided_on.is_none_or(|decided| decided > day)
        })
    }

    /// The earliest end of a listing, withdrawals as wrong left aside.
    pub fn listing_end(&self, case: &Case) -> Option<Day> {
        let mut ends = self.upheld_on(case);
        if case.removal_reason != "revoked" {
            ends.extend(case.removed_on);
        }
        ends.extend(case.expires_on);
        ends.extend(self.repaired_on(case));
        ends.extend(
            self.repairs_of(case, "fulfilment")
                .map(|repair| repair.repaired_on),
        );
        let list = self
            .catalogue
            .list(case.list.as_deref().expect("a listing has a list"));
        if case.expires_on.is_none()
            && let Some(months) = list.max_months
        {
            ends.push(case.own_date.plus_months(months));
        }
        ends.into_iter().min()
    }

    /// The days on which a listing is active, as if it had never been withdrawn as wrong.
    fn listed_days(&self, case: &Case) -> Days {
        Days::between(case.own_date, self.listing_end(case))
    }

    /// The days on which a listing is active.
    pub fn active_days(&self, case: &Case) -> Days {
        if self.was_withdrawn(case) {
            Days::none()
        } else {
            self.listed_days(case)
        }
    }

    /// Whether the rule was in force on the case's own date and the case meets its trigger.
    pub fn rule_applies(&self, rule: &Rule, case: &Case) -> bool {
        if !rule.span.holds(case.own_date) {
            return false;
        }
        match (&rule.list, case.kind) {
            (Some(list), CaseKind::Listing) => case.list.as_ref() == Some(list),
            (None, CaseKind::Penalty) => {
                let type_fits = rule.violation_types.is_empty()
                    || rule.violation_types.contains(&case.violation_type);
                type_fits
                    && case
                        .kinds
                        .iter()
                        .any(|kind| rule.penalty_kinds.contains(kind))
            }
            _ => false,
        }
    }

    /// The life of a case under a rule; `withdrawals` says whether they count.
    pub fn life(&self, rule: &Rule, case: &Case, withdrawals: bool) -> Days {
        if withdrawals && self.was_withdrawn(case) {
            return Days::none();
        }
        let Some(months) = rule.term_months else {
            return self.listed_days(case);
        };
        let mut ends = self.upheld_on(case);
        // A term of 0 has no end.
        if months > 0 {
            ends.push(case.own_date.plus_months(months));
        }
        // Paying a fine (`fulfilment`) is not repair.
        if rule.repair_lifts {
            ends.extend(self.repaired_on(case));
            if case.removal_reason == "repaired" {
                ends.extend(case.removed_on);
            }
        }
        Days::between(case.own_date, ends.into_iter().min())
    }

    /// The days of the violation: stated by the case, or else by its basis decision when that
    /// is loaded and on the same subject, or else assumed to be the case's own date.
    pub fn violation(&self, case: &Case) -> Violation {
        if let Some(days) = stated_days(case) {
            return Violation {
                days,
                assumed: false,
            };
        }
        let decisions = self.cases.iter().filter(|other| {
            other.kind == CaseKind::Penalty
                && case.basis.as_ref() == Some(&other.number)
                && other.subject == case.subject
        });
        match decisions.filter_map(stated_days).next() {
            Some(days) => Violation {
                days,
                assumed: false,
            },
            None => Violation {
                days: (case.own_date, case.own_date),
                assumed: true,
            },
        }
    }
}

/// `[from, on]`; only `on`: that day; only `from`: up to the own date.
fn stated_days(case: &Case) -> Option<(Day, Day)> {
    match (case.violation_from, case.violation_on) {
        (Some(from), Some(on)) => Some((from, on)),
        (None, Some(on)) => Some((on, on)),
        (Some(from), None) => Some((from, case.own_date)),
        (None, None) => None,
    }
}
