//! The conformance suite on RocksDB, and what only a store on disk can get wrong.

use graph::change::{BatchNo, Change, Draft, Quarantined, Reason, Source, plan};
use graph::conformance::{Touched, compare};
use graph::id::{EntityId, Set, USCC_ALPHABET, Uscc};
use graph::memory::MemoryStore;
use graph::record::{Detail, Holding, IdType, Listing, Record, Repair, RepairKind, Role, RoleKind};
use graph::seal::Keys;
use graph::store::{Book, Store, StoreError};
use graph::time::{Date, Interval, Moment};
use proptest::prelude::*;

use crate::RocksStore;

const SECRET: [u8; 32] = [5; 32];

fn org(n: u8) -> EntityId {
    let mut code = [b'0'; 18];
    code[17] = USCC_ALPHABET[usize::from(n) % 31];
    EntityId::organisation(Uscc::parse(std::str::from_utf8(&code).unwrap()).unwrap())
}

fn person(n: u8) -> EntityId {
    Keys::new(&SECRET).person(IdType::Passport, &n.to_string())
}

fn day(n: u8) -> Date {
    Date::from_days(20_000 + i32::from(n))
}

/// A record of one of a few kinds; `a` makes its key, `b` its content, so that
/// changes, moves to another home and repetitions all happen.
fn record(kind: u8, a: u8, b: u8) -> Record {
    match kind % 4 {
        0 => Record::Role(Role {
            org: org(a),
            role: RoleKind::Principal,
            person: person(a / 2),
            interval: Interval::new(day(a), day(b)),
        }),
        1 => Record::Holding(Holding {
            org: org(a),
            holder: if a.is_multiple_of(2) {
                org(a + 1)
            } else {
                person(a)
            },
            interval: Interval::new(day(0), day(b)),
            ratio: None,
            voting_ratio: None,
            concert_group: None,
        }),
        2 => Record::Listing(Listing {
            listing_no: format!("L{a}"),
            list: "x".into(),
            subject: org(b),
            authority: None,
            violation_from: None,
            violation_on: None,
            listed_on: day(b),
            expires_on: None,
            removed_on: None,
            removal_reason: None,
            basis_decision_no: None,
        }),
        _ => Record::Repair(Repair {
            target_no: format!("L{a}"),
            target_authority: None,
            repaired_on: day(0),
            kind: RepairKind::Repair,
            authority: None,
            subject: Some(org(b)),
        }),
    }
}

fn change() -> impl Strategy<Value = Change> {
    (any::<u8>(), 0..6u8, 0..4u8, 0..5u8).prop_map(|(kind, a, b, withdraw)| {
        let record = record(kind, a, b);
        let source = Source {
            file: 0,
            line: u32::from(b),
        };
        if withdraw == 0 {
            return Change::Withdraw {
                set: record.set(),
                id: record.id(),
                source,
            };
        }
        let detail = Detail::from([("facts".to_owned(), format!("{b}"))]);
        Change::Put {
            record,
            detail,
            source,
        }
    })
}

fn draft(n: usize, changes: Vec<Change>, rows: &[u8]) -> Draft {
    let row = |n: &u8| Quarantined {
        id: [*n; 8],
        set: None,
        file: "f".into(),
        place: "1".into(),
        field: String::new(),
        reason: Reason::BadDate,
        message: String::new(),
        cells: vec![("h".into(), "341502190001010018".into())],
    };
    Draft {
        recorded_at: Moment(i64::try_from(n).unwrap()),
        files: vec!["f.csv".into()],
        changes,
        quarantine: rows.iter().filter(|n| **n < 4).map(row).collect(),
        resolved: rows
            .iter()
            .filter(|n| **n >= 4)
            .map(|n| [n - 4; 8])
            .collect(),
        report: "{}".into(),
        entries: vec![(Book::Audit, vec![n.to_be_bytes()[7]], rows.to_vec())],
    }
}

