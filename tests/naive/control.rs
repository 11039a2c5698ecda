//! Control on a day: more than 50 % of the votes, concert groups, agreements, circles.

use crate::canonical;
use crate::day::Day;
use crate::known::{InForce, Known};
use crate::record::{Holding, Subject};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// All votes of a company, in millionths of a percent.
const HALF: i64 = 50_000_000;

/// Who controls what on a day.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// The companies that each subject controls.
    pub controls: BTreeMap<Subject, BTreeSet<String>>,
    /// Votes by (holder, company) with each concert group's votes at its leading member.
    pub votes: BTreeMap<(Subject, String), i64>,
}

impl Control {
    /// Who controls a company: persons and organisations.
    pub fn controllers(&self, company: &str) -> BTreeSet<Subject> {
        let theirs = |entry: &(&Subject, &BTreeSet<String>)| entry.1.contains(company);
        self.controls
            .iter()
            .filter(theirs)
            .map(|(subject, _)| subject.clone())
            .collect()
    }

    /// The natural persons who control a company.
    pub fn computed_controllers(&self, company: &str) -> BTreeSet<Subject> {
        self.controllers(company)
            .into_iter()
            .filter(Subject::is_person)
            .collect()
    }

    /// The organisations that control a company and that nobody controls.
    pub fn controlling_organisations(&self, company: &str) -> BTreeSet<Subject> {
        let free = |subject: &Subject| {
            subject
                .org()
                .is_some_and(|uscc| self.controllers(uscc).is_empty())
        };
        self.controllers(company).into_iter().filter(free).collect()
    }

    /// The votes in a company of a subject together with the companies that it controls.
    pub fn votes_together(&self, subject: &Subject, company: &str) -> i64 {
        let mut sum = self.votes_of(subject, company);
        for controlled in self.controls.get(subject).into_iter().flatten() {
            let controlled = Subject::Org(controlled.clone());
            if controlled != *subject {
                sum += self.votes_of(&controlled, company);
            }
        }
        sum
    }

    fn votes_of(&self, holder: &Subject, company: &str) -> i64 {
        self.votes
            .get(&(holder.clone(), company.to_owned()))
            .copied()
            .unwrap_or(0)
    }
}

impl Known<'_> {
    /// The holdings in force on a day, self-holdings left out.
    pub fn holdings_on(&self, day: Day) -> Vec<&Holding> {
        let counts = |holding: &&Holding| {
            holding.span.holds(day) && holding.holder.org() != Some(holding.company.as_str())
        };
        self.holdings.iter().filter(counts).collect()
    }

    /// Who controls what on a day. Two days with the same records in force have the same answer.
    pub fn control(&self, day: Day) -> Rc<Control> {
        let mut by_day = self.control_by_day.borrow_mut();
        Rc::clone(
            by_day
                .entry(day)
                .or_insert_with(|| self.control_by_records(day)),
        )
    }

    fn control_by_records(&self, day: Day) -> Rc<Control> {
        let number = |place: (usize, bool)| place.1.then_some(place.0);
        let holdings = self.holdings.iter().map(|holding| holding.span.holds(day));
        let agreements = self
            .agreements
            .iter()
            .map(|agreement| agreement.span.holds(day));
        let in_force: InForce = (
            holdings.enumerate().filter_map(number).collect(),
            agreements.enumerate().filter_map(number).collect(),
        );
        if let Some(found) = self.control_memory.borrow().get(&in_force) {
            return Rc::clone(found);
        }
        let found = Rc::new(self.find_control(day));
        self.control_memory
            .borrow_mut()
            .insert(in_force, Rc::clone(&found));
        found
    }

    fn find_control(&self, day: Day) -> Control {
        let votes = votes_for_control(&self.holdings_on(day));
        let mut control = Control {
            controls: BTreeMap::new(),
            votes,
        };
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        let mut companies: BTreeSet<String> = BTreeSet::new();
        for (holder, company) in control.votes.keys() {
            subjects.insert(holder.clone());
            companies.insert(company.clone());
        }
        for agreement in self
            .agreements
            .iter()
            .filter(|agreement| agreement.span.holds(day))
        {
            subjects.insert(agreement.controller.clone());
            companies.insert(agreement.company.clone());
        }
        // The least set closed under the two rules: go round until nothing new is found.
        loop {
            let mut news = false;
            for subject in &subjects {
                for company in &companies {
                    if self.comes_to_control(&control, subject, company, day) {
                        let set = control.controls.entry(subject.clone()).or_default();
                        news |= set.insert(company.clone());
                    }
                }
            }
            if !news {
                return control;
            }
        }
    }

    fn comes_to_control(&self, so_far: &Control, who: &Subject, company: &str, day: Day) -> bool {
        // Nobody is counted as controlling itself.
        if who.org() == Some(company) {
            return false;
        }
        if so_far.votes_together(who, company) > HALF {
            return true;
        }
        self.agreements.iter().any(|agreement| {
            agreement.company == company
                && agreement.span.holds(day)
                && agreement.controller.org() != Some(company)
                && (agreement.controller == *who
                    || agreement.controller.org().is_some_and(|uscc| {
                        so_far
                            .controls
                            .get(who)
                            .is_some_and(|set| set.contains(uscc))
                    }))
        })
    }
}

