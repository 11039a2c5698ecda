//! Gaps: duties broken by departments, evaluated on a day with what was known.
//!
//! A gap is a JSON object with the fields that apply: `kind`, `reason`, `department`,
//! `subject`, `matter_no`, `case_no`, `measure`, `enforcement_no`, `decision_no`, `role`, `on`,
//! `hit`.

mod enforcement;
mod matter;
mod record;

use crate::canonical;
use crate::day::Day;
use crate::known::Known;
use crate::penetration::{ALL, CREDULOUS, Key, Restriction};
use crate::world::World;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that the kinds of gap look at.
struct Evaluation<'w> {
    /// What is known.
    known: Known<'w>,
    /// The day of the evaluation.
    today: Day,
    /// All restrictions.
    restrictions: BTreeMap<Key, Restriction>,
    /// The restrictions as if revocations and rejecting determinations did not exist.
    credulous: BTreeMap<Key, Restriction>,
}

/// One gap, with the day that `evaluate_from` looks at.
struct Gap {
    on: Day,
    fields: Map<String, Value>,
}

impl Gap {
    fn new(kind: &str, on: Day) -> Gap {
        let mut fields = Map::new();
        fields.insert("kind".to_owned(), kind.into());
        fields.insert("on".to_owned(), on.to_string().into());
        Gap { on, fields }
    }

    fn with(mut self, field: &str, value: impl Into<Value>) -> Gap {
        self.fields.insert(field.to_owned(), value.into());
        self
    }
}

/// All gaps on a day.
pub fn gaps(world: &World, as_of: Day, known_at: Day) -> Value {
    gaps_of(Known::at(world, known_at), as_of)
}

/// All gaps on a day with what was known after so many batches.
pub fn gaps_after(world: &World, as_of: Day, batches: usize) -> Value {
    gaps_of(Known::after(world, batches), as_of)
}

/// The gaps that hold or ever held: as known after each batch up to `known_at`, and, with what is
/// known now, the overdue lifts on the last day of each enforcement. A gap may stand in it often.
pub fn gaps_ever(world: &World, as_of: Day, known_at: Day) -> Value {
    let mut all = Vec::new();
    let known = Known::at(world, known_at);
    let mut add = |gaps: Value| all.extend(gaps.as_array().unwrap().iter().cloned());
    for batches in 1..=known.batches {
        add(gaps_after(world, as_of, batches));
    }
    let ends = known.enforcements.iter().filter_map(|one| one.to);
    let ends: BTreeSet<Day> = ends.filter(|end| *end <= as_of).collect();
    for end in ends {
        let mut then = gaps(world, end.plus(-1), known_at);
        let then_all = then.as_array_mut().unwrap();
        then_all.retain(|gap| gap["kind"] == "overdue_lift");
        add(then);
    }
    canonical(all)
}

fn gaps_of(known: Known<'_>, as_of: Day) -> Value {
    let restrictions = known.restrictions(ALL);
    let credulous = known.restrictions(CREDULOUS);
    let evaluation = Evaluation {
        known,
        today: as_of,
        restrictions,
        credulous,
    };
    let mut all = Vec::new();
    all.extend(evaluation.missed_checks());
    all.extend(evaluation.missed_restrictions());
    all.extend(evaluation.wrongful_refusals());
    all.extend(evaluation.barred_appointments());
    all.extend(evaluation.unlinked_persons());
    all.extend(evaluation.late_publications());
    all.extend(evaluation.unenforced());
    all.extend(evaluation.enforcements_without_ground());
    // For a first load of old years, gaps whose day is earlier are not made.
    let from = evaluation.known.catalogue.settings.evaluate_from;
    all.retain(|gap| from.is_none_or(|from| gap.on >= from));
    canonical(
        all.into_iter()
            .map(|gap| Value::Object(gap.fields))
            .collect(),
    )
}
