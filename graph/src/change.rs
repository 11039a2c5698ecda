//! What a write is: a [`Draft`] of changes becomes one batch, whole or not at all.
//!
//! A row whose key and content are already there changes nothing; a known key
//! with other content is a new version; a withdrawal is a version without
//! content. [`plan`] decides which, against a snapshot, without writing.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::content::{Content, texts};
use crate::id::{Home, RecordId, Set};
use crate::record::{Detail, Record};
use crate::seal::Keys;
use crate::store::{BookEntry, Latest, Snapshot, StoreError};
use crate::time::Moment;

/// The number of a batch: 1 for the first, 0 for "before all".
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
pub struct BatchNo(pub u32);

impl BatchNo {
    /// Everything that was ever recorded.
    pub const MAX: Self = Self(u32::MAX);
}

/// Where a change stands in its batch: the file's place in [`Draft::files`] and
/// the line (for a sheet, the row).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
pub struct Source {
    /// Place in the batch's list of files.
    pub file: u32,
    /// Line or sheet row, from 1.
    pub line: u32,
}

/// One row's effect.
#[derive(Clone, PartialEq, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "almost every change is a Put: a box would cost an allocation a record"
)]
pub enum Change {
    /// This record is so.
    Put {
        /// What questions compute with.
        record: Record,
        /// What only people read; sealed.
        detail: Detail,
        /// Where it stands.
        source: Source,
    },
    /// A record that nobody has heard of: its key was drawn at random just now, so
    /// nobody looks whether it is there.
    Add {
        /// What questions compute with.
        record: Record,
        /// What only people read; sealed.
        detail: Detail,
        /// Where it stands.
        source: Source,
    },
    /// The record with this key is withdrawn.
    Withdraw {
        /// The record's set.
        set: Set,
        /// The record.
        id: RecordId,
        /// Where it stands.
        source: Source,
    },
}

impl Change {
    /// The record it speaks of.
    pub fn id(&self) -> RecordId {
        match self {
            Self::Put { record, .. } | Self::Add { record, .. } => record.id(),
            Self::Withdraw { id, .. } => *id,
        }
    }

    /// The set it belongs to.
    pub fn set(&self) -> Set {
        match self {
            Self::Put { record, .. } | Self::Add { record, .. } => record.set(),
            Self::Withdraw { set, .. } => *set,
        }
    }
}

/// The reason codes of rows that could not be understood.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reason {
    /// A required column is empty or absent.
    MissingField,
    /// No credit code, or one with a wrong check character that nobody registered.
    BadUscc,
    /// A resident number that fails GB 11643, or no number at all.
    BadIdNumber,
    /// No date.
    BadDate,
    /// No number.
    BadNumber,
    /// Not one of the known words.
    BadEnum,
    /// The end lies before the beginning.
    IntervalReversed,
    /// A percentage below 0 or above 100.
    RatioOutOfRange,
    /// The case number fits several cases.
    AmbiguousReference,
    /// Two rows of one file with one key and different content.
    DuplicateKeyConflict,
    /// The row itself cannot be read.
    Unreadable,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::MissingField,
        Self::BadUscc,
        Self::BadIdNumber,
        Self::BadDate,
        Self::BadNumber,
        Self::BadEnum,
        Self::IntervalReversed,
        Self::RatioOutOfRange,
        Self::AmbiguousReference,
        Self::DuplicateKeyConflict,
        Self::Unreadable,
    ];

    /// The public code.
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingField => "missing_field",
            Self::BadUscc => "bad_uscc",
            Self::BadIdNumber => "bad_id_number",
            Self::BadDate => "bad_date",
            Self::BadNumber => "bad_number",
            Self::BadEnum => "bad_enum",
            Self::IntervalReversed => "interval_reversed",
            Self::RatioOutOfRange => "ratio_out_of_range",
            Self::AmbiguousReference => "ambiguous_reference",
            Self::DuplicateKeyConflict => "duplicate_key_conflict",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A row that could not be understood: kept, never dropped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Quarantined {
    /// Keyed digest of set and cells: the same row is the same entry.
    pub id: [u8; 8],
    /// The record set, if the file's set was known.
    pub set: Option<u8>,
    /// File name.
    pub file: String,
    /// Line, or sheet and cell.
    pub place: String,
    /// The canonical column at fault, empty when the row is unreadable.
    pub field: String,
    /// Why.
    pub reason: Reason,
    /// What is wrong and what to do; never holds the value itself.
    pub message: String,
    /// Header and text of each cell, or one cell without header for an
    /// unreadable line. Sealed at rest.
    pub cells: Vec<(String, String)>,
}

/// A quarantined row as the store tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuarantineEntry {
    /// The row.
    pub row: Quarantined,
    /// The batch it came with.
    pub batch: BatchNo,
    /// The batch that resolved it, if any.
    pub resolved_in: Option<BatchNo>,
}

