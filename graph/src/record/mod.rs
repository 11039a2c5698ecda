//! The records: one file a record set, each with its natural key in words.
//!
//! A record holds what questions compute with. What only people read, and all
//! that tells who a person is, travels beside it as [`Detail`] and is sealed.

mod check;
mod code;
mod control_agreement;
mod department;
mod determination;
mod enforcement;
mod holding;
mod listing;
mod matter;
mod objection;
mod organisation;
mod penalty;
mod person;
mod repair;
mod responsible_person;
mod role;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use check::Check;
pub use control_agreement::{AgreementKind, ControlAgreement};
pub use department::Department;
pub use determination::{Determination, DeterminationOutcome};
pub use enforcement::Enforcement;
pub use holding::Holding;
pub use listing::{Listing, RemovalReason};
pub use matter::{Matter, MatterOutcome};
pub use objection::{Objection, ObjectionOutcome};
pub use organisation::{Organisation, OrganisationKind, OrganisationStatus};
pub use penalty::{Penalty, PenaltyKind, PenaltyStatus};
pub use person::{IdType, Person};
pub use repair::{Repair, RepairKind};
pub use responsible_person::{Responsibility, ResponsiblePerson};
pub use role::{Role, RoleKind};

use crate::id::{EntityId, Home, RecordId, Set};

/// What only people read: declared text columns by canonical name, unknown
/// columns by their own header. Sealed at rest.
pub type Detail = BTreeMap<String, String>;

/// One record of any set. Stored by variant order: add only at the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Record {
    /// 市场主体
    Organisation(Organisation),
    /// 主要人员
    Role(Role),
    /// 股东及出资信息
    Holding(Holding),
    /// 控制协议
    ControlAgreement(ControlAgreement),
    /// 行政处罚
    Penalty(Penalty),
    /// 名单
    Listing(Listing),
    /// 直接责任人
    ResponsiblePerson(ResponsiblePerson),
    /// 责任认定
    Determination(Determination),
    /// 信用修复
    Repair(Repair),
    /// 异议
    Objection(Objection),
    /// 部门目录
    Department(Department),
    /// 业务办件
    Matter(Matter),
    /// 信用核查记录
    Check(Check),
    /// 惩戒实施反馈
    Enforcement(Enforcement),
    /// A person.
    Person(Person),
}

impl Record {
    /// The set it belongs to.
    pub fn set(&self) -> Set {
        match self {
            Self::Organisation(_) => Set::Organisations,
            Self::Role(_) => Set::Roles,
            Self::Holding(_) => Set::Holdings,
            Self::ControlAgreement(_) => Set::ControlAgreements,
            Self::Penalty(_) => Set::Penalties,
            Self::Listing(_) => Set::Listings,
            Self::ResponsiblePerson(_) => Set::ResponsiblePersons,
            Self::Determination(_) => Set::Determinations,
            Self::Repair(_) => Set::Repairs,
            Self::Objection(_) => Set::Objections,
            Self::Department(_) => Set::Departments,
            Self::Matter(_) => Set::Matters,
            Self::Check(_) => Set::Checks,
            Self::Enforcement(_) => Set::Enforcements,
            Self::Person(_) => Set::Persons,
        }
    }

    /// Where it is filed: by the entity or the number it speaks of.
    pub fn home(&self) -> Home {
        match self {
            Self::Organisation(r) => r.id.into(),
            Self::Role(r) => r.org.into(),
            Self::Holding(r) => r.org.into(),
            Self::ControlAgreement(r) => r.org.into(),
            Self::Penalty(r) => r.subject.into(),
            Self::Listing(r) => r.subject.into(),
            Self::ResponsiblePerson(r) => Home::number(&r.case_no),
            Self::Determination(r) => Home::number(&r.case_no),
            Self::Repair(r) => Home::number(&r.target_no),
            Self::Objection(r) => Home::number(r.target_no.as_deref().unwrap_or_default()),
            Self::Department(r) => Home::number(&r.code),
            Self::Matter(r) => r.applicant.into(),
            Self::Check(r) => r.subject.into(),
            Self::Enforcement(r) => r.subject.into(),
            Self::Person(r) => r.id.into(),
        }
    }

    /// The record's id, from its natural key.
    pub fn id(&self) -> RecordId {
        let qualifier = |authority: &Option<String>| authority.clone().unwrap_or_default();
        match self {
            Self::Organisation(r) => key::organisation(r.id),
            Self::Role(r) => key::role(r.org, r.role, r.person, r.interval.from),
            Self::Holding(r) => key::holding(r.org, r.holder, r.interval.from),
            Self::ControlAgreement(r) => {
                key::control_agreement(r.org, r.controller, r.interval.from)
            }
            Self::Penalty(r) => key::penalty(&r.decision_no, &r.authority, r.subject),
            Self::Listing(r) => key::listing(&r.listing_no, &r.list, r.subject),
            Self::ResponsiblePerson(r) => key::responsible_person(
                &r.case_no,
                &qualifier(&r.case_authority),
                r.person,
                r.responsibility,
            ),
            Self::Determination(r) => {
                let authority = qualifier(&r.case_authority);
                key::determination(&r.case_no, &authority, r.person, r.decided_on)
            }
            Self::Repair(r) => {
                key::repair(&r.target_no, &qualifier(&r.target_authority), r.repaired_on)
            }
            Self::Objection(r) => key::objection(&r.objection_no),
            Self::Department(r) => key::department(&r.code),
            Self::Matter(r) => key::matter(&r.matter_no),
            Self::Check(r) => key::check(&r.check_no),
            Self::Enforcement(r) => key::enforcement(&r.enforcement_no),
            Self::Person(r) => key::person(r.id),
        }
    }

