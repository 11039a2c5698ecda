//! The sorted tables of one large batch.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use graph::change::{BatchNo, Effect};
use graph::id::Set;
use graph::store::StoreError;
use pile::{Ground, Heap, Pile, Sorted};
use rocksdb::WriteBatch;

use super::table::Table;
use super::{HEAD, NOTE, ROOM};
use crate::bytes::{
    LINK_KEY, NUMBER_KEY, PLACE_HEAD, PlaceKey, RECORD_KEY, link_order, place_key, record_order,
};
use crate::column::Column;
use crate::open::RocksStore;
use crate::write::each_entry;

/// Bytes of room kept besides twice the head.
const SPARE: usize = 1 << 20;

/// Bytes of records or links gathered before they go onto their pile.
const HEAP: usize = 1 << 20;

/// A large batch being made.
pub(super) struct Bulk<'a> {
    store: &'a RocksStore,
    no: BatchNo,
    /// Bytes that one pile may keep.
    most: usize,
    ground: Arc<Ground>,
    links: Pile<LINK_KEY>,
    numbers: Pile<NUMBER_KEY>,
    /// The tables of the indexes are written.
    indexed: AtomicBool,
}

impl<'a> Bulk<'a> {
    pub(super) fn begin(
        store: &'a RocksStore,
        no: BatchNo,
        memory: usize,
    ) -> Result<Self, StoreError> {
        let folder = store.loading();
        fs::create_dir_all(&folder).map_err(|error| store.io(error))?;
        let purpose = [b"load".as_slice(), &no.0.to_be_bytes()].concat();
        let ground = Arc::new(Ground::new(&folder, store.keys.passing(&purpose)));
        let most = memory / 8;
        Ok(Self {
            store,
            no,
            most,
            links: Pile::by_head(&ground, most / 2, link_order),
            numbers: Pile::new(&ground, most / 8),
            ground,
            indexed: AtomicBool::new(false),
        })
    }

    /// Writes the tables of the indexes; a second time, when there is nothing more for them,
    /// nothing.
    pub(super) fn write_indexes(&self) -> Result<(), StoreError> {
        let again = self.indexed.swap(true, Ordering::Relaxed);
        if again && !(self.links.is_empty() && self.numbers.is_empty()) {
            return Err(StoreError::encoding("a record came after the indexes"));
        }
        write_pile(self.store, Column::Link, &self.links)?;
        write_pile(self.store, Column::Number, &self.numbers)
    }

    /// Writes what is left, syncs everything, and notes that the batch is to be.
    pub(super) fn finish(&self, head: &WriteBatch) -> Result<(), StoreError> {
        let store = self.store;
        self.write_indexes()?;
        let folder = store.loading();
        let written = || {
            write_file(&folder.join(HEAD), head.data())?;
            // From the note on nothing may fail for want of room: the head goes into the log
            // and the tables into the list of files.
            let room = vec![0; head.data().len() * 2 + SPARE];
            write_file(&folder.join(ROOM), &room)?;
            sync_folder(&folder)?;
            sync_folder(&store.dir)
        };
        written().map_err(|error| store.io(error))?;
        let mut note = WriteBatch::default();
        note.put_cf(store.column(Column::Meta)?, NOTE, self.no.0.to_be_bytes());
        store.write_durably(note)
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A pile of keys without values becomes a table.
fn write_pile<const K: usize>(
    store: &RocksStore,
    column: Column,
    pile: &Pile<K>,
) -> Result<(), StoreError> {
    let mut table = Table::new(store, column, 0);
    let mut sorted = pile.sorted().map_err(|error| store.io(error))?;
    let mut last = None;
    while let Some((key, _)) = sorted.next_entry().map_err(|error| store.io(error))? {
        // A record may name one entity twice.
        if last.as_ref() != Some(key) {
            last = Some(*key);
            table.put(key, &[])?;
        }
    }
    table.close()
}

/// The tables of one set being made.
pub(super) struct SetTables<'b> {
    bulk: &'b Bulk<'b>,
    set: Set,
    places: Places<'b>,
    records: Pile<RECORD_KEY>,
    /// Records on their way there.
    heap: Heap<RECORD_KEY>,
    links: Heap<LINK_KEY>,
    value: Vec<u8>,
}

/// The entries of `place` of one set. They come by record id, of which their keys have only the
/// head: those with one head wait for each other.
struct Places<'b> {
    table: Table<'b>,
    waiting: Vec<PlaceKey>,
}

impl Places<'_> {
    fn put(&mut self, key: PlaceKey) -> Result<(), StoreError> {
        let head = |key: &PlaceKey| key.bytes().first_chunk::<PLACE_HEAD>().copied();
        if self
            .waiting
            .last()
            .is_some_and(|last| head(last) != head(&key))
        {
            self.write()?;
        }
        self.waiting.push(key);
        Ok(())
    }

    fn write(&mut self) -> Result<(), StoreError> {
        self.waiting.sort_unstable();
        self.waiting.dedup();
        let mut waiting = self.waiting.drain(..);
        waiting.try_for_each(|key| self.table.put(key.bytes(), &[]))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.write()?;
        self.table.close()
    }
}

impl<'b> SetTables<'b> {
    pub(super) fn new(bulk: &'b Bulk<'b>, set: Set) -> Self {
        Self {
            bulk,
            set,
            places: Places {
                table: Table::new(bulk.store, Column::Place, set.number()),
                waiting: Vec::new(),
            },
            records: Pile::by_head(&bulk.ground, bulk.most, record_order),
            heap: Heap::default(),
            links: Heap::default(),
            value: Vec::new(),
        }
    }

    /// Takes effects, by record id over all calls.
    pub(super) fn put(&mut self, effects: &[Effect]) -> Result<(), StoreError> {
        let Bulk {
            store,
            no,
            links: all_links,
            numbers,
            ..
        } = self.bulk;
        let (places, heap, links) = (&mut self.places, &mut self.heap, &mut self.links);
        let fixed = |result: Option<std::io::Result<()>>| match result {
            Some(done) => done.map_err(|error| store.io(error)),
            None => Err(StoreError::encoding("a key of the wrong length")),
        };
        for effect in effects {
            each_entry(
                (&store.keys, *no),
                effect,
                &mut self.value,
                &mut |column, key, value| match column {
                    Column::Record => fixed(key.try_into().ok().map(|key| heap.push(key, value))),
                    Column::Link => fixed(key.try_into().ok().map(|key| links.push(key, &[]))),
                    Column::Number => fixed(key.try_into().ok().map(|key| numbers.push(key, &[]))),
                    _ => places.put(place_key(effect.set, effect.id, effect.home)),
                },
            )?;
        }
        if links.bytes() >= HEAP {
            all_links.append(links).map_err(|error| store.io(error))?;
        }
        if heap.bytes() >= HEAP {
            let appended = self.records.append(heap);
            appended.map_err(|error| store.io(error))?;
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), StoreError> {
        self.places.close()?;
        let store = self.bulk.store;
        let links = self.bulk.links.append(&mut self.links);
        links.map_err(|error| store.io(error))?;
        let records = self.records.append(&mut self.heap);
        records.map_err(|error| store.io(error))?;
        let mut table = Table::new(store, Column::Record, self.set.number());
        let sorted = self.records.sorted();
        let mut sorted: Sorted<RECORD_KEY> = sorted.map_err(|error| store.io(error))?;
        while let Some((key, value)) = sorted.next_entry().map_err(|error| store.io(error))? {
            table.put(key, value)?;
        }
        table.close()
    }
}
