//! An objection to a case (异议).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::time::Date;

coded! {
    /// 处理结果
    ObjectionOutcome {
        /// 处理中
        Pending = "pending",
        /// 成立
        Upheld = "upheld",
        /// 不成立
        Rejected = "rejected",
    }
}

/// One version of an objection. Key: objection number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Objection {
    /// 异议编号
    pub objection_no: String,
    /// A decision's or a listing's number.
    pub target_no: Option<String>,
    /// Which authority's, where two use one number.
    pub target_authority: Option<String>,
    /// When it was made; none given: before everything.
    pub filed_on: Option<Date>,
    /// When it was decided.
    pub decided_on: Option<Date>,
    /// How.
    pub outcome: ObjectionOutcome,
}
