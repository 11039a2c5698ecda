//! An entry on a list (严重失信主体名单, 失信被执行人, …).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Date;

coded! {
    /// 移出事由
    RemovalReason {
        /// 到期
        Expired = "expired",
        /// 信用修复
        Repaired = "repaired",
        /// 履行完毕
        Fulfilled = "fulfilled",
        /// 撤销: it never should have been.
        Revoked = "revoked",
        /// 其他
        Other = "other",
    }
}

/// One version of a listing. Key: listing number, list, subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Listing {
    /// 列入文号, 案号
    pub listing_no: String,
    /// The list's code in the catalogue.
    pub list: String,
    /// Who is listed.
    pub subject: EntityId,
    /// Who listed.
    pub authority: Option<String>,
    /// 违法行为开始日期
    pub violation_from: Option<Date>,
    /// 违法行为发生日期
    pub violation_on: Option<Date>,
    /// 列入日期
    pub listed_on: Date,
    /// 到期日期
    pub expires_on: Option<Date>,
    /// 移出日期
    pub removed_on: Option<Date>,
    /// 移出事由
    pub removal_reason: Option<RemovalReason>,
    /// 依据文书号
    pub basis_decision_no: Option<String>,
}
