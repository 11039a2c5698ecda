//! Files to one batch: read every row, judge what only all rows together can tell, write once.
//!
//! Rows are read one by one and judged alone first, by several threads; what is understood waits on
//! one pile a set, on disk when memory is short. Then, with all files read: two rows with one
//! key and different content are both set aside, for nobody can tell which is right; codes with a
//! wrong check character must be registered; case numbers must fit one case. What is left is
//! compared with the store. So neither the order of rows nor their distribution over files changes
//! what comes of them.

mod aside;
mod desk;
mod entry;
mod open;
mod pending;
mod persons;
mod read;
mod registry;
mod set_settler;
mod settle;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;

use graph::change::Quarantined;
use graph::id::Set;
use graph::store::Store;
use graph::time::Moment;
use pile::{Ground, Pile};
use rustc_hash::FxHashSet;

use crate::report::Report;
use crate::set::{Reference, Vocabulary};
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
    /// About how many bytes to keep in memory; what is more waits on disk, enciphered.
    pub memory: usize,
    /// The folder for what waits on disk.
    pub folder: PathBuf,
    /// How many threads understand rows and settle sets.
    pub threads: usize,
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
            memory: 4 << 30,
            folder: PathBuf::from("."),
            threads: 2,
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

/// Where a row stands: the file, from 0, then the row by the number of its position.
type Place = (u32, u32);

/// What is known of a row besides what it says: only rows that have to do with quarantine have it.
#[derive(Default)]
struct Extra {
    /// The quarantine entry that this row was made from, if it does not stand in a file.
    taken_up: Option<[u8; 8]>,
    /// The quarantine entry that the row itself names.
    named_entry: Option<[u8; 8]>,
    /// Pending entries of which this row could be the correction, the likeliest first.
    corrects: Vec<[u8; 8]>,
}

/// The rows that were understood, by set and record.
struct Piles {
    ground: Arc<Ground>,
    by_set: Vec<(Set, Pile<{ entry::KEY }>)>,
}

impl Piles {
    fn new(work: &Work<'_>) -> Self {
        let options = work.options;
        let purpose = [b"ingest".as_slice(), &options.recorded_at.0.to_be_bytes()].concat();
        let secret = work.keys.passing(&purpose);
        let ground = Arc::new(Ground::new(&options.folder, secret));
        let most = (options.memory / 8).min(1 << 30);
        let by_set = Set::ALL.map(|set| (set, Pile::new(&ground, most)));
        Self {
            ground,
            by_set: by_set.into(),
        }
    }

    fn of(&self, set: Set) -> Option<&Pile<{ entry::KEY }>> {
        let found = self.by_set.iter().find(|(of, _)| *of == set);
        found.map(|(_, pile)| pile)
    }
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

/// Everything read so far, but for the rows on their piles.
#[derive(Default)]
struct Gathered {
    files: Vec<String>,
    inputs: Vec<Input>,
    sets: Vec<Set>,
    waiting: Vec<Waiting>,
    quarantine: Vec<Quarantined>,
    quarantine_ids: FxHashSet<[u8; 8]>,
    resolved: Vec<[u8; 8]>,
    report: Report,
}

impl Gathered {
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
        stored: !snapshot.batches()?.is_empty(),
    };
    let pending = pending::Pending::load(&work)?;
    let piles = Piles::new(&work);
    let mut desk = desk::Desk::new(&work, &pending, &piles);
    let mut gathered = read::read_all(&mut desk, inputs, progress)?;
    progress.writing();
    let known = waiting::settle_waiting(&mut desk, &mut gathered)?;
    let extras = desk.close()?;
    let loader = if options.dry_run {
        None
    } else {
        Some(store.loader(options.memory)?)
    };
    let settling = settle::Settling::new(&work, &pending, (&known, extras), &piles);
    let (draft, mut report) = settling.settle(gathered, loader.as_deref())?;
    if options.strict && (report.quarantined() > 0 || !report.refused.is_empty()) {
        return Err(Error::Strict {
            report: Box::new(report),
        });
    }
    if let Some(loader) = loader {
        report.batch = loader.finish(draft)?;
    }
    Ok(report)
}

/// What every step needs.
struct Work<'a> {
    keys: &'a graph::seal::Keys,
    snapshot: &'a dyn graph::store::Snapshot,
    vocabulary: &'a Vocabulary,
    options: &'a Options,
    /// The store is not empty.
    stored: bool,
}

impl Work<'_> {
    fn context(&self) -> crate::set::Context<'_> {
        crate::set::Context {
            keys: self.keys,
            vocabulary: self.vocabulary,
            case_org: None,
            met: None,
        }
    }

    /// An error of the files in which rows wait.
    fn spilling(&self, error: std::io::Error) -> Error {
        let place = self.options.folder.display().to_string();
        let full = error.kind() == std::io::ErrorKind::StorageFull;
        let failed = if full {
            graph::store::StoreError::Full { place }
        } else {
            let source = Box::new(error);
            graph::store::StoreError::Engine { place, source }
        };
        failed.into()
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
