//! Batches and quarantined rows.

use graph::change::QuarantineEntry;
use graph::id::Set;
use graph::store::BatchInfo;
use serde::Serialize;
use utoipa::ToSchema;

/// A batch that was loaded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// Its number.
    pub batch: u32,
    /// Recorded time, RFC 3339 in Asia/Shanghai.
    pub recorded_at: String,
    /// Its files.
    pub files: Vec<String>,
    /// The loader's report.
    pub report: serde_json::Value,
}

impl From<&BatchInfo> for BatchAnswer {
    fn from(batch: &BatchInfo) -> Self {
        Self {
            batch: batch.no.0,
            recorded_at: batch.recorded_at.to_string(),
            files: batch.files.clone(),
            report: serde_json::from_str(&batch.report).unwrap_or_default(),
        }
    }
}

/// A row that could not be understood. Its cells are shown by `quarantine export`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuarantineAnswer {
    /// What a corrected row may name.
    pub quarantine_id: String,
    /// The batch it came with.
    pub batch: u32,
    /// The record set, if it was known.
    pub set: Option<&'static str>,
    /// The file.
    pub file: String,
    /// Line, or sheet and cell.
    pub place: String,
    /// The column at fault.
    pub field: String,
    /// The reason code.
    pub reason: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// The batch that resolved it.
    pub resolved_in: Option<u32>,
}

impl From<&QuarantineEntry> for QuarantineAnswer {
    fn from(entry: &QuarantineEntry) -> Self {
        let row = &entry.row;
        Self {
            quarantine_id: ingest::quarantine::id_text(row.id),
            batch: entry.batch.0,
            set: row.set.and_then(Set::from_number).map(Set::name),
            file: row.file.clone(),
            place: row.place.clone(),
            field: row.field.clone(),
            reason: row.reason.code(),
            message: row.message.clone(),
            resolved_in: entry.resolved_in.map(|batch| batch.0),
        }
    }
}