/// Writes a draft through sorted tables.
fn load(store: &RocksStore, mut draft: Draft) -> Option<BatchNo> {
    let changes = std::mem::take(&mut draft.changes);
    let (_, mut effects) = plan(&*store.snapshot().unwrap(), store.keys(), changes).unwrap();
    effects.sort_by_key(|effect| effect.id);
    let loader = store.loader(0).unwrap();
    let indexes_early = effects.len().is_multiple_of(2);
    for set in Set::ALL {
        if indexes_early && set == Set::Objections {
            loader.index().unwrap();
        }
        let (own, rest): (Vec<_>, Vec<_>) = effects.into_iter().partition(|e| e.set == set);
        effects = rest;
        let mut own = own.into_iter();
        loader
            .take(set, &mut || Ok(own.by_ref().take(2).collect()))
            .unwrap();
    }
    loader.finish(draft).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]
    #[test]
    fn conforms(drafts in proptest::collection::vec(
        (proptest::collection::vec(change(), 0..12), proptest::collection::vec(0..8u8, 0..3)), 1..6),
        ways in proptest::collection::vec(any::<bool>(), 6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let memory = MemoryStore::new(&SECRET);
        let mut touched = Touched::default();
        let mut rocks = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
        for (n, (changes, rows)) in drafts.into_iter().enumerate() {
            for change in &changes {
                touched.note(change);
            }
            let draft = draft(n, changes, &rows);
            let bulk = ways.get(n).copied().unwrap_or_default();
            let b = if bulk { load(&rocks, draft.clone()) } else { rocks.commit(draft.clone()).unwrap() };
            prop_assert_eq!(memory.commit(draft).unwrap(), b);
            let entry = [(Book::Gap, vec![u8::try_from(n).unwrap()], vec![1])];
            memory.write(&entry).unwrap();
            rocks.write(&entry).unwrap();
            drop(rocks);
            rocks = RocksStore::open(dir.path(), || panic!("the key is there")).unwrap();
        }
        prop_assert_eq!(compare(&memory, &rocks, &touched), Ok(()));
        prop_assert_eq!(rocks.verify().unwrap(), vec![]);
        drop(rocks);
        let beside = RocksStore::open_read_only(dir.path()).unwrap();
        prop_assert_eq!(compare(&memory, &beside, &touched), Ok(()));
    }
}

fn one() -> Draft {
    let change = Change::Put {
        record: record(0, 1, 2),
        detail: Detail::from([("name".to_owned(), "planted 341502190001010018".to_owned())]),
        source: Source { file: 0, line: 1 },
    };
    draft(7, vec![change], &[1])
}

#[test]
fn no_plain_number_is_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    store.commit(one()).unwrap();
    let mut in_core = one();
    let mut listing = record(2, 1, 1);
    if let Record::Listing(listing) = &mut listing {
        listing.listing_no = "案 341502190001010018".into();
        listing.authority = Some("341502190001010018".into());
    }
    in_core.changes = vec![Change::Put {
        record: listing.clone(),
        detail: Detail::new(),
        source: Source::default(),
    }];
    store.commit(in_core).unwrap();
    let snapshot = store.snapshot().unwrap();
    let found = snapshot
        .numbered("案 341502190001010018", BatchNo::MAX)
        .unwrap();
    assert_eq!(found[0].record, listing);
    drop((snapshot, found));
    assert_eq!(store.verify().unwrap(), vec![]);
    drop(store);
    // Opening once more turns the log into a sorted table.
    drop(RocksStore::open(dir.path(), || panic!("the key is there")).unwrap());
    let mut files = vec![dir.path().to_owned()];
    let mut read = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else {
            let bytes = std::fs::read(&path).unwrap();
            read += bytes.len();
            for planted in ["341502190001010018", "planted"] {
                let found = bytes
                    .windows(planted.len())
                    .any(|w| w == planted.as_bytes());
                assert!(!found, "{planted} stands in {}", path.display());
            }
        }
    }
    assert!(read > 1000);
}

#[test]
fn recorded_time_does_not_go_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    assert_eq!(store.commit(one()).unwrap(), Some(BatchNo(1)));
    assert_eq!(store.commit(one()).unwrap(), None);
    let earlier = Draft {
        recorded_at: Moment(6),
        ..one()
    };
    assert!(matches!(
        store.commit(earlier),
        Err(StoreError::BackInTime { .. })
    ));
}

#[test]
fn one_writer_and_readers_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(
        RocksStore::open_read_only(dir.path()),
        Err(StoreError::Absent { .. })
    ));
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    store.commit(one()).unwrap();
    let second = RocksStore::open(dir.path(), || Ok(SECRET));
    assert!(
        matches!(second, Err(StoreError::InUse { .. })),
        "{second:?}"
    );
    let beside = RocksStore::open_read_only(dir.path()).unwrap();
    assert_eq!(beside.snapshot().unwrap().batches().unwrap().len(), 1);
    assert!(matches!(
        beside.commit(one()),
        Err(StoreError::ReadOnly { .. })
    ));
}

#[test]
fn a_strange_schema_or_key_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    let meta = store.column(crate::column::Column::Meta).unwrap();
    store.db.put_cf(meta, "schema", "99").unwrap();
    drop(store);
    let refused = RocksStore::open(dir.path(), || Ok(SECRET));
    assert!(
        matches!(refused, Err(StoreError::UnknownSchema { known: 5, .. })),
        "{refused:?}"
    );

    let dir = tempfile::tempdir().unwrap();
    drop(RocksStore::open(dir.path(), || Ok(SECRET)).unwrap());
    let key = dir.path().join("key");
    let text = std::fs::read_to_string(&key).unwrap();
    std::fs::write(&key, text.replace("05", "06")).unwrap();
    let refused = RocksStore::open(dir.path(), || Ok(SECRET));
    assert!(
        matches!(refused, Err(StoreError::WrongKey { .. })),
        "{refused:?}"
    );
    std::fs::remove_file(&key).unwrap();
    let refused = RocksStore::open(dir.path(), || Ok(SECRET));
    assert!(
        matches!(refused, Err(StoreError::WrongKey { .. })),
        "{refused:?}"
    );
}

