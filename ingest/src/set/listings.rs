//! 严重失信主体名单, 失信被执行人 and other lists of the catalogue: who was listed when.

use graph::id::{EntityId, Set};
use graph::record::{Listing, Record, key};

use super::Spec;
use super::authority::{authority, unknown_word};
use super::column::{Column, folded, value};
use super::headers::{ID_NUMBER, ID_TYPE, PERSON_NAME, SUBJECT_KIND, SUBJECT_NAME, USCC};
use super::row::{Fault, Notes, Row};
use super::subject::{SUBJECT, required_subject};
use crate::report::Finding;

const COLUMNS: &[Column] = &[
    folded(
        "listing_no",
        &["列入文号", "案号", "列入决定文号", "列入文书号", "casecode"],
    ),
    value("list", &["名单类型", "名单", "名单名称", "名单类别"]),
    SUBJECT_KIND,
    USCC,
    ID_TYPE,
    ID_NUMBER,
    PERSON_NAME,
    SUBJECT_NAME,
    folded(
        "authority",
        &[
            "列入机关",
            "认定机关",
            "作出决定机关",
            "作出决定机关(列入)",
            "执行法院",
            "列入单位",
        ],
    ),
    value("violation_from", &["违法行为开始日期", "失信行为开始日期"]),
    value("violation_on", &["违法行为发生日期", "失信行为发生日期"]),
    value("listed_on", &["列入日期", "认定日期", "发布日期"]),
    value("expires_on", &["到期日期", "有效期至", "截止日期"]),
    value("removed_on", &["移出日期", "退出日期"]),
    value("removal_reason", &["移出原因", "移出事由", "退出原因"]),
    folded(
        "basis_decision_no",
        &["依据文书号", "依据文号", "依据决定文号", "执行依据文号"],
    ),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Listings,
    stems: &[
        "严重失信主体名单",
        "失信被执行人",
        "失信主体名单",
        "严重失信主体",
        "失信名单",
    ],
    columns: COLUMNS,
    telling: &[&["listing_no"], &["list"], &["listed_on"]],
    subject: Some(SUBJECT),
    read,
    key: |row, notes| {
        let (listing_no, list, subject) = named(row, notes)?;
        Ok(key::listing(&listing_no, &list, subject))
    },
};

fn named(row: &Row<'_>, notes: &mut Notes) -> Result<(String, String, EntityId), Fault> {
    let listing_no = row.required("listing_no")?;
    let list = row.required("list")?;
    let code = row
        .context
        .vocabulary
        .list(&list)
        .ok_or_else(|| unknown_word("list"))?;
    Ok((
        listing_no,
        code.to_owned(),
        required_subject(row, &SUBJECT, notes)?,
    ))
}

fn read(row: &Row<'_>, notes: &mut Notes) -> Result<Record, Fault> {
    let (listing_no, list, subject) = named(row, notes)?;
    let (violation_from, violation_on) = row.ordered("violation_from", "violation_on")?;
    let listed_on = row.required_date("listed_on")?;
    let (expires_on, removed_on) = (row.date("expires_on")?, row.date("removed_on")?);
    let early = |date: Option<graph::time::Date>| date.is_some_and(|date| date < listed_on);
    let late = |date: Option<graph::time::Date>| date.is_some_and(|date| date > listed_on);
    if early(expires_on) || early(removed_on) || late(violation_from) || late(violation_on) {
        notes.findings.push(Finding::DatesOutOfOrder);
    }
    Ok(Record::Listing(Listing {
        listing_no,
        list,
        subject,
        authority: authority(row, "authority", notes),
        violation_from,
        violation_on,
        listed_on,
        expires_on,
        removed_on,
        removal_reason: row.word("removal_reason")?,
        basis_decision_no: row.owned("basis_decision_no"),
    }))
}
