//! A number kept for a load, and those who come behind it.

use graph::change::{BatchNo, Change, Draft, Source};
use graph::id::{EntityId, Set, Uscc};
use graph::record::{Check, Detail, Record, key};
use graph::store::{Loader, Store, StoreError};
use graph::time::{Date, Moment};

use crate::open::RocksStore;

fn draft(at: i64, names: &[&str]) -> Draft {
    let check = |name: &&str| Change::Add {
        record: Record::Check(Check {
            check_no: (*name).to_owned(),
            department: None,
            subject: EntityId::organisation(Uscc::parse("91330100799655058B").unwrap()),
            checked_on: Date::from_days(1),
            matter_no: None,
        }),
        detail: Detail::new(),
        source: Source { file: 0, line: 1 },
    };
    Draft {
        recorded_at: Moment(at),
        files: vec!["f".into()],
        changes: names.iter().map(check).collect(),
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: format!("{{\"at\":{at}}}"),
        entries: Vec::new(),
    }
}

/// Gives a loader what a draft changes, and finishes the batch.
fn load(store: &RocksStore, loader: Box<dyn Loader + '_>, mut draft: Draft) {
    let changes = std::mem::take(&mut draft.changes);
    let snapshot = store.snapshot().unwrap();
    let (_, mut effects) = graph::change::plan(&*snapshot, store.keys(), changes).unwrap();
    effects.sort_by_key(|effect| effect.id);
    let mut effects = Some(effects);
    let taken = loader.take(Set::Checks, &mut || Ok(effects.take().unwrap_or_default()));
    taken.unwrap();
    loader.finish(draft).unwrap();
}

/// The batches as numbers and dates, and the checks that are seen.
fn seen(store: &RocksStore) -> (Vec<(u32, i64)>, Vec<String>) {
    let snapshot = store.snapshot().unwrap();
    let batches = snapshot.batches().unwrap();
    let batches = batches
        .iter()
        .map(|batch| (batch.no.0, batch.recorded_at.0));
    let mut checks = Vec::new();
    let each = &mut |version: graph::store::Version| {
        if let Record::Check(check) = version.record {
            checks.push(check.check_no);
        }
        Ok(())
    };
    snapshot.scan(Set::Checks, BatchNo::MAX, each).unwrap();
    checks.sort();
    (batches.collect(), checks)
}

fn past(store: &RocksStore, name: &str) -> usize {
    let snapshot = store.snapshot().unwrap();
    let past = snapshot.history(Set::Checks, key::check(name));
    past.unwrap().len()
}

fn texts(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn begun() -> (tempfile::TempDir, RocksStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok([7; 32])).unwrap();
    store.commit(draft(10, &["a"])).unwrap();
    (dir, store)
}

/// A small load, and one that becomes sorted tables.
const MEMORY: [usize; 2] = [1 << 30, 0];

#[test]
fn who_comes_behind_a_load_is_seen_when_the_load_is_there() {
    for memory in MEMORY {
        let (dir, store) = begun();
        let no = store.reserve(Moment(20)).unwrap();
        assert_eq!(no, BatchNo(2));
        let loader = store.loader_of(no, memory);
        assert_eq!(store.commit(draft(30, &["b"])).unwrap(), Some(BatchNo(3)));
        let before = (vec![(1, 10)], texts(&["a"]));
        assert_eq!(seen(&store), before);
        let beside = RocksStore::open_read_only(dir.path()).unwrap();
        assert_eq!(seen(&beside), before);
        // It is durable all the same, and whoever knows its number finds it.
        assert_eq!(past(&store, "b"), 1);
        assert_eq!(past(&beside, "b"), 1);
        let back = store.commit(draft(25, &["c"]));
        assert!(
            matches!(back, Err(StoreError::BackInTime { .. })),
            "{back:?}"
        );
        load(&store, loader, draft(20, &["l", "m"]));
        let after = (
            vec![(1, 10), (2, 20), (3, 30)],
            texts(&["a", "b", "l", "m"]),
        );
        assert_eq!(seen(&store), after);
        let told = store.settled(no).unwrap().unwrap();
        assert_eq!((told.no, told.recorded_at), (no, Moment(20)));
        assert_eq!(store.commit(draft(40, &["d"])).unwrap(), Some(BatchNo(4)));
        assert_eq!(store.verify().unwrap(), Vec::new());
        drop((beside, store));
        let store = RocksStore::open(dir.path(), || Ok([7; 32])).unwrap();
        assert_eq!(seen(&store).1, texts(&["a", "b", "d", "l", "m"]));
    }
}

#[test]
fn a_load_that_comes_to_nothing_leaves_its_place() {
    let (_dir, store) = begun();
    // Nobody is behind it: the number is given again.
    let no = store.reserve(Moment(20)).unwrap();
    drop(store.loader_of(no, 0));
    assert_eq!(store.settled(no).unwrap(), None);
    assert_eq!(store.commit(draft(20, &["b"])).unwrap(), Some(BatchNo(2)));
    let no = store.reserve(Moment(30)).unwrap();
    assert_eq!(store.commit(draft(40, &["c"])).unwrap(), Some(BatchNo(4)));
    drop(store.loader_of(no, 0));
    let empty = store.settled(no).unwrap().unwrap();
    assert_eq!((empty.no, empty.recorded_at), (BatchNo(3), Moment(30)));
    let batches = vec![(1, 10), (2, 20), (3, 30), (4, 40)];
    assert_eq!(seen(&store), (batches, texts(&["a", "b", "c"])));
    assert_eq!(store.verify().unwrap(), Vec::new());
}

#[test]
fn the_next_opening_settles_a_load_that_was_interrupted() {
    for behind in [false, true] {
        let (dir, store) = begun();
        store.reserve(Moment(20)).unwrap();
        if behind {
            store.commit(draft(30, &["b"])).unwrap();
        }
        drop(store);
        let store = RocksStore::open(dir.path(), || Ok([7; 32])).unwrap();
        let next = store.commit(draft(40, &["c"])).unwrap();
        let (batches, checks) = seen(&store);
        if behind {
            assert_eq!(next, Some(BatchNo(4)));
            assert_eq!(batches, [(1, 10), (2, 20), (3, 30), (4, 40)]);
            assert_eq!(checks, texts(&["a", "b", "c"]));
        } else {
            assert_eq!(next, Some(BatchNo(2)));
            assert_eq!(batches, [(1, 10), (2, 40)]);
            assert_eq!(checks, texts(&["a", "c"]));
        }
        assert_eq!(store.verify().unwrap(), Vec::new());
    }
}

#[test]
fn an_empty_place_that_found_no_room_is_filled_by_whoever_writes_next() {
    let (_dir, store) = begun();
    let no = store.reserve(Moment(20)).unwrap();
    store.commit(draft(30, &["b"])).unwrap();
    store.numbers().owed = true;
    assert_eq!(seen(&store).0, [(1, 10)], "not yet there");
    assert_eq!(store.commit(draft(40, &["c"])).unwrap(), Some(BatchNo(4)));
    let batches = vec![(1, 10), (2, 20), (3, 30), (4, 40)];
    assert_eq!(seen(&store), (batches, texts(&["a", "b", "c"])));
    assert_eq!(
        store.settled(no).unwrap().unwrap().files,
        Vec::<String>::new()
    );
}
