//! Sorted tables of one family, one file after the other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use graph::store::StoreError;
use rocksdb::{Options, SstFileWriter};

use crate::column::Column;
use crate::open::RocksStore;

/// Bytes after which the next file begins: RocksDB compacts by files.
const FILE_BYTES: u64 = 256 << 20;

/// Writes entries that come by key.
pub(super) struct Table<'a> {
    store: &'a RocksStore,
    stem: PathBuf,
    options: Option<&'a Options>,
    files: u32,
    writer: Option<SstFileWriter<'a>>,
}

impl<'a> Table<'a> {
    /// A table of `column`; `part` tells apart those of different sets.
    pub(super) fn new(store: &'a RocksStore, column: Column, part: u8) -> Self {
        Self {
            store,
            stem: store.loading().join(format!("{}-{part:02}", column.name())),
            options: store.options(column),
            files: 0,
            writer: None,
        }
    }

    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        if self
            .writer
            .as_ref()
            .is_some_and(|writer| writer.file_size() >= FILE_BYTES)
        {
            self.close()?;
        }
        if self.writer.is_none() {
            self.open()?;
        }
        if let Some(writer) = &mut self.writer {
            writer
                .put(key, value)
                .map_err(|error| self.store.failed(error))?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), StoreError> {
        let mut path = self.stem.clone().into_os_string();
        path.push(format!("-{:05}.sst", self.files));
        self.files += 1;
        let options = self.options.ok_or_else(|| StoreError::Corrupt {
            place: "options",
            what: "a family without options".into(),
        })?;
        let writer = SstFileWriter::create(options);
        writer
            .open(&path)
            .map_err(|error| self.store.failed(error))?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Finishes and syncs the file being written, if there is one.
    pub(super) fn close(&mut self) -> Result<(), StoreError> {
        match self.writer.take() {
            None => Ok(()),
            Some(mut writer) => writer.finish().map_err(|error| self.store.failed(error)),
        }
    }
}

/// The files of a family's tables in a folder.
pub(super) fn tables_of(folder: &Path, column: Column) -> io::Result<Vec<PathBuf>> {
    let begins = format!("{}-", column.name());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&begins) && name.ends_with(".sst") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
