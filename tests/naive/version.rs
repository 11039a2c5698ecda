//! Versions: the natural keys of rows, and which rows stand after some number of batches.

use crate::catalogue::Catalogue;
use crate::record::{Subject, cell, date, holder, person, subject};
use crate::world::{Row, World};
use std::collections::BTreeMap;

/// The natural key of a row: the bold columns of its set.
pub(crate) fn natural_key(set: &str, row: &Row, catalogue: &Catalogue) -> Vec<String> {
    let who = |subject: Subject| format!("{subject:?}");
    let text = |column: &str| cell(row, column).to_owned();
    let day = |column: &str| date(row, column).map_or(String::new(), |day| day.to_string());
    match set {
        "organizations" => vec![text("uscc")],
        "roles" => vec![
            text("uscc"),
            text("role"),
            who(person(row, "")),
            day("from"),
        ],
        "holdings" | "control_agreements" => vec![text("uscc"), who(holder(row)), day("from")],
        "penalties" => vec![text("decision_no"), text("authority"), who(subject(row))],
        "listings" => {
            let list = catalogue.list(cell(row, "list")).code.clone();
            vec![text("listing_no"), list, who(subject(row))]
        }
        "responsible_persons" => {
            vec![
                text("case_no"),
                who(person(row, "")),
                text("responsibility"),
            ]
        }
        "determinations" => vec![text("case_no"), who(person(row, "")), day("decided_on")],
        "repairs" => vec![text("target_no"), day("repaired_on")],
        "objections" => vec![text("objection_no")],
        "departments" => vec![text("department")],
        "matters" => vec![text("matter_no")],
        "checks" => vec![text("check_no")],
        "enforcements" => vec![text("enforcement_no")],
        other => panic!("an unknown record set {other}"),
    }
}

/// The rows of a set that stand after the first `batches` batches.
pub(crate) fn records(world: &World, batches: usize, set: &str, catalogue: &Catalogue) -> Vec<Row> {
    let mut standing: BTreeMap<Vec<String>, Row> = BTreeMap::new();
    for batch in &world.batches[..batches] {
        for row in batch.rows.get(set).into_iter().flatten() {
            let key = natural_key(set, row, catalogue);
            if cell(row, "op") == "delete" {
                standing.remove(&key);
            } else {
                standing.insert(key, row.clone());
            }
        }
    }
    standing.into_values().collect()
}
