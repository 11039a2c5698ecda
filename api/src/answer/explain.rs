//! Proof down to the source row.

use graph::change::{BatchNo, Source};
use graph::id::{RecordId, Set};
use graph::record::{Detail, Record};
use graph::store::{Snapshot, Store};
use queries::world::World;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Error;
use crate::session::Session;

/// Where a fact stands: batch, file and line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct SourceRow {
    /// The record set.
    pub set: &'static str,
    /// The batch.
    pub batch: u32,
    /// The file's name.
    pub file: String,
    /// The line, or the row of the sheet.
    pub line: u32,
    /// When the batch was recorded.
    pub recorded_at: String,
    /// The record, with `explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<serde_json::Value>,
}

/// The whole proof of a restriction, lead, gap or receipt.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// What was asked for.
    pub id: String,
    /// The answer itself.
    pub answer: serde_json::Value,
    /// In words, Chinese first.
    pub text: Vec<String>,
    /// The rules, measures and lists behind it, each with its law.
    pub law: Vec<serde_json::Value>,
    /// Every source row, with its content.
    pub rows: Vec<SourceRow>,
}

/// Where a record of a world stands.
pub(crate) fn source_in(world: &World, id: RecordId) -> Option<SourceRow> {
    let (set, batch, source) = find(world, id)?;
    Some(row(world, set, batch, source))
}

fn row(world: &World, set: Set, batch: BatchNo, source: Source) -> SourceRow {
    let info = world.batches.iter().find(|info| info.no == batch);
    let file = info.and_then(|info| info.files.get(usize::try_from(source.file).ok()?));
    SourceRow {
        set: set.name(),
        batch: batch.0,
        file: file.cloned().unwrap_or_default(),
        line: source.line,
        recorded_at: info
            .map(|info| info.recorded_at.to_string())
            .unwrap_or_default(),
        record: None,
    }
}

fn find(world: &World, id: RecordId) -> Option<(Set, BatchNo, Source)> {
    world.sources().get(&id).copied()
}

/// A source row with its content, names and numbers as the asker may see them.
pub(crate) fn source_row(
    session: &Session,
    snapshot: &dyn Snapshot,
    world: &World,
    id: RecordId,
) -> Result<Option<SourceRow>, Error> {
    let Some((set, batch, source)) = find(world, id) else {
        return Ok(None);
    };
    let mut row = row(world, set, batch, source);
    if let Some(version) = snapshot.record(set, id, batch)? {
        let detail = version.detail(session.store.keys())?;
        row.record = Some(content(session, world, &version.record, &detail)?);
    }
    Ok(Some(row))
}

/// A record as JSON, entities named, and its texts only for those who may see them.
fn content(
    session: &Session,
    world: &World,
    record: &Record,
    detail: &Detail,
) -> Result<serde_json::Value, Error> {
    let mut value = super::record::record_json(record);
    if let Some(fields) = value.as_object_mut() {
        for entity in super::record::entities(record) {
            let subject = session.describe(world, entity)?;
            fields.insert(subject.key.clone(), subject.name.into());
        }
        if session.reveal {
            let texts = detail
                .iter()
                .map(|(key, text)| (key.clone(), text.clone().into()));
            fields.insert("texts".into(), serde_json::Value::Object(texts.collect()));
        }
    }
    Ok(value)
}
