//! A look at a subject's record before a decision (信用核查记录).

use serde::{Deserialize, Serialize};

use crate::id::EntityId;
use crate::time::Date;

/// One version of a check. Key: check number. There are millions of them: whoever scans all
/// may read their texts as `&str`, where they lie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Check<Text = String> {
    /// 核查编号
    pub check_no: Text,
    /// Who looked.
    pub department: Option<Text>,
    /// At whom.
    pub subject: EntityId,
    /// On which day.
    pub checked_on: Date,
    /// For which matter, when told.
    pub matter_no: Option<Text>,
}
