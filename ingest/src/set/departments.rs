//! 部门目录: the departments that check, enforce and answer.

use graph::id::Set;
use graph::record::{Department, Record, key};

use super::authority::department;
use super::column::{Column, folded, text};
use super::row::{Fault, Notes, Row};
use super::{Spec, headers};

const COLUMNS: &[Column] = &[
    headers::DEPARTMENT,
    folded("name", &["名称", "部门名称", "单位名称"]),
    folded("region", &["行政区划", "行政区划代码"]),
    folded("superior", &["上级部门", "上级部门编码", "主管部门"]),
    text("contact", &["联系人", "联系方式", "联系电话"]),
];

pub(super) const SPEC: Spec = Spec {
    set: Set::Departments,
    stems: &["部门目录", "部门"],
    columns: COLUMNS,
    telling: &[&["department"], &["name"]],
    subject: None,
    read,
    key: |row, _| coded(row).map(|code| key::department(&code)),
};

fn coded(row: &Row<'_>) -> Result<String, Fault> {
    department(row, "department").ok_or_else(|| Fault::missing("department"))
}

fn read(row: &Row<'_>, _: &mut Notes) -> Result<Record, Fault> {
    Ok(Record::Department(Department {
        code: coded(row)?,
        name: row.owned("name"),
        region: row.owned("region"),
        superior: row.owned("superior"),
    }))
}
