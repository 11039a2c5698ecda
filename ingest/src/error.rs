//! What can go wrong with a whole batch. A bad row is never an error: it is quarantined.

use graph::store::StoreError;
use graph::time::Moment;

use crate::report::Report;

/// Why a batch could not be loaded. No message holds the text of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read, or a compressed file breaks off.
    #[error("cannot read {file}: nothing of this batch was loaded")]
    Read {
        /// The file, as given.
        file: String,
        /// What the system or the decompressor said.
        #[source]
        source: std::io::Error,
    },
    /// A workbook or Parquet file is damaged or is not of the format that its name says.
    #[error(
        "{file} is not a whole file (torn, or not of the format its name says): nothing of this batch was loaded"
    )]
    Torn {
        /// The file.
        file: String,
    },
    /// A workbook has no such sheet.
    #[error("{file} has no sheet `{asked}`; it has {}", names.join(", "))]
    NoSheet {
        /// The file.
        file: String,
        /// The sheet asked for.
        asked: String,
        /// The sheets there are.
        names: Vec<String>,
    },
    /// A file has no header row.
    #[error("{file} has no header row: {why}")]
    NoHeader {
        /// The file.
        file: String,
        /// What stands there instead.
        why: String,
    },
    /// A file's ending is none of the known formats.
    #[error(
        "{file}: unknown format; known endings are .csv .tsv .jsonl .ndjson .xlsx .xls .ods .parquet, each also with .gz or .zst"
    )]
    UnknownFormat {
        /// The file.
        file: String,
    },
    /// A whole file uses something of its format that is not read.
    #[error("{file}: {what} is not supported; write the file anew without it")]
    Unsupported {
        /// The file.
        file: String,
        /// What it uses.
        what: &'static str,
    },
    /// It cannot be told which record set a file is.
    #[error(
        "{file} fits none of the record sets {sets}: name the file after its set, or give --set"
    )]
    UnknownSet {
        /// The file.
        file: String,
        /// The names of the sets that could be meant.
        sets: String,
    },
    /// The batch was to be strict and a row is quarantined or a file refused.
    #[error("refused: {} rows are quarantined and {} files refused, and the batch is strict", report.quarantined(), report.refused.len())]
    Strict {
        /// What would have been done.
        report: Box<Report>,
    },
    /// Recorded time cannot go back.
    #[error("recorded time {asked} lies before the newest batch ({newest}); use a later one")]
    BackInTime {
        /// What was asked.
        asked: Moment,
        /// The newest batch's.
        newest: Moment,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// Whether only this file is refused, and the other files still load.
    #[must_use]
    pub fn concerns_one_file(&self) -> bool {
        matches!(
            self,
            Self::NoHeader { .. }
                | Self::UnknownFormat { .. }
                | Self::Unsupported { .. }
                | Self::UnknownSet { .. }
                | Self::NoSheet { .. }
        )
    }
}
