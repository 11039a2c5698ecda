//! Proof down to the source row.

use graph::change::{BatchNo, Source};
use graph::id::Set;
use graph::store::{Snapshot, Version};
use queries::world::{Cited, World};
use serde::Serialize;
use utoipa::ToSchema;

use super::texts::texts;
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
pub(crate) fn source_in(
    session: &Session,
    world: &World,
    cited: Cited,
) -> Result<Option<SourceRow>, Error> {
    let place = session.place(world, cited)?;
    Ok(place.map(|(batch, source)| row(world, cited.set, batch, source)))
}

/// Where several records stand, in their order.
pub(crate) fn sources_in(
    session: &Session,
    world: &World,
    cited: impl IntoIterator<Item = Cited>,
) -> Result<Vec<SourceRow>, Error> {
    let rows = cited
        .into_iter()
        .map(|cited| source_in(session, world, cited));
    rows.filter_map(Result::transpose).collect()
}

fn row(world: &World, set: Set, batch: BatchNo, source: Source) -> SourceRow {
    let found = world.batches.binary_search_by_key(&batch, |info| info.no);
    let info = found.ok().and_then(|place| world.batches.get(place));
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

/// A source row with its content, names and numbers as the asker may see them.
pub(crate) fn source_row(
    session: &Session,
    snapshot: &dyn Snapshot,
    world: &World,
    cited: Cited,
) -> Result<Option<SourceRow>, Error> {
    let Some((batch, source)) = session.place(world, cited)? else {
        return Ok(None);
    };
    let mut row = row(world, cited.set, batch, source);
    if let Some(version) = snapshot.record(cited.set, cited.id, batch)? {
        row.record = Some(content(session, world, snapshot, &version)?);
    }
    Ok(Some(row))
}

/// A record as JSON, entities named, and its texts only for those who may see them.
fn content(
    session: &Session,
    world: &World,
    snapshot: &dyn Snapshot,
    version: &Version,
) -> Result<serde_json::Value, Error> {
    let record = &version.record;
    let mut value = super::record::record_json(record);
    if let Some(fields) = value.as_object_mut() {
        for entity in super::record::entities(record) {
            let subject = session.describe(world, entity)?;
            fields.insert(subject.key.clone(), subject.name.into());
        }
        if session.reveal {
            let texts = texts(session, snapshot, version)?.into_iter();
            let texts = texts.map(|(name, text)| (name, text.into()));
            fields.insert("texts".into(), serde_json::Value::Object(texts.collect()));
        }
    }
    Ok(value)
}
