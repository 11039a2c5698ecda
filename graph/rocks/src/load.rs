//! A batch of any size. A small one is written like any other; a large one
//! becomes sorted tables beside the database, which RocksDB then takes in.
//!
//! The tables are made and synced in `loading/`. Then a note in the database says
//! that this batch is to be: from there on it will be whole, for whoever opens
//! the folder next for writing takes the tables in that are still there. Before
//! the note, the folder is thrown away. Readers never see versions of a batch
//! that is not among the batches yet.

mod bulk;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use graph::change::{BatchNo, Draft, Effect};
use graph::content::Content;
use graph::id::Set;
use graph::store::{Loader, NextEffects, StoreError};
use graph::time::Moment;
use rocksdb::WriteBatch;

use crate::bytes::batch_key;
use crate::column::Column;
use crate::numbers::RESERVED;
use crate::open::RocksStore;
use bulk::{Bulk, SetTables};

/// The share of the memory allowed up to which a batch is small.
const SMALL: usize = 64;
/// The folder of the tables, beside the database.
const FOLDER: &str = "loading";
/// The file with all of the batch that is not in tables.
const HEAD: &str = "head";
/// A file that keeps room on the disk for what is written after the note.
const ROOM: &str = "room";
/// The note in the `meta` family: the tables in `loading/` are to be taken in.
const NOTE: &str = "loading";

pub(crate) struct RocksLoader<'a> {
    store: &'a RocksStore,
    no: BatchNo,
    /// The number was kept for this load.
    reserved: bool,
    memory: usize,
    /// Effects of a batch that is small so far, and their bytes.
    small: Mutex<BTreeMap<Set, Vec<Effect>>>,
    bytes: AtomicUsize,
    bulk: OnceLock<Bulk<'a>>,
}

impl<'a> RocksLoader<'a> {
    pub(crate) fn new(store: &'a RocksStore, memory: usize) -> Result<Self, StoreError> {
        store.must_be_writable()?;
        Ok(Self::numbered(
            store,
            (store.next_batch(Moment(i64::MAX))?, false),
            memory,
        ))
    }

    fn numbered(store: &'a RocksStore, (no, reserved): (BatchNo, bool), memory: usize) -> Self {
        Self {
            store,
            no,
            reserved,
            memory,
            small: Mutex::default(),
            bytes: AtomicUsize::new(0),
            bulk: OnceLock::new(),
        }
    }

    /// Keeps effects while the batch is small; tells whether it still is.
    fn keep(&self, set: Set, effects: Vec<Effect>) -> bool {
        let bytes: usize = effects.iter().map(size).sum();
        let mut small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.entry(set).or_default().extend(effects);
        let all = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        all <= self.memory / SMALL
    }

    fn kept(&self, set: Set) -> Vec<Effect> {
        let mut small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.remove(&set).unwrap_or_default()
    }

    /// The bulk load, begun when it is not yet.
    fn bulk(&self) -> Result<&Bulk<'a>, StoreError> {
        if let Some(bulk) = self.bulk.get() {
            return Ok(bulk);
        }
        let fresh = Bulk::begin(self.store, self.no, self.memory)?;
        Ok(self.bulk.get_or_init(|| fresh))
    }

    /// Writes a set whose effects were kept so far.
    fn take_kept(&self, bulk: &Bulk<'a>, set: Set) -> Result<(), StoreError> {
        let mut tables = SetTables::new(bulk, set);
        tables.put(&self.kept(set))?;
        tables.finish()
    }
}

/// About what an effect takes in memory.
fn size(effect: &Effect) -> usize {
    let content = effect.content.as_ref();
    size_of::<Effect>() + content.map_or(0, Content::size)
}

