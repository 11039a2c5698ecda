//! 信用修复: the end of a case by repair, revocation or fulfilment.

use graph::id::Set;
use graph::record::{Record, Repair, RepairKind, key};

use super::Spec;
use super::authority::{authority, reference};
use super::column::{Column, folded, value};
use super::headers::{
    ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND, SUBJECT_NAME, TARGET_AUTHORITY, TARGET_NO, USCC,
};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, subject};

const COLUMNS: &[Column] = &[
    TARGET_NO,
    TARGET_AUTHORITY,
    value("repaired_on", &["修复日期", "信用修复日期"]),
    value("kind", &["修复类型", "类型", "修复方式"]),
    folded("authority", &["修复机关", "修复决定机关", "修复单位"]),
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Repairs,
    stems: &["信用修复"],
    columns: COLUMNS,
    telling: &[&["target_no"], &["repaired_on"]],
    subject: Some(SUBJECT),
    read,
    key: |row, notes| {
        let (target_no, target_authority) = reference(row, "target_no", "target_authority", notes);
        let target_no = target_no.ok_or_else(|| Fault::missing("target_no"))?;
        let authority = target_authority.unwrap_or_default();
        Ok(key::repair(
            &target_no,
            &authority,
            row.required_date("repaired_on")?,
        ))
    },
};

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (target_no, target_authority) = reference(row, "target_no", "target_authority", notes);
    let target_no = target_no.ok_or_else(|| Fault::missing("target_no"))?;
    let repaired_on = row.required_date("repaired_on")?;
    let kind = row.word("kind")?.unwrap_or(RepairKind::Repair);
    let subject = subject(row, &SUBJECT, notes)?;
    if let Some(reference) = &mut notes.reference {
        reference.subject = subject;
    }
    let authority = authority(row, "authority", notes);
    Ok(Record::Repair(Repair {
        target_no,
        target_authority,
        repaired_on,
        kind,
        authority,
        subject,
    }))
}
