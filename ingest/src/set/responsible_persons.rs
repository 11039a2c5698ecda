//! 直接责任人: who is named in a case. A person without a number is known by name at the case's
//! organisation, so such a row waits until the case (or the column `uscc`) tells it.

use graph::id::Set;
use graph::record::{Record, Responsibility, ResponsiblePerson};

use super::Spec;
use super::authority::reference;
use super::column::{Column, text, value};
use super::headers::{CASE_AUTHORITY, CASE_NO, ID_NUMBER, ID_TYPE, USCC};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, SubjectColumns, person_at};

const COLUMNS: &[Column] = &[
    CASE_NO,
    CASE_AUTHORITY,
    text("uscc", USCC.headers),
    ID_TYPE,
    ID_NUMBER,
    text("person_name", &["姓名", "责任人", "责任人姓名", "人员姓名"]),
    value(
        "responsibility",
        &["责任类型", "责任", "责任类别", "责任人类型"],
    ),
];

/// The code of a row is the organisation's, never the person's.
const PERSON: SubjectColumns = SubjectColumns {
    uscc: "",
    names: &["person_name"],
    ..SUBJECT
};

pub(super) const SPEC: Spec = Spec {
    set: Set::ResponsiblePersons,
    stems: &["直接责任人", "责任人", "责任人员"],
    columns: COLUMNS,
    telling: &[
        &["case_no"],
        &["responsibility"],
        &["id_number", "person_name"],
    ],
    subject: Some(PERSON),
    read,
    key: |row, notes| named(row, notes).map(|named| Record::ResponsiblePerson(named).id()),
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<ResponsiblePerson, Fault> {
    let (case_no, case_authority) = reference(row, "case_no", "case_authority", notes);
    let case_no = case_no.ok_or_else(|| Fault::missing("case_no"))?;
    let told: Option<Responsibility> = row.word("responsibility")?;
    let responsibility = told.ok_or_else(|| Fault::missing("responsibility"))?;
    let org = row.organisation("uscc", notes)?;
    if let Some(reference) = &mut notes.reference {
        reference.subject = org;
    }
    let at = org.and_then(|org| org.uscc()).or(row.context.case_org);
    let person = person_at(row, &PERSON, at, notes)?;
    Ok(ResponsiblePerson {
        case_no,
        case_authority,
        person,
        responsibility,
    })
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    named(row, notes).map(Record::ResponsiblePerson)
}