/// Votes by (holder, company). The votes of a concert group in a company count for the member
/// with the largest votes in that group's rows, and for no other; the first of equals is an
/// organisation before a person, then the smaller identifier: the order of `Subject`.
fn votes_for_control(holdings: &[&Holding]) -> BTreeMap<(Subject, String), i64> {
    let mut votes: BTreeMap<(Subject, String), i64> = BTreeMap::new();
    let mut groups: BTreeMap<(&str, &str), BTreeMap<Subject, i64>> = BTreeMap::new();
    for holding in holdings {
        match &holding.group {
            None => {
                let key = (holding.holder.clone(), holding.company.clone());
                *votes.entry(key).or_default() += holding.votes;
            }
            Some(group) => {
                let members = groups.entry((&holding.company, group)).or_default();
                *members.entry(holding.holder.clone()).or_default() += holding.votes;
            }
        }
    }
    for ((company, _), members) in groups {
        let largest = *members.values().max().expect("a group has a member");
        let leader = members
            .iter()
            .find(|member| *member.1 == largest)
            .expect("a leader")
            .0;
        let key = (leader.clone(), company.to_owned());
        *votes.entry(key).or_default() += members.values().sum::<i64>();
    }
    votes
}

/// For every registered organisation: its computed controllers, its controlling
/// organisations, and whether only a closed circle controls it.
pub fn controllers(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let control = known.control(as_of);
    let mut answer = Map::new();
    for org in &known.organisations {
        let labels = |set: BTreeSet<Subject>| {
            canonical(
                set.iter()
                    .map(|subject| json!(known.label(subject)))
                    .collect(),
            )
        };
        let computed = control.computed_controllers(&org.uscc);
        let free = control.controlling_organisations(&org.uscc);
        let circular =
            !control.controllers(&org.uscc).is_empty() && computed.is_empty() && free.is_empty();
        let entry = json!({
            "computed": labels(computed),
            "controlling_organisations": labels(free),
            "circular": circular,
        });
        answer.insert(org.uscc.clone(), entry);
    }
    Value::Object(answer)
}

/// For every registered organisation: the votes that each computed controller holds together
/// with the companies that it controls, in percent (`"66.5"`).
pub fn control_votes(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let control = known.control(as_of);
    let mut answer = Map::new();
    for org in &known.organisations {
        let mut votes = Vec::new();
        for person in control.computed_controllers(&org.uscc) {
            let sum = control.votes_together(&person, &org.uscc);
            votes.push(json!([known.label(&person), percent_text(sum)]));
        }
        answer.insert(org.uscc.clone(), canonical(votes));
    }
    Value::Object(answer)
}

/// For every registered organisation: the declared controllers (`actual_controller`) of the day.
pub fn declared_controllers(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Map::new();
    for org in &known.organisations {
        let declared = known.role_holders(&org.uscc, "actual_controller", as_of);
        let declared: BTreeSet<Subject> = declared.into_iter().collect();
        let labels = declared
            .iter()
            .map(|person| json!(known.label(person)))
            .collect();
        answer.insert(org.uscc.clone(), canonical(labels));
    }
    Value::Object(answer)
}

/// Millionths of a percent as a percentage without trailing zeros.
pub(crate) fn percent_text(millionths: i64) -> String {
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
