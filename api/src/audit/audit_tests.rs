//! Tests of the log: it is damaged in every way, and each is found.

use graph::memory::MemoryStore;
use graph::seal::Keys;
use graph::store::{Book, Entry, Store};
use graph::time::{Date, Moment};
use proptest::prelude::*;

use super::*;
use crate::receipt::KeyRing;

const HOUR: i64 = 3_600_000;

fn start() -> Moment {
    Moment::start_of(Date::parse("2026-03-01").unwrap())
}

fn event(n: u64) -> Event {
    Event {
        caller: format!("window-{}", n % 3).into(),
        role: "department".into(),
        department: Some("D1".into()),
        purpose: Some(format!("matter M{n}")),
        action: "verify".into(),
        subject: Some(format!("person:{n:030x}")),
        answer: Some(answer_digest(&n.to_be_bytes())),
        outcome: Outcome::Allowed,
        persons: None,
    }
}

struct Book3 {
    store: MemoryStore,
    ring: KeyRing,
    _dir: tempfile::TempDir,
}

/// Fourteen events, five hours apart: three days, two of them sealed.
fn book() -> Book3 {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::of(dir.path(), start()).unwrap();
    let store = MemoryStore::new(&[5; 32]);
    for n in 0..14 {
        // Opened anew for each event: the end is found again.
        let mut chain = Chain::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
        let at = Moment(start().0 + i64::try_from(n).unwrap() * 5 * HOUR);
        let entries = chain.append(&ring, at, event(n)).unwrap();
        store.write(&entries).unwrap();
    }
    Book3 {
        store,
        ring,
        _dir: dir,
    }
}

/// The same events, written together in lots; the seals lie among them.
fn book_of_lots(lots: &[usize]) -> Book3 {
    let dir = tempfile::tempdir().unwrap();
    let ring = KeyRing::of(dir.path(), start()).unwrap();
    let store = MemoryStore::new(&[5; 32]);
    let mut numbers = 0..14;
    for lot in lots {
        let mut chain = Chain::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
        let of_lot = numbers.by_ref().take(*lot);
        let at = |n: u64| Moment(start().0 + i64::try_from(n).unwrap() * 5 * HOUR);
        let events = of_lot.map(|n| (at(n), event(n))).collect();
        store
            .write(&chain.append_all(&ring, events).unwrap())
            .unwrap();
    }
    Book3 {
        store,
        ring,
        _dir: dir,
    }
}

fn entries(book: &Book3) -> Vec<Entry> {
    let snapshot = book.store.snapshot().unwrap();
    snapshot.entries(Book::Audit, &[]).unwrap()
}

fn walk(book: &Book3, entries: &[Entry], kept: &[Seal]) -> Report {
    let public = book.ring.public_keys();
    let mut verifier = Verifier::new(book.store.keys(), &public, kept);
    for entry in entries {
        verifier.take(entry);
    }
    verifier.finish()
}

fn all_seals(book: &Book3) -> Vec<Seal> {
    seals(&*book.store.snapshot().unwrap(), book.store.keys()).unwrap()
}

/// What somebody with the store's key, but not the signing key, could write:
/// the entries changed as asked, every hash and the note made to fit again.
fn forged(keys: &Keys, entries: &[Entry], change: impl Fn(&mut Vec<Logged>)) -> Vec<Entry> {
    let numbered = entries.iter().filter(|(key, _)| key != HEAD);
    let mut logged: Vec<Logged> = numbered
        .flat_map(|(key, value)| Leaf::read(&keys.open(key, value).unwrap()).unwrap().entries)
        .collect();
    change(&mut logged);
    let mut head = Head {
        hash: first_hash(),
        ..Head::default()
    };
    let mut out = Vec::new();
    for (seq, mut entry) in (1..).zip(logged) {
        entry.seq = seq;
        let text = serde_json::to_vec(&entry).unwrap();
        (head.seq, head.at) = (seq, entry.at);
        if matches!(entry.what, What::Seal(_)) {
            head.sealed = seq;
        }
        head.hash = hash_of(&head.hash, &text);
        let kept = Kept {
            hash: head.hash.clone(),
            entry,
        };
        let key = seq.to_be_bytes().to_vec();
        let value = keys.seal(&key, &serde_json::to_vec(&kept).unwrap());
        out.push((key, value));
    }
    let note = keys.seal(HEAD, &serde_json::to_vec(&head).unwrap());
    out.push((HEAD.to_vec(), note));
    out
}

