//! 业务办件: what was applied for, and how it was decided.

use graph::id::Set;
use graph::record::{Matter, MatterOutcome, Record, key};

use super::Spec;
use super::authority::department;
use super::column::{Column, folded, value};
use super::headers::{
    DEPARTMENT, ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND, SUBJECT_NAME, USCC,
};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, required_subject};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    folded("matter_no", &["办件编号", "业务编号", "办件号", "bjbh"]),
    DEPARTMENT,
    folded("item", &["事项编码", "事项", "事项代码"]),
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
    value("accepted_on", &["受理日期", "受理时间", "申请日期"]),
    value("decided_on", &["办结日期", "办结时间", "决定日期"]),
    value("outcome", &["办理结果", "办件结果", "结果"]),
    folded(
        "refused_for",
        &["不予依据措施", "不予办理依据", "惩戒措施", "拒绝依据措施"],
    ),
    folded("exemption", &["豁免依据", "豁免理由"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Matters,
    stems: &["业务办件", "办件"],
    columns: COLUMNS,
    telling: &[&["matter_no"], &["accepted_on"]],
    subject: Some(SUBJECT),
    read,
    key: |row, _| row.required("matter_no").map(|number| key::matter(&number)),
};

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let matter_no = row.required("matter_no")?;
    let applicant = required_subject(row, &SUBJECT, notes)?;
    let (_, decided_on) = row.ordered("accepted_on", "decided_on")?;
    Ok(Record::Matter(Matter {
        matter_no,
        department: department(row, "department"),
        item: item(row, notes),
        applicant,
        accepted_on: row.required_date("accepted_on")?,
        decided_on,
        outcome: row.word("outcome")?.unwrap_or(MatterOutcome::Pending),
        refused_for: measure(row, "refused_for", notes),
        exemption: row.owned("exemption"),
    }))
}

fn item(row: &Row<'_>, notes: &mut Notes) -> Option<String> {
    let text = row.owned("item")?;
    let known = row.context.vocabulary.item(&text).map(str::to_owned);
    if known.is_none() {
        notes.findings.push(Finding::UnknownItem);
    }
    Some(known.unwrap_or(text))
}

/// A measure by the catalogue's code; one that the catalogue does not know as it is written.
pub(super) fn measure(row: &Row<'_>, name: &'static str, notes: &mut Notes) -> Option<String> {
    let text = row.owned(name)?;
    let known = row.context.vocabulary.measure(&text).map(str::to_owned);
    if known.is_none() {
        notes.findings.push(Finding::UnknownMeasure);
    }
    Some(known.unwrap_or(text))
}
