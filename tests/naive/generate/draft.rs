//! A world in the making: the rows so far, and what may still be drawn.

use super::Knobs;
use super::dice::Dice;
use super::registry::{Person, Whom};
use crate::day::Day;
use crate::world::{Batch, Row, World};
use std::collections::{BTreeMap, BTreeSet};

/// A row from its cells.
pub fn row(cells: &[(&str, &str)]) -> Row {
    cells
        .iter()
        .map(|(column, text)| ((*column).to_owned(), (*text).to_owned()))
        .collect()
}

/// A case as later rows refer to it.
#[derive(Clone, Debug)]
pub struct DraftCase {
    /// Its number.
    pub number: String,
    /// The authority, which must be told where two use one number.
    pub authority: String,
    /// Whether another authority uses the number.
    pub shared: bool,
    /// Whether it is a listing.
    pub listing: bool,
    /// On whom.
    pub subject: Whom,
    /// Its own date.
    pub own_date: Day,
}

impl DraftCase {
    /// Fills the reference to the case, with the authority when the number alone is not enough.
    pub fn refer(&self, one: &mut Row, number: &str, authority: &str, also: bool) {
        one.insert(number.to_owned(), self.number.clone());
        let told = if self.shared || also {
            self.authority.clone()
        } else {
            String::new()
        };
        one.insert(authority.to_owned(), told);
    }
}

/// The draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The seed, which is part of every name.
    pub seed: u64,
    /// What is wanted.
    pub knobs: Knobs,
    /// The rows by record set.
    pub rows: BTreeMap<String, Vec<Row>>,
    /// The catalogue.
    pub catalogue: BTreeMap<String, String>,
    /// The codes of the organisations.
    pub orgs: Vec<String>,
    /// The codes that must be registered first and stay: wrong codes really issued.
    pub pinned: BTreeSet<String>,
    /// The code of an organisation that is never registered.
    pub unregistered: String,
    /// The persons with a document.
    pub persons: Vec<Person>,
    /// The provisional persons with their organisation.
    pub provisionals: Vec<(String, Person)>,
    /// The authorities.
    pub authorities: Vec<String>,
    /// The cases.
    pub cases: Vec<DraftCase>,
    /// How many numbers were given.
    pub numbers: usize,
}

impl Draft {
    /// Adds a row.
    pub fn add(&mut self, set: &str, one: Row) {
        self.rows.entry(set.to_owned()).or_default().push(one);
    }

    /// A number that no other record has.
    pub fn number(&mut self, word: &str) -> String {
        self.numbers += 1;
        format!("{word}{}-{}", self.seed, self.numbers)
    }

    /// A provisional person at an organisation: one there already, or a new name.
    pub fn provisional(&mut self, dice: &mut Dice, org: &str) -> Person {
        let there: Vec<Person> = self
            .provisionals
            .iter()
            .filter(|(at, _)| at == org)
            .map(|(_, person)| person.clone())
            .collect();
        if !there.is_empty() && dice.chance(50) {
            return dice.pick(&there);
        }
        let name = format!("无证{}x{}", self.seed, self.provisionals.len());
        let person = Person {
            id_type: String::new(),
            number: String::new(),
            name,
        };
        self.provisionals.push((org.to_owned(), person.clone()));
        person
    }

    /// A subject: mostly an organisation.
    pub fn subject(&self, dice: &mut Dice) -> Whom {
        if dice.chance(82) {
            Whom::Org(dice.pick(&self.orgs))
        } else {
            Whom::Person(dice.pick(&self.persons))
        }
    }

    /// The person with a name.
    pub fn person_named(&self, name: &str) -> Option<Person> {
        self.persons
            .iter()
            .find(|person| person.name == name)
            .cloned()
    }

    /// The cases of two authorities that share a number are told apart, but the natural keys of
    /// what refers to them are not: each authority has its own days.
    pub fn apart(&self, case: &DraftCase, day: Day) -> Day {
        if !case.shared {
            return day;
        }
        let count = i32::try_from(self.authorities.len()).unwrap();
        let place = self
            .authorities
            .iter()
            .position(|one| *one == case.authority)
            .unwrap();
        Day(day.0.div_euclid(count) * count + i32::try_from(place).unwrap())
    }

    /// The draft as a world of one batch, to ask what its restrictions are so far.
    pub fn as_world(&self) -> World {
        let batch = Batch {
            recorded_at: Day::new(2020, 1, 1),
            rows: self.rows.clone(),
        };
        World {
            batches: vec![batch],
            catalogue: self.catalogue.clone(),
        }
    }
}