#[test]
fn a_whole_log_has_no_faults() {
    let book = book();
    let all = entries(&book);
    let kept = all_seals(&book);
    assert_eq!(kept.len(), 2);
    assert_eq!((kept[0].day.as_str(), kept[0].last), ("2026-03-01", 5));
    let report = walk(&book, &all, &kept);
    assert_eq!(report.faults, []);
    assert_eq!((report.entries, report.seals, report.unsealed), (16, 2, 4));
    let public = book.ring.public_keys();
    let snapshot = book.store.snapshot().unwrap();
    let whole = verify_book(&*snapshot, book.store.keys(), &public, &kept).unwrap();
    assert_eq!(whole, report);
    // The forger's tool, changing nothing, gives the very same log.
    assert!(forged(book.store.keys(), &all, |_| {}) == all);
    assert_eq!(walk(&book, &[], &[]).faults, []);
    assert!(!walk(&book, &[], &kept).faults.is_empty());
}

#[test]
fn entries_written_together_are_the_same_log() {
    let alone = book();
    let events_of = |logged: Vec<Logged>| {
        // Each book has a key of its own.
        let events = logged.into_iter().filter_map(|entry| match entry.what {
            What::Event(event) => Some((entry.seq, entry.at, event)),
            What::Seal(_) => None,
        });
        events.collect::<Vec<_>>()
    };
    let page_of = |book: &Book3, after, limit| {
        let snapshot = book.store.snapshot().unwrap();
        page(
            &*snapshot,
            book.store.keys(),
            &Filter::default(),
            after,
            limit,
        )
        .unwrap()
    };
    for lots in [
        &[14][..],
        &[1, 13],
        &[5, 1, 8],
        &[2, 2, 0, 10],
        &[3, 4, 3, 4],
    ] {
        let book = book_of_lots(lots);
        let all = entries(&book);
        assert_eq!(
            all.len(),
            lots.iter().filter(|lot| **lot > 0).count() + 1 + extra(lots)
        );
        let kept = all_seals(&book);
        let report = walk(&book, &all, &kept);
        assert_eq!(report.faults, [], "{lots:?}");
        assert_eq!((report.entries, report.seals, report.unsealed), (16, 2, 4));
        let seals: Vec<_> = kept.iter().map(|seal| (&*seal.day, seal.last)).collect();
        assert_eq!(seals, [("2026-03-01", 5), ("2026-03-02", 11)]);
        for (after, limit) in [(0, 99), (3, 4), (6, 1), (15, 9), (16, 9)] {
            let found = events_of(page_of(&book, after, limit));
            assert_eq!(found, events_of(page_of(&alone, after, limit)), "{lots:?}");
        }
    }
}

/// A single event that begins a day lies beside its seal, not with it.
fn extra(lots: &[usize]) -> usize {
    let mut before = 0;
    let begins_a_day = |lot: &&usize| {
        before += **lot;
        **lot == 1 && matches!(before - 1, 5 | 10)
    };
    lots.iter().filter(begins_a_day).count()
}

#[test]
fn every_entry_counts_and_so_does_its_place() {
    for book in [book(), book_of_lots(&[3, 2, 1, 5, 3])] {
        each_entry_counts(&book);
    }
}

fn each_entry_counts(book: &Book3) {
    let all = entries(book);
    for place in 0..all.len() {
        let mut without = all.clone();
        without.remove(place);
        assert!(
            !walk(book, &without, &[]).faults.is_empty(),
            "removed {place}"
        );
        let mut cut = all.clone();
        cut.drain(place..all.len() - 1);
        let whole = place == all.len() - 1;
        assert_eq!(
            walk(book, &cut, &[]).faults.is_empty(),
            whole,
            "cut at {place}"
        );
        let mut twice = all.clone();
        twice.insert(place, all[place].clone());
        let is_note = place == all.len() - 1;
        assert_eq!(
            walk(book, &twice, &[]).faults.is_empty(),
            is_note,
            "twice {place}"
        );
        for other in place + 1..all.len() {
            let mut moved = all.clone();
            let (one, two) = (moved[place].1.clone(), moved[other].1.clone());
            (moved[place].1, moved[other].1) = (two, one);
            assert!(
                !walk(book, &moved, &[]).faults.is_empty(),
                "{place} and {other}"
            );
        }
    }
    let mut more = all.clone();
    more.insert(0, (b"x".to_vec(), vec![1]));
    assert!(!walk(book, &more, &[]).faults.is_empty());
}

