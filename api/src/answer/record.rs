//! A record as JSON, in the columns of its set.

use graph::id::EntityId;
use graph::record::{Listing, Penalty, Record};
use graph::time::{Date, Interval};
use serde_json::{Value, json};

fn key(id: EntityId) -> Value {
    id.to_string().into()
}

fn day(date: Option<Date>) -> Value {
    date.map(|date| date.to_string()).into()
}

fn ends(interval: Interval) -> (Value, Value) {
    (day(interval.start()), day(interval.end()))
}

/// The record's columns; who persons are is in its sealed part.
pub(crate) fn record_json(record: &Record) -> Value {
    match record {
        Record::Organisation(r) => json!({
            "uscc": key(r.id), "name": r.name, "kind": r.kind.map(graph::record::OrganisationKind::code),
            "status": r.status.map(graph::record::OrganisationStatus::code), "region": r.region, "industry": r.industry,
            "established_on": day(r.established_on), "dissolved_on": day(r.dissolved_on),
            "state_owned": r.state_owned, "superior": r.superior.map(key),
            "parent": r.parent.map(key),
        }),
        Record::Role(r) => {
            let (from, to) = ends(r.interval);
            json!({"uscc": key(r.org), "role": r.role.code(), "person": key(r.person),
                   "from": from, "to": to})
        }
        Record::Holding(r) => {
            let (from, to) = ends(r.interval);
            let percent = |p: Option<graph::ratio::Percent>| p.map(|p| p.to_string());
            json!({"uscc": key(r.org), "holder": key(r.holder), "from": from, "to": to,
                   "ratio": percent(r.ratio), "voting_ratio": percent(r.voting_ratio),
                   "concert_group": r.concert_group})
        }
        Record::ControlAgreement(r) => {
            let (from, to) = ends(r.interval);
            json!({"uscc": key(r.org), "controller": key(r.controller), "from": from, "to": to,
                   "kind": r.kind.code(), "document": r.document})
        }
        Record::Penalty(r) => penalty(r),
        Record::Listing(r) => listing(r),
        other => rest(other),
    }
}

fn penalty(r: &Penalty) -> Value {
    let kinds: Vec<&str> = r.kinds.iter().map(|kind| kind.code()).collect();
    json!({"decision_no": r.decision_no, "authority": r.authority, "subject": key(r.subject),
           "violation_from": day(r.violation_from), "violation_on": day(r.violation_on),
           "decision_on": day(Some(r.decision_on)), "violation_type": r.violation_type,
           "kinds": kinds, "fine_yuan": r.fine.map(|m| m.to_string()),
           "confiscated_yuan": r.confiscated.map(|m| m.to_string()),
           "summary_procedure": r.summary_procedure, "published_from": day(r.published_from),
           "published_until": day(r.published_until), "reported_on": day(r.reported_on),
           "status": r.status.code()})
}

fn listing(r: &Listing) -> Value {
    json!({"listing_no": r.listing_no, "list": r.list, "subject": key(r.subject),
           "authority": r.authority, "violation_from": day(r.violation_from),
           "violation_on": day(r.violation_on), "listed_on": day(Some(r.listed_on)),
           "expires_on": day(r.expires_on), "removed_on": day(r.removed_on),
           "removal_reason": r.removal_reason.map(graph::record::RemovalReason::code),
           "basis_decision_no": r.basis_decision_no})
}

fn rest(record: &Record) -> Value {
    match record {
        Record::ResponsiblePerson(r) => json!({
            "case_no": r.case_no, "case_authority": r.case_authority, "person": key(r.person),
            "responsibility": r.responsibility.code(),
        }),
        Record::Determination(r) => json!({
            "case_no": r.case_no, "case_authority": r.case_authority, "person": key(r.person),
            "decided_on": day(Some(r.decided_on)), "outcome": r.outcome.code(),
        }),
        Record::Repair(r) => json!({
            "target_no": r.target_no, "target_authority": r.target_authority,
            "repaired_on": day(Some(r.repaired_on)), "kind": r.kind.code(),
            "authority": r.authority, "subject": r.subject.map(key),
        }),
        Record::Objection(r) => json!({
            "objection_no": r.objection_no, "target_no": r.target_no,
            "target_authority": r.target_authority, "filed_on": day(r.filed_on),
            "decided_on": day(r.decided_on), "outcome": r.outcome.code(),
        }),
        Record::Department(r) => json!({
            "department": r.code, "name": r.name, "region": r.region, "superior": r.superior,
        }),
        Record::Matter(r) => json!({
            "matter_no": r.matter_no, "department": r.department, "item": r.item,
            "subject": key(r.applicant), "accepted_on": day(Some(r.accepted_on)),
            "decided_on": day(r.decided_on), "outcome": r.outcome.code(),
            "refused_for": r.refused_for, "exemption": r.exemption,
        }),
        Record::Check(r) => json!({
            "check_no": r.check_no, "department": r.department, "subject": key(r.subject),
            "checked_at": day(Some(r.checked_on)), "matter_no": r.matter_no,
        }),
        Record::Enforcement(r) => {
            let (from, to) = ends(r.interval);
            json!({"enforcement_no": r.enforcement_no, "department": r.department,
                   "subject": key(r.subject), "measure": r.measure, "case_no": r.case_no,
                   "case_authority": r.case_authority, "from": from, "to": to,
                   "reported_on": day(r.reported_on)})
        }
        Record::Person(r) => json!({"key": key(r.id), "named_at": r.named_at.map(key)}),
        _ => Value::Null,
    }
}

/// The entities that a record names.
pub(crate) fn entities(record: &Record) -> Vec<EntityId> {
    let home = EntityId::from_bytes(record.home().0);
    home.into_iter().chain(record.links()).collect()
}
