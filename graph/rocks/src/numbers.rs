//! The numbers of batches: which are there, and which is kept for a load.
//!
//! Batches are numbered one after the other. A load that takes long asks for its number before it
//! writes, and others go on with the numbers behind it. Nobody sees theirs before the load's is
//! there: what is known grows in the order of the numbers alone. A load that comes to nothing
//! leaves an empty batch in its place when others came behind it.

use std::sync::{MutexGuard, PoisonError};

use graph::change::BatchNo;
use graph::store::{BatchInfo, StoreError};
use graph::time::Moment;
use rocksdb::WriteBatch;

use crate::bytes::{StoredBatch, batch_key, encode};
use crate::column::Column;
use crate::open::RocksStore;
use crate::read::batch_of;

/// The note in the `meta` family: the number kept for a load, and its date.
pub(crate) const RESERVED: &str = "reserved";

/// A batch's number, and when it was recorded.
pub(crate) type Numbered = (BatchNo, Moment);

/// What is there.
#[derive(Default)]
pub(crate) struct Numbers {
    /// The newest batch of those before which none is missing.
    seen: Option<Numbered>,
    /// The newest batch.
    written: Option<Numbered>,
    /// The number kept for a load.
    kept: Option<Numbered>,
    /// That load came to nothing, and others are behind it: whoever writes next puts an empty
    /// batch in its place.
    owed: bool,
}

impl RocksStore {
    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest batch that is durable and in line: what a snapshot begun now sees at least.
    pub(crate) fn newest(&self) -> Option<Numbered> {
        self.numbers().seen
    }

    /// The number of a batch recorded at `recorded_at`.
    pub(crate) fn next_batch(&self, recorded_at: Moment) -> Result<BatchNo, StoreError> {
        let numbers = self.numbers();
        match numbers.written.max(numbers.kept) {
            Some((_, newest)) if recorded_at < newest => Err(StoreError::BackInTime {
                asked: recorded_at,
                newest,
            }),
            newest => Ok(BatchNo(newest.map_or(0, |(no, _)| no.0) + 1)),
        }
    }

    /// Keeps the next number for a load recorded at `recorded_at`; durable when this returns.
    /// No batch may be written meanwhile, and one number is kept at a time.
    pub fn reserve(&self, recorded_at: Moment) -> Result<BatchNo, StoreError> {
        self.must_be_writable()?;
        let no = self.next_batch(recorded_at)?;
        let mut out = WriteBatch::default();
        self.put_owed(&mut out)?;
        let note = [batch_key(no).as_slice(), &recorded_at.0.to_be_bytes()].concat();
        out.put_cf(self.column(Column::Meta)?, RESERVED, note);
        self.write_durably(out)?;
        self.numbers().kept = Some((no, recorded_at));
        Ok(no)
    }

    /// The load that a number was kept for is over: what became of its batch. None: it came to
    /// nothing, and nobody came behind it. Fails only when nobody can tell; a full disk is no
    /// hindrance. No batch may be written meanwhile.
    pub fn settled(&self, no: BatchNo) -> Result<Option<BatchInfo>, StoreError> {
        let there = self.batch_at(no)?;
        let Some((_, recorded_at)) = self.numbers().kept.filter(|(kept, _)| *kept == no) else {
            return Ok(there);
        };
        let later = self.numbers().written > Some((no, recorded_at));
        if later {
            self.numbers().owed = true;
        } else {
            self.numbers().kept = None;
        }
        let mut out = WriteBatch::default();
        self.put_owed(&mut out)?;
        out.delete_cf(self.column(Column::Meta)?, RESERVED);
        // Whoever writes next does it otherwise, and whoever opens the folder next.
        let _ = self.write_durably(out);
        Ok(later.then(|| BatchInfo {
            no,
            recorded_at,
            files: Vec::new(),
            report: NOTHING.to_owned(),
        }))
    }

    /// Adds the empty batch that is owed.
    pub(crate) fn put_owed(&self, out: &mut WriteBatch) -> Result<(), StoreError> {
        let numbers = self.numbers();
        if let Some((no, recorded_at)) = numbers.kept.filter(|_| numbers.owed) {
            let empty = encode(&StoredBatch {
                recorded_at,
                files: Vec::new(),
                report: NOTHING.to_owned(),
            })?;
            out.put_cf(self.column(Column::Batch)?, batch_key(no), empty);
            out.delete_cf(self.column(Column::Meta)?, RESERVED);
        }
        Ok(())
    }

    /// Reads what is there: after every write, and when the folder is opened.
    pub(crate) fn look_at_numbers(&self) -> Result<(), StoreError> {
        let mut numbers = self.numbers();
        let mut batches = self.db.raw_iterator_cf(self.column(Column::Batch)?);
        let found = |batches: &rocksdb::DBRawIterator<'_>| {
            let batch = batches.item().map(|(key, value)| batch_of(key, value));
            let batch = batch.transpose()?;
            Ok::<_, StoreError>(batch.map(|batch| (batch.no, batch.recorded_at)))
        };
        batches.seek_to_last();
        numbers.written = found(&batches)?;
        numbers.seen = numbers.written;
        if let Some((no, _)) = numbers.kept {
            batches.seek_for_prev(batch_key(no));
            let up_to = found(&batches)?;
            if up_to.is_some_and(|(found, _)| found == no) {
                (numbers.kept, numbers.owed) = (None, false);
            } else {
                numbers.seen = up_to;
            }
        }
        batches.status().map_err(|error| self.failed(error))
    }

    /// Reads which number an interrupted load, or one of the writer beside, has kept.
    pub(crate) fn look_for_reserved(&self) -> Result<Option<BatchNo>, StoreError> {
        let note = self.db.get_cf(self.column(Column::Meta)?, RESERVED);
        let note = note.map_err(|error| self.failed(error))?;
        let parts = note.as_deref().and_then(|note| {
            let (no, at) = note.split_first_chunk::<4>()?;
            let at = i64::from_be_bytes(at.try_into().ok()?);
            Some((BatchNo(u32::from_be_bytes(*no)), Moment(at)))
        });
        self.numbers().kept = parts;
        Ok(parts.map(|(no, _)| no))
    }

    fn batch_at(&self, no: BatchNo) -> Result<Option<BatchInfo>, StoreError> {
        let key = batch_key(no);
        let value = self.db.get_cf(self.column(Column::Batch)?, key);
        let value = value.map_err(|error| self.failed(error))?;
        value.map(|value| batch_of(&key, &value)).transpose()
    }
}

/// The report of a batch that is empty because its load came to nothing.
const NOTHING: &str = "{}";

#[cfg(test)]
#[path = "numbers_tests.rs"]
mod tests;