/// Everything that is to become one batch.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Recorded time of the batch.
    pub recorded_at: Moment,
    /// File names, as [`Source::file`] counts them.
    pub files: Vec<String>,
    /// The rows' effects, at most one a record.
    pub changes: Vec<Change>,
    /// Rows that could not be understood.
    pub quarantine: Vec<Quarantined>,
    /// Quarantine entries that these changes resolve.
    pub resolved: Vec<[u8; 8]>,
    /// The loader's report, as JSON, kept with the batch.
    pub report: String,
    /// Entries of books, written with the batch or, when nothing changes, alone.
    pub entries: Vec<BookEntry>,
}

/// What a change would do to the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A record not known before (or known as withdrawn).
    New,
    /// A new version of a known record.
    Changed,
    /// Already there, with this content.
    Unchanged,
    /// The record is withdrawn.
    Withdrawn,
    /// A withdrawal of what is not there: nothing happens.
    NothingToWithdraw,
}

/// A change that has an effect, ready to be written.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The record.
    pub id: RecordId,
    /// Its set.
    pub set: Set,
    /// Where this version is filed.
    pub home: Home,
    /// Where the version before was filed, if elsewhere.
    pub moved_from: Option<Home>,
    /// What is recorded; none for a withdrawal.
    pub content: Option<Content>,
    /// Where it stands.
    pub source: Source,
}

/// Tells what each change would do, and gives those that do something.
/// Of several changes of one record the last counts.
pub fn plan(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    changes: Vec<Change>,
) -> Result<(Vec<Outcome>, Vec<Effect>), StoreError> {
    let ids: Vec<RecordId> = changes.iter().map(Change::id).collect();
    let mut last_of: FxHashMap<RecordId, usize> = FxHashMap::default();
    for (place, id) in ids.iter().enumerate() {
        last_of.insert(*id, place);
    }
    let latest = latest_of(snapshot, &changes, &ids)?;
    let mut outcomes = Vec::with_capacity(changes.len());
    let mut effects = Vec::new();
    let known = ids.into_iter().zip(latest);
    for (place, (change, (id, latest))) in changes.into_iter().zip(known).enumerate() {
        let (outcome, effect) = if last_of.get(&id) == Some(&place) {
            judge(keys, id, change, latest)?
        } else {
            (Outcome::Unchanged, None)
        };
        outcomes.push(outcome);
        effects.extend(effect);
    }
    Ok((outcomes, effects))
}

/// The heads of the records that changes speak of, in their order.
fn latest_of(
    snapshot: &dyn Snapshot,
    changes: &[Change],
    ids: &[RecordId],
) -> Result<Vec<Option<Latest>>, StoreError> {
    let mut latest = vec![None; changes.len()];
    let asked =
        |change: &Change, set: Set| !matches!(change, Change::Add { .. }) && change.set() == set;
    for set in Set::ALL {
        let (places, ids): (Vec<usize>, Vec<RecordId>) = changes
            .iter()
            .zip(ids)
            .enumerate()
            .filter(|(_, (change, _))| asked(change, set))
            .map(|(place, (_, id))| (place, *id))
            .unzip();
        if ids.is_empty() {
            continue;
        }
        for (place, found) in places.into_iter().zip(snapshot.latest(set, &ids)?) {
            if let Some(slot) = latest.get_mut(place) {
                *slot = found;
            }
        }
    }
    Ok(latest)
}

fn judge(
    keys: &Keys,
    id: RecordId,
    change: Change,
    latest: Option<Latest>,
) -> Result<(Outcome, Option<Effect>), StoreError> {
    let present = latest.filter(|latest| !latest.withdrawn);
    match change {
        Change::Withdraw { set, id, source } => Ok(match present {
            None => (Outcome::NothingToWithdraw, None),
            Some(latest) => {
                let effect = Effect {
                    id,
                    set,
                    home: latest.home,
                    moved_from: None,
                    content: None,
                    source,
                };
                (Outcome::Withdrawn, Some(effect))
            }
        }),
        Change::Put {
            record,
            detail,
            source,
        }
        | Change::Add {
            record,
            detail,
            source,
        } => {
            let content = Content::new(keys, id, &record, texts(&detail))?;
            if present.is_some_and(|latest| latest.digest == content.digest(keys)) {
                return Ok((Outcome::Unchanged, None));
            }
            let outcome = if present.is_some() {
                Outcome::Changed
            } else {
                Outcome::New
            };
            let (set, home) = (record.set(), record.home());
            let moved_from = latest.map(|latest| latest.home).filter(|old| *old != home);
            let content = Some(content);
            Ok((
                outcome,
                Some(Effect {
                    id,
                    set,
                    home,
                    moved_from,
                    content,
                    source,
                }),
            ))
        }
    }
}
