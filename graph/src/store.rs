//! The one seam between questions and storage: [`Store`] writes, [`Snapshot`]
//! reads one unchanging state.
//!
//! Records are filed by [`Home`] (a subject, or a case number), found again from
//! the other entities they name, and every read says as of which batch.

use std::borrow::Cow;

use serde::Deserialize;

use crate::change::{BatchNo, Draft, Effect, QuarantineEntry, Source};
use crate::detail;
use crate::id::{EntityId, Home, RecordId, Set};
use crate::record::{Detail, Record};
use crate::seal::Keys;
use crate::time::Moment;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The storage engine or the file system failed.
    #[error("the store at {place} failed: {source}")]
    Engine {
        /// The folder or file.
        place: String,
        /// What the engine said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Bytes in the store are not what was written.
    #[error("the store is damaged in {place}: {what}; restore it from a backup")]
    Corrupt {
        /// The part of the store.
        place: &'static str,
        /// What was found.
        what: String,
    },
    /// A record could not be turned into bytes.
    #[error("a record could not be encoded: {0}")]
    Encoding(String),
    /// The store was written by another version of the program.
    #[error(
        "the store has schema {found}, this program knows {known}: use the program that wrote it, or load the sources into a new data folder"
    )]
    UnknownSchema {
        /// What the store says.
        found: String,
        /// What this program writes.
        known: u32,
    },
    /// Another process holds the store for writing.
    #[error(
        "the data folder {place} is in use by another process that writes; wait for it, or send the files to its API"
    )]
    InUse {
        /// The folder.
        place: String,
    },
    /// The key file is not the one that the data was written with.
    #[error(
        "the key file {place} does not belong to this data: put back the one it was written with"
    )]
    WrongKey {
        /// The key file.
        place: String,
    },
    /// There is no store.
    #[error("there is no data at {place}: load some files first with `chuantou ingest`")]
    Absent {
        /// The folder.
        place: String,
    },
    /// There is no room.
    #[error(
        "the disk that holds {place} is full: nothing of this batch was recorded; make room and load it again"
    )]
    Full {
        /// The folder.
        place: String,
    },
    /// Recorded time cannot go back.
    #[error(
        "recorded time {asked} lies before the newest batch ({newest}); use a later --recorded-at"
    )]
    BackInTime {
        /// What was asked.
        asked: Moment,
        /// The newest batch's.
        newest: Moment,
    },
    /// The store was opened for reading only.
    #[error("the data folder {place} is open for reading only")]
    ReadOnly {
        /// The folder.
        place: String,
    },
}

impl StoreError {
    /// A record that does not encode.
    pub fn encoding(error: impl std::fmt::Display) -> Self {
        Self::Encoding(error.to_string())
    }
}

/// The newest version of a record, by its head alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Latest {
    /// Where it is filed.
    pub home: Home,
    /// The batch that brought it.
    pub batch: BatchNo,
    /// Keyed digest of its content; zeros for a withdrawal.
    pub digest: [u8; 8],
    /// It is a withdrawal.
    pub withdrawn: bool,
}

/// A version of a record, with where it came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Version {
    /// The record's id.
    pub id: RecordId,
    /// The content.
    pub record: Record,
    /// The batch that brought it.
    pub batch: BatchNo,
    /// File and line in that batch.
    pub source: Source,
    /// The sealed detail: [`Version::detail`] opens it.
    pub sealed: Vec<u8>,
}

impl Version {
    /// Opens the detail.
    pub fn detail(&self, keys: &Keys) -> Result<Detail, StoreError> {
        open_detail(keys, self.id, &self.sealed)
    }
}

/// A version as it lies in a store, to be read whole or only its content.
#[derive(Debug)]
pub struct Packed<'a> {
    /// The record's id.
    pub id: RecordId,
    /// The batch that brought it.
    pub batch: BatchNo,
    /// File and line in that batch.
    pub source: Source,
    /// The record as postcard.
    pub core: Cow<'a, [u8]>,
    /// The sealed detail.
    pub sealed: &'a [u8],
}

