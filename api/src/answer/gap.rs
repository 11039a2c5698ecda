//! Gaps with the proof of both halves.

use graph::id::{EntityId, Set};
use graph::store::Store;
use queries::gaps::Gap;
use queries::world::{Cited, Texts, World};
use serde::Serialize;
use utoipa::ToSchema;

use super::explain::{SourceRow, sources_in};
use super::{Subject, date};
use crate::Error;
use crate::session::Session;

/// A role record, by its key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleRef {
    /// Where.
    pub uscc: String,
    /// What.
    pub role: &'static str,
    /// Since when.
    pub from: String,
}

/// A gap.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GapAnswer {
    /// Stable.
    pub id: String,
    /// The kind's code.
    pub kind: &'static str,
    /// The kind's Chinese name.
    pub kind_name: &'static str,
    /// Why, for kinds that say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Who is answerable.
    pub department: Option<String>,
    /// Whom it concerns.
    pub subject: Subject,
    /// The matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter_no: Option<String>,
    /// The case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_no: Option<String>,
    /// The measure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// The enforcement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforcement_no: Option<String>,
    /// The decision published late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_no: Option<String>,
    /// The role taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleRef>,
    /// The day on which the duty was broken.
    pub on: String,
    /// `high`, `medium` or `low`.
    pub severity: &'static str,
    /// `open`, `notified`, `answered`, `resolved` or `dismissed`.
    pub state: String,
    /// For a missed check: the subject was under a blocking restriction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hit: Option<bool>,
    /// Both halves of the proof.
    pub evidence: EvidenceAnswer,
}

/// The duty, and what was done instead.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EvidenceAnswer {
    /// The source rows from which the duty follows.
    pub duty: Vec<SourceRow>,
    /// The source rows of what was done; empty: nothing.
    pub done: Vec<SourceRow>,
    /// Whether the restriction behind it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<bool>,
    /// An objection to the case is undecided on the day asked.
    pub under_objection: bool,
    /// The day by which it was to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// The day on which the restriction ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The deadline was counted Monday to Friday: that year has no calendar.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub calendar_assumed: bool,
    /// What settled it, for a gap that no longer holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_by: Option<String>,
}

/// The public form of a gap, seen on `day`.
pub(crate) fn gap_answer(
    session: &Session,
    world: &World,
    gap: &Gap,
    state: String,
) -> Result<GapAnswer, Error> {
    let rows = |cited: &[Cited]| -> Result<Vec<SourceRow>, Error> {
        let mut rows = sources_in(session, world, cited.iter().copied())?;
        rows.dedup();
        Ok(rows)
    };
    let case = gap.evidence.case.and_then(|case| world.cases.get(case));
    let mut duty = gap.evidence.duty.clone();
    if let Some(case) = case {
        duty.splice(0..0, queries::penetration::case_records(case));
    }
    let snapshot = session.store.snapshot()?;
    let texts = Texts::of(world, &*snapshot, session.store.keys());
    let number = gap.number(&texts)?;
    let of = |set: Set| {
        let act = gap.act.filter(|act| act.set == set);
        act.and(number.clone())
    };
    let uscc = |org: EntityId| org.uscc().map(|uscc| uscc.to_string()).unwrap_or_default();
    Ok(GapAnswer {
        id: gap.id.clone(),
        kind: gap.kind.code(),
        kind_name: gap.kind.name(),
        reason: gap.reason.map(queries::gaps::GapReason::code),
        department: gap.department.clone(),
        subject: session.describe(world, gap.subject)?,
        matter_no: of(Set::Matters),
        case_no: gap.case_no.clone(),
        measure: gap.measure.clone(),
        enforcement_no: of(Set::Enforcements),
        decision_no: gap.decision_no.clone(),
        role: gap.role.map(|(org, role, from)| RoleRef {
            uscc: uscc(org),
            role: role.code(),
            from: date(from),
        }),
        on: date(gap.on),
        severity: gap.severity.code(),
        state,
        hit: gap.hit,
        evidence: EvidenceAnswer {
            duty: rows(&duty)?,
            done: rows(&gap.evidence.done)?,
            confirmed: gap.evidence.confirmed,
            under_objection: case.is_some_and(|case| case.under_objection(session.as_of)),
            deadline: gap.evidence.deadline.map(date),
            ended: gap.evidence.ended.map(date),
            calendar_assumed: gap.evidence.calendar_assumed,
            settled_by: None,
        },
    })
}
