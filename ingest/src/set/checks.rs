//! 信用核查记录: who looked at whom before deciding.

use graph::id::Set;
use graph::record::{Check, Record, key};

use super::Spec;
use super::authority::department;
use super::column::{Column, day, folded, text};
use super::headers::{
    DEPARTMENT, ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND, SUBJECT_NAME, USCC,
};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, required_subject};

const COLUMNS: &[Column] = &[
    folded("check_no", &["核查编号", "查询编号"]),
    DEPARTMENT,
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
    day(
        "checked_at",
        &["核查时间", "核查日期", "查询时间", "查询日期"],
    ),
    folded("matter_no", &["办件编号", "业务编号", "办件号"]),
    text("officer", &["经办人", "核查人", "查询人"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Checks,
    stems: &["信用核查记录", "核查记录", "信用核查"],
    columns: COLUMNS,
    telling: &[&["check_no"], &["checked_at"]],
    subject: Some(SUBJECT),
    read,
    key: |row, _| row.required("check_no").map(|number| key::check(&number)),
};

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    Ok(Record::Check(Check {
        check_no: row.required("check_no")?,
        department: department(row, "department"),
        subject: required_subject(row, &SUBJECT, notes)?,
        checked_on: row.required_date("checked_at")?,
        matter_no: row.owned("matter_no"),
    }))
}
