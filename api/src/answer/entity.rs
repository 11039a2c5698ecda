//! An entity: what is registered of it, its timeline, what is held on it.

use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{EntityId, RecordId, Set};
use graph::record::{Record, key};
use graph::store::{Snapshot, Store, Version};
use queries::sweep::Sweep;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ask::{self, Which, Window};
use super::record::record_json;
use super::texts::texts;
use super::{LeadAnswer, RestrictionAnswer, Subject};
use crate::Error;
use crate::service::names::Names;
use crate::session::Session;

/// An entity on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntityAnswer {
    /// Who.
    pub subject: Subject,
    /// Some record knows it.
    pub known: bool,
    /// The day.
    pub as_of: String,
    /// An organisation's registration.
    pub registration: Option<Value>,
    /// Roles in it, or that it holds.
    pub roles: Vec<RoleAnswer>,
    /// Some restriction is in force.
    pub restricted: bool,
    /// The restrictions in force.
    pub restrictions: Vec<RestrictionAnswer>,
}

/// A role on the day asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RoleAnswer {
    /// The organisation.
    pub org: Subject,
    /// The person.
    pub person: Subject,
    /// The role's code.
    pub role: &'static str,
    /// Since when.
    pub from: Option<String>,
    /// Until when.
    pub to: Option<String>,
}

/// Everything recorded of an entity, version by version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimelineAnswer {
    /// Who.
    pub subject: Subject,
    /// By recorded time.
    pub versions: Vec<VersionAnswer>,
}

/// A version of a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionAnswer {
    /// The record set.
    pub set: &'static str,
    /// The record.
    pub record_id: String,
    /// The batch that brought it.
    pub batch: u32,
    /// When it was recorded.
    pub recorded_at: String,
    /// The content; none: the record was withdrawn.
    pub record: Option<Value>,
}

/// What is held on a subject, for the subject.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordAnswer {
    /// Who.
    pub subject: Subject,
    /// Some record knows it.
    pub known: bool,
    /// The records that speak of it, as known.
    pub records: Vec<VersionAnswer>,
    /// What it is under, why and until when.
    pub restrictions: Vec<RestrictionAnswer>,
    /// What is being looked into; blocks nothing.
    pub leads: Vec<LeadAnswer>,
    /// Who looked.
    pub looks: Vec<Value>,
    /// How to object, and how to be repaired.
    pub rights: Vec<&'static str>,
}

/// The subject's rights, in words.
const RIGHTS: [&str; 4] = [
    "对所载信息有异议的，可向作出认定的部门（见各条 authority）或市信用办提出异议，办理期间本系统标注「异议中」 / \
     whoever disputes an entry may object to the authority named with it or to the credit office; \
     while the objection is open every answer says so",
    "已纠正失信行为、履行义务的，可向认定部门申请信用修复；修复记入后相应措施自修复之日起解除 / \
     whoever has put things right may ask that authority for repair; the measures end on the day of the repair",
    "措施的起止见各条 from、to；to 为空表示至移出、修复或撤销之日 / each measure's days are its from and to; \
     without a to it lasts until removal, repair or revocation",
    "信息有误的，由报送部门更正后重新报送，旧版本保留可查但不再使用 / wrong data is corrected by the department that \
     sent it; the old version is kept but no longer used",
];

/// Whom to find.
pub(crate) enum Wanted {
    /// The entity that was named exactly.
    Exact(EntityId),
    /// The organisations whose name holds a text.
    Named(Arc<Names>, String),
}

/// The entities wanted that are known.
pub(crate) fn find(
    session: &Session,
    wanted: &Wanted,
    window: Window,
) -> Result<Vec<Subject>, Error> {
    let snapshot = session.store.snapshot()?;
    let found = match wanted {
        Wanted::Exact(id) if session.knows(&*snapshot, *id)? => window.of([*id]),
        Wanted::Exact(_) => Vec::new(),
        Wanted::Named(names, text) => window.of(names.holding(text.trim())),
    };
    let found = found.into_iter();
    found
        .map(|id| session.describe_alone(&*snapshot, id))
        .collect()
}

