//! Files to one batch: read every row, judge what only all rows together can tell, write once.
//!
//! Rows are read one by one and judged alone first. Then, with all files read: two rows with one
//! key and different content are both set aside, for nobody can tell which is right; codes with a
//! wrong check character must be registered; case numbers must fit one case. What is left is
//! compared with the store. So neither the order of rows nor their distribution over files changes
//! what comes of them.

mod cases;
mod judge;
mod open;
mod pending;
mod persons;
mod read;
mod settle;
mod waiting;

use graph::change::{Change, Quarantined};
use graph::id::{RecordId, Set};
use graph::store::Store;
use graph::time::Moment;
use rustc_hash::FxHashSet;

use crate::report::Report;
use crate::set::{Notes, Reference, Vocabulary};
use crate::source::{Encoding, Input, Raw};
use crate::{Error, quarantine};

/// How a batch is to be loaded.
#[derive(Debug, Clone)]
pub struct Options {
    /// Recorded time of the batch.
    pub recorded_at: Moment,
    /// The set of every file, whatever it is called.
    pub set: Option<Set>,
    /// The sheet of every workbook; the first without it.
    pub sheet: Option<String>,
    /// The encoding of every text file; told from its bytes without it.
    pub encoding: Option<Encoding>,
    /// Refuse the whole batch when a row is quarantined or a file refused.
    pub strict: bool,
    /// Do everything but write.
    pub dry_run: bool,
}

impl Options {
    /// The usual: sets and encodings told by the files, not strict, written.
    #[must_use]
    pub fn at(recorded_at: Moment) -> Self {
        Self {
            recorded_at,
            set: None,
            sheet: None,
            encoding: None,
            strict: false,
            dry_run: false,
        }
    }
}

/// Is told how far loading has come.
pub trait Progress {
    /// File `number` (from 1) of `of` is being read.
    fn file(&mut self, name: &str, number: usize, of: usize);

    /// So many rows were read so far, in all files.
    fn rows(&mut self, read: u64);

    /// All files are read; the batch is judged and written.
    fn writing(&mut self);
}

impl Progress for () {
    fn file(&mut self, _: &str, _: usize, _: usize) {}
    fn rows(&mut self, _: u64) {}
    fn writing(&mut self) {}
}

/// Where a row stands: file, then row, both from 0.
type Place = (u32, u32);

/// A row that was understood by itself.
struct Candidate {
    set: Set,
    id: RecordId,
    change: Change,
    /// Keyed digest of the content; `None` for a withdrawal.
    digest: Option<[u8; 8]>,
    notes: Notes,
    place: Place,
    /// The quarantine entry that this row was made from, if it does not stand in a file.
    taken_up: Option<[u8; 8]>,
    /// The quarantine entry that the row itself names.
    named_entry: Option<[u8; 8]>,
    /// Pending entries of which this row could be the correction, the likeliest first.
    corrects: Vec<[u8; 8]>,
}

/// A row that waits until the organisation of its case is known.
struct Waiting {
    set: Set,
    raw: Raw,
    place: Place,
    line: u32,
    /// The case that the row names.
    reference: Option<Reference>,
    taken_up: Option<[u8; 8]>,
    named_entry: Option<[u8; 8]>,
}

/// Everything read so far.
#[derive(Default)]
struct Gathered {
    files: Vec<String>,
    inputs: Vec<Input>,
    sets: Vec<Set>,
    candidates: Vec<Candidate>,
    waiting: Vec<Waiting>,
    quarantine: Vec<Quarantined>,
    quarantine_ids: FxHashSet<[u8; 8]>,
    resolved: Vec<[u8; 8]>,
    report: Report,
}

impl Gathered {
    /// The number of a file in the batch's list; a file that is not in it is added.
    fn file_number(&mut self, file: &str) -> u32 {
        let place = self
            .files
            .iter()
            .position(|own| own == file)
            .unwrap_or_else(|| {
                self.files.push(file.to_owned());
                self.files.len() - 1
            });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// Puts a row of this batch into quarantine.
    fn set_aside(&mut self, set: Set, row: Quarantined, named_entry: Option<[u8; 8]>) {
        self.report.quarantine(set, row.reason);
        // A corrected row that is still wrong takes the place of the entry it names.
        if let Some(entry) = named_entry.filter(|entry| *entry != row.id) {
            self.resolved.push(entry);
        }
        if self.quarantine_ids.insert(row.id) {
            self.quarantine.push(row);
        }
    }
}

/// Loads `inputs` as one batch and tells what came of it.
pub fn ingest(
    store: &dyn Store,
    inputs: &[Input],
    vocabulary: &Vocabulary,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Report, Error> {
    let snapshot = store.snapshot()?;
    if let Some(newest) = snapshot.batches()?.last().map(|batch| batch.recorded_at)
        && options.recorded_at < newest
    {
        return Err(Error::BackInTime {
            asked: options.recorded_at,
            newest,
        });
    }
    let work = Work {
        keys: store.keys(),
        snapshot: &*snapshot,
        vocabulary,
        options,
    };
    let pending = pending::Pending::load(&work)?;
    let mut gathered = read::read_all(&work, inputs, &pending, progress)?;
    progress.writing();
    judge::judge(&work, &pending, &mut gathered)?;
    let (draft, mut report) = settle::settle(&work, &pending, gathered)?;
    if options.strict && (report.quarantined() > 0 || !report.refused.is_empty()) {
        return Err(Error::Strict {
            report: Box::new(report),
        });
    }
    drop(snapshot);
    if !options.dry_run {
        report.batch = store.commit(draft)?;
    }
    Ok(report)
}

/// What every step needs.
struct Work<'a> {
    keys: &'a graph::seal::Keys,
    snapshot: &'a dyn graph::store::Snapshot,
    vocabulary: &'a Vocabulary,
    options: &'a Options,
}

impl Work<'_> {
    fn context(&self) -> crate::set::Context<'_> {
        crate::set::Context {
            keys: self.keys,
            vocabulary: self.vocabulary,
            case_org: None,
        }
    }

    fn quarantined(
        &self,
        set: Set,
        file: &str,
        raw: &Raw,
        fault: &crate::set::Fault,
    ) -> Quarantined {
        quarantine::quarantined(self.keys, set, file, raw, fault)
    }
}

#[cfg(test)]
mod tests;
