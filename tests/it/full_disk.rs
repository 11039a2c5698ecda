//! A disk that fills up during a load: a clear error, and the store is as before.
//!
//! A small file system in memory stands for the disk, which only root may mount.

use std::fs;
use std::path::Path;
use std::process::Command;

use graph::change::BatchNo;
use graph::id::Set;
use graph::store::{Store, StoreError};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use ingest::report::Report;
use ingest::source::walk;
use ingest::{Options, Vocabulary, ingest};

/// A mounted file system; gone when dropped.
struct Disk<'a>(&'a Path);

impl<'a> Disk<'a> {
    /// None when this process may not mount one.
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let command = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(at)
            .output();
        command
            .is_ok_and(|output| output.status.success())
            .then_some(Self(at))
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

/// Loads with so little memory that rows wait on the disk, or so much that only tables do.
fn load(
    store: &RocksStore,
    folder: &Path,
    day: i32,
    memory: usize,
) -> Result<Report, ingest::Error> {
    let inputs = walk(&[folder.to_owned()]).expect("the files");
    let options = Options {
        memory,
        folder: store.dir().to_owned(),
        ..Options::at(Moment::start_of(Date::from_days(day)))
    };
    ingest(store, &inputs, &Vocabulary::new(), &options, &mut ())
}

fn open(data: &Path) -> RocksStore {
    RocksStore::open(data, || Ok([3; 32])).expect("a store")
}

/// Everything a store holds, as text.
fn content(store: &RocksStore) -> String {
    let snapshot = store.snapshot().expect("a snapshot");
    let mut all = format!("{:?}", snapshot.batches().expect("batches"));
    for set in Set::ALL {
        let mut each = |version| {
            all += &format!("{version:?}");
            Ok(())
        };
        snapshot.scan(set, BatchNo::MAX, &mut each).expect("a scan");
    }
    all + &format!("{:?}", snapshot.quarantine().expect("quarantine"))
}

/// `rows` matters and as many organisations, numbered from `first`.
fn city(folder: &Path, rows: std::ops::Range<usize>) {
    fs::create_dir_all(folder).expect("a folder");
    let mut text = String::from("matter_no,department,item,id_type,id_number,accepted_on\n");
    for row in rows {
        text += &format!("M{row},D,I,passport,P{},2024-03-01\n", row * 7);
    }
    fs::write(folder.join("matters.csv"), text).expect("a table");
}

#[test]
fn a_full_disk_leaves_the_store_as_it_was() {
    let place = tempfile::tempdir().expect("a folder");
    let (disk, files) = (place.path().join("disk"), place.path().join("files"));
    fs::create_dir_all(&disk).expect("a folder");
    city(&files.join("small"), 0..50);
    city(&files.join("large"), 20..20_000);
    let Some(_mounted) = Disk::mount(&disk, "24m") else {
        println!(
            "no file system can be mounted here (only root may, and not in every container): nothing was tried"
        );
        return;
    };
    let data = disk.join("data");
    let store = open(&data);
    load(&store, &files.join("small"), 1, 4 << 30).expect("room for a small batch");
    let before = content(&store);
    drop(store);
    let (mut failed, mut done) = (0, 0);
    // Less and less is left free, so that it runs out at every stage.
    for (day, taken) in (2..).zip([19.0, 18.0, 17.5, 17.0, 16.5, 16.0, 15.0, 12.0, 0.0]) {
        for memory in [1 << 16, 64 << 20] {
            if done > 0 {
                continue;
            }
            let store = open(&data);
            let taken = vec![0; (taken * f64::from(1 << 20)) as usize];
            let filled = fs::write(disk.join("ballast"), &taken);
            let result = filled
                .is_ok()
                .then(|| load(&store, &files.join("large"), day, memory));
            drop(store);
            fs::remove_file(disk.join("ballast")).expect("the ballast");
            let store = open(&data);
            assert_eq!(store.verify().expect("a check"), vec![]);
            assert!(!data.join("loading").exists());
            match result {
                None => continue,
                Some(Ok(_)) => {
                    done += 1;
                    assert_ne!(content(&store), before);
                }
                Some(Err(error)) => {
                    failed += 1;
                    let full = matches!(error, ingest::Error::Store(StoreError::Full { .. }));
                    assert!(full, "{error}");
                    assert!(error.to_string().contains("is full"), "{error}");
                    assert_eq!(content(&store), before, "{} bytes taken", taken.len());
                }
            }
        }
    }
    assert!(failed >= 3, "the disk was never full");
    assert_eq!(done, 1, "there was never room");
}
