//! Headers that several record sets share: who is meant.

use super::column::{Column, folded, text, value};

pub(super) const SUBJECT_KIND: Column = value(
    "subject_kind",
    &[
        "主体类别",
        "主体类型",
        "行政相对人类别",
        "相对人类别",
        "信用主体类别",
        "当事人类型",
        "申请人类型",
        "cf_xdr_lb",
    ],
);

pub(super) const USCC: Column = value(
    "uscc",
    &[
        "统一社会信用代码",
        "社会信用代码",
        "统一信用代码",
        "企业统一社会信用代码",
        "主体统一社会信用代码",
        "申请人统一社会信用代码",
        "行政相对人统一社会信用代码",
        "行政相对人代码_1",
        "行政相对人代码_1(统一社会信用代码)",
        "行政相对人代码(统一社会信用代码)",
        "行政相对人代码1(统一社会信用代码)",
        "代码_1(统一社会信用代码)",
        "cf_xdr_shxym",
        "uniscid",
    ],
);

pub(super) const ID_TYPE: Column = value(
    "id_type",
    &[
        "证件类型",
        "自然人证件类型",
        "证件种类",
        "身份证件类型",
        "申请人证件类型",
        "cf_xdr_zjlx",
    ],
);

pub(super) const ID_NUMBER: Column = value(
    "id_number",
    &[
        "证件号码",
        "证件号",
        "自然人证件号码",
        "身份证号",
        "身份证号码",
        "居民身份证号",
        "公民身份号码",
        "申请人证件号码",
        "行政相对人代码_5(居民身份证号)",
        "行政相对人代码_5(居民身份证号码)",
        "cf_xdr_zjhm",
    ],
);

pub(super) const PERSON_NAME: Column = text(
    "person_name",
    &["姓名", "自然人姓名", "人员姓名", "责任人姓名"],
);

pub(super) const SUBJECT_NAME: Column = text(
    "subject_name",
    &[
        "行政相对人名称",
        "主体名称",
        "名称",
        "企业名称",
        "申请人",
        "申请人名称",
        "当事人",
        "被执行人",
        "被执行人姓名/名称",
        "cf_xdr_mc",
    ],
);

/// The authority of the case that a row names, where two use one number.
pub(super) const CASE_AUTHORITY: Column =
    folded("case_authority", &["依据文号作出机关", "案件机关"]);
pub(super) const TARGET_AUTHORITY: Column = folded(
    "target_authority",
    &["原决定机关", "原处罚机关", "原列入机关"],
);

pub(super) const CASE_NO: Column = folded(
    "case_no",
    &[
        "依据文号",
        "案件文号",
        "文号",
        "案号",
        "行政处罚决定书文号",
        "列入文号",
        "决定文书号",
    ],
);

pub(super) const TARGET_NO: Column = folded(
    "target_no",
    &[
        "目标文号",
        "原决定文号",
        "文号",
        "案号",
        "行政处罚决定书文号",
        "处罚决定书文号",
        "列入文号",
        "原文书号",
        "修复文号",
    ],
);

pub(super) const DEPARTMENT: Column = folded(
    "department",
    &[
        "部门编码",
        "部门代码",
        "部门",
        "办理部门",
        "实施部门",
        "核查部门",
        "部门统一社会信用代码",
        "办理部门编码",
        "实施部门编码",
        "核查部门编码",
    ],
);
