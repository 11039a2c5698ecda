//! The rows of a world: of each record what questions match and count by, and
//! nothing that only people read. Whose row it is (the home) is kept by the
//! [`Table`](super::Table), not by the row.

use graph::id::{EntityId, RecordId, Set};
use graph::ratio::Percent;
use graph::record::{MatterOutcome, OrganisationKind, OrganisationStatus, RoleKind, key};
use graph::time::{Date, Interval};

use serde::{Deserialize, Serialize};

use super::fixed::fixed;
use super::{Cited, Symbol};

/// A row that names a second entity, by which it is found too.
pub trait Linked {
    /// The other entity.
    fn other(&self) -> EntityId;
}

/// An organisation's registration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
    /// Enterprise, organ, institution, …
    pub kind: Option<OrganisationKind>,
    /// As last known.
    pub status: Option<OrganisationStatus>,
    /// Code of GB/T 4754.
    pub industry: Option<Symbol>,
    /// First day.
    pub established_on: Option<Date>,
    /// 国有
    pub state_owned: bool,
    /// The code's check character is wrong.
    pub wrong_code: bool,
}

fixed!(Organisation {
    kind: Option<OrganisationKind>,
    status: Option<OrganisationStatus>,
    industry: Option<Symbol>,
    established_on: Option<Date>,
    state_owned: bool,
    wrong_code: bool,
});

impl Organisation {
    /// The record behind it.
    pub fn cited(org: EntityId) -> Cited {
        Cited::new(Set::Organisations, key::organisation(org))
    }
}

/// A role held at an organisation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Who holds it.
    pub person: EntityId,
    /// When.
    pub interval: Interval,
    /// Which.
    pub role: RoleKind,
}

fixed!(Role {
    person: EntityId,
    interval: Interval,
    role: RoleKind,
});

impl Role {
    /// The record behind it.
    pub fn cited(&self, org: EntityId) -> Cited {
        let id = key::role(org, self.role, self.person, self.interval.from);
        Cited::new(Set::Roles, id)
    }
}

impl Linked for Role {
    fn other(&self) -> EntityId {
        self.person
    }
}

/// A share in a company.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// Who holds it.
    pub holder: EntityId,
    /// When.
    pub interval: Interval,
    ratio: Percent,
    voting_ratio: Percent,
    /// 一致行动: who acts as one in this company.
    pub concert_group: Option<Symbol>,
}

fixed!(Holding {
    holder: EntityId,
    interval: Interval,
    ratio: Percent,
    voting_ratio: Percent,
    concert_group: Option<Symbol>,
});

/// Stands for "not told": no file can say it.
const NOT_TOLD: Percent = Percent(i64::MIN);

fn told(ratio: Percent) -> Option<Percent> {
    (ratio != NOT_TOLD).then_some(ratio)
}

impl Holding {
    /// Made from a record; the concert group as a symbol.
    pub(super) fn new(record: &graph::record::Holding, concert_group: Option<Symbol>) -> Self {
        Self {
            holder: record.holder,
            interval: record.interval,
            ratio: record.ratio.unwrap_or(NOT_TOLD),
            voting_ratio: record.voting_ratio.unwrap_or(NOT_TOLD),
            concert_group,
        }
    }

    /// The part of the capital.
    pub fn ratio(&self) -> Option<Percent> {
        told(self.ratio)
    }

    /// The part of the votes, where it was told apart.
    pub fn voting_ratio(&self) -> Option<Percent> {
        told(self.voting_ratio)
    }

    /// The votes that count: the part of the capital unless told apart.
    pub fn votes(&self) -> Percent {
        self.voting_ratio().or(self.ratio()).unwrap_or_default()
    }

    /// The record behind it.
    pub fn cited(&self, org: EntityId) -> Cited {
        let id = key::holding(org, self.holder, self.interval.from);
        Cited::new(Set::Holdings, id)
    }
}

impl Linked for Holding {
    fn other(&self) -> EntityId {
        self.holder
    }
}

