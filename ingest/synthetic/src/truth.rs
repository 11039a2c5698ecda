//! What is known of a city because it was written so: `truth.json`.
//!
//! Bounded at every size: totals, the planted stories, and a few bad rows of each reason.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::files::{Bad, WrittenFile};
use crate::plan::Plan;
use crate::planted::Stories;
use crate::tally::Tally;

/// So many bad rows of a set and reason are named; all are counted.
const EXAMPLES: u64 = 5;

/// Bad rows by set and reason.
#[derive(Debug, Default)]
pub(crate) struct BadRows {
    counts: BTreeMap<(&'static str, &'static str), u64>,
    examples: Vec<Value>,
}

impl BadRows {
    pub(crate) fn add(&mut self, bad: &Bad) {
        let count = self.counts.entry((bad.set.name(), bad.reason)).or_default();
        *count += 1;
        if *count <= EXAMPLES {
            let example = json!({"file": bad.file, "line": bad.line, "set": bad.set.name(), "reason": bad.reason});
            self.examples.push(example);
        }
    }

    fn told(&self) -> Value {
        let count = |(key, count): (&(&str, &str), &u64)| json!({"set": key.0, "reason": key.1, "rows": count});
        json!({
            "rows": self.counts.values().sum::<u64>(),
            "by_reason": self.counts.iter().map(count).collect::<Vec<_>>(),
            "examples": self.examples,
        })
    }
}

/// The truth about a city.
pub(crate) fn truth(
    plan: &Plan,
    files: &[WrittenFile],
    tally: &Tally,
    told: (&Stories, &BadRows),
) -> Value {
    let (stories, bad) = told;
    let file =
        |file: &WrittenFile| json!({"file": file.name, "set": file.set.name(), "rows": file.rows});
    json!({
        "size": plan.size,
        "seed": plan.seed,
        "as_of": plan.as_of().to_string(),
        "files": files.iter().map(file).collect::<Vec<_>>(),
        "totals": {
            "code_errors": tally.wrong_codes,
            "offenders": {"to_clear": tally.to_clear, "cleared": tally.cleared, "warning": tally.warning},
            "late_publication": {"late": tally.published_late, "absent": tally.never_published},
            "largest_group": tally.largest_group,
            "longest_holding_chain": tally.deepest_chain,
        },
        "quarantined": bad.told(),
        "controllers": stories.controllers,
        "swapped_representatives": stories.swapped_representatives,
        "offenders": stories.offenders,
        "offending_persons": stories.offending_persons,
        "wrong_codes": stories.wrong_codes,
        "restrictions": stories.restrictions,
        "gaps": stories.gaps,
        "planted_subjects": stories.subjects,
    })
}
