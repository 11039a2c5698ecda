//! 责任认定: the human decision on a person that a rule found.

use graph::id::{EntityId, Set};
use graph::record::{Determination, DeterminationOutcome, Record, key};
use graph::time::Date;

use super::Spec;
use super::authority::reference;
use super::column::{Column, text, value};
use super::headers::{CASE_AUTHORITY, CASE_NO, ID_NUMBER, ID_TYPE};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, SubjectColumns, numbered_person};

const COLUMNS: &[Column] = &[
    CASE_NO,
    CASE_AUTHORITY,
    ID_TYPE,
    ID_NUMBER,
    text("person_name", &["姓名", "责任人姓名", "人员姓名"]),
    value("decided_on", &["认定日期", "决定日期", "责任认定日期"]),
    value("outcome", &["认定结论", "认定结果", "结论"]),
    text("authority", &["认定机关", "认定单位"]),
    text("officer", &["经办人", "认定人"]),
    text("reason", &["理由", "认定理由", "原因"]),
];

const PERSON: SubjectColumns = SubjectColumns {
    uscc: "",
    names: &["person_name"],
    ..SUBJECT
};

pub(super) const SPEC: Spec = Spec {
    set: Set::Determinations,
    stems: &["责任认定"],
    columns: COLUMNS,
    telling: &[&["case_no"], &["decided_on"], &["outcome"]],
    subject: Some(PERSON),
    read,
    key: |row, notes| {
        let named = named(row, notes)?;
        let authority = named.case_authority.unwrap_or_default();
        Ok(key::determination(
            &named.case_no,
            &authority,
            named.person,
            named.decided_on,
        ))
    },
};

struct Named {
    case_no: String,
    case_authority: Option<String>,
    person: EntityId,
    decided_on: Date,
}

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<Named, Fault> {
    let (case_no, case_authority) = reference(row, "case_no", "case_authority", notes);
    let case_no = case_no.ok_or_else(|| Fault::missing("case_no"))?;
    let person =
        numbered_person(row, &PERSON, notes)?.ok_or_else(|| Fault::missing("id_number"))?;
    Ok(Named {
        case_no,
        case_authority,
        person,
        decided_on: row.required_date("decided_on")?,
    })
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let Named {
        case_no,
        case_authority,
        person,
        decided_on,
    } = named(row, notes)?;
    let outcome = row
        .word("outcome")?
        .ok_or_else(|| Fault::missing("outcome"))?;
    if outcome == DeterminationOutcome::Rejected {
        row.required("reason")?;
    }
    let determination = Determination {
        case_no,
        case_authority,
        person,
        decided_on,
        outcome,
    };
    Ok(Record::Determination(determination))
}
