//! 异议: an objection to a case and how it ended.

use graph::id::Set;
use graph::record::{Objection, ObjectionOutcome, Record, key};

use super::Spec;
use super::authority::reference;
use super::column::{Column, folded, value};
use super::headers::{TARGET_AUTHORITY, TARGET_NO};
use super::row::{Fault, Notes, Row};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    folded("objection_no", &["异议编号", "异议文号", "异议申请编号"]),
    TARGET_NO,
    TARGET_AUTHORITY,
    value("filed_on", &["提出日期", "申请日期", "异议提出日期"]),
    value("decided_on", &["办结日期", "决定日期", "处理日期"]),
    value("outcome", &["处理结果", "异议结果", "结果"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Objections,
    stems: &["异议"],
    columns: COLUMNS,
    telling: &[&["objection_no"]],
    subject: None,
    read,
    key: |row, _| {
        row.required("objection_no")
            .map(|number| key::objection(&number))
    },
};

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let objection_no = row.required("objection_no")?;
    let (target_no, target_authority) = reference(row, "target_no", "target_authority", notes);
    let (filed_on, decided_on) = (row.date("filed_on")?, row.date("decided_on")?);
    if filed_on
        .zip(decided_on)
        .is_some_and(|(filed, decided)| decided < filed)
    {
        notes.findings.push(Finding::DatesOutOfOrder);
    }
    Ok(Record::Objection(Objection {
        objection_no,
        target_no,
        target_authority,
        filed_on,
        decided_on,
        outcome: row.word("outcome")?.unwrap_or(ObjectionOutcome::Pending),
    }))
}
