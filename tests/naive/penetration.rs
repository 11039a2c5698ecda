//! Penetration (惩戒到人): what the rules find, and the restrictions and leads that follow.

use crate::canonical;
use crate::catalogue::PersonEntry;
use crate::control::Control;
use crate::day::Day;
use crate::days::{Days, END, FIRST};
use crate::known::{Determination, Known, Reach};
use crate::record::{Case, CaseKind, Subject};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A restriction is identified by subject, measure and case (its place among the cases).
pub type Key = (Subject, String, usize);

/// What one entry of one rule finds: before determinations and measure versions.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whom, what, for which case.
    pub key: Key,
    /// The rule's name.
    pub rule: String,
    /// The role and the moment; none for a direct restriction.
    pub entry: Option<(String, String)>,
    /// The day of the violation had to be assumed.
    pub assumed: bool,
    /// A lead, not a restriction.
    pub lead: bool,
    /// While it holds.
    pub days: Days,
}

/// A restriction with all its grounds.
#[derive(Clone, Debug)]
pub struct Restriction {
    /// Found on the case's own subject.
    pub direct: bool,
    /// Confirmed by the case itself or by a determination.
    pub confirmed: bool,
    /// The union of the days of the grounds.
    pub days: Days,
    /// The grounds, their days already cut.
    pub grounds: Vec<Found>,
}

/// How much of the record the search believes.
#[derive(Clone, Copy, Debug)]
pub struct Belief {
    /// Whether cases withdrawn as wrong are gone.
    pub withdrawals: bool,
    /// Whether rejecting determinations count.
    pub rejections: bool,
}

/// The record as it stands.
pub const ALL: Belief = Belief {
    withdrawals: true,
    rejections: true,
};
/// As if revocations and rejecting determinations did not exist.
pub const CREDULOUS: Belief = Belief {
    withdrawals: false,
    rejections: false,
};

