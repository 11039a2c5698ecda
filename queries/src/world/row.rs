//! The rows of a world: of each record what questions match and count by, and
//! nothing that only people read. Whose row it is (the home) is kept by the
//! [`Table`](super::Table), not by the row.
//!
//! Rows of fixed width lie in a file as they lie in memory ([`Fixed`]): so each byte of a row
//! is a value's, words are numbers, and what may be missing has a value that stands for
//! "not told". The last field is one that everybody may see, as the layout tells its type.
//! Whoever changes such a row raises `FORM` in `saved.rs`.

use graph::id::{EntityId, RecordId, Set};
use graph::ratio::Percent;
use graph::record::{MatterOutcome, OrganisationKind, OrganisationStatus, RoleKind, key};
use graph::time::{Date, Interval};

use serde::{Deserialize, Serialize};
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::fixed::{Blank, Bounds, Fixed, code, coded, is_coded};
use super::symbol::MaybeSymbol;
use super::{Cited, Symbol};

/// A row that names a second entity, by which it is found too.
pub trait Linked {
    /// The other entity.
    fn other(&self) -> EntityId;
}

/// An organisation's registration.
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Organisation {
    industry: MaybeSymbol,
    established_on: Date,
    kind: u8,
    status: u8,
    /// 国有
    pub state_owned: bool,
    /// The code's check character is wrong.
    pub wrong_code: bool,
}

impl Fixed for Organisation {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        let kind = is_coded::<OrganisationKind>(self.kind);
        let status = is_coded::<OrganisationStatus>(self.status);
        kind & status & self.industry.fits(bounds)
    }
}

impl Organisation {
    /// Made from a record, with the industry as a symbol.
    pub(super) fn new(record: &graph::record::Organisation, industry: Option<Symbol>) -> Self {
        Self {
            industry: industry.into(),
            established_on: record.established_on.unwrap_or(Date::MAX),
            kind: code(record.kind),
            status: code(record.status),
            state_owned: record.state_owned,
            wrong_code: record.wrong_code,
        }
    }

    /// Enterprise, organ, institution, …
    pub fn kind(&self) -> Option<OrganisationKind> {
        coded(self.kind)
    }

    /// As last known.
    pub fn status(&self) -> Option<OrganisationStatus> {
        coded(self.status)
    }

    /// Code of GB/T 4754.
    pub fn industry(&self) -> Option<Symbol> {
        self.industry.symbol()
    }

    /// First day.
    pub fn established_on(&self) -> Option<Date> {
        (self.established_on != Date::MAX).then_some(self.established_on)
    }

    /// The record behind it.
    pub fn cited(org: EntityId) -> Cited {
        Cited::new(Set::Organisations, key::organisation(org))
    }
}

/// A role held at an organisation.
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Role {
    /// Who holds it.
    pub person: EntityId,
    /// When.
    pub interval: Interval,
    blank: [Blank; 3],
    /// Which.
    pub role: RoleKind,
}

impl Fixed for Role {
    #[inline]
    fn fits(&self, _: &Bounds) -> bool {
        self.person.is_known()
    }
}

impl Role {
    /// A role of somebody.
    pub(super) fn new(person: EntityId, interval: Interval, role: RoleKind) -> Self {
        Self {
            person,
            interval,
            blank: [Blank::Zero; 3],
            role,
        }
    }

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
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Holding {
    /// Who holds it.
    pub holder: EntityId,
    ratio: Percent,
    voting_ratio: Percent,
    concert_group: MaybeSymbol,
    blank: [Blank; 4],
    /// When.
    pub interval: Interval,
}

impl Fixed for Holding {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        self.holder.is_known() & self.concert_group.fits(bounds)
    }
}

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
            concert_group: concert_group.into(),
            blank: [Blank::Zero; 4],
        }
    }

    /// 一致行动: who acts as one in this company.
    pub fn concert_group(&self) -> Option<Symbol> {
        self.concert_group.symbol()
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
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Agreement {
    /// Who controls.
    pub controller: EntityId,
    /// When.
    pub interval: Interval,
}

impl Fixed for Agreement {
    #[inline]
    fn fits(&self, _: &Bounds) -> bool {
        self.controller.is_known()
    }
}

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
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Matter {
    /// The record's id, made from the matter's number.
    pub id: RecordId,
    /// Day of acceptance.
    pub accepted_on: Date,
    decided_on: Date,
    department: MaybeSymbol,
    item: MaybeSymbol,
    refused_for: MaybeSymbol,
    blank: [Blank; 2],
    /// How it ended.
    pub outcome: MatterOutcome,
    /// A reason was given for granting in spite of a restriction.
    pub exempt: bool,
}

impl Fixed for Matter {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        let words = [self.department, self.item, self.refused_for];
        words.iter().all(|word| word.fits(bounds))
    }
}

impl Matter {
    /// Made from a record, with department, item and measure as symbols.
    pub(super) fn new<T>(
        id: RecordId,
        record: &graph::record::Matter<T>,
        words: [Option<Symbol>; 3],
    ) -> Self {
        let [department, item, refused_for] = words.map(MaybeSymbol::from);
        Self {
            id,
            accepted_on: record.accepted_on,
            decided_on: record.decided_on.unwrap_or(Date::MAX),
            department,
            item,
            refused_for,
            outcome: record.outcome,
            exempt: record.exemption.is_some(),
            blank: [Blank::Zero; 2],
        }
    }

    /// Who handled it.
    pub fn department(&self) -> Option<Symbol> {
        self.department.symbol()
    }

    /// Of which item.
    pub fn item(&self) -> Option<Symbol> {
        self.item.symbol()
    }

    /// The measure relied on in refusing.
    pub fn refused_for(&self) -> Option<Symbol> {
        self.refused_for.symbol()
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
#[derive(Clone, PartialEq, Eq, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub struct Check {
    /// The record's id.
    pub id: RecordId,
    matter: RecordId,
    department: MaybeSymbol,
    /// Day.
    pub checked_on: Date,
}

impl Fixed for Check {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        self.department.fits(bounds)
    }
}

/// Stands for "no matter's number was told": the digest of none.
const NO_MATTER: RecordId = RecordId([0; 12]);

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
            department: department.into(),
        }
    }

    /// Who looked.
    pub fn department(&self) -> Option<Symbol> {
        self.department.symbol()
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
