//! An administrative penalty (行政处罚).

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::id::EntityId;
use crate::ratio::Money;
use crate::time::{Date, Interval};

coded! {
    /// 处罚类别 (行政处罚法 Art. 9)
    PenaltyKind {
        /// 警告
        Warning = "warning",
        /// 通报批评
        Criticism = "criticism",
        /// 罚款
        Fine = "fine",
        /// 没收违法所得、没收非法财物
        Confiscation = "confiscation",
        /// 暂扣许可证件
        LicenceSuspended = "licence_suspended",
        /// 降低资质等级
        GradeLowered = "grade_lowered",
        /// 吊销许可证件
        LicenceRevoked = "licence_revoked",
        /// 限制开展生产经营活动
        BusinessRestricted = "business_restricted",
        /// 责令停产停业
        ProductionHalted = "production_halted",
        /// 责令关闭
        Closed = "closed",
        /// 限制从业
        PracticeBarred = "practice_barred",
        /// 行政拘留
        Detention = "detention",
        /// 其他
        Other = "other",
    }
}

coded! {
    /// What became of the decision.
    PenaltyStatus {
        /// It stands.
        Effective = "effective",
        /// 撤销
        Revoked = "revoked",
        /// Annulled on administrative review or by a court.
        AnnulledOnReview = "annulled_on_review",
    }
}

/// One version of a penalty. Key: decision number, authority, subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Penalty {
    /// 行政处罚决定书文号
    pub decision_no: String,
    /// The authority's credit code, else its name.
    pub authority: String,
    /// 行政相对人
    pub subject: EntityId,
    /// 违法行为开始日期
    pub violation_from: Option<Date>,
    /// 违法行为发生日期; the last day when it lasted.
    pub violation_on: Option<Date>,
    /// 处罚决定日期
    pub decision_on: Date,
    /// 违法行为类型
    pub violation_type: Option<String>,
    /// 处罚类别
    pub kinds: Vec<PenaltyKind>,
    /// 罚款金额
    pub fine: Option<Money>,
    /// 没收金额
    pub confiscated: Option<Money>,
    /// 简易程序
    pub summary_procedure: bool,
    /// 公示日期
    pub published_from: Option<Date>,
    /// 公示截止期
    pub published_until: Option<Date>,
    /// 上报日期
    pub reported_on: Option<Date>,
    /// What became of it.
    pub status: PenaltyStatus,
}

impl Penalty {
    /// The days of publication: from the decision on unless told, open unless told.
    pub fn publication(&self) -> Interval {
        let from = self.published_from.unwrap_or(self.decision_on);
        Interval::of(Some(from), self.published_until)
    }
}