impl Known<'_> {
    /// The determination on (case, person) that counts: the one with the latest date.
    pub fn determination(
        &self,
        case: &Case,
        person: &Subject,
        belief: Belief,
    ) -> Option<&Determination> {
        let fits = |one: &&Determination| {
            one.case.fits(case) && one.person == *person && (belief.rejections || one.confirmed)
        };
        self.determinations
            .iter()
            .filter(fits)
            .max_by_key(|one| one.decided_on)
    }

    /// The persons named for a case: for its own number or, for a listing, for its basis
    /// decision when that is on the same subject or not loaded.
    pub fn named_persons(&self, case: &Case) -> BTreeSet<Subject> {
        let mut persons = BTreeSet::new();
        for named in self
            .named
            .iter()
            .filter(|named| named.responsibility != "other")
        {
            let by_basis = case.basis.as_ref() == Some(&named.case.number) && {
                let mut decisions = self
                    .cases
                    .iter()
                    .filter(|other| other.kind == CaseKind::Penalty && named.case.fits(other));
                match decisions.next() {
                    None => true,
                    Some(decision) => decision.subject == case.subject,
                }
            };
            if named.case.fits(case) || by_basis {
                persons.insert(named.person.clone());
            }
        }
        persons
    }

    /// Who holds a role, or controls by computation, on a day.
    fn reached(&self, org: &str, role: &str, day: Day) -> Vec<Subject> {
        if role == "computed_controller" {
            return self
                .control(day)
                .computed_controllers(org)
                .into_iter()
                .collect();
        }
        self.role_holders(org, role, day)
    }

    /// All days on which each person is reached by a role: worked out once, day by day.
    fn reached_days(&self, org: &str, role: &str) -> Reach {
        let key = (org.to_owned(), role.to_owned());
        if let Some(found) = self.reach_memory.borrow().get(&key) {
            return Rc::clone(found);
        }
        let mut all: BTreeMap<Subject, Days> = BTreeMap::new();
        let mut reach = |person: &Subject, day: Day| {
            all.entry(person.clone())
                .or_insert_with(Days::none)
                .insert(day);
        };
        if role == "computed_controller" {
            // Days in a row with the same control have the same controllers.
            let mut last: Option<(Rc<Control>, BTreeSet<Subject>)> = None;
            for day in (FIRST.0..END.0).map(Day) {
                let control = self.control(day);
                if last
                    .as_ref()
                    .is_none_or(|(before, _)| !Rc::ptr_eq(before, &control))
                {
                    let persons = control.computed_controllers(org);
                    last = Some((control, persons));
                }
                for person in last.iter().flat_map(|(_, persons)| persons) {
                    reach(person, day);
                }
            }
        } else {
            for record in self
                .roles
                .iter()
                .filter(|one| one.org == org && one.role == role)
            {
                for day in (FIRST.0..END.0)
                    .map(Day)
                    .filter(|day| record.span.holds(*day))
                {
                    reach(&record.person, day);
                }
            }
        }
        let all = Rc::new(all);
        self.reach_memory.borrow_mut().insert(key, Rc::clone(&all));
        all
    }

    /// The persons that one entry of a rule finds, each with the days.
    pub(crate) fn find_persons(
        &self,
        entry: &PersonEntry,
        case: &Case,
        life: &Days,
    ) -> BTreeMap<Subject, Days> {
        let mut found = BTreeMap::new();
        let Some(org) = case.subject.org() else {
            return found;
        };
        let mut on_days = |days: &mut dyn Iterator<Item = Day>| {
            for day in days {
                for person in self.reached(org, &entry.role, day) {
                    found.insert(person, life.clone());
                }
            }
        };
        match entry.moment.as_str() {
            "violation" => on_days(&mut self.violation(case).iter()),
            "case_date" => on_days(&mut std::iter::once(case.own_date)),
            "current" => {
                for (person, days) in self.reached_days(org, &entry.role).iter() {
                    let mut days = days.clone();
                    days.keep_those_of(life);
                    if !days.is_empty() {
                        found.insert(person.clone(), days);
                    }
                }
            }
            "named" => {
                for person in self.named_persons(case) {
                    found.insert(person, life.clone());
                }
            }
            other => panic!("an unknown moment {other}"),
        }
        found
    }

    /// All that the rules find for a case.
    pub fn search(&self, place: usize, withdrawals: bool) -> Vec<Found> {
        let case = &self.cases[place];
        let mut all = Vec::new();
        for rule in self
            .catalogue
            .rules
            .iter()
            .filter(|rule| self.rule_applies(rule, case))
        {
            let life = self.life(rule, case, withdrawals);
            if life.is_empty() {
                continue;
            }
            for measure in &rule.subject_measures {
                all.push(Found {
                    key: (case.subject.clone(), measure.clone(), place),
                    rule: rule.id.clone(),
                    entry: None,
                    assumed: false,
                    lead: false,
                    days: life.clone(),
                });
            }
            for entry in &rule.persons {
                for (person, days) in self.find_persons(entry, case, &life) {
                    for measure in &entry.measures {
                        all.push(Found {
                            key: (person.clone(), measure.clone(), place),
                            rule: rule.id.clone(),
                            entry: Some((entry.role.clone(), entry.moment.clone())),
                            assumed: entry.moment == "violation" && self.violation(case).assumed,
                            lead: entry.lead,
                            days: days.clone(),
                        });
                    }
                }
            }
        }
        all
    }

    /// A measure is in force only while its own version in the catalogue is.
    fn cut_to_measure(&self, days: &mut Days, measure: &str) {
        let mut memory = self.measure_memory.borrow_mut();
        let in_force = memory.entry(measure.to_owned()).or_insert_with(|| {
            let mut all = Days::none();
            for day in (FIRST.0..END.0).map(Day) {
                if self.catalogue.measure(measure, day).is_some() {
                    all.insert(day);
                }
            }
            Rc::new(all)
        });
        days.keep_those_of(in_force);
    }

    /// All restrictions, whatever their days, under a belief.
    pub fn restrictions(&self, belief: Belief) -> BTreeMap<Key, Restriction> {
        let mut all: BTreeMap<Key, Restriction> = BTreeMap::new();
        for place in 0..self.cases.len() {
            for mut found in self.search(place, belief.withdrawals) {
                let case = &self.cases[place];
                let mut confirmed = true;
                if found.entry.is_some() {
                    let decided = self.determination(case, &found.key.0, belief);
                    confirmed = decided.is_some_and(|one| one.confirmed);
                    if decided.is_some() && !confirmed {
                        continue;
                    }
                    if found.lead {
                        let Some(decided) = decided else { continue };
                        found.days.keep(|day| day >= decided.decided_on);
                    }
                }
                self.cut_to_measure(&mut found.days, &found.key.1);
                if found.days.is_empty() {
                    continue;
                }
                let one = all.entry(found.key.clone()).or_insert_with(|| Restriction {
                    direct: found.entry.is_none(),
                    confirmed,
                    days: Days::none(),
                    grounds: Vec::new(),
                });
                one.days.add(&found.days);
                one.grounds.push(found);
            }
        }
        all
    }

    /// All leads that no determination has decided and that are no restriction on any day.
    pub fn leads(&self) -> BTreeMap<Key, Days> {
        let restrictions = self.restrictions(ALL);
        let mut all: BTreeMap<Key, Days> = BTreeMap::new();
        for place in 0..self.cases.len() {
            for mut found in self.search(place, true) {
                let decided = self.determination(&self.cases[place], &found.key.0, ALL);
                if !found.lead || decided.is_some() || restrictions.contains_key(&found.key) {
                    continue;
                }
                self.cut_to_measure(&mut found.days, &found.key.1);
                all.entry(found.key.clone())
                    .or_insert_with(Days::none)
                    .add(&found.days);
            }
        }
        all
    }
}

