//! 主要人员: who holds which office, from when to when.

use graph::id::{EntityId, Set};
use graph::record::{Record, Role, RoleKind, key};

use super::column::{Column, text, value};
use super::headers::{ID_NUMBER, ID_TYPE};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, SubjectColumns, person_at};
use super::{Spec, headers};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    headers::USCC,
    value("role", &["职务", "职位", "任职", "职务类型"]),
    ID_TYPE,
    ID_NUMBER,
    text("person_name", &["姓名", "人员姓名", "任职人员"]),
    value(
        "from",
        &["任职起始日期", "任职开始日期", "起始日期", "任职日期"],
    ),
    value(
        "to",
        &["任职截止日期", "任职结束日期", "截止日期", "离任日期"],
    ),
];

/// The code of a row is the organisation's, never the person's.
const PERSON: SubjectColumns = SubjectColumns {
    uscc: "",
    names: &["person_name"],
    ..SUBJECT
};

pub(super) const SPEC: Spec = Spec {
    set: Set::Roles,
    stems: &["主要人员", "任职信息"],
    columns: COLUMNS,
    telling: &[&["uscc"], &["role"], &["id_number", "person_name"]],
    subject: Some(PERSON),
    read,
    key: |row, notes| {
        let (org, role, person) = named(row, notes)?;
        Ok(key::role(org, role, person, row.interval()?.from))
    },
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<(EntityId, RoleKind, EntityId), Fault> {
    let org = row.required_organisation("uscc", notes)?;
    let role = row.word("role")?.ok_or_else(|| Fault::missing("role"))?;
    Ok((org, role, person_at(row, &PERSON, org.uscc(), notes)?))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (org, role, person) = named(row, notes)?;
    let interval = row.interval()?;
    if interval.is_empty() {
        notes.findings.push(Finding::EmptyInterval);
    }
    Ok(Record::Role(Role {
        org,
        role,
        person,
        interval,
    }))
}