#[test]
fn with_the_stores_key_alone_nothing_sealed_can_be_changed() {
    for book in [book(), book_of_lots(&[4, 10])] {
        nothing_sealed_can_be_changed(&book);
    }
}

fn nothing_sealed_can_be_changed(book: &Book3) {
    let (all, kept) = (entries(book), all_seals(book));
    let sealed = usize::try_from(kept[1].last).unwrap() + 1;
    let check = |what: &str, change: &dyn Fn(&mut Vec<Logged>)| {
        let entries = forged(book.store.keys(), &all, change);
        assert!(!walk(book, &entries, &kept).faults.is_empty(), "{what}");
    };
    for place in 0..sealed {
        check("another caller", &|logged| match &mut logged[place].what {
            What::Event(event) => event.caller = "nobody".into(),
            What::Seal(seal) => seal.day = "2026-02-28".into(),
        });
        check("another time", &|logged| logged[place].at += 1);
        check("removed", &|logged| drop(logged.remove(place)));
        check("twice", &|logged| {
            logged.insert(place, logged[place].clone());
        });
        check("cut", &|logged| logged.truncate(place));
        if place + 1 < sealed {
            check("swapped", &|logged| logged.swap(place, place + 1));
        }
    }
    check("the seals removed", &|logged| {
        logged.retain(|entry| matches!(entry.what, What::Event(_)));
    });
    check("another key's seal", &|logged| {
        let dir = tempfile::tempdir().unwrap();
        let other = KeyRing::of(dir.path(), start()).unwrap();
        for entry in logged {
            if let What::Seal(seal) = &mut entry.what {
                seal.signature = other.sign(seal.text().as_bytes());
            }
        }
    });
}

proptest! {
    #[test]
    fn any_flipped_bit_is_found(
        at in any::<prop::sample::Index>(), bit in any::<usize>(), lots in any::<bool>(),
    ) {
        let book = if lots { book_of_lots(&[3, 2, 1, 5, 3]) } else { book() };
        let mut all = entries(&book);
        let place = at.index(all.len());
        let (key, value) = &mut all[place];
        let bytes = if bit % 2 == 0 { key } else { value };
        let byte = bit / 16 % bytes.len();
        bytes[byte] ^= 1 << (bit / 2 % 8);
        prop_assert!(!walk(&book, &all, &[]).faults.is_empty());
    }
}

#[test]
fn entries_that_lie_together_cannot_be_changed_among_themselves() {
    let book = book_of_lots(&[4, 10]);
    let (all, keys) = (entries(&book), book.store.keys());
    // What the key alone can write for the second lot, hash as it was or made to fit.
    let check = |change: &dyn Fn(&mut Leaf)| {
        let mut all = all.clone();
        let (key, value) = &mut all[1];
        let mut leaf = Leaf::read(&keys.open(key, value).unwrap()).unwrap();
        change(&mut leaf);
        let text = serde_json::to_vec(&leaf).unwrap();
        *value = keys.seal(key, &crate::pack::packed(&text).unwrap());
        !walk(&book, &all, &[]).faults.is_empty()
    };
    assert!(!check(&|_| {}), "written as it was");
    for place in 0..11 {
        let found = |what: &str, change: &dyn Fn(&mut Leaf)| {
            assert!(check(change), "{what} {place}");
        };
        found("swapped", &|leaf| leaf.entries.swap(place, place + 1));
        found("removed", &|leaf| drop(leaf.entries.remove(place)));
        found("twice", &|leaf| {
            leaf.entries.insert(place, leaf.entries[place].clone());
        });
        found("later", &|leaf| leaf.entries[place].at += 1);
        found("renumbered", &|leaf| leaf.entries[place].seq += 1);
    }
}