/// Control by an agreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Who controls.
    pub controller: EntityId,
    /// When.
    pub interval: Interval,
}

fixed!(Agreement {
    controller: EntityId,
    interval: Interval,
});

impl Agreement {
    /// The record behind it.
    pub fn cited(&self, org: EntityId) -> Cited {
        let id = key::control_agreement(org, self.controller, self.interval.from);
        Cited::new(Set::ControlAgreements, id)
    }
}

impl Linked for Agreement {
    fn other(&self) -> EntityId {
        self.controller
    }
}

/// A matter handled for an applicant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matter {
    /// The record's id, made from the matter's number.
    pub id: RecordId,
    /// Day of acceptance.
    pub accepted_on: Date,
    decided_on: Date,
    /// Who handled it.
    pub department: Option<Symbol>,
    /// Of which item.
    pub item: Option<Symbol>,
    /// The measure relied on in refusing.
    pub refused_for: Option<Symbol>,
    /// How it ended.
    pub outcome: MatterOutcome,
    /// A reason was given for granting in spite of a restriction.
    pub exempt: bool,
}

fixed!(Matter {
    id: RecordId,
    accepted_on: Date,
    decided_on: Date,
    department: Option<Symbol>,
    item: Option<Symbol>,
    refused_for: Option<Symbol>,
    outcome: MatterOutcome,
    exempt: bool,
});

impl Matter {
    /// Made from a record, with department, item and measure as symbols.
    pub(super) fn new<T>(
        id: RecordId,
        record: &graph::record::Matter<T>,
        words: [Option<Symbol>; 3],
    ) -> Self {
        let [department, item, refused_for] = words;
        Self {
            id,
            accepted_on: record.accepted_on,
            decided_on: record.decided_on.unwrap_or(Date::MAX),
            department,
            item,
            refused_for,
            outcome: record.outcome,
            exempt: record.exemption.is_some(),
        }
    }

    /// Day of the decision.
    pub fn decided_on(&self) -> Option<Date> {
        (self.decided_on != Date::MAX).then_some(self.decided_on)
    }

    /// The record behind it.
    pub fn cited(&self) -> Cited {
        Cited::new(Set::Matters, self.id)
    }
}

/// A look at a subject's record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// The record's id.
    pub id: RecordId,
    matter: RecordId,
    /// Day.
    pub checked_on: Date,
    /// Who looked.
    pub department: Option<Symbol>,
}

/// Stands for "no matter's number was told": the digest of none.
const NO_MATTER: RecordId = RecordId([0; 12]);

fixed!(Check {
    id: RecordId,
    matter: RecordId,
    checked_on: Date,
    department: Option<Symbol>,
});

impl Check {
    /// Made from a record, with the matter that it names and the department as a symbol.
    pub(super) fn new(
        id: RecordId,
        matter: Option<RecordId>,
        checked_on: Date,
        department: Option<Symbol>,
    ) -> Self {
        Self {
            id,
            matter: matter.unwrap_or(NO_MATTER),
            checked_on,
            department,
        }
    }

    /// The matter's record id, when a matter's number was told.
    pub fn matter(&self) -> Option<RecordId> {
        (self.matter != NO_MATTER).then_some(self.matter)
    }

    /// The record behind it.
    pub fn cited(&self) -> Cited {
        Cited::new(Set::Checks, self.id)
    }
}

/// A measure as a department carried it out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Enforcement {
    /// The record's id.
    pub id: RecordId,
    /// Who enforces.
    pub department: Option<Symbol>,
    /// The measure.
    pub measure: Option<Symbol>,
    /// The case's number.
    pub case_no: Option<Box<str>>,
    /// The case's authority.
    pub case_authority: Option<Symbol>,
    /// When it is carried out.
    pub interval: Interval,
    /// Day of the report.
    pub reported_on: Option<Date>,
}

impl Enforcement {
    /// The record behind it.
    pub fn cited(&self) -> Cited {
        Cited::new(Set::Enforcements, self.id)
    }
}
