//! A matter handled for an applicant (业务办件).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Date;

coded! {
    /// 办理结果
    MatterOutcome {
        /// 准予
        Granted = "granted",
        /// 不予
        Refused = "refused",
        /// 撤回
        Withdrawn = "withdrawn",
        /// 在办
        Pending = "pending",
    }
}

/// One version of a matter. Key: matter number. There are millions of them: whoever scans all
/// may read their texts as `&str`, where they lie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Matter<Text = String> {
    /// 办件编号
    pub matter_no: Text,
    /// Whose matter.
    pub department: Option<Text>,
    /// 事项编码
    pub item: Option<Text>,
    /// 申请人
    pub applicant: EntityId,
    /// 受理日期
    pub accepted_on: Date,
    /// 办结日期
    pub decided_on: Option<Date>,
    /// How it ended.
    pub outcome: MatterOutcome,
    /// The measure relied on for a refusal.
    pub refused_for: Option<Text>,
    /// 豁免依据
    pub exemption: Option<Text>,
}
