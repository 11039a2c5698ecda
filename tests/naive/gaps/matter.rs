//! Gaps of a matter: not checked, granted in spite of a restriction, refused without one.

use super::{Evaluation, Gap};
use crate::catalogue::Item;
use crate::day::Day;
use crate::known::{Check, Known, Matter};
use crate::penetration::{Key, Restriction};
use crate::record::Subject;
use std::collections::{BTreeMap, BTreeSet};

/// How far from its window a check may be to explain why there is none in it.
const NEAR_DAYS: i32 = 365;

impl Known<'_> {
    /// The persons concerned by a matter, with the roles as they were on a day.
    pub(crate) fn concerned(&self, matter: &Matter, item: &Item, day: Day) -> BTreeSet<Subject> {
        let mut all = BTreeSet::new();
        for entry in &item.subjects {
            if entry == "applicant" {
                all.insert(matter.applicant.clone());
            } else if let Some(org) = matter.applicant.org() {
                all.extend(self.role_holders(org, entry, day));
            }
        }
        all
    }

    /// The item version in force on the day of acceptance; without one there is no gap.
    pub(crate) fn item_of(&self, matter: &Matter) -> Option<&Item> {
        self.catalogue.item(&matter.item, matter.accepted_on)
    }

    /// Whether a check would do for a matter but for its day.
    fn would_do(check: &Check, matter: &Matter, subject: &Subject) -> bool {
        check.department == matter.department
            && check.subject == *subject
            && check
                .matter_no
                .as_ref()
                .is_none_or(|number| *number == matter.matter_no)
    }

    /// The concerned subjects that were not checked, each with its reason, for a matter decided
    /// by a day.
    pub(crate) fn unchecked(&self, matter: &Matter, today: Day) -> Vec<(Subject, &'static str)> {
        let Some(item) = self.item_of(matter).filter(|item| item.check_required) else {
            return Vec::new();
        };
        let decided = matter.decided_on.expect("a decided matter");
        let opened = matter.accepted_on.plus(-item.check_valid_days);
        let mut missing = Vec::new();
        for subject in self.concerned(matter, item, matter.accepted_on) {
            // Nobody can check a person without a document.
            if subject.is_provisional() {
                continue;
            }
            let fitting = self
                .checks
                .iter()
                .filter(|check| Known::would_do(check, matter, &subject));
            let days: Vec<Day> = fitting.map(|check| check.checked_on).collect();
            let any = |test: &dyn Fn(Day) -> bool| days.iter().any(|day| test(*day));
            if any(&|day| opened <= day && day <= decided) {
                continue;
            }
            let late = |day| decided < day && day <= decided.plus(NEAR_DAYS) && day <= today;
            let stale = |day| matter.accepted_on.plus(-NEAR_DAYS) <= day && day < opened;
            let reason = match (any(&late), any(&stale)) {
                (true, _) => "late",
                (false, true) => "stale",
                (false, false) => "none",
            };
            missing.push((subject, reason));
        }
        missing
    }

    /// The restrictions on a subject that are in force on a day with a measure whose version of
    /// that day blocks a category.
    pub(crate) fn blocking<'a>(
        &self,
        restrictions: &'a BTreeMap<Key, Restriction>,
        subject: &Subject,
        (category, day): (&str, Day),
        binding_only: bool,
    ) -> Vec<&'a Key> {
        let blocks = |entry: &(&Key, &Restriction)| {
            let ((whom, measure, _), restriction) = entry;
            whom == subject
                && restriction.days.holds(day)
                && self.catalogue.measure(measure, day).is_some_and(|version| {
                    (version.binding || !binding_only)
                        && version.blocks.iter().any(|blocked| blocked == category)
                })
        };
        restrictions
            .iter()
            .filter(blocks)
            .map(|(key, _)| key)
            .collect()
    }
}

impl Evaluation<'_> {
    /// The matters decided by today with one of the outcomes, with the item and the day.
    fn decided(&self, outcomes: &[&str]) -> Vec<(&Matter, &Item, Day)> {
        let mut all = Vec::new();
        for matter in &self.known.matters {
            if let (Some(item), Some(decided)) = (self.known.item_of(matter), matter.decided_on)
                && outcomes.contains(&matter.outcome.as_str())
                && decided <= self.today
            {
                all.push((matter, item, decided));
            }
        }
        all
    }

    fn matter_gap(&self, kind: &str, matter: &Matter, subject: &Subject, on: Day) -> Gap {
        Gap::new(kind, on)
            .with("department", matter.department.as_str())
            .with("subject", self.known.label(subject))
            .with("matter_no", matter.matter_no.as_str())
    }

    /// 应查未查.
    pub(super) fn missed_checks(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (matter, item, decided) in self.decided(&["granted", "refused"]) {
            for (subject, reason) in self.known.unchecked(matter, self.today) {
                let restrictions = &self.restrictions;
                let hits =
                    self.known
                        .blocking(restrictions, &subject, (&item.category, decided), true);
                gaps.push(
                    self.matter_gap("missed_check", matter, &subject, decided)
                        .with("reason", reason)
                        .with("hit", !hits.is_empty()),
                );
            }
        }
        gaps
    }

    /// 应惩未惩.
    pub(super) fn missed_restrictions(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (matter, item, decided) in self.decided(&["granted"]) {
            if matter.exemption.is_some() {
                continue;
            }
            for subject in self.known.concerned(matter, item, decided) {
                let restrictions = &self.restrictions;
                for (_, measure, place) in
                    self.known
                        .blocking(restrictions, &subject, (&item.category, decided), true)
                {
                    gaps.push(
                        self.matter_gap("missed_restriction", matter, &subject, decided)
                            .with("measure", measure.as_str())
                            .with("case_no", self.known.cases[*place].number.as_str()),
                    );
                }
            }
        }
        gaps
    }

    /// 不应惩而惩. It protects the subject, so that measures for reference count too.
    pub(super) fn wrongful_refusals(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (matter, item, decided) in self.decided(&["refused"]) {
            // A refusal that names no measure gives none.
            let Some(relied_on) = &matter.refused_for else {
                continue;
            };
            let concerned = self.known.concerned(matter, item, decided);
            let grounded = concerned.iter().any(|subject| {
                let restrictions = &self.restrictions;
                self.known
                    .blocking(restrictions, subject, (&item.category, decided), false)
                    .iter()
                    .any(|(_, measure, _)| measure == relied_on)
            });
            if !grounded {
                gaps.push(
                    self.matter_gap("wrongful_refusal", matter, &matter.applicant, decided)
                        .with("measure", relied_on.as_str()),
                );
            }
        }
        gaps
    }
}
