//! Opening a data folder: the key, the schema, one writer or a reader beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use graph::seal::Keys;
use graph::store::{Snapshot, Store, StoreError};
use rocksdb::{ColumnFamily, DB, Options};

use crate::column::{Column, all_options, descriptors};
use crate::key_file;
use crate::numbers::Numbers;
use crate::read::RocksSnapshot;

/// The schema that this program writes and reads.
const SCHEMA: u32 = 5;
/// Memory for blocks read: enough for the hot subjects of a city.
const CACHE_BYTES: usize = 256 << 20;

/// After so many bytes of a table the disk is told to write them.
const SYNC_BYTES: u64 = 1 << 20;

/// How often a reader tries again to open what a writer is just changing.
const READ_AGAIN: u32 = 10;

/// A data folder: `key` and `db/`.
pub struct RocksStore {
    pub(crate) db: DB,
    pub(crate) keys: Keys,
    pub(crate) dir: PathBuf,
    pub(crate) writable: bool,
    options: Vec<Options>,
    pub(crate) numbers: Mutex<Numbers>,
}

impl std::fmt::Debug for RocksStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RocksStore")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl RocksStore {
    /// Opens `dir` for writing, making it when it is new. `secret` is asked for
    /// a fresh secret then, and only then.
    pub fn open(
        dir: &Path,
        secret: impl FnOnce() -> std::io::Result<[u8; 32]>,
    ) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|error| key_file::failed(dir, error))?;
        let known = key_file::read(dir)?;
        if known.is_none() && dir.join("db").exists() {
            return Err(StoreError::WrongKey {
                place: dir.join(key_file::NAME).display().to_string(),
            });
        }
        let secret = if let Some(secret) = known {
            secret
        } else {
            let fresh = secret().map_err(|error| key_file::failed(dir, error))?;
            key_file::create(dir, &fresh)?;
            fresh
        };
        let mut options = Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.increase_parallelism(2);
        // A log written over is durable sooner than one that grows: its length and its
        // blocks need not be noted each time.
        options.set_recycle_log_file_num(2);
        // Compaction is behind whoever asks: it gets what others leave, and gives what it
        // writes to the disk little by little, so that no log waits behind much of it.
        let mut env = rocksdb::Env::new().map_err(|error| opening(dir, error))?;
        env.lower_thread_pool_cpu_priority();
        options.set_env(&env);
        options.set_bytes_per_sync(SYNC_BYTES);
        let families = all_options(CACHE_BYTES);
        let db = DB::open_cf_descriptors(&options, dir.join("db"), descriptors(&families))
            .map_err(|error| opening(dir, error))?;
        let store = Self {
            db,
            keys: Keys::new(&secret),
            dir: dir.to_owned(),
            writable: true,
            options: families,
            numbers: Mutex::default(),
        };
        store.check_schema()?;
        store.recover()?;
        Ok(store)
    }

    /// Opens `dir` for reading, beside whoever writes.
    pub fn open_read_only(dir: &Path) -> Result<Self, StoreError> {
        let absent = || StoreError::Absent {
            place: dir.display().to_string(),
        };
        if !dir.join("db").join("CURRENT").exists() {
            return Err(absent());
        }
        let secret = key_file::read(dir)?.ok_or_else(|| StoreError::WrongKey {
            place: dir.join(key_file::NAME).display().to_string(),
        })?;
        let options = Options::default();
        let families = all_options(CACHE_BYTES);
        let path = dir.join("db");
        let open =
            || DB::open_cf_descriptors_read_only(&options, &path, descriptors(&families), false);
        let mut opened = open();
        // The writer beside may take away a file between its being named and its being opened.
        for _ in 0..READ_AGAIN {
            if opened.is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
            opened = open();
        }
        let db = opened.map_err(|error| opening(dir, error))?;
        let store = Self {
            db,
            keys: Keys::new(&secret),
            dir: dir.to_owned(),
            writable: false,
            options: families,
            numbers: Mutex::default(),
        };
        store.check_schema()?;
        store.look_for_reserved()?;
        store.look_at_numbers()?;
        Ok(store)
    }

    fn check_schema(&self) -> Result<(), StoreError> {
        let meta = self.column(Column::Meta)?;
        let read = |name: &str| {
            self.db
                .get_cf(meta, name)
                .map_err(|error| self.failed(error))
        };
        let print = self.keys.content(&[b"chuantou store"]);
        match read("schema")? {
            None if self.writable => {
                let mut batch = rocksdb::WriteBatch::default();
                batch.put_cf(meta, "schema", SCHEMA.to_string());
                batch.put_cf(meta, "fingerprint", print);
                self.write_durably(batch)
            }
            None => Err(StoreError::Absent {
                place: self.dir.display().to_string(),
            }),
            Some(found) if found == SCHEMA.to_string().as_bytes() => {
                if read("fingerprint")?.as_deref() == Some(print.as_slice()) {
                    return Ok(());
                }
                let place = self.dir.join(key_file::NAME).display().to_string();
                Err(StoreError::WrongKey { place })
            }
            Some(found) => Err(StoreError::UnknownSchema {
                found: String::from_utf8_lossy(&found).into_owned(),
                known: SCHEMA,
            }),
        }
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The options of a family.
    pub(crate) fn options(&self, column: Column) -> Option<&Options> {
        let mut all = Column::ALL.iter().zip(&self.options);
        let found = all.find(|(other, _)| **other == column);
        found.map(|(_, options)| options)
    }

    pub(crate) fn column(&self, column: Column) -> Result<&ColumnFamily, StoreError> {
        let missing = || StoreError::Corrupt {
            place: column.name(),
            what: "the family is missing".into(),
        };
        self.db.cf_handle(column.name()).ok_or_else(missing)
    }

    pub(crate) fn failed(&self, error: rocksdb::Error) -> StoreError {
        failed(&self.dir, error)
    }

    pub(crate) fn write_durably(&self, batch: rocksdb::WriteBatch) -> Result<(), StoreError> {
        let mut options = rocksdb::WriteOptions::default();
        options.set_sync(true);
        self.db
            .write_opt(batch, &options)
            .map_err(|error| self.failed(error))?;
        self.look_at_numbers()
    }
}

impl Store for RocksStore {
    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        Ok(Box::new(RocksSnapshot::new(self)))
    }

    fn commit(
        &self,
        draft: graph::change::Draft,
    ) -> Result<Option<graph::change::BatchNo>, StoreError> {
        self.commit_draft(draft)
    }

    fn loader(&self, memory: usize) -> Result<Box<dyn graph::store::Loader + '_>, StoreError> {
        Ok(Box::new(crate::load::RocksLoader::new(self, memory)?))
    }

    fn write(&self, entries: &[graph::store::BookEntry]) -> Result<(), StoreError> {
        self.write_entries(entries)
    }
}

fn opening(dir: &Path, error: rocksdb::Error) -> StoreError {
    if error.kind() == rocksdb::ErrorKind::IOError && error.as_ref().contains("lock") {
        return StoreError::InUse {
            place: dir.display().to_string(),
        };
    }
    failed(dir, error)
}

fn failed(dir: &Path, error: rocksdb::Error) -> StoreError {
    let place = dir.display().to_string();
    if error.as_ref().contains("No space left") {
        return StoreError::Full { place };
    }
    if error.kind() == rocksdb::ErrorKind::Corruption {
        return StoreError::Corrupt {
            place: "db",
            what: error.into_string(),
        };
    }
    StoreError::Engine {
        place,
        source: Box::new(error),
    }
}