#[test]
fn a_quiet_day_is_sealed_on_request_and_only_once() {
    let book = book();
    let mut chain = Chain::open(&*book.store.snapshot().unwrap(), book.store.keys()).unwrap();
    let same_day = Moment(start().0 + 13 * 5 * HOUR);
    assert_eq!(chain.seal(&book.ring, same_day).unwrap(), []);
    let later = Moment(start().0 + 90 * HOUR);
    book.store
        .write(&chain.seal(&book.ring, later).unwrap())
        .unwrap();
    assert_eq!(
        chain
            .seal(&book.ring, Moment(later.0 + 240 * HOUR))
            .unwrap(),
        []
    );
    let report = walk(&book, &entries(&book), &all_seals(&book));
    assert_eq!(
        (report.faults, report.seals, report.unsealed),
        (vec![], 3, 0)
    );
    // A clock that is set back neither unseals a day nor lets time fall.
    let entries_back = chain.append(&book.ring, start(), event(99)).unwrap();
    book.store.write(&entries_back).unwrap();
    assert_eq!(walk(&book, &entries(&book), &all_seals(&book)).faults, []);
}

#[test]
fn a_write_that_failed_is_not_counted() {
    let book = book();
    let mut chain = Chain::open(&*book.store.snapshot().unwrap(), book.store.keys()).unwrap();
    let before = chain.clone();
    chain.append(&book.ring, start(), event(1)).unwrap();
    chain = before;
    book.store
        .write(&chain.append(&book.ring, start(), event(2)).unwrap())
        .unwrap();
    assert_eq!(walk(&book, &entries(&book), &[]).faults, []);
}

#[test]
fn a_damaged_end_is_not_written_on() {
    let book = book();
    book.store
        .write(&[(Book::Audit, 16_u64.to_be_bytes().to_vec(), vec![1; 40])])
        .unwrap();
    assert!(Chain::open(&*book.store.snapshot().unwrap(), book.store.keys()).is_err());
    let book = self::book();
    book.store
        .write(&[(Book::Audit, 17_u64.to_be_bytes().to_vec(), vec![1; 40])])
        .unwrap();
    assert!(Chain::open(&*book.store.snapshot().unwrap(), book.store.keys()).is_err());
}

#[test]
fn auditors_find_what_they_ask_for() {
    let book = book();
    let snapshot = book.store.snapshot().unwrap();
    let asked = |filter: &Filter, after, limit| {
        let found = page(&*snapshot, book.store.keys(), filter, after, limit).unwrap();
        found.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(
        asked(&Filter::default(), 0, 100),
        (1..=16).collect::<Vec<_>>()
    );
    assert_eq!(asked(&Filter::default(), 4, 2), [5, 6]);
    let caller = Filter {
        caller: Some("window-1".into()),
        ..Filter::default()
    };
    assert_eq!(asked(&caller, 0, 3), [2, 5, 9]);
    let subject = Filter {
        subject: event(3).subject,
        ..Filter::default()
    };
    assert_eq!(asked(&subject, 0, 9), [4]);
    let nobody = Filter {
        action: Some("ingest".into()),
        ..Filter::default()
    };
    assert_eq!(asked(&nobody, 0, 9), [0; 0]);
    let times = Filter {
        from: Some(Moment(start().0 + 10 * HOUR)),
        to: Some(Moment(start().0 + 15 * HOUR)),
        ..Filter::default()
    };
    assert_eq!(asked(&times, 0, 9), [3, 4]);
}

#[test]
fn young_entries_stay() {
    let retention = Retention::default();
    let today = Date::parse("2036-03-02").unwrap();
    assert!(retention.keeps(Moment::start_of(Date::parse("2026-03-03").unwrap()), today));
    assert!(!retention.keeps(Moment::start_of(Date::parse("2026-03-01").unwrap()), today));
    let seals = all_seals(&book());
    assert_eq!(retention.may_end(&seals, today), Some(&seals[1]));
    assert_eq!(retention.may_end(&seals, today.previous()), Some(&seals[0]));
    assert_eq!(Retention { years: 11 }.may_end(&seals, today), None);
}