impl Loader for RocksLoader<'_> {
    fn take(&self, set: Set, next: &mut NextEffects<'_>) -> Result<(), StoreError> {
        let mut effects = next()?;
        while !effects.is_empty() && self.bulk.get().is_none() {
            if !self.keep(set, effects) {
                self.bulk()?;
            }
            effects = next()?;
        }
        if effects.is_empty() {
            return Ok(());
        }
        let mut tables = SetTables::new(self.bulk()?, set);
        tables.put(&self.kept(set))?;
        while !effects.is_empty() {
            tables.put(&effects)?;
            effects = next()?;
        }
        tables.finish()
    }

    fn index(&self) -> Result<(), StoreError> {
        let Some(bulk) = self.bulk.get() else {
            return Ok(());
        };
        for set in Set::ALL.into_iter().filter(|set| set.is_indexed()) {
            self.take_kept(bulk, set)?;
        }
        bulk.write_indexes()
    }

    fn finish(mut self: Box<Self>, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        let no = self.no;
        if !self.reserved && self.store.next_batch(draft.recorded_at)? != no {
            return Err(StoreError::InUse {
                place: self.store.dir.display().to_string(),
            });
        }
        if self.bulk.get().is_some() {
            let left: Vec<Set> = self.small.get_mut().map_or_else(
                |poisoned| poisoned.into_inner().keys().copied().collect(),
                |small| small.keys().copied().collect(),
            );
            for set in left {
                self.take_kept(self.bulk()?, set)?;
            }
        }
        let small = std::mem::take(&mut self.small);
        let small = small.into_inner().unwrap_or_else(PoisonError::into_inner);
        let changes = self.bulk.get().is_some() || small.values().any(|kept| !kept.is_empty());
        let Some(mut head) = self.store.head(no, draft, changes)? else {
            return Ok(None);
        };
        if self.reserved {
            head.delete_cf(self.store.column(Column::Meta)?, RESERVED);
        }
        if let Some(bulk) = self.bulk.get() {
            // Nothing: too much was touched for a list.
            head.put_cf(self.store.column(Column::Touched)?, batch_key(no), []);
            bulk.finish(&head)?;
            self.store.take_in_tables()?;
            return Ok(Some(no));
        }
        let effects = small.values().flatten();
        self.store.put_effects(&mut head, no, effects)?;
        self.store.write_durably(head)?;
        Ok(Some(no))
    }
}

impl Drop for RocksLoader<'_> {
    /// A load that did not come to its note leaves nothing behind. Should even
    /// that fail, the next opening for writing does it.
    fn drop(&mut self) {
        if self.bulk.get().is_some() {
            let _ = self.store.recover_load();
        }
    }
}

impl RocksStore {
    fn loading(&self) -> PathBuf {
        self.dir.join(FOLDER)
    }

    /// The loader of a batch whose number was kept for it ([`RocksStore::reserve`]). Others may
    /// commit batches meanwhile; [`RocksStore::settled`] tells what became of it.
    pub fn loader_of(&self, no: BatchNo, memory: usize) -> Box<dyn Loader + '_> {
        Box::new(RocksLoader::numbered(self, (no, true), memory))
    }

    /// Finishes or throws away what an interrupted program left.
    pub(crate) fn recover(&self) -> Result<(), StoreError> {
        let reserved = self.look_for_reserved()?;
        self.look_at_numbers()?;
        self.recover_load()?;
        if let Some(no) = reserved {
            self.settled(no)?;
        }
        self.look_at_numbers()
    }

    /// Finishes or throws away what an interrupted load left.
    fn recover_load(&self) -> Result<(), StoreError> {
        let note = self
            .db
            .get_cf(self.column(Column::Meta)?, NOTE)
            .map_err(|error| self.failed(error))?;
        if note.is_some() {
            return self.take_in_tables();
        }
        let folder = self.loading();
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| self.io(error))?;
        }
        Ok(())
    }

    /// Takes in the tables in `loading/` and then the head of the batch. May be
    /// done again after an interruption: tables already taken in are gone.
    fn take_in_tables(&self) -> Result<(), StoreError> {
        let folder = self.loading();
        let room = folder.join(ROOM);
        if room.exists() {
            fs::remove_file(room).map_err(|error| self.io(error))?;
        }
        for column in Column::ALL {
            let tables = table::tables_of(&folder, column).map_err(|error| self.io(error))?;
            if tables.is_empty() {
                continue;
            }
            let mut options = rocksdb::IngestExternalFileOptions::default();
            options.set_move_files(true);
            self.db
                .ingest_external_file_cf_opts(self.column(column)?, &options, tables)
                .map_err(|error| self.failed(error))?;
        }
        let head = fs::read(folder.join(HEAD)).map_err(|error| self.io(error))?;
        let mut head = WriteBatch::from_data(&head);
        head.delete_cf(self.column(Column::Meta)?, NOTE);
        self.write_durably(head)?;
        fs::remove_dir_all(&folder).map_err(|error| self.io(error))
    }

    pub(crate) fn io(&self, error: std::io::Error) -> StoreError {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return StoreError::Full {
                place: self.dir.display().to_string(),
            };
        }
        StoreError::Engine {
            place: self.dir.display().to_string(),
            source: Box::new(error),
        }
    }
}
