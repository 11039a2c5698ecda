//! What makes a case, and what is said about one: of each record what questions
//! match and count by.

use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{EntityId, RecordId, Set};
use graph::record::{
    DeterminationOutcome, ObjectionOutcome, PenaltyKind, PenaltyStatus, RemovalReason, RepairKind,
    Responsibility,
};
use graph::time::{Date, Interval};
use serde::{Deserialize, Serialize};

use super::Cited;

/// The record that makes the case.
#[derive(Clone, PartialEq, Debug)]
pub enum CaseRecord {
    /// An entry on a list.
    Listing(Listing),
    /// An administrative penalty.
    Penalty(Penalty),
}

/// An entry on a list.
#[derive(Clone, PartialEq, Debug)]
pub struct Listing {
    /// The list's code.
    pub list: Arc<str>,
    /// Who listed.
    pub authority: Option<Arc<str>>,
    /// Day of the entry.
    pub listed_on: Date,
    /// Day on which it ends by itself.
    pub expires_on: Option<Date>,
    /// Day of removal.
    pub removed_on: Option<Date>,
    /// Why it was removed.
    pub removal_reason: Option<RemovalReason>,
    /// The number of the decision that it is based on.
    pub basis: Option<Box<str>>,
}

/// An administrative penalty.
#[derive(Clone, PartialEq, Debug)]
pub struct Penalty {
    /// Who punished.
    pub authority: Arc<str>,
    /// Day of the decision.
    pub decision_on: Date,
    /// The violation's code.
    pub violation_type: Option<Arc<str>>,
    /// What it consists of.
    pub kinds: Kinds,
    /// 简易程序
    pub summary_procedure: bool,
    /// On which days it is published.
    pub publication: Interval,
    /// Day of the report.
    pub reported_on: Option<Date>,
    /// Whether it stands.
    pub status: PenaltyStatus,
}

/// Kinds of a penalty, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Kinds(u32);

impl Kinds {
    fn bit(kind: PenaltyKind) -> u32 {
        let place = PenaltyKind::ALL.iter().position(|of| *of == kind);
        let place = place.and_then(|place| u32::try_from(place).ok());
        place.and_then(|place| 1u32.checked_shl(place)).unwrap_or(0)
    }

    /// There is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One of these is among them.
    pub fn meet(self, kinds: &[PenaltyKind]) -> bool {
        kinds.iter().any(|kind| self.0 & Self::bit(*kind) != 0)
    }

    /// All of them are among these.
    pub fn within(self, kinds: &[PenaltyKind]) -> bool {
        let allowed = kinds.iter().fold(0, |all, kind| all | Self::bit(*kind));
        self.0 & !allowed == 0
    }
}

impl From<&[PenaltyKind]> for Kinds {
    fn from(kinds: &[PenaltyKind]) -> Self {
        Self(kinds.iter().fold(0, |all, kind| all | Self::bit(*kind)))
    }
}

/// The end of a case by repair, revocation or fulfilment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Repair {
    /// The record's id.
    pub id: RecordId,
    /// Its day.
    pub repaired_on: Date,
    /// What it is.
    pub kind: RepairKind,
    /// The one subject that it is about, if told.
    pub subject: Option<EntityId>,
}

/// An objection to a case.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Objection {
    /// The record's id.
    pub id: RecordId,
    /// Since when.
    pub filed_on: Option<Date>,
    /// When it was decided.
    pub decided_on: Option<Date>,
    /// How.
    pub outcome: ObjectionOutcome,
}

/// A person named as responsible.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Naming {
    /// The record's id.
    pub id: RecordId,
    /// Who.
    pub person: EntityId,
    /// As what.
    pub responsibility: Responsibility,
}

impl Naming {
    /// The record behind it.
    pub fn cited(&self) -> Cited {
        Cited::new(Set::ResponsiblePersons, self.id)
    }
}

/// A human decision on a person that a rule found.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Determination {
    /// The record's id.
    pub id: RecordId,
    /// On whom.
    pub person: EntityId,
    /// When.
    pub decided_on: Date,
    /// How.
    pub outcome: DeterminationOutcome,
    /// The batch that brought it: of two on one day the later known counts.
    pub batch: BatchNo,
}

impl Determination {
    /// The record behind it.
    pub fn cited(&self) -> Cited {
        Cited::new(Set::Determinations, self.id)
    }
}

/// Everything that was said about one case. Of most cases nothing is.
#[derive(Clone, PartialEq, Default, Debug, Serialize, Deserialize)]
pub(super) struct SaidOfCase {
    pub(super) repairs: Vec<Repair>,
    pub(super) objections: Vec<Objection>,
    pub(super) named: Vec<Naming>,
    pub(super) determinations: Vec<Determination>,
    pub(super) gone_since: Option<Date>,
    /// The persons that it is gone for for longer than for its subject.
    pub(super) gone_for: Vec<(EntityId, Date)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_a_set() {
        let some = [PenaltyKind::Warning, PenaltyKind::Other];
        let kinds = Kinds::from(some.as_slice());
        assert!(kinds.meet(&[PenaltyKind::Other, PenaltyKind::Fine]));
        assert!(!kinds.meet(&[PenaltyKind::Fine]));
        assert!(kinds.within(&some));
        assert!(!kinds.within(&[PenaltyKind::Warning]));
        assert!(!kinds.is_empty() && Kinds::default().is_empty());
        for kind in PenaltyKind::ALL {
            let one = Kinds::from([*kind].as_slice());
            let others: Vec<_> = PenaltyKind::ALL
                .iter()
                .filter(|of| *of != kind)
                .copied()
                .collect();
            assert!(one.meet(&[*kind]) && !one.meet(&others), "{kind:?}");
        }
    }
}
