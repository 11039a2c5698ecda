//! 市场主体: who exists. The one set in which a wrongly issued code is accepted, as a finding.

use graph::change::Reason;
use graph::id::{EntityId, Set};
use graph::record::{Organisation, Record, key};

use super::Spec;
use super::column::{Column, folded, value};
use super::row::{Fault, Notes, Row, bad_shape};
use crate::identity::{check_uscc, is_resident_id, normalise_name};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    value("uscc", super::headers::USCC.headers),
    folded(
        "name",
        &[
            "名称",
            "企业名称",
            "机构名称",
            "主体名称",
            "单位名称",
            "entname",
        ],
    ),
    value(
        "kind",
        &["主体类型", "行政相对人类别", "主体类别", "机构类型"],
    ),
    value("status", &["经营状态", "登记状态", "企业状态", "regstate"]),
    folded("region", &["行政区划", "行政区划代码", "区划代码"]),
    folded("industry", &["行业代码", "行业", "industryco"]),
    value("established_on", &["成立日期", "设立日期", "estdate"]),
    value("dissolved_on", &["注销日期", "注吊销日期"]),
    value("state_owned", &["是否国有", "国有"]),
    value(
        "superior_uscc",
        &["上级主管单位代码", "上级主管单位统一社会信用代码"],
    ),
    value("parent_uscc", &["隶属企业代码", "隶属企业统一社会信用代码"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Organisations,
    stems: &["市场主体", "企业基本信息", "主体信息"],
    columns: COLUMNS,
    telling: &[&["uscc"], &["name"]],
    subject: None,
    read,
    key: |row, _| registered(row).map(|(id, _, _)| key::organisation(id)),
};

/// The registered organisation, whether its code is wrong and whether the inner check holds.
fn registered(row: &Row<'_>) -> Result<(EntityId, bool, bool), Fault> {
    let text = row.raw("uscc").ok_or_else(|| Fault::missing("uscc"))?;
    let checked = check_uscc(text).ok_or_else(|| bad_shape("uscc"))?;
    if !checked.check_holds && is_resident_id(text) {
        let message = "a resident identity number stands where the credit code belongs";
        return Err(Fault::new(Reason::BadUscc, "uscc", message));
    }
    let id = EntityId::organisation(checked.code);
    Ok((id, !checked.check_holds, checked.inner_check_holds()))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (id, wrong_code, inner_check_holds) = registered(row)?;
    let name = row
        .raw("name")
        .map(normalise_name)
        .ok_or_else(|| Fault::missing("name"))?;
    if wrong_code {
        notes.findings.push(Finding::WrongCode);
    }
    if !inner_check_holds {
        notes.findings.push(Finding::InnerCheck);
    }
    let (established_on, dissolved_on) = (row.date("established_on")?, row.date("dissolved_on")?);
    if established_on
        .zip(dissolved_on)
        .is_some_and(|(first, last)| last < first)
    {
        notes.findings.push(Finding::DatesOutOfOrder);
    }
    Ok(Record::Organisation(Organisation {
        id,
        name,
        kind: row.word("kind")?,
        status: row.word("status")?,
        region: row.owned("region"),
        industry: row.owned("industry"),
        established_on,
        dissolved_on,
        state_owned: row.truth("state_owned")?.unwrap_or(false),
        superior: related(row, "superior_uscc", notes)?,
        parent: related(row, "parent_uscc", notes)?,
        wrong_code,
    }))
}

/// Another organisation's code: in this set a wrong check character is a finding everywhere.
fn related(
    row: &Row<'_>,
    name: &'static str,
    notes: &mut Notes,
) -> Result<Option<EntityId>, Fault> {
    let Some(text) = row.raw(name) else {
        return Ok(None);
    };
    let checked = check_uscc(text).ok_or_else(|| bad_shape(name))?;
    if !checked.check_holds {
        notes.findings.push(Finding::WrongCode);
    }
    Ok(Some(EntityId::organisation(checked.code)))
}