    /// The entities, other than its home, from which it must be found.
    pub fn links(&self) -> impl Iterator<Item = EntityId> {
        let pair = match self {
            Self::Organisation(r) => [r.superior, r.parent],
            Self::Role(r) => [Some(r.person), None],
            Self::Holding(r) => [Some(r.holder), None],
            Self::ControlAgreement(r) => [Some(r.controller), None],
            Self::ResponsiblePerson(r) => [Some(r.person), None],
            Self::Determination(r) => [Some(r.person), None],
            Self::Repair(r) => [r.subject, None],
            _ => [None, None],
        };
        pair.into_iter().flatten()
    }

    /// The number that makes it a case: a decision's or a listing's.
    pub fn case_no(&self) -> Option<&str> {
        match self {
            Self::Penalty(r) => Some(&r.decision_no),
            Self::Listing(r) => Some(&r.listing_no),
            _ => None,
        }
    }

    /// The department that acted.
    pub fn department(&self) -> Option<&str> {
        match self {
            Self::Matter(r) => r.department.as_deref(),
            Self::Check(r) => r.department.as_deref(),
            Self::Enforcement(r) => r.department.as_deref(),
            _ => None,
        }
    }
}

/// The natural keys, one function a record set.
pub mod key {
    use super::{EntityId, RecordId, Responsibility, RoleKind, Set};
    use crate::time::Date;

    fn day(date: Date) -> [u8; 4] {
        date.days().to_be_bytes()
    }

    /// Credit code.
    pub fn organisation(id: EntityId) -> RecordId {
        RecordId::of_entity(id)
    }
    /// Organisation, role, person, beginning.
    pub fn role(org: EntityId, role: RoleKind, person: EntityId, from: Date) -> RecordId {
        let code = role.code().as_bytes();
        RecordId::new(Set::Roles, &[org.bytes(), code, person.bytes(), &day(from)])
    }
    /// Company, holder, beginning.
    pub fn holding(org: EntityId, holder: EntityId, from: Date) -> RecordId {
        RecordId::new(Set::Holdings, &[org.bytes(), holder.bytes(), &day(from)])
    }
    /// Company, controller, beginning.
    pub fn control_agreement(org: EntityId, controller: EntityId, from: Date) -> RecordId {
        RecordId::new(
            Set::ControlAgreements,
            &[org.bytes(), controller.bytes(), &day(from)],
        )
    }
    /// Decision number, authority, subject: one decision may be on several.
    pub fn penalty(decision_no: &str, authority: &str, subject: EntityId) -> RecordId {
        let parts: [&[u8]; 3] = [
            decision_no.as_bytes(),
            authority.as_bytes(),
            subject.bytes(),
        ];
        RecordId::new(Set::Penalties, &parts)
    }
    /// Listing number, list, subject.
    pub fn listing(listing_no: &str, list: &str, subject: EntityId) -> RecordId {
        let parts: [&[u8]; 3] = [listing_no.as_bytes(), list.as_bytes(), subject.bytes()];
        RecordId::new(Set::Listings, &parts)
    }
    /// Case number, the authority if given (else empty), person, responsibility.
    pub fn responsible_person(
        case_no: &str,
        authority: &str,
        person: EntityId,
        responsibility: Responsibility,
    ) -> RecordId {
        let parts: [&[u8]; 4] = [
            case_no.as_bytes(),
            authority.as_bytes(),
            person.bytes(),
            responsibility.code().as_bytes(),
        ];
        RecordId::new(Set::ResponsiblePersons, &parts)
    }
    /// Case number, the authority if given (else empty), person, day.
    pub fn determination(
        case_no: &str,
        authority: &str,
        person: EntityId,
        decided_on: Date,
    ) -> RecordId {
        let on = day(decided_on);
        let parts: [&[u8]; 4] = [
            case_no.as_bytes(),
            authority.as_bytes(),
            person.bytes(),
            &on,
        ];
        RecordId::new(Set::Determinations, &parts)
    }
    /// Target number, the authority if given (else empty), day.
    pub fn repair(target_no: &str, authority: &str, repaired_on: Date) -> RecordId {
        let parts: [&[u8]; 3] = [
            target_no.as_bytes(),
            authority.as_bytes(),
            &day(repaired_on),
        ];
        RecordId::new(Set::Repairs, &parts)
    }
    /// Objection number.
    pub fn objection(objection_no: &str) -> RecordId {
        RecordId::new(Set::Objections, &[objection_no.as_bytes()])
    }
    /// Department code.
    pub fn department(code: &str) -> RecordId {
        RecordId::new(Set::Departments, &[code.as_bytes()])
    }
    /// Matter number.
    pub fn matter(matter_no: &str) -> RecordId {
        RecordId::new(Set::Matters, &[matter_no.as_bytes()])
    }
    /// Check number.
    pub fn check(check_no: &str) -> RecordId {
        RecordId::new(Set::Checks, &[check_no.as_bytes()])
    }
    /// Enforcement number.
    pub fn enforcement(enforcement_no: &str) -> RecordId {
        RecordId::new(Set::Enforcements, &[enforcement_no.as_bytes()])
    }
    /// The person's id.
    pub fn person(id: EntityId) -> RecordId {
        RecordId::of_entity(id)
    }
}
