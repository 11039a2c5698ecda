//! Gaps of enforcement: not reported, not lifted, enforced without a restriction.

use super::{Evaluation, Gap};
use crate::day::Day;
use crate::known::{Enforcement, Known};
use crate::penetration::{ALL, Key, Restriction};
use crate::record::{Case, Subject};

impl Evaluation<'_> {
    /// 应惩未反馈.
    pub(super) fn unenforced(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (key, restriction) in &self.restrictions {
            if restriction.confirmed {
                gaps.extend(self.unenforced_restriction(key, restriction));
            }
        }
        gaps
    }

    fn unenforced_restriction(&self, key: &Key, restriction: &Restriction) -> Vec<Gap> {
        let (subject, measure, place) = key;
        let case = &self.known.cases[*place];
        let mut start = restriction
            .days
            .iter()
            .next()
            .expect("a restriction has a day");
        if !restriction.direct {
            let decided = self
                .known
                .determination(case, subject, ALL)
                .expect("a confirmation");
            start = start.max(decided.decided_on);
        }
        let Some(version) = self.known.catalogue.measure(measure, start) else {
            return Vec::new();
        };
        let deadline = self
            .known
            .catalogue
            .plus_working_days(start, version.report_workdays);
        if !version.binding || deadline >= self.today || !restriction.days.holds(deadline) {
            return Vec::new();
        }
        let mut gaps = Vec::new();
        for enforcer in &version.enforcers {
            let theirs = self.known.enforcements.iter().filter(|one| {
                one.department == *enforcer
                    && one.subject == *subject
                    && one.measure == *measure
                    && one.case.fits(case)
            });
            // An act dated after today counts as absent.
            let reported: Vec<Day> = theirs
                .filter_map(|one| one.reported_on)
                .filter(|day| *day <= self.today)
                .collect();
            if reported.iter().any(|day| *day <= deadline) {
                continue;
            }
            gaps.push(
                Gap::new("unenforced", deadline)
                    .with(
                        "reason",
                        if reported.is_empty() {
                            "absent"
                        } else {
                            "late"
                        },
                    )
                    .with("department", enforcer.as_str())
                    .with("subject", self.known.label(subject))
                    .with("case_no", case.number.as_str())
                    .with("measure", measure.as_str()),
            );
        }
        gaps
    }

    /// 超清单惩戒, which takes precedence, and 应解未解.
    pub(super) fn enforcements_without_ground(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for enforcement in &self.known.enforcements {
            let never_in_force = enforcement.to == Some(enforcement.from);
            if enforcement.from > self.today || never_in_force {
                continue;
            }
            let key = self.credulous.keys().find(|(subject, measure, place)| {
                *subject == enforcement.subject
                    && *measure == enforcement.measure
                    && enforcement.case.fits(&self.known.cases[*place])
            });
            match key {
                None => gaps.push(self.gap("overreach", enforcement, enforcement.from)),
                Some(key) if enforcement.to.is_none_or(|to| to > self.today) => {
                    let deadline = self.lift_deadline(key);
                    if let Some(deadline) = deadline.filter(|deadline| *deadline < self.today) {
                        gaps.push(self.gap("overdue_lift", enforcement, deadline));
                    }
                }
                Some(_) => {}
            }
        }
        gaps
    }

    fn gap(&self, kind: &str, enforcement: &Enforcement, on: Day) -> Gap {
        Gap::new(kind, on)
            .with("department", enforcement.department.as_str())
            .with("subject", self.known.label(&enforcement.subject))
            .with("case_no", enforcement.case.number.as_str())
            .with("measure", enforcement.measure.as_str())
            .with("enforcement_no", enforcement.enforcement_no.as_str())
    }

    /// By when an enforcement had to be lifted; none when its restriction is in force today or
    /// no interval of it has begun.
    fn lift_deadline(&self, key: &Key) -> Option<Day> {
        let (subject, measure, place) = key;
        let catalogue = &self.known.catalogue;
        let (ended, version) = if is_gone(&self.known, *place, subject) {
            // The date of the batch that made it known, whatever the days would have been, with
            // the newest version.
            (
                self.known_gone_since(*place, subject),
                catalogue.newest_measure(measure)?,
            )
        } else {
            let begun = self.restrictions[key].days.intervals();
            let last = begun
                .into_iter()
                .rfind(|span| span.from <= Some(self.today))?;
            let ended = last.to.filter(|to| *to <= self.today)?;
            (ended, catalogue.measure(measure, ended.plus(-1))?)
        };
        Some(catalogue.plus_working_days(ended, version.lift_workdays))
    }

    /// Since which batch it has been known without a break that the case was withdrawn as wrong
    /// or the person rejected.
    fn known_gone_since(&self, place: usize, subject: &Subject) -> Day {
        let case = &self.known.cases[place];
        let same = |other: &Case| {
            (other.kind, &other.number, &other.list, &other.subject)
                == (case.kind, &case.number, &case.list, &case.subject)
                && (case.list.is_some() || other.authority == case.authority)
        };
        let mut since = self.known.batches;
        while since > 1 {
            let before = Known::after(self.known.world, since - 1);
            let place = before.cases.iter().position(same);
            // A revocation may be known before its case.
            let gone = match place {
                Some(place) => is_gone(&before, place, subject),
                None => is_told_gone(&before, case, subject),
            };
            if !gone {
                break;
            }
            since -= 1;
        }
        self.known.world.batches[since - 1].recorded_at
    }
}

/// Whether a case is withdrawn as wrong, or a person (not the case's own subject) rejected.
fn is_gone(known: &Known<'_>, place: usize, subject: &Subject) -> bool {
    let case = &known.cases[place];
    known.was_withdrawn(case) || is_told_gone(known, case, subject)
}

/// Whether other records than the case's own say so.
fn is_told_gone(known: &Known<'_>, case: &Case, subject: &Subject) -> bool {
    let rejected = case.subject != *subject
        && known
            .determination(case, subject, ALL)
            .is_some_and(|one| !one.confirmed);
    known.was_revoked(case) || rejected
}