/// An entity on the session's day.
pub(crate) fn entity(
    session: &Session,
    sweep: &Sweep<'_>,
    id: EntityId,
) -> Result<EntityAnswer, Error> {
    let (world, day) = (sweep.world(), session.as_of);
    let snapshot = session.store.snapshot()?;
    let registered = snapshot.record(Set::Organisations, key::organisation(id), world.known)?;
    let registration = registered.map(|version| record_json(&version.record));
    let mut rows = snapshot.filed(Set::Roles, id.into(), world.known)?;
    rows.extend(snapshot.linked(Set::Roles, id, world.known)?);
    let mut roles = Vec::new();
    for version in rows {
        let Record::Role(row) = version.record else {
            continue;
        };
        if !row.interval.holds(day) {
            continue;
        }
        let (from, to) = super::ends(row.interval);
        roles.push(RoleAnswer {
            org: session.describe(world, row.org)?,
            person: session.describe(world, row.person)?,
            role: row.role.code(),
            from,
            to,
        });
    }
    let restrictions = ask::restrictions(session, sweep, &only(id), Window::ALL)?;
    Ok(EntityAnswer {
        subject: session.describe(world, id)?,
        known: session.knows(&*snapshot, id)?,
        as_of: day.to_string(),
        registration,
        roles,
        restricted: !restrictions.is_empty(),
        restrictions,
    })
}

fn only(id: EntityId) -> Which {
    Which {
        subject: Some(id),
        case: None,
    }
}

/// The records that speak of an entity as known at a batch.
fn records(
    snapshot: &dyn Snapshot,
    id: EntityId,
    known: BatchNo,
) -> Result<Vec<(Set, RecordId)>, Error> {
    let mut found = Vec::new();
    for set in Set::ALL {
        for version in snapshot.filed(set, id.into(), known)? {
            found.push((set, version.id));
        }
        for version in snapshot.linked(set, id, known)? {
            found.push((set, version.id));
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn versions(session: &Session, id: EntityId, past: bool) -> Result<Vec<VersionAnswer>, Error> {
    let snapshot = session.store.snapshot()?;
    let known = session.known_batch(&*snapshot)?;
    let batches = snapshot.batches()?;
    let recorded = |no: BatchNo| {
        let place = usize::try_from(no.0).ok()?.checked_sub(1)?;
        Some(batches.get(place)?.recorded_at.to_string())
    };
    let mut versions = Vec::new();
    for (set, record) in records(&*snapshot, id, known)? {
        let history = snapshot.history(set, record)?.into_iter();
        let mut history: Vec<_> = history.filter(|step| step.batch <= known).collect();
        if !past {
            history.drain(..history.len().saturating_sub(1));
        }
        for step in history {
            let content = step
                .version
                .map(|version| content(session, &*snapshot, &version));
            versions.push(VersionAnswer {
                set: set.name(),
                record_id: record.to_string(),
                batch: step.batch.0,
                recorded_at: recorded(step.batch).unwrap_or_default(),
                record: content.transpose()?,
            });
        }
    }
    versions.sort_by(|a, b| (a.batch, a.set, &a.record_id).cmp(&(b.batch, b.set, &b.record_id)));
    Ok(versions)
}

/// A record's columns, and, for whom it is about, the sealed texts.
fn content(session: &Session, snapshot: &dyn Snapshot, version: &Version) -> Result<Value, Error> {
    let mut value = record_json(&version.record);
    if let Some(fields) = value.as_object_mut().filter(|_| session.reveal) {
        let texts = texts(session, snapshot, version)?.into_iter();
        let texts = texts.map(|(name, text)| (name, text.into())).collect();
        fields.insert("texts".into(), Value::Object(texts));
    }
    Ok(value)
}

/// Everything recorded of an entity up to the session's moment.
pub(crate) fn timeline(session: &Session, id: EntityId) -> Result<TimelineAnswer, Error> {
    let snapshot = session.store.snapshot()?;
    Ok(TimelineAnswer {
        subject: session.describe_alone(&*snapshot, id)?,
        versions: versions(session, id, true)?,
    })
}

/// What is held on a subject, for the subject.
pub(crate) fn record(
    session: &Session,
    sweep: &Sweep<'_>,
    id: EntityId,
    looks: Vec<Value>,
) -> Result<RecordAnswer, Error> {
    let snapshot = session.store.snapshot()?;
    Ok(RecordAnswer {
        subject: session.describe(sweep.world(), id)?,
        known: session.knows(&*snapshot, id)?,
        records: versions(session, id, false)?,
        restrictions: ask::restrictions(session, sweep, &only(id), Window::ALL)?,
        leads: ask::leads(session, sweep, &only(id), Window::ALL)?,
        looks,
        rights: RIGHTS.to_vec(),
    })
}
