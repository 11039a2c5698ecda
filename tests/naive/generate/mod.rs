//! Random worlds: a seed and some knobs give the same world for ever.
//!
//! They are small and dense, so that every kind of answer and every edge of the semantics turns
//! up often: intervals that touch or hold no day, circles, ties, sums above 100 %, days at
//! deadlines, persons without documents, several versions of everything.

mod ask;
mod cases;
mod dice;
mod draft;
mod duties;
mod history;
mod registry;
mod rules;
mod spoil;

pub use ask::days_to_ask;
pub use spoil::spoil;

use crate::world::{Row, World};
use dice::{Calendar, Dice};
use draft::{Draft, row};
use registry::credit_code;
use rules::DEPARTMENTS;
use std::collections::{BTreeMap, BTreeSet};

/// What is wanted of a world; `None` leaves it to the seed.
#[derive(Clone, Debug)]
pub struct Knobs {
    /// How many organisations; by the seed 3 to 20.
    pub organisations: Option<usize>,
    /// How many persons with a document; by the seed 3 to 20.
    pub persons: Option<usize>,
    /// How many penalties; by the seed 5 to 40.
    pub penalties: Option<usize>,
    /// How many listings; by the seed 5 to 24.
    pub listings: Option<usize>,
    /// How many matters; by the seed 5 to 50.
    pub matters: Option<usize>,
    /// How many batches; by the seed 1 to 4.
    pub batches: Option<usize>,
    /// How many of a hundred restrictions are enforced.
    pub enforced_percent: usize,
    /// Intervals of no days (`to = from`) in roles, holdings and agreements.
    pub empty_intervals: bool,
    /// Enforcement of no days.
    pub empty_enforcements: bool,
    /// Organisations whose code has a wrong check character.
    pub wrong_codes: bool,
    /// Provisional persons named as responsible.
    pub provisional_named: bool,
}

impl Default for Knobs {
    fn default() -> Knobs {
        Knobs {
            organisations: None,
            persons: None,
            penalties: None,
            listings: None,
            matters: None,
            batches: None,
            enforced_percent: 70,
            empty_intervals: true,
            empty_enforcements: false,
            wrong_codes: true,
            provisional_named: false,
        }
    }
}

/// The world of a seed.
pub fn generate(seed: u64, knobs: &Knobs) -> World {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let mut calendar = Calendar::new();
    let calendar = &mut calendar;
    let size = |wanted: Option<usize>, low: usize, high: usize, dice: &mut Dice| {
        wanted.unwrap_or_else(|| low + dice.below(high - low + 1))
    };
    let mut knobs = knobs.clone();
    knobs.batches = Some(size(knobs.batches, 1, 4, dice));
    let mut draft = Draft {
        seed,
        rows: departments(),
        catalogue: rules::catalogue(dice),
        orgs: Vec::new(),
        pinned: BTreeSet::new(),
        unregistered: credit_code(dice, "91"),
        persons: Vec::new(),
        provisionals: Vec::new(),
        authorities: (0..3).map(|_| credit_code(dice, "11")).collect(),
        cases: Vec::new(),
        numbers: 0,
        knobs,
    };
    let knobs = draft.knobs.clone();
    let draft = &mut draft;
    let count = size(knobs.persons, 3, 20, dice);
    draft.persons = registry::persons(dice, seed, count);
    let count = size(knobs.organisations, 3, 20, dice);
    registry::organisations(draft, dice, calendar, count);
    registry::roles(draft, dice, calendar);
    registry::holdings(draft, dice, calendar);
    registry::agreements(draft, dice, calendar);
    let count = size(knobs.penalties, 5, 40, dice);
    cases::penalties(draft, dice, calendar, count);
    let count = size(knobs.listings, 5, 24, dice);
    cases::listings(draft, dice, calendar, count);
    cases::responsible_persons(draft, dice);
    cases::repairs(draft, dice, calendar);
    cases::objections(draft, dice, calendar);
    duties::determinations(draft, dice, calendar);
    duties::appointments(draft, dice);
    duties::enforcements(draft, dice, calendar);
    let count = size(knobs.matters, 5, 50, dice);
    duties::matters(draft, dice, calendar, count);
    duties::checks(draft, dice);
    history::history(draft, dice, calendar)
}

fn departments() -> BTreeMap<String, Vec<Row>> {
    let one = |code: &&str| row(&[("department", *code), ("name", &format!("{code}局"))]);
    BTreeMap::from([(
        "departments".to_owned(),
        DEPARTMENTS.iter().map(one).collect(),
    )])
}
