//! 惩戒实施反馈: which measure a department carried out, against whom, for which case.

use graph::id::Set;
use graph::record::{Enforcement, Record, key};

use super::Spec;
use super::authority::{department, reference};
use super::column::{Column, folded, value};
use super::headers::{
    CASE_AUTHORITY, CASE_NO, DEPARTMENT, ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND,
    SUBJECT_NAME, USCC,
};
use super::matters::measure;
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, required_subject};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    folded("enforcement_no", &["实施编号", "惩戒编号", "反馈编号"]),
    DEPARTMENT,
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
    folded("measure", &["惩戒措施", "措施", "措施编码", "惩戒措施编码"]),
    CASE_NO,
    CASE_AUTHORITY,
    value(
        "from",
        &["实施日期", "起始日期", "惩戒起始日期", "开始日期"],
    ),
    value("to", &["截止日期", "解除日期", "惩戒截止日期", "结束日期"]),
    value("reported_on", &["反馈日期", "上报日期"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Enforcements,
    stems: &["惩戒实施反馈", "惩戒反馈", "惩戒实施"],
    columns: COLUMNS,
    telling: &[&["enforcement_no"], &["measure"]],
    subject: Some(SUBJECT),
    read,
    key: |row, _| {
        row.required("enforcement_no")
            .map(|number| key::enforcement(&number))
    },
};

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let enforcement_no = row.required("enforcement_no")?;
    let subject = required_subject(row, &SUBJECT, notes)?;
    row.required_date("from")?;
    let interval = row.interval()?;
    if interval.is_empty() {
        notes.findings.push(Finding::EmptyInterval);
    }
    let (case_no, case_authority) = reference(row, "case_no", "case_authority", notes);
    if let Some(reference) = &mut notes.reference {
        reference.own_subject = Some(subject);
    }
    Ok(Record::Enforcement(Enforcement {
        enforcement_no,
        department: department(row, "department"),
        subject,
        measure: measure(row, "measure", notes),
        case_no,
        case_authority,
        interval,
        reported_on: row.date("reported_on")?,
    }))
}
