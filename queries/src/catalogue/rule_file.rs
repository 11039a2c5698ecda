//! Reading rules, and refusing those that nobody could apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::record::PenaltyKind;
use graph::time::Interval;

use super::entry::{Entry, Versioned};
use super::error::CatalogueError;
use super::fields::{Fields, Word};
use super::measure::{roles, texts};
use super::rule::{PersonRule, RoleSought, Rule, RuleMoment, Trigger};
use super::source::{Source, suggest};

/// The codes of other files that the rules read so far use.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) lists: Vec<Word>,
    pub(super) measures: Vec<Word>,
}

impl Versioned for Rule {
    fn code(&self) -> &str {
        &self.id
    }

    fn validity(&self) -> Interval {
        self.validity
    }
}

impl Used {
    /// Reads a rule.
    pub(super) fn rule(&mut self, fields: &mut Fields<'_, '_>) -> Entry<Rule> {
        let id = fields.word("id");
        let trigger = self.trigger(fields);
        let subject_measures = fields.required_words("subject_measures");
        let value = Rule {
            id: id.text,
            trigger,
            basis: fields.text("basis"),
            subject_measures: self.used_measures(subject_measures),
            term_months: fields.number("term_months", 0..=1200),
            repair_lifts: fields.flag_or("repair_lifts", true),
            record_in_personal_file: fields.flag("record_in_personal_file"),
            validity: fields.validity(),
            persons: fields.tables("person", |fields| self.person(fields)),
        };
        refuse_without_term(&value, fields);
        Entry { at: id.at, value }
    }

    fn trigger(&mut self, fields: &mut Fields<'_, '_>) -> Trigger {
        let list = fields.optional_word("list");
        let on_penalty = fields.has("penalty_kinds");
        let kinds = fields.choices("penalty_kinds", &penalty_kinds());
        let violation_types = texts(fields.words("violation_types"));
        if list.is_some() == on_penalty {
            let fault = if on_penalty {
                "both `list` and"
            } else {
                "neither `list` nor"
            };
            let advice =
                "a rule is triggered by a listing or by a penalty: give exactly one of them";
            let place = if on_penalty {
                fields.place("penalty_kinds")
            } else {
                fields.at
            };
            fields.fault(place, format!("{fault} `penalty_kinds`"), advice);
        }
        if !on_penalty && fields.has("violation_types") {
            let place = fields.place("violation_types");
            fields.fault(
                place,
                "`violation_types` without `penalty_kinds`",
                "listings have none",
            );
        }
        if fields.has_empty_array("penalty_kinds") {
            let advice = "name the kinds that trigger the rule; without one it never applies";
            fields.fault(
                fields.place("penalty_kinds"),
                "`penalty_kinds` names no kind",
                advice,
            );
        }
        match list {
            Some(list) => {
                self.lists.push(list.clone());
                Trigger::List(list.text)
            }
            None => Trigger::Penalty {
                kinds,
                violation_types,
            },
        }
    }

    fn person(&mut self, fields: &mut Fields<'_, '_>) -> PersonRule {
        let role = fields.chosen("role", &roles_sought());
        let moments = RuleMoment::ALL.map(|moment| (moment.code(), moment));
        let moment = fields.chosen("moment", &moments);
        if let (Some(role), Some(moment)) = (role, moment)
            && (role == RoleSought::DirectlyResponsible) != (moment == RuleMoment::Named)
        {
            let message = format!("`{}` at the moment `{}`", role.code(), moment.code());
            let advice = "`directly_responsible` goes with `named`, and every other role with \
                          violation, case_date or current";
            fields.fault(fields.place("moment"), message, advice);
        }
        let measures = fields.required_words("measures");
        let effects = [("restrict", false), ("lead", true)];
        let effect = fields.optional_word("effect");
        let lead = effect.and_then(|effect| fields.meaning("effect", &effect, &effects));
        PersonRule {
            role: role.unwrap_or(RoleSought::DirectlyResponsible),
            moment: moment.unwrap_or(RuleMoment::Named),
            measures: self.used_measures(measures),
            lead: lead.unwrap_or(false),
        }
    }

    fn used_measures(&mut self, measures: Vec<Word>) -> Vec<Arc<str>> {
        self.measures.extend(measures.iter().cloned());
        texts(measures).into_iter().map(Arc::from).collect()
    }
}

/// Reports every use of a code that no file defines.
pub(super) fn refuse_undefined(
    what: &str,
    used: &[Word],
    defined: &BTreeSet<&str>,
    source: &Source<'_>,
    errors: &mut Vec<CatalogueError>,
) {
    let undefined = |word: &&Word| !word.text.is_empty() && !defined.contains(word.text.as_str());
    for word in used.iter().filter(undefined) {
        let message = format!("no {what} has the code `{}`", word.text);
        errors.push(source.error(
            word.at,
            message,
            suggest(&word.text, defined.iter().copied()),
        ));
    }
}

/// Nothing would end such a restriction, or nothing would say how long it lasts.
fn refuse_without_term(rule: &Rule, fields: &mut Fields<'_, '_>) {
    if fields.has("term_months") {
        return;
    }
    let advice = "add `term_months` (0 for life)";
    if matches!(rule.trigger, Trigger::Penalty { .. }) && fields.has("penalty_kinds") {
        let place = fields.place("penalty_kinds");
        fields.fault(
            place,
            "a penalty rule without a term: a penalty has no end",
            advice,
        );
    }
    if !rule.repair_lifts && fields.has("repair_lifts") {
        let place = fields.place("repair_lifts");
        fields.fault(place, "`repair_lifts = false` without a term", advice);
    }
}

fn roles_sought() -> Vec<(&'static str, RoleSought)> {
    let computed = [
        RoleSought::ComputedController,
        RoleSought::DirectlyResponsible,
    ];
    let held = roles().into_iter().map(|(_, role)| RoleSought::Held(role));
    held.chain(computed)
        .map(|role| (role.code(), role))
        .collect()
}

/// Every kind of penalty with its code.
pub(super) fn penalty_kinds() -> Vec<(&'static str, PenaltyKind)> {
    PenaltyKind::ALL
        .iter()
        .map(|kind| (kind.code(), *kind))
        .collect()
}
