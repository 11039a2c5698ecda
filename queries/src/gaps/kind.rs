//! The kinds of gaps, why a duty counts as missed, and how grave that is.

/// The kinds of gaps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GapKind {
    /// 应查未查
    MissedCheck,
    /// 应惩未惩
    MissedRestriction,
    /// 限制任职未落实
    BarredAppointment,
    /// 应惩未反馈
    Unenforced,
    /// 应解未解
    OverdueLift,
    /// 不应惩而惩
    WrongfulRefusal,
    /// 超清单惩戒
    Overreach,
    /// 惩戒到人未落实
    UnlinkedPerson,
    /// 双公示迟报
    LatePublication,
}

impl GapKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::MissedCheck,
        Self::MissedRestriction,
        Self::BarredAppointment,
        Self::Unenforced,
        Self::OverdueLift,
        Self::WrongfulRefusal,
        Self::Overreach,
        Self::UnlinkedPerson,
        Self::LatePublication,
    ];

    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissedCheck => "missed_check",
            Self::MissedRestriction => "missed_restriction",
            Self::BarredAppointment => "barred_appointment",
            Self::Unenforced => "unenforced",
            Self::OverdueLift => "overdue_lift",
            Self::WrongfulRefusal => "wrongful_refusal",
            Self::Overreach => "overreach",
            Self::UnlinkedPerson => "unlinked_person",
            Self::LatePublication => "late_publication",
        }
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Self::MissedCheck => "应查未查",
            Self::MissedRestriction => "应惩未惩",
            Self::BarredAppointment => "限制任职未落实",
            Self::Unenforced => "应惩未反馈",
            Self::OverdueLift => "应解未解",
            Self::WrongfulRefusal => "不应惩而惩",
            Self::Overreach => "超清单惩戒",
            Self::UnlinkedPerson => "惩戒到人未落实",
            Self::LatePublication => "双公示迟报",
        }
    }
}

/// Why a duty counts as missed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GapReason {
    /// Done, but after the deadline.
    Late,
    /// Done, but too long before.
    Stale,
    /// Not done at all (a check).
    None,
    /// Not done at all (a report).
    Absent,
}

impl GapReason {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Stale => "stale",
            Self::None => "none",
            Self::Absent => "absent",
        }
    }
}

/// How grave a gap is: `high` where a restriction was let through or somebody is
/// under a measure without ground, `low` where only paper is late.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Somebody is wronged, or a standing restriction was passed over.
    High,
    /// A duty was missed without such an effect.
    Medium,
    /// A report is late.
    Low,
}

impl Severity {
    /// The code in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}
