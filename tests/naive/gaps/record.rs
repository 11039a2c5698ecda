//! Gaps of role records and of cases: barred appointments, cases without persons, late reports.

use super::{Evaluation, Gap};
use serde_json::json;

impl Evaluation<'_> {
    /// 限制任职未落实: the same restriction is in force on the day of the appointment and on
    /// the day before, and its measure bars the role by the version of that day.
    pub(super) fn barred_appointments(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for role in &self.known.roles {
            // A role of no days is never held, so that nobody takes it up.
            let Some(from) = role.span.from.filter(|from| role.span.holds(*from)) else {
                continue;
            };
            if from > self.today {
                continue;
            }
            for ((subject, measure, place), restriction) in &self.restrictions {
                let barred = self
                    .known
                    .catalogue
                    .measure(measure, from)
                    .is_some_and(|version| {
                        version.binding && version.bars_roles.contains(&role.role)
                    });
                let stood = restriction.days.holds(from) && restriction.days.holds(from.plus(-1));
                if *subject == role.person && barred && stood {
                    let record =
                        json!({"uscc": role.org, "role": role.role, "from": from.to_string()});
                    gaps.push(
                        Gap::new("barred_appointment", from)
                            .with("subject", self.known.label(subject))
                            .with("measure", measure.as_str())
                            .with("case_no", self.known.cases[*place].number.as_str())
                            .with("role", record),
                    );
                }
            }
        }
        gaps
    }

    /// 惩戒到人未落实: a case of an organisation whose rules ask for persons in the personal
    /// file, and their search finds nobody.
    pub(super) fn unlinked_persons(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for case in &self.known.cases {
            if case.subject.is_person() || case.own_date > self.today {
                continue;
            }
            let mut asked = false;
            let mut found = false;
            let rules = self.known.catalogue.rules.iter();
            for rule in rules.filter(|rule| self.known.rule_applies(rule, case)) {
                let life = self.known.life(rule, case, true);
                if !rule.persons.is_empty() && rule.record_in_personal_file && !life.is_empty() {
                    asked = true;
                    found |= rule
                        .persons
                        .iter()
                        .any(|entry| !self.known.find_persons(entry, case, &life).is_empty());
                }
            }
            if asked && !found {
                gaps.push(
                    Gap::new("unlinked_person", case.own_date)
                        .with("department", case.authority.as_str())
                        .with("subject", self.known.label(&case.subject))
                        .with("case_no", case.number.as_str()),
                );
            }
        }
        gaps
    }

    /// 双公示迟报, whatever became of the penalty later.
    pub(super) fn late_publications(&self) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let days = self.known.catalogue.settings.report_workdays;
        for case in &self.known.cases {
            if case.kind != crate::record::CaseKind::Penalty {
                continue;
            }
            let deadline = self.known.catalogue.plus_working_days(case.own_date, days);
            // An act dated after today counts as absent.
            let reported = case.reported_on.filter(|reported| *reported <= self.today);
            if deadline >= self.today || reported.is_some_and(|reported| reported <= deadline) {
                continue;
            }
            gaps.push(
                Gap::new("late_publication", deadline)
                    .with("reason", if reported.is_some() { "late" } else { "absent" })
                    .with("department", case.authority.as_str())
                    .with("subject", self.known.label(&case.subject))
                    .with("decision_no", case.number.as_str()),
            );
        }
        gaps
    }
}