impl Packed<'_> {
    /// The whole version.
    pub fn version(&self) -> Result<Version, StoreError> {
        Ok(Version {
            id: self.id,
            record: unpack(&self.core)?,
            batch: self.batch,
            source: self.source,
            sealed: self.sealed.to_vec(),
        })
    }

    /// The content alone: the struct in the [`Record`], perhaps with borrowed texts.
    pub fn content<'r, T: Deserialize<'r>>(&'r self) -> Result<T, StoreError> {
        // Before it stands which of the variants it is.
        let (_, content): (u32, T) = unpack(&self.core)?;
        Ok(content)
    }
}

/// A record, or a part of it, from its postcard.
pub(crate) fn unpack<'r, T: Deserialize<'r>>(core: &'r [u8]) -> Result<T, StoreError> {
    postcard::from_bytes(core).map_err(|error| StoreError::Corrupt {
        place: "record",
        what: error.to_string(),
    })
}

/// Takes versions one after the other.
pub type EachPacked<'a> = dyn FnMut(Packed<'_>) -> Result<(), StoreError> + 'a;

/// Opens the sealed detail of a record.
pub fn open_detail(keys: &Keys, id: RecordId, sealed: &[u8]) -> Result<Detail, StoreError> {
    if sealed.is_empty() {
        return Ok(Detail::new());
    }
    let corrupt = |what: String| StoreError::Corrupt {
        place: "sealed detail",
        what,
    };
    let text = keys
        .open(&id.0, sealed)
        .map_err(|error| corrupt(error.to_string()))?;
    detail::decode(&text).map_err(corrupt)
}

/// One step of a record's past.
#[derive(Clone, PartialEq, Debug)]
pub struct Past {
    /// The batch.
    pub batch: BatchNo,
    /// What it brought; none: the record was withdrawn.
    pub version: Option<Version>,
}

/// What is known of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BatchInfo {
    /// Its number.
    pub no: BatchNo,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// Its files, as [`Source::file`] counts them.
    pub files: Vec<String>,
    /// The loader's report, as JSON.
    pub report: String,
}

/// The newest batch recorded at `known` or before; 0 when there is none.
pub fn batch_known_at(batches: &[BatchInfo], known: Moment) -> BatchNo {
    let seen = batches.iter().filter(|batch| batch.recorded_at <= known);
    seen.map(|batch| batch.no).max().unwrap_or_default()
}

/// The books that the program's faces keep in the store, apart from the graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Book {
    /// Receipts of verifications.
    Receipt,
    /// What was said and done about gaps.
    Gap,
    /// Who looked at whom.
    Audit,
    /// Answers to requests that named an idempotency key.
    Request,
    /// What changed about gaps, and who is told.
    Feed,
}

impl Book {
    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            Self::Receipt => 1,
            Self::Gap => 2,
            Self::Audit => 3,
            Self::Request => 5,
            Self::Feed => 4,
        }
    }
}

/// A home, with the set whose records are meant.
pub type Place = (Set, Home);

/// Homes from the first (included) to the second (excluded); none: no bound.
pub type HomeRange = (Option<Home>, Option<Home>);

/// An entry to be written: book, key, value. Without a value the entry is removed:
/// only what a book says of itself that it goes, such as the answers to old
/// idempotency keys.
pub type BookEntry = (Book, Vec<u8>, Vec<u8>);

/// An entry of a book: its key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// One unchanging state of a store. `known` bounds every read: only versions of
/// that batch or earlier are seen, and of each record only the newest of them.
pub trait Snapshot: Send + Sync {
    /// All batches, oldest first.
    fn batches(&self) -> Result<Vec<BatchInfo>, StoreError>;

    /// The batch of a number, if there is one.
    fn batch(&self, no: BatchNo) -> Result<Option<BatchInfo>, StoreError> {
        Ok(self.batches()?.into_iter().find(|batch| batch.no == no))
    }

    /// The heads of the newest versions of records of `set`, in the order asked.
    fn latest(&self, set: Set, ids: &[RecordId]) -> Result<Vec<Option<Latest>>, StoreError>;

    /// The record `id` of `set` as known at `known`.
    fn record(&self, set: Set, id: RecordId, known: BatchNo)
    -> Result<Option<Version>, StoreError>;

    /// The records of `set` filed at `home`, by record id.
    fn filed(&self, set: Set, home: Home, known: BatchNo) -> Result<Vec<Version>, StoreError>;

