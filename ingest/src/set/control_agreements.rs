//! 控制协议: control that share ratios do not show. An assertion needs its document.

use graph::id::{EntityId, Set};
use graph::record::{AgreementKind, ControlAgreement, Record, key};

use super::Spec;
use super::column::{Column, folded, text, value};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, SubjectColumns, known_holder};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    value(
        "uscc",
        &[
            "统一社会信用代码",
            "企业统一社会信用代码",
            "被控制企业统一社会信用代码",
            "被控制企业代码",
        ],
    ),
    value(
        "holder_kind",
        &["controller_kind", "控制人类型", "控制人类别"],
    ),
    value(
        "holder_uscc",
        &["controller_uscc", "控制人统一社会信用代码", "控制人代码"],
    ),
    value(
        "id_type",
        &["controller_id_type", "证件类型", "控制人证件类型"],
    ),
    value(
        "id_number",
        &[
            "controller_id_number",
            "证件号码",
            "控制人证件号码",
            "身份证号",
            "身份证号码",
        ],
    ),
    text(
        "holder_name",
        &[
            "controller_name",
            "controller",
            "控制人",
            "控制人名称",
            "控制人姓名",
        ],
    ),
    text("person_name", &["姓名"]),
    value("from", &["起始日期", "控制起始日期", "生效日期"]),
    value("to", &["截止日期", "控制截止日期", "失效日期"]),
    value("kind", &["控制方式", "类型", "控制类型", "协议类型"]),
    folded("document", &["依据文件", "依据", "文件"]),
];

const CONTROLLER: SubjectColumns = SubjectColumns {
    kind: "holder_kind",
    uscc: "holder_uscc",
    names: &["holder_name", "person_name"],
    ..SUBJECT
};

pub(super) const SPEC: Spec = Spec {
    set: Set::ControlAgreements,
    stems: &["控制协议", "协议控制"],
    columns: COLUMNS,
    telling: &[
        &["uscc"],
        &["holder_uscc", "holder_name", "id_number"],
        &["document"],
    ],
    subject: Some(CONTROLLER),
    read,
    key: |row, notes| {
        let (org, controller) = named(row, notes)?;
        Ok(key::control_agreement(
            org,
            controller,
            row.interval()?.from,
        ))
    },
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<(EntityId, EntityId), Fault> {
    let org = row.required_organisation("uscc", notes)?;
    Ok((org, known_holder(row, &CONTROLLER, notes)?))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (org, controller) = named(row, notes)?;
    let interval = row.interval()?;
    if interval.is_empty() {
        notes.findings.push(Finding::EmptyInterval);
    }
    let kind = row.word("kind")?.unwrap_or(AgreementKind::Other);
    let document = row.required("document")?;
    Ok(Record::ControlAgreement(ControlAgreement {
        org,
        controller,
        interval,
        kind,
        document,
    }))
}