#[test]
fn the_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    drop(RocksStore::open(dir.path(), || Ok(SECRET)).unwrap());
    let key = dir.path().join("key");
    assert_eq!(
        std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(RocksStore::open(dir.path(), || Ok(SECRET)).is_err());
}

#[test]
fn a_key_that_a_kill_left_unfinished_is_no_key() {
    let dir = tempfile::tempdir().unwrap();
    let unfinished = dir.path().join("key.new");
    std::fs::write(&unfinished, "0505").unwrap();
    drop(RocksStore::open(dir.path(), || Ok(SECRET)).unwrap());
    assert!(!unfinished.exists());
    let other = || Ok([6; 32]);
    let store = RocksStore::open(dir.path(), other).unwrap();
    assert_eq!(
        store.keys.content(&[b"x"]),
        Keys::new(&SECRET).content(&[b"x"])
    );
}

#[test]
fn check_finds_a_lost_index_entry() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    store.commit(one()).unwrap();
    let link = store.column(crate::column::Column::Link).unwrap();
    let first = store
        .db
        .iterator_cf(link, rocksdb::IteratorMode::Start)
        .next()
        .unwrap()
        .unwrap();
    store.db.delete_cf(link, first.0).unwrap();
    assert_eq!(store.verify().unwrap().len(), 1);
}

#[test]
fn check_finds_a_lost_or_wrong_list_of_places() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    store.commit(one()).unwrap();
    let column = store.column(crate::column::Column::Touched).unwrap();
    let all = store.db.iterator_cf(column, rocksdb::IteratorMode::Start);
    let all: Vec<_> = all.map(Result::unwrap).collect();
    let [(key, places)] = all.as_slice() else {
        panic!("one list a batch");
    };
    let mut other = places.to_vec();
    *other.last_mut().unwrap() ^= 1;
    for (written, expected) in [(other.as_slice(), 2), (&places[1..], 2), (places, 0)] {
        store.db.put_cf(column, key, written).unwrap();
        assert_eq!(store.verify().unwrap().len(), expected);
    }
    store.db.delete_cf(column, key).unwrap();
    assert_eq!(store.verify().unwrap().len(), 1);
}

#[test]
fn an_entry_without_a_value_is_removed() {
    let home = tempfile::tempdir().unwrap();
    let store = RocksStore::open(home.path(), || Ok(SECRET)).unwrap();
    let oracle = MemoryStore::new(&SECRET);
    let entry = |key: &[u8], value: &[u8]| (Book::Request, key.to_vec(), value.to_vec());
    let writes = [
        vec![entry(b"a", b"1"), entry(b"b", b"2")],
        vec![entry(b"a", b""), entry(b"c", b"3"), entry(b"d", b"")],
    ];
    for write in &writes {
        store.write(write).unwrap();
        oracle.write(write).unwrap();
    }
    compare(&store, &oracle, &Touched::default()).unwrap();
    let left = store
        .snapshot()
        .unwrap()
        .entries(Book::Request, &[])
        .unwrap();
    let left: Vec<Vec<u8>> = left.into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, [b"b".to_vec(), b"c".to_vec()]);
}

#[test]
fn a_set_is_cut_into_ranges_of_about_the_same_size() {
    let dir = tempfile::tempdir().unwrap();
    let store = RocksStore::open(dir.path(), || Ok(SECRET)).unwrap();
    // Companies whose codes lie in two bunches, and a lot of roles in some of them.
    let company = |n: u32| {
        let code = format!("91{}MA{n:012}", if n < 900 { "11" } else { "34" });
        EntityId::organisation(Uscc::parse(&code).unwrap())
    };
    let role = |n: u32| {
        Record::Role(Role {
            org: company(n / 2),
            role: RoleKind::Director,
            person: Keys::new(&SECRET).person(IdType::Passport, &n.to_string()),
            interval: Interval::ALWAYS,
        })
    };
    let put = |n: u32| Change::Put {
        record: role(n),
        detail: Detail::new(),
        source: Source::default(),
    };
    load(&store, draft(0, (0..2000).map(put).collect(), &[]));
    let snapshot = store.snapshot().unwrap();
    let cuts = snapshot.boundaries(Set::Roles, 8).unwrap();
    assert_eq!(cuts.len(), 7);
    assert_eq!(snapshot.boundaries(Set::Organisations, 8).unwrap(), cuts);
    let from = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let to = cuts.iter().copied().map(Some).chain([None]);
    for within in from.zip(to) {
        let mut count = 0;
        let mut each = |_: graph::store::Packed<'_>| {
            count += 1;
            Ok(())
        };
        snapshot
            .scan_within(Set::Roles, within, BatchNo::MAX, &mut each)
            .unwrap();
        assert!((200..=300).contains(&count), "{count} roles in {within:?}");
    }
}
