//! Beneficial owners: shares over all ownership walks, then votes, then control, then the
//! legal representatives.
//!
//! A share is the sum of a series; where it converges it solves `s = r + W·s`, which is done
//! by elimination. The numbers are `f64`, whose error here is around 1e-15: a threshold is
//! taken as met, and a pivot as nought, within 1e-11.

use crate::canonical;
use crate::day::Day;
use crate::known::Known;
use crate::record::{Holding, Subject};
use crate::world::World;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// 25 %, of the capital or of the votes.
const QUARTER: f64 = 0.25;
const QUARTER_MILLIONTHS: i64 = 25_000_000;
/// How near two numbers of which one was computed are the same.
const NEAR: f64 = 1e-11;
/// Millionths of a percent in the whole.
const WHOLE: f64 = 100_000_000.0;

/// The shares of all persons in one company, or none where the series does not converge.
pub type Shares = Option<BTreeMap<Subject, f64>>;

impl Known<'_> {
    /// The beneficial share of every person in a company on a day.
    pub fn shares(&self, company: &str, day: Day) -> Shares {
        let holdings: Vec<&Holding> = self
            .holdings_on(day)
            .into_iter()
            .filter(|one| one.capital > 0)
            .collect();
        // The company and the companies above it that are reached from a person.
        let above = upward(&holdings, company);
        let mut matter: Vec<&str> = above.iter().map(String::as_str).collect();
        matter.retain(|one| {
            let sources = upward(&holdings, one);
            let from_person =
                |held: &&Holding| held.holder.is_person() && sources.contains(&held.company);
            holdings.iter().any(from_person)
        });
        let Some(target) = matter.iter().position(|one| *one == company) else {
            return Some(BTreeMap::new());
        };
        // Row y of `I − W`: the share in y is what is held directly and through each x.
        let size = matter.len();
        let mut system = vec![vec![0.0; size]; size];
        let persons: Vec<&Subject> = {
            let set: BTreeSet<&Subject> = holdings.iter().map(|one| &one.holder).collect();
            set.into_iter()
                .filter(|holder| holder.is_person())
                .collect()
        };
        let mut direct = vec![vec![0.0; persons.len()]; size];
        for (y, held) in matter.iter().enumerate() {
            system[y][y] = 1.0;
            for (x, holder) in matter.iter().enumerate() {
                system[y][x] -= sum(&holdings, held, &Subject::Org((*holder).to_owned()));
            }
            for (p, person) in persons.iter().enumerate() {
                direct[y][p] = sum(&holdings, held, person);
            }
        }
        let solved = solve(system, direct)?;
        let shares = persons.iter().zip(&solved[target]);
        Some(
            shares
                .map(|(person, share)| ((*person).clone(), *share))
                .collect(),
        )
    }

    /// The votes in a company that a person holds directly or by companies that the person
    /// controls, concert groups left aside.
    fn votes_without_groups(&self, person: &Subject, company: &str, day: Day) -> i64 {
        let control = self.control(day);
        let counts = |holder: &Subject| {
            holder == person
                || holder.org().is_some_and(|uscc| {
                    control
                        .controls
                        .get(person)
                        .is_some_and(|set| set.contains(uscc))
                })
        };
        let holdings = self.holdings_on(day);
        let theirs = holdings
            .iter()
            .filter(|one| one.company == company && counts(&one.holder));
        theirs.map(|one| one.votes).sum()
    }

    /// The beneficial owners of a company, each with its share and the first basis that fits,
    /// and whether the shares do not converge.
    fn beneficial_owners(&self, company: &str, day: Day) -> (Vec<Value>, bool) {
        let shares = self.shares(company, day);
        let control = self.control(day);
        let controllers = control.computed_controllers(company);
        let mut persons: BTreeSet<Subject> = controllers.clone();
        persons.extend(shares.iter().flatten().map(|(person, _)| person.clone()));
        persons.extend(self.holdings_on(day).iter().map(|one| one.holder.clone()));
        // Who controls by agreement alone has the votes of what it controls.
        persons.extend(control.controls.keys().cloned());
        persons.retain(Subject::is_person);
        let mut owners = Vec::new();
        for person in persons {
            let share = shares
                .as_ref()
                .map(|all| all.get(&person).copied().unwrap_or(0.0));
            let votes = self.votes_without_groups(&person, company, day);
            let basis = if share.is_some_and(|share| share >= QUARTER - NEAR) {
                "share"
            } else if votes >= QUARTER_MILLIONTHS {
                "votes"
            } else if controllers.contains(&person) {
                "control"
            } else {
                continue;
            };
            let text = share.map(|share| format!("{:.6}", share * 100.0));
            owners.push(json!([self.label(&person), text, basis]));
        }
        if owners.is_empty() {
            let all = self.role_holders(company, "legal_representative", day);
            for person in all.into_iter().collect::<BTreeSet<Subject>>() {
                owners.push(json!([self.label(&person), null, "fallback"]));
            }
        }
        (owners, shares.is_none())
    }
}

/// A company and all companies above it.
fn upward(holdings: &[&Holding], company: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut waiting = vec![company.to_owned()];
    while let Some(one) = waiting.pop() {
        let holders = holdings.iter().filter(|held| held.company == one);
        waiting.extend(holders.filter_map(|held| held.holder.org().map(str::to_owned)));
        all.insert(one);
        waiting.retain(|next| !all.contains(next));
    }
    all
}

/// The part of a company's capital that a holder has.
fn sum(holdings: &[&Holding], company: &str, holder: &Subject) -> f64 {
    let theirs = holdings
        .iter()
        .filter(|one| one.company == company && one.holder == *holder);
    let millionths: i64 = theirs.map(|one| one.capital).sum();
    f64::from(i32::try_from(millionths).expect("a dirty sum of reasonable size")) / WHOLE
}

/// Solves `system · s = right`. The series behind it converges exactly when elimination
/// without exchanging rows meets only positive pivots (the system is then an M-matrix).
fn solve(mut system: Vec<Vec<f64>>, mut right: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = system.len();
    for pivot in 0..size {
        if system[pivot][pivot] <= NEAR {
            return None;
        }
        for row in 0..size {
            let factor = system[row][pivot] / system[pivot][pivot];
            if row == pivot || factor == 0.0 {
                continue;
            }
            for matrix in [&mut system, &mut right] {
                let taken = matrix[pivot].clone();
                for (number, less) in matrix[row].iter_mut().zip(taken) {
                    *number -= factor * less;
                }
            }
        }
    }
    for (row, shares) in right.iter_mut().enumerate() {
        for share in shares {
            *share /= system[row][row];
        }
    }
    Some(right)
}

/// For every registered organisation its beneficial owners, `[name, share|null, basis]`.
pub fn owners(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Map::new();
    for org in &known.organisations {
        let (owners, _) = known.beneficial_owners(&org.uscc, as_of);
        answer.insert(org.uscc.clone(), canonical(owners));
    }
    Value::Object(answer)
}

/// For every registered organisation whether the shares in it do not converge.
pub fn divergent(world: &World, as_of: Day, known_at: Day) -> Value {
    let known = Known::at(world, known_at);
    let mut answer = Map::new();
    for org in &known.organisations {
        answer.insert(
            org.uscc.clone(),
            known.shares(&org.uscc, as_of).is_none().into(),
        );
    }
    Value::Object(answer)
}
