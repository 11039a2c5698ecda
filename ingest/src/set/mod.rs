//! The record sets: one file each, with its columns, its natural key and its validation.
//!
//! A set turns one row into one record of the graph, or names the column at fault and the reason
//! code. What can be judged only beside other rows (is this code registered, does this number fit
//! one case) is noted and judged by the pipeline.

mod authority;
mod checks;
mod column;
mod control_agreements;
mod departments;
mod determinations;
mod enforcements;
mod headers;
mod holdings;
mod kept;
mod listings;
mod matters;
mod objections;
mod organizations;
mod penalties;
mod repairs;
mod responsible_persons;
mod roles;
mod row;
mod subject;
mod vocabulary;
mod which;

use graph::id::{RecordId, Set};
use graph::record::Record;

pub use column::QUARANTINE_ID;
pub(crate) use column::{Column, Columns, EXPORTED_PREFIX};
pub(crate) use kept::Kept;
pub(crate) use row::{Context, Fault, Notes, Reference, Row};
pub(crate) use subject::{Mention, Met, SubjectColumns};
pub use vocabulary::Vocabulary;
pub(crate) use which::all_names;
pub use which::{set_named, set_of_headers, set_of_stem};

use graph::change::Reason;

use crate::value::fold;

/// A record set as files carry it.
pub(crate) struct Spec {
    /// The set.
    pub(crate) set: Set,
    /// Chinese names that a file's stem may begin with.
    pub(crate) stems: &'static [&'static str],
    /// Its columns.
    pub(crate) columns: &'static [Column],
    /// What a header row must have to be told as this set: one of each group.
    pub(crate) telling: &'static [&'static [&'static str]],
    /// The columns that name its subject, holder or person.
    pub(crate) subject: Option<SubjectColumns>,
    /// Reads a record.
    pub(crate) read: fn(&Row<'_>, &mut Notes) -> Result<Record, Fault>,
    /// Reads the natural key alone: enough for a withdrawal.
    pub(crate) key: fn(&Row<'_>, &mut Notes) -> Result<RecordId, Fault>,
}

/// The sets that files carry, in the order of their numbers.
pub(crate) const SPECS: [&Spec; 14] = [
    &organizations::SPEC,
    &roles::SPEC,
    &holdings::SPEC,
    &control_agreements::SPEC,
    &penalties::SPEC,
    &listings::SPEC,
    &responsible_persons::SPEC,
    &determinations::SPEC,
    &repairs::SPEC,
    &objections::SPEC,
    &departments::SPEC,
    &matters::SPEC,
    &checks::SPEC,
    &enforcements::SPEC,
];

/// The description of a set; persons have none, for they come in the columns of other sets.
pub(crate) fn spec(set: Set) -> Option<&'static Spec> {
    SPECS.into_iter().find(|spec| spec.set == set)
}

/// What a row asks for.
#[allow(
    clippy::large_enum_variant,
    reason = "almost every row puts a record: a box would cost an allocation a row"
)]
pub(crate) enum Asked<'r> {
    /// That this record be so.
    Put(Record, Kept<'r>),
    /// That the record with this key be withdrawn.
    Withdraw(RecordId),
}

/// Reads one row of a set.
pub(crate) fn read_row<'r>(
    spec: &Spec,
    row: &Row<'r>,
    notes: &mut Notes,
) -> Result<Asked<'r>, Fault> {
    if withdraws(row)? {
        return (spec.key)(row, notes).map(Asked::Withdraw);
    }
    let record = (spec.read)(row, notes)?;
    let mut detail = row.detail();
    // Identifier columns that did not name the subject still say something.
    if let Some(columns) = &spec.subject {
        let unused: &[&str] = match &notes.person {
            Some(_) => &[columns.uscc],
            None => &[columns.id_type, columns.id_number],
        };
        for name in unused {
            if let Some(text) = row.raw(name) {
                detail.put(*name, text.trim());
            }
        }
    }
    Ok(Asked::Put(record, detail))
}

fn withdraws(row: &Row<'_>) -> Result<bool, Fault> {
    let place = row.columns.operation;
    let text = place.and_then(|place| row.cells.get(place));
    match fold(text.unwrap_or_default()).to_lowercase().as_str() {
        "delete" | "withdraw" | "删除" | "撤回" => Ok(true),
        "" | "put" | "upsert" | "insert" | "update" | "add" | "新增" | "修改" | "更新" => {
            Ok(false)
        }
        _ => Err(Fault::new(
            Reason::BadEnum,
            column::OPERATION,
            "neither `delete` nor empty",
        )),
    }
}

#[cfg(test)]
mod tests;
