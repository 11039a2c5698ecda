//! An organisation's registration (市场主体, 企业基本信息).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::time::Date;

coded! {
    /// 主体类型
    OrganisationKind {
        /// 企业, 法人及非法人组织
        Enterprise = "enterprise",
        /// 个体工商户
        IndividualBusiness = "individual_business",
        /// 事业单位
        Institution = "institution",
        /// 机关
        Government = "government",
        /// 社会组织
        SocialOrganization = "social_organization",
        /// 农民专业合作社
        FarmersCooperative = "farmers_cooperative",
        /// 分支机构
        Branch = "branch",
        /// 其他
        Other = "other",
    }
}

coded! {
    /// 登记状态
    OrganisationStatus {
        /// 在营, 存续, 开业
        Operating = "operating",
        /// 经营异常
        Abnormal = "abnormal",
        /// 停业
        Suspended = "suspended",
        /// 吊销
        Revoked = "revoked",
        /// 注销
        Deregistered = "deregistered",
    }
}

/// One version of an organisation's registration.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Organisation {
    /// The organisation, from its credit code.
    pub id: EntityId,
    /// Normalised name.
    pub name: String,
    /// What kind of body it is, when told.
    pub kind: Option<OrganisationKind>,
    /// Registration status, when told.
    pub status: Option<OrganisationStatus>,
    /// GB/T 2260 code.
    pub region: Option<String>,
    /// GB/T 4754 code.
    pub industry: Option<String>,
    /// 成立日期
    pub established_on: Option<Date>,
    /// 注销日期
    pub dissolved_on: Option<Date>,
    /// 是否国有
    pub state_owned: bool,
    /// 上级主管单位
    pub superior: Option<EntityId>,
    /// 隶属企业, for branches.
    pub parent: Option<EntityId>,
    /// The code fails the GB 32100 check character (错码).
    pub wrong_code: bool,
}
