//! A batch through sorted tables is the batch written row by row: the same versions, the same
//! quarantine, the same report, the same ways to find them.

use graph::change::BatchNo;
use graph::id::Set;
use graph::store::{Snapshot, Store, Version};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use ingest::report::Report;
use ingest::source::walk;
use ingest::{Options, Vocabulary, ingest};
use queries::catalogue::Catalogue;
use std::path::Path;
use synthetic::Plan;

/// Rows of a city: enough for several blocks, runs and tables of every set.
const ROWS: u64 = 20_000;
/// So little that every pile spills and every batch is large.
const LITTLE: usize = 1 << 16;
const MUCH: usize = 4 << 30;

fn words() -> Vocabulary {
    let catalogue = Catalogue::shipped().expect("the shipped catalogue");
    let mut words = Vocabulary::new();
    for list in catalogue.lists.values() {
        words.add_list(&list.code, &[&list.name]);
    }
    words
}

fn city(folder: &Path, seed: u64) {
    let plan = Plan::new(ROWS, seed).expect("a plan");
    synthetic::write(&plan, folder, 2, &mut |_| {}).expect("a city");
    std::fs::remove_file(folder.join("truth.json")).expect("the truth");
}

/// Every third line of each table another line of it, a few lines withdrawn, some twice.
fn disturbed(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in from.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("a table");
        let mut text = Vec::new();
        for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let line = match number % 7 {
                3 if number > 0 => String::from_utf8_lossy(line)
                    .replace("2024", "2023")
                    .into_bytes(),
                5 => line.to_vec(),
                _ if number > 200 && number % 3 == 0 => continue,
                _ => line.to_vec(),
            };
            text.extend_from_slice(&line);
            if number % 50 == 49 {
                text.extend_from_slice(&line);
            }
        }
        std::fs::write(to.join(path.file_name().expect("a name")), text).expect("a table");
    }
}

fn load(store: &RocksStore, folder: &Path, day: i32, memory: usize) -> Report {
    let inputs = walk(&[folder.to_owned()]).expect("the files");
    let options = Options {
        memory,
        folder: store.dir().to_owned(),
        ..Options::at(Moment::start_of(Date::from_days(day)))
    };
    ingest(store, &inputs, &words(), &options, &mut ()).expect("a load")
}

fn all(snapshot: &dyn Snapshot, set: Set, known: BatchNo) -> Vec<Version> {
    let mut all = Vec::new();
    let mut each = |version| {
        all.push(version);
        Ok(())
    };
    snapshot.scan(set, known, &mut each).expect("a scan");
    all
}

fn same(by_row: &RocksStore, by_table: &RocksStore) {
    let a = by_row.snapshot().expect("a snapshot");
    let b = by_table.snapshot().expect("a snapshot");
    let batches = a.batches().expect("the batches");
    assert_eq!(batches, b.batches().expect("the batches"));
    assert_eq!(a.quarantine().expect("rows"), b.quarantine().expect("rows"));
    for batch in &batches {
        for set in Set::ALL {
            let versions = all(&*a, set, batch.no);
            assert!(versions == all(&*b, set, batch.no), "{} differ", set.name());
            for version in versions.iter().step_by(97) {
                if let Some(number) = version.record.case_no() {
                    let found = b.numbered(number, batch.no).expect("cases");
                    assert_eq!(a.numbered(number, batch.no).expect("cases"), found);
                }
                for entity in version.record.links() {
                    let found = b.linked(set, entity, batch.no).expect("links");
                    assert_eq!(a.linked(set, entity, batch.no).expect("links"), found);
                }
                let past = b.history(set, version.id).expect("a history");
                assert_eq!(a.history(set, version.id).expect("a history"), past);
            }
        }
    }
}

#[test]
fn tables_and_rows_give_the_same_store() {
    let home = tempfile::tempdir().expect("a folder");
    let folders = ["first", "second", "third"].map(|name| home.path().join(name));
    city(&folders[0], 7);
    disturbed(&folders[0], &folders[1]);
    city(&folders[2], 8);
    let open =
        |name: &str| RocksStore::open(&home.path().join(name), || Ok([9; 32])).expect("a store");
    let (by_row, by_table) = (open("rows"), open("tables"));
    let order = [0, 1, 2, 1, 0, 0];
    for (day, place) in (20_000..).zip(order) {
        let row = load(&by_row, &folders[place], day, MUCH);
        let table = load(&by_table, &folders[place], day, LITTLE);
        assert_eq!(
            serde_json::to_value(&row).expect("a report"),
            serde_json::to_value(&table).expect("a report")
        );
    }
    same(&by_row, &by_table);
    assert_eq!(by_table.verify().expect("a check"), vec![]);
    assert!(!home.path().join("tables/loading").exists());
}