    /// The records of `set` filed at many homes, which must come in order: the store is
    /// passed over once.
    fn filed_at(
        &self,
        set: Set,
        homes: &[Home],
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for home in homes {
            for version in self.filed(set, *home, known)? {
                each(version)?;
            }
        }
        Ok(())
    }

    /// One of these, for whoever knows where it is filed.
    fn filed_as(
        &self,
        set: Set,
        place: (Home, RecordId),
        known: BatchNo,
    ) -> Result<Option<Version>, StoreError>;

    /// The batches that changed which records of `set` are filed at `home`, or what
    /// they say, ascending.
    fn changes(&self, set: Set, home: Home) -> Result<Vec<BatchNo>, StoreError>;

    /// Where the batches after `after`, up to `until`, filed records or took them away:
    /// each place once, in order. None: one of these batches was too large for a list.
    fn touched(&self, after: BatchNo, until: BatchNo) -> Result<Option<Vec<Place>>, StoreError>;

    /// The records of `set`, filed elsewhere, that name `entity`.
    fn linked(
        &self,
        set: Set,
        entity: EntityId,
        known: BatchNo,
    ) -> Result<Vec<Version>, StoreError>;

    /// The penalties and listings with this number.
    fn numbered(&self, case_no: &str, known: BatchNo) -> Result<Vec<Version>, StoreError>;

    /// Every record of `set`, by home and record id.
    fn scan(
        &self,
        set: Set,
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Boundaries that cut the homes of `set` into about `parts` equal ranges,
    /// ascending: for scanning them side by side. May be fewer, or none.
    fn boundaries(&self, set: Set, parts: usize) -> Result<Vec<Home>, StoreError>;

    /// The records of `set` with a home in `within`, by home and record id.
    fn scan_within(
        &self,
        set: Set,
        within: HomeRange,
        known: BatchNo,
        each: &mut EachPacked<'_>,
    ) -> Result<(), StoreError>;

    /// All that was ever recorded of a record, oldest first.
    fn history(&self, set: Set, id: RecordId) -> Result<Vec<Past>, StoreError>;

    /// All quarantined rows, by batch and id.
    fn quarantine(&self) -> Result<Vec<QuarantineEntry>, StoreError>;

    /// An entry of a book.
    fn entry(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The entry of a book with the greatest key that is not above `key`.
    fn entry_up_to(&self, book: Book, key: &[u8]) -> Result<Option<Entry>, StoreError>;

    /// The entries of a book whose key begins with `prefix`, in order of key.
    fn entries(&self, book: Book, prefix: &[u8]) -> Result<Vec<Entry>, StoreError>;
}

/// Gives the next effects of a set, none at the end.
pub type NextEffects<'a> = dyn FnMut() -> Result<Vec<Effect>, StoreError> + 'a;

/// Takes the effects of one batch, however large, and writes them at the end.
///
/// The threads that load may work on different sets at once.
pub trait Loader: Send + Sync {
    /// Takes the effects on the records of one set, by record id, one a record:
    /// all that `next` gives until it gives none. Called once a set.
    fn take(&self, set: Set, next: &mut NextEffects<'_>) -> Result<(), StoreError>;

    /// Says that all sets with [`Set::is_indexed`] were taken: what leads to their records may
    /// be written while others are taken. Need not be called.
    fn index(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Writes the batch: `draft` without changes, with the effects taken.
    /// Durable and whole when this returns, else not there at all.
    fn finish(self: Box<Self>, draft: Draft) -> Result<Option<BatchNo>, StoreError>;
}

/// A store: one writer, any number of snapshots.
pub trait Store: Send + Sync {
    /// The store's keys.
    fn keys(&self) -> &Keys;

    /// The present state.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError>;

    /// Writes a batch: durable and whole when this returns, else not there at
    /// all. A draft that changes nothing makes no batch: `None`; its entries of
    /// books are written all the same.
    fn commit(&self, draft: Draft) -> Result<Option<BatchNo>, StoreError>;

    /// Begins a batch of any size, keeping about `memory` bytes in memory.
    fn loader(&self, memory: usize) -> Result<Box<dyn Loader + '_>, StoreError>;

    /// Writes entries of books `(book, key, value)`, durable and whole.
    fn write(&self, entries: &[BookEntry]) -> Result<(), StoreError>;
}
