//! A measure as a department carried it out (惩戒实施反馈).

use serde::{Deserialize, Serialize};

use crate::id::EntityId;
use crate::time::{Date, Interval};

/// One version of an enforcement. Key: enforcement number.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Enforcement {
    /// 实施编号
    pub enforcement_no: String,
    /// Who enforces.
    pub department: Option<String>,
    /// Against whom.
    pub subject: EntityId,
    /// Which measure.
    pub measure: Option<String>,
    /// 依据文号: a listing's or a decision's number.
    pub case_no: Option<String>,
    /// Which authority's, where two use one number.
    pub case_authority: Option<String>,
    /// When it runs.
    pub interval: Interval,
    /// 反馈日期
    pub reported_on: Option<Date>,
}