/// The restrictions in force on a day.
pub fn restrictions(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Vec::new();
    for ((subject, measure, place), restriction) in known.restrictions(ALL) {
        let case = &known.cases[place];
        if restriction.days.holds(as_of) {
            answer.push(json!({
                "subject": known.label(&subject),
                "measure": measure,
                "case_no": case.number,
                "direct": restriction.direct,
                "confirmed": restriction.confirmed,
                "under_objection": known.is_under_objection(case, as_of),
                "days": restriction.days.to_value(),
            }));
        }
    }
    canonical(answer)
}

/// The grounds of the restrictions in force on a day, a line each, with what `restrictions`
/// leaves out: the list, the kind of case and its authority.
pub fn grounds(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Vec::new();
    for ((subject, measure, place), restriction) in known.restrictions(ALL) {
        let case = &known.cases[place];
        if !restriction.days.holds(as_of) {
            continue;
        }
        for ground in restriction.grounds {
            let found_by_person = ground.entry.is_some();
            let (role, moment) = ground.entry.unzip();
            answer.push(json!({
                "subject": known.label(&subject),
                "measure": measure,
                "case_no": case.number,
                "case_kind": if case.kind == CaseKind::Listing { "listing" } else { "penalty" },
                "list": case.list,
                "authority": case.authority,
                "rule": ground.rule,
                "role": role,
                "moment": moment,
                "assumed_moment": ground.assumed,
                "org": case.subject.org().filter(|_| found_by_person),
                "days": ground.days.to_value(),
            }));
        }
    }
    canonical(answer)
}

/// The leads that hold on a day.
pub fn leads(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Vec::new();
    for ((subject, measure, place), days) in known.leads() {
        if days.holds(as_of) {
            answer.push(json!({
                "subject": known.label(&subject),
                "measure": measure,
                "case_no": known.cases[place].number,
                "days": days.to_value(),
            }));
        }
    }
    canonical(answer)
}
