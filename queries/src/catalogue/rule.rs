//! Rules: what one kind of case entails, for its subject and for persons.

use std::sync::Arc;

use graph::record::{PenaltyKind, RoleKind};
use graph::time::Interval;

/// One version of a rule: what one kind of case entails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// Title, number, article.
    pub basis: String,
    /// Measures on the case's own subject.
    pub subject_measures: Vec<Arc<str>>,
    /// Months from the case's own date; 0 for life; none: as long as the listing.
    pub term_months: Option<u32>,
    /// A repair of the case ends it.
    pub repair_lifts: bool,
    /// Every person found gets a personal record.
    pub record_in_personal_file: bool,
    /// The rule applies to cases whose own date lies here.
    pub validity: Interval,
    /// Which persons it reaches.
    pub persons: Vec<PersonRule>,
}

/// What sets a rule off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// A listing on this list.
    List(String),
    /// A penalty with any of these kinds and, if there are any, one of these types.
    Penalty {
        /// Kinds.
        kinds: Vec<PenaltyKind>,
        /// Violation types; empty: any.
        violation_types: Vec<String>,
    },
}

/// Which persons a rule reaches, and with what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonRule {
    /// Who.
    pub role: RoleSought,
    /// When they must have been it.
    pub moment: RuleMoment,
    /// Measures.
    pub measures: Vec<Arc<str>>,
    /// The law asks for a finding that a role alone does not give.
    pub lead: bool,
}

/// Whom a rule looks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RoleSought {
    /// Holders of a role.
    Held(RoleKind),
    /// The natural persons who control the organisation.
    ComputedController,
    /// Those named in the case.
    DirectlyResponsible,
}

impl RoleSought {
    /// The code in the catalogue and in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Held(role) => role.code(),
            Self::ComputedController => "computed_controller",
            Self::DirectlyResponsible => "directly_responsible",
        }
    }
}

/// The moment at which a role counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RuleMoment {
    /// On any of the violation days.
    Violation,
    /// On the case's own date.
    CaseDate,
    /// On each day of the case's life.
    Current,
    /// Named in the case.
    Named,
}

impl RuleMoment {
    /// Every moment.
    pub const ALL: [Self; 4] = [Self::Violation, Self::CaseDate, Self::Current, Self::Named];

    /// The code in the catalogue and in answers.
    pub fn code(self) -> &'static str {
        match self {
            Self::Violation => "violation",
            Self::CaseDate => "case_date",
            Self::Current => "current",
            Self::Named => "named",
        }
    }
}
