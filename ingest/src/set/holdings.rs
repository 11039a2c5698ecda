//! 股东及出资信息: who holds how much of a company.

use graph::id::{EntityId, Set};
use graph::record::{Holding, Record, key};

use super::Spec;
use super::column::{Column, folded, text, value};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, SubjectColumns, holder};
use crate::identity::normalise_name;
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    value(
        "uscc",
        &[
            "统一社会信用代码",
            "企业统一社会信用代码",
            "被投资企业统一社会信用代码",
            "被投资企业代码",
        ],
    ),
    value("holder_kind", &["股东类型", "股东类别", "投资人类型"]),
    value(
        "holder_uscc",
        &[
            "股东统一社会信用代码",
            "股东代码",
            "投资人统一社会信用代码",
            "投资人代码",
        ],
    ),
    value("id_type", &["证件类型", "股东证件类型", "投资人证件类型"]),
    value(
        "id_number",
        &[
            "证件号码",
            "股东证件号码",
            "投资人证件号码",
            "身份证号",
            "身份证号码",
        ],
    ),
    text(
        "holder_name",
        &[
            "股东名称",
            "股东姓名",
            "股东",
            "投资人",
            "投资人名称",
            "inv",
        ],
    ),
    text("person_name", &["姓名"]),
    value(
        "from",
        &["起始日期", "持股起始日期", "持股开始日期", "出资日期"],
    ),
    value("to", &["截止日期", "持股截止日期", "持股结束日期"]),
    value("ratio", &["持股比例", "出资比例"]),
    value("voting_ratio", &["表决权比例"]),
    folded("concert_group", &["一致行动人组", "一致行动人"]),
];

const HOLDER: SubjectColumns = SubjectColumns {
    kind: "holder_kind",
    uscc: "holder_uscc",
    names: &["holder_name", "person_name"],
    ..SUBJECT
};

pub(super) const SPEC: Spec = Spec {
    set: Set::Holdings,
    stems: &["股东及出资信息", "股东信息", "股权信息", "股东及出资"],
    columns: COLUMNS,
    telling: &[
        &["uscc"],
        &["holder_uscc", "holder_name", "id_number"],
        &["ratio", "voting_ratio"],
    ],
    subject: Some(HOLDER),
    read,
    key: |row, notes| {
        let (org, holder) = named(row, notes)?;
        Ok(key::holding(org, holder, row.interval()?.from))
    },
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<(EntityId, EntityId), Fault> {
    let org = row.required_organisation("uscc", notes)?;
    Ok((org, holder(row, &HOLDER, org, notes)?))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (org, holder) = named(row, notes)?;
    let interval = row.interval()?;
    let (ratio, voting_ratio) = (row.percent("ratio")?, row.percent("voting_ratio")?);
    let concert_group = row.raw("concert_group").map(normalise_name);
    let holding = Holding {
        org,
        holder,
        interval,
        ratio,
        voting_ratio,
        concert_group,
    };
    let found = [
        (holding.is_self_holding(), Finding::SelfHolding),
        (ratio.is_none(), Finding::NoRatio),
        (interval.is_empty(), Finding::EmptyInterval),
    ];
    notes.findings.extend(
        found
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, found)| found),
    );
    Ok(Record::Holding(holding))
}
