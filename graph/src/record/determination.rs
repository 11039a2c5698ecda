//! The human decision on a person that a rule found (责任认定).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Date;

coded! {
    /// 认定结论
    DeterminationOutcome {
        /// 认定
        Confirmed = "confirmed",
        /// 不予认定
        Rejected = "rejected",
    }
}

/// One version of a determination. Key: case number (and authority if given),
/// person, day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Determination {
    /// A listing's or a decision's number.
    pub case_no: String,
    /// Which authority's, where two use one number.
    pub case_authority: Option<String>,
    /// On whom.
    pub person: EntityId,
    /// When.
    pub decided_on: Date,
    /// What.
    pub outcome: DeterminationOutcome,
}
