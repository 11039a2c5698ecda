//! Batches against the plainest store.

mod files;
mod laws;
mod quarantine;
mod versions;

use graph::change::{BatchNo, QuarantineEntry};
use graph::id::Set;
use graph::memory::MemoryStore;
use graph::store::Store;
use graph::time::{Date, Moment};

use super::{Options, ingest};
use crate::Error;
use crate::report::Report;
use crate::set::Vocabulary;
use crate::source::Input;

const ORG: &str = "914403001922038216";
const OTHER: &str = "91330100799655058B";
const WRONG: &str = "914403001922038217";
const ID: &str = "11010519491231002X";

fn with(text: &str) -> String {
    text.replace("ORG", ORG)
        .replace("OTHER", OTHER)
        .replace("WRONG", WRONG)
        .replace("IDNO", ID)
}

fn words() -> Vocabulary {
    let mut words = Vocabulary::new();
    words.add_list("L1", &["名单1"]);
    words
}

/// A store with days that go on by one a batch.
struct World {
    store: MemoryStore,
    day: Date,
}

impl World {
    fn new() -> Self {
        Self {
            store: MemoryStore::new(&[1; 32]),
            day: Date::parse("2025-01-06").unwrap(),
        }
    }

    fn options(&self) -> Options {
        Options::at(Moment::start_of(self.day))
    }

    fn try_load(&mut self, files: &[(&str, &str)], options: &Options) -> Result<Report, Error> {
        let inputs: Vec<Input> = files
            .iter()
            .map(|(name, text)| Input::bytes(name, with(text).into_bytes()))
            .collect();
        let report = ingest(&self.store, &inputs, &words(), options, &mut ())?;
        self.day = self.day.next();
        Ok(report)
    }

    fn load(&mut self, files: &[(&str, &str)]) -> Report {
        let options = self.options();
        self.try_load(files, &options).unwrap()
    }

    fn pending(&self) -> Vec<QuarantineEntry> {
        let all = self.store.snapshot().unwrap().quarantine().unwrap();
        all.into_iter()
            .filter(|entry| entry.resolved_in.is_none())
            .collect()
    }

    fn reasons(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .pending()
            .iter()
            .map(|entry| entry.row.reason.code().to_owned())
            .collect();
        all.sort();
        all
    }

    fn count(&self, set: Set) -> usize {
        let mut count = 0;
        let snapshot = self.store.snapshot().unwrap();
        snapshot
            .scan(set, BatchNo::MAX, &mut |_| {
                count += 1;
                Ok(())
            })
            .unwrap();
        count
    }
}

/// `new changed unchanged withdrawn quarantined` of one set.
fn counts(report: &Report, set: &str) -> [u64; 5] {
    let counts = report.sets.get(set).copied().unwrap_or_default();
    let all = [
        counts.new,
        counts.changed,
        counts.unchanged,
        counts.withdrawn,
        counts.quarantined,
    ];
    assert_eq!(counts.read, all.iter().sum::<u64>());
    all
}
