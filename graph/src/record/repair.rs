//! The end of a case by repair, revocation or fulfilment (信用修复).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Date;

coded! {
    /// 修复类型
    RepairKind {
        /// 信用修复
        Repair = "repair",
        /// 撤销: the case never should have been.
        Revocation = "revocation",
        /// 履行完毕
        Fulfilment = "fulfilment",
    }
}

/// One version of a repair. Key: target number (and authority if given), day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Repair {
    /// A decision's or a listing's number.
    pub target_no: String,
    /// Which authority's, where two use one number.
    pub target_authority: Option<String>,
    /// 修复日期
    pub repaired_on: Date,
    /// What kind.
    pub kind: RepairKind,
    /// Who decided it.
    pub authority: Option<String>,
    /// Whose case, when told.
    pub subject: Option<EntityId>,
}
