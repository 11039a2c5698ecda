//! What a world keeps of each record: one function a record set, from a version
//! of the store to its row. Rows of tables come with their home.

use graph::id::{EntityId, RecordId};
use graph::record::{Record, key};
use graph::store::Version;

use super::assemble::{Reference, stated};
use super::record::{Determination, Kinds, Listing, Naming, Objection, Penalty, Repair};
use super::symbol::Words;
use super::{Agreement, Case, CaseRecord, Check, Enforcement, Holding, Matter, Organisation, Role};

pub(super) fn organisation(
    record: &graph::record::Organisation,
    words: &mut Words<'_>,
) -> Organisation {
    Organisation::new(record, words.maybe(record.industry.as_deref()))
}

pub(super) fn role(version: Version, _: &mut Words<'_>) -> Option<(EntityId, Role)> {
    let Record::Role(r) = version.record else {
        return None;
    };
    Some((r.org, Role::new(r.person, r.interval, r.role)))
}

pub(super) fn holding(version: Version, words: &mut Words<'_>) -> Option<(EntityId, Holding)> {
    let Record::Holding(r) = version.record else {
        return None;
    };
    let group = words.maybe(r.concert_group.as_deref());
    Some((r.org, Holding::new(&r, group)))
}

pub(super) fn agreement(version: Version, _: &mut Words<'_>) -> Option<(EntityId, Agreement)> {
    let Record::ControlAgreement(r) = version.record else {
        return None;
    };
    let row = Agreement {
        controller: r.controller,
        interval: r.interval,
    };
    Some((r.org, row))
}

pub(super) fn matter(version: Version, words: &mut Words<'_>) -> Option<(EntityId, Matter)> {
    let Record::Matter(r) = version.record else {
        return None;
    };
    Some(matter_row(version.id, &r, words))
}

pub(super) fn matter_row<T: AsRef<str>>(
    id: RecordId,
    record: &graph::record::Matter<T>,
    words: &mut Words<'_>,
) -> (EntityId, Matter) {
    let texts = [&record.department, &record.item, &record.refused_for];
    let symbols = texts.map(|text| words.maybe(text.as_ref().map(AsRef::as_ref)));
    (record.applicant, Matter::new(id, record, symbols))
}

pub(super) fn check(version: Version, words: &mut Words<'_>) -> Option<(EntityId, Check)> {
    let Record::Check(r) = version.record else {
        return None;
    };
    let matter = r.matter_no.as_deref().map(key::matter);
    Some(check_row(version.id, &r, matter, words))
}

pub(super) fn check_row<T: AsRef<str>>(
    id: RecordId,
    record: &graph::record::Check<T>,
    matter: Option<RecordId>,
    words: &mut Words<'_>,
) -> (EntityId, Check) {
    let department = words.maybe(record.department.as_ref().map(AsRef::as_ref));
    let row = Check::new(id, matter, record.checked_on, department);
    (record.subject, row)
}

pub(super) fn enforcement(
    version: Version,
    words: &mut Words<'_>,
) -> Option<(EntityId, Enforcement)> {
    let Record::Enforcement(r) = version.record else {
        return None;
    };
    let row = Enforcement {
        id: version.id,
        department: words.maybe(r.department.as_deref()),
        measure: words.maybe(r.measure.as_deref()),
        case_no: r.case_no.map(String::into_boxed_str),
        case_authority: words.maybe(r.case_authority.as_deref()),
        interval: r.interval,
        reported_on: r.reported_on,
    };
    Some((r.subject, row))
}

pub(super) fn penalty(version: Version, words: &mut Words<'_>) -> Option<Case> {
    let Record::Penalty(r) = version.record else {
        return None;
    };
    Some(Case {
        id: version.id,
        subject: r.subject,
        violation: stated(r.violation_from, r.violation_on, r.decision_on),
        said: None,
        record: CaseRecord::Penalty(Penalty {
            authority: words.shared(&r.authority),
            decision_on: r.decision_on,
            violation_type: words.maybe_shared(r.violation_type.as_deref()),
            kinds: Kinds::from(r.kinds.as_slice()),
            summary_procedure: r.summary_procedure,
            publication: r.publication(),
            reported_on: r.reported_on,
            status: r.status,
        }),
        number: r.decision_no.into_boxed_str(),
    })
}

pub(super) fn listing(version: Version, words: &mut Words<'_>) -> Option<Case> {
    let Record::Listing(r) = version.record else {
        return None;
    };
    Some(Case {
        id: version.id,
        subject: r.subject,
        number: r.listing_no.into_boxed_str(),
        violation: stated(r.violation_from, r.violation_on, r.listed_on),
        said: None,
        record: CaseRecord::Listing(Listing {
            list: words.shared(&r.list),
            authority: words.maybe_shared(r.authority.as_deref()),
            listed_on: r.listed_on,
            expires_on: r.expires_on,
            removed_on: r.removed_on,
            removal_reason: r.removal_reason,
            basis: r.basis_decision_no.map(String::into_boxed_str),
        }),
    })
}

pub(super) fn repair(version: Version, words: &mut Words<'_>) -> Option<Reference<Repair>> {
    let Record::Repair(r) = version.record else {
        return None;
    };
    let id = version.id;
    Some(Reference {
        id,
        number: r.target_no.into_boxed_str(),
        authority: words.maybe_shared(r.target_authority.as_deref()),
        said: Repair {
            id,
            repaired_on: r.repaired_on,
            kind: r.kind,
            subject: r.subject,
        },
    })
}

pub(super) fn objection(version: Version, words: &mut Words<'_>) -> Option<Reference<Objection>> {
    let Record::Objection(r) = version.record else {
        return None;
    };
    let id = version.id;
    Some(Reference {
        id,
        number: r.target_no.unwrap_or_default().into_boxed_str(),
        authority: words.maybe_shared(r.target_authority.as_deref()),
        said: Objection {
            id,
            filed_on: r.filed_on,
            decided_on: r.decided_on,
            outcome: r.outcome,
        },
    })
}

pub(super) fn naming(version: Version, words: &mut Words<'_>) -> Option<Reference<Naming>> {
    let Record::ResponsiblePerson(r) = version.record else {
        return None;
    };
    let id = version.id;
    Some(Reference {
        id,
        number: r.case_no.into_boxed_str(),
        authority: words.maybe_shared(r.case_authority.as_deref()),
        said: Naming {
            id,
            person: r.person,
            responsibility: r.responsibility,
        },
    })
}

pub(super) fn determination(
    version: Version,
    words: &mut Words<'_>,
) -> Option<Reference<Determination>> {
    let Record::Determination(r) = version.record else {
        return None;
    };
    let id = version.id;
    Some(Reference {
        id,
        number: r.case_no.into_boxed_str(),
        authority: words.maybe_shared(r.case_authority.as_deref()),
        said: Determination {
            id,
            person: r.person,
            decided_on: r.decided_on,
            outcome: r.outcome,
            batch: version.batch,
        },
    })
}
