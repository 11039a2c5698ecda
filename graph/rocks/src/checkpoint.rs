//! A copy of the store as it is at one moment, while it is read and written.

use std::path::Path;

use graph::store::StoreError;
use rocksdb::checkpoint::Checkpoint;

use crate::open::RocksStore;

impl RocksStore {
    /// Makes a copy in `dir`, which must not exist. On the same file system it shares
    /// the files that never change, so it takes no time and no space.
    ///
    /// The keys are not part of it.
    pub fn checkpoint(&self, dir: &Path) -> Result<(), StoreError> {
        let copy = Checkpoint::new(&self.db).map_err(|error| self.failed(error))?;
        copy.create_checkpoint(dir)
            .map_err(|error| self.failed(error))
    }
}

#[cfg(test)]
mod tests {
    use graph::change::{BatchNo, Draft};
    use graph::store::{Book, Store};
    use graph::time::Moment;

    use crate::open::RocksStore;

    #[test]
    fn a_copy_has_what_was_written_before_it_and_nothing_after() {
        let home = tempfile::tempdir().unwrap();
        let (data, copy) = (home.path().join("data"), home.path().join("copy"));
        let store = RocksStore::open(&data, || Ok([7; 32])).unwrap();
        let entry = |name: &str| vec![(Book::Gap, name.as_bytes().to_vec(), b"x".to_vec())];
        store.write(&entry("before")).unwrap();
        std::fs::create_dir(&copy).unwrap();
        store.checkpoint(&copy.join("db")).unwrap();
        store.write(&entry("after")).unwrap();
        assert!(store.checkpoint(&copy.join("db")).is_err());
        std::fs::copy(data.join("key"), copy.join("key")).unwrap();
        let copied = RocksStore::open(&copy, || Ok([8; 32])).unwrap();
        let held = |store: &RocksStore| store.snapshot().unwrap().entries(Book::Gap, &[]).unwrap();
        assert_eq!(held(&copied).len(), 1);
        assert_eq!(held(&store).len(), 2);
        // The copy is a store of its own.
        let draft = Draft {
            recorded_at: Moment(1),
            files: Vec::new(),
            changes: Vec::new(),
            quarantine: Vec::new(),
            resolved: Vec::new(),
            report: String::new(),
            entries: Vec::new(),
        };
        assert_eq!(copied.commit(draft).unwrap(), None::<BatchNo>);
    }
}
