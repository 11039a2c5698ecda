//! Control that share ratios do not show (控制协议).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Interval;

coded! {
    /// How control is held.
    AgreementKind {
        /// 执行事务合伙人
        GeneralPartner = "general_partner",
        /// 协议控制
        Agreement = "agreement",
        /// 代持
        Nominee = "nominee",
        /// 任免权
        Appointment = "appointment",
        /// 其他
        Other = "other",
    }
}

/// One version of an agreement. Key: company, controller, beginning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ControlAgreement {
    /// The company controlled.
    pub org: EntityId,
    /// Who controls it.
    pub controller: EntityId,
    /// When.
    pub interval: Interval,
    /// How.
    pub kind: AgreementKind,
    /// 依据文件: no assertion without a document.
    pub document: String,
}
