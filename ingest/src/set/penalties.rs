//! 行政处罚: the city's own table and the 2018 publication standard (双公示), whose columns for
//! organisations and for natural persons load as they are, by Chinese name or `CF_` code.

use graph::change::Reason;
use graph::id::{EntityId, Set};
use graph::record::{Penalty, PenaltyKind, PenaltyStatus, Record, key};

use super::Spec;
use super::authority::{authority, authority_code};
use super::column::{Column, folded, money, text, value};
use super::headers::{ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND, SUBJECT_NAME, USCC};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, required_subject};
use crate::report::Finding;
use crate::value::{Word, fold};

const COLUMNS: &[Column] = &[
    folded(
        "decision_no",
        &[
            "行政处罚决定书文号",
            "处罚决定书文号",
            "决定书文号",
            "行政处罚决定文书号",
            "cf_wsh",
        ],
    ),
    folded("authority", &[]),
    value(
        "authority_uscc",
        &[
            "处罚机关统一社会信用代码",
            "处罚机关代码",
            "作出处罚决定机关统一社会信用代码",
            "cf_cfjgdm",
        ],
    ),
    text(
        "authority_name",
        &["处罚机关", "处罚机关名称", "作出处罚决定机关", "cf_cfjg"],
    ),
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
    value("violation_from", &["违法行为开始日期", "违法行为起始日期"]),
    value(
        "violation_on",
        &["违法行为发生日期", "违法日期", "违法行为结束日期"],
    ),
    value(
        "decision_on",
        &["处罚决定日期", "行政处罚决定日期", "决定日期", "cf_jdrq"],
    ),
    folded("violation_type", &["违法行为类型", "cf_wfxw"]),
    text("facts", &["违法事实", "处罚事由", "cf_sy"]),
    text("basis", &["处罚依据", "cf_yj"]),
    folded(
        "kinds",
        &[
            "处罚类别",
            "处罚种类",
            "行政处罚种类",
            "处罚类别1",
            "cf_cflb",
        ],
    ),
    text("content", &["处罚内容", "处罚结果", "cf_nr"]),
    text("licence", &["暂扣或吊销证照名称及编号", "cf_nr_zkdx"]),
    money("fine_yuan", &["罚款金额"], &["cf_nr_fk"]),
    money(
        "confiscated_yuan",
        &[
            "没收金额",
            "没收违法所得、没收非法财物的金额",
            "没收违法所得没收非法财物的金额",
        ],
        &["cf_nr_wfff"],
    ),
    value("summary_procedure", &["是否简易程序", "简易程序"]),
    value(
        "published_from",
        &["公示日期", "公示起始日期", "公示开始日期"],
    ),
    value(
        "published_until",
        &["公示截止期", "公示截止日期", "公示结束日期", "cf_gsjzq"],
    ),
    value("reported_on", &["上报日期", "数据归集日期", "归集日期"]),
    text(
        "legal_representative_name",
        &[
            "法定代表人",
            "法定代表人姓名",
            "法定代表人(负责人)",
            "cf_frdb",
        ],
    ),
    value("status", &["状态", "处罚状态", "决定状态"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Penalties,
    stems: &[
        "行政处罚",
        "法人行政处罚",
        "自然人行政处罚",
        "双公示行政处罚",
        "双公示_行政处罚",
    ],
    columns: COLUMNS,
    telling: &[&["decision_no"], &["decision_on"]],
    subject: Some(SUBJECT),
    read,
    key: |row, notes| {
        let (decision_no, authority, subject) = named(row, notes)?;
        Ok(key::penalty(&decision_no, &authority, subject))
    },
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<(String, String, EntityId), Fault> {
    let decision_no = row.required("decision_no")?;
    let told = match authority_code(row, "authority_uscc", notes)? {
        Some(code) => Some(code),
        None => {
            authority(row, "authority", notes).or_else(|| authority(row, "authority_name", notes))
        }
    };
    let authority = told.ok_or_else(|| Fault::missing("authority"))?;
    Ok((
        decision_no,
        authority,
        required_subject(row, &SUBJECT, notes)?,
    ))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (decision_no, authority, subject) = named(row, notes)?;
    let (violation_from, violation_on) = row.ordered("violation_from", "violation_on")?;
    let decision_on = row.required_date("decision_on")?;
    let (published_from, published_until) =
        (row.date("published_from")?, row.date("published_until")?);
    let reported_on = row.date("reported_on")?;
    let early = |date: Option<graph::time::Date>| date.is_some_and(|date| date < decision_on);
    let late = |date: Option<graph::time::Date>| date.is_some_and(|date| date > decision_on);
    let ends_first = published_from
        .zip(published_until)
        .is_some_and(|(from, until)| until < from);
    if late(violation_from) || late(violation_on) || early(reported_on) || ends_first {
        notes.findings.push(Finding::DatesOutOfOrder);
    }
    Ok(Record::Penalty(Penalty {
        decision_no,
        authority,
        subject,
        violation_from,
        violation_on,
        decision_on,
        violation_type: row.owned("violation_type"),
        kinds: kinds(row, notes)?,
        fine: row.money("fine_yuan")?,
        confiscated: row.money("confiscated_yuan")?,
        summary_procedure: row.truth("summary_procedure")?.unwrap_or(false),
        published_from,
        published_until,
        reported_on,
        status: row.word("status")?.unwrap_or(PenaltyStatus::Effective),
    }))
}

/// The kinds of a decision, sorted, each once.
fn kinds(row: &Row<'_>, notes: &mut Notes) -> Result<Vec<PenaltyKind>, Fault> {
    let text = row.text("kinds").unwrap_or_default();
    let mut found = Vec::new();
    for part in text.split([';', '、', ',', '|', '/']) {
        let part = part.trim();
        if !part.is_empty() {
            found.push(kind(part, row, notes)?);
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn kind(part: &str, row: &Row<'_>, notes: &mut Notes) -> Result<PenaltyKind, Fault> {
    if let Some(kind) = PenaltyKind::parse(part) {
        return Ok(kind);
    }
    // The 2018 template's own word leaves open which of the two it was; its text tells.
    if part.contains("暂扣") && part.contains("吊销") {
        let told = [row.text("content"), row.text("licence")]
            .into_iter()
            .flatten();
        let told: String = told.map(|text| fold(&text).into_owned()).collect();
        return Ok(match (told.contains("吊销"), told.contains("暂扣")) {
            (true, false) => PenaltyKind::LicenceRevoked,
            (false, true) => PenaltyKind::LicenceSuspended,
            _ => {
                notes.findings.push(Finding::UncertainKind);
                PenaltyKind::LicenceSuspended
            }
        });
    }
    // `其他-` and what it was, in the cell's own words.
    if part.starts_with("其他") || part.starts_with("其它") || part.starts_with("other") {
        return Ok(PenaltyKind::Other);
    }
    Err(Fault::new(
        Reason::BadEnum,
        "kinds",
        "not a kind of penalty (处罚类别)",
    ))
}
