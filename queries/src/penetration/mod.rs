//! Penetration to the responsible person (惩戒到人): from a case, by the rules of
//! the catalogue, to the restrictions on its subject and on persons.
//!
//! Being listed is not inherited: only what a rule names reaches a person, and
//! every restriction says by which rule, role, moment and chain it does.

mod kernel;
mod search;

use std::sync::Arc;

use graph::id::EntityId;
use graph::time::{Date, IntervalSet};

use crate::catalogue::{RoleSought, Rule, RuleMoment};
use crate::world::Cited;

pub use kernel::{Found, Penetration, case_records};
pub use search::{PersonFound, search};

/// Why a restriction (or lead) is there: one rule's way to its subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ground {
    /// The rule's version in the catalogue.
    pub rule: Arc<Rule>,
    /// The role sought; none for a direct restriction.
    pub role: Option<RoleSought>,
    /// The moment at which it counted.
    pub moment: Option<RuleMoment>,
    /// The violation days were not told: the case's own date was taken.
    pub assumed_moment: bool,
    /// The organisation through which the person was reached.
    pub org: Option<EntityId>,
    /// The role, naming or determination records that prove it.
    pub records: Vec<Cited>,
    /// A day on which a controller must be proved, for a computed one.
    pub controlled_on: Option<Date>,
    /// When this ground holds.
    pub days: IntervalSet,
}

/// A restriction: identified by subject, measure and case.
#[derive(Clone, PartialEq, Debug)]
pub struct Restriction {
    /// On whom.
    pub subject: EntityId,
    /// Which measure.
    pub measure: Arc<str>,
    /// The case's place in the world.
    pub case: usize,
    /// On the case's own subject.
    pub direct: bool,
    /// By the case itself, or by a determination.
    pub confirmed: bool,
    /// The day of the confirming determination, for a person found by a rule.
    pub confirmed_on: Option<Date>,
    /// Why.
    pub grounds: Vec<Ground>,
    /// The union of the grounds' days.
    pub days: IntervalSet,
}

/// A lead (线索): the law asks for a finding that a role alone does not give.
/// It blocks nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Lead {
    /// On whom.
    pub subject: EntityId,
    /// Which measure.
    pub measure: Arc<str>,
    /// The case's place in the world.
    pub case: usize,
    /// Why.
    pub grounds: Vec<Ground>,
    /// The union of the grounds' days.
    pub days: IntervalSet,
}
