//! A role held at an organisation (主要人员, 任职信息).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Interval;

coded! {
    /// 职务
    RoleKind {
        /// 法定代表人
        LegalRepresentative = "legal_representative",
        /// 主要负责人
        Principal = "principal",
        /// 实际控制人, declared
        ActualController = "actual_controller",
        /// 董事
        Director = "director",
        /// 监事
        Supervisor = "supervisor",
        /// 经理, 高级管理人员
        Executive = "executive",
        /// 财务负责人
        FinanceHead = "finance_head",
        /// 清算人
        Liquidator = "liquidator",
        /// 执行事务合伙人
        Partner = "partner",
    }
}

/// One version of a role. Key: organisation, role, person, beginning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Role {
    /// Where.
    pub org: EntityId,
    /// What.
    pub role: RoleKind,
    /// Who.
    pub person: EntityId,
    /// When.
    pub interval: Interval,
}
