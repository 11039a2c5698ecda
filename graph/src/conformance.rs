//! The suite that every store must pass: the same drafts, the same answers as
//! [`MemoryStore`].
//!
//! [`MemoryStore`]: crate::memory::MemoryStore

use std::collections::BTreeSet;
use std::fmt::Debug;

use crate::change::{BatchNo, Change};
use crate::id::{EntityId, Home, RecordId, Set};
use crate::store::{Book, Snapshot, Store, StoreError, Version};

/// Everything that the drafts touched: what [`compare`] asks about.
#[derive(Debug, Default)]
pub struct Touched {
    records: BTreeSet<(Set, RecordId)>,
    homes: BTreeSet<Home>,
    entities: BTreeSet<EntityId>,
    numbers: BTreeSet<String>,
}

impl Touched {
    /// Notes what a change speaks of.
    pub fn note(&mut self, change: &Change) {
        self.records.insert((change.set(), change.id()));
        if let Change::Put { record, .. } | Change::Add { record, .. } = change {
            self.homes.insert(record.home());
            self.entities.extend(record.links());
            self.numbers.extend(record.case_no().map(str::to_owned));
        }
    }
}

/// Asks both stores every question about what was touched, as known at every
/// batch; tells the first difference.
pub fn compare(a: &dyn Store, b: &dyn Store, touched: &Touched) -> Result<(), String> {
    let (a, b) = (open(a)?, open(b)?);
    let (a, b) = (&*a, &*b);
    same("batches", a.batches(), b.batches())?;
    same("quarantine", a.quarantine(), b.quarantine())?;
    for book in [
        Book::Receipt,
        Book::Gap,
        Book::Audit,
        Book::Feed,
        Book::Request,
    ] {
        same("book", a.entries(book, &[]), b.entries(book, &[]))?;
        let keys = a.entries(book, &[]).unwrap_or_default().into_iter();
        for (key, _) in keys.chain([(Vec::new(), Vec::new())]) {
            for key in [key.clone(), [key, vec![0]].concat()] {
                same("entry", a.entry(book, &key), b.entry(book, &key))?;
                let up_to = a.entry_up_to(book, &key);
                same("entry up to", up_to, b.entry_up_to(book, &key))?;
            }
        }
    }
    let newest = a.batches().map_err(|error| error.to_string())?.len();
    let newest = u32::try_from(newest).map_err(|error| error.to_string())?;
    for no in (0..=newest + 1).map(BatchNo) {
        same("batch", a.batch(no), b.batch(no))?;
    }
    for set in Set::ALL {
        let of_set = touched.records.iter().filter(|(of, _)| *of == set);
        let ids: Vec<RecordId> = of_set.map(|(_, id)| *id).collect();
        same("latest", a.latest(set, &ids), b.latest(set, &ids))?;
    }
    for (set, id) in &touched.records {
        same("history", a.history(*set, *id), b.history(*set, *id))?;
    }
    for set in Set::ALL {
        for home in &touched.homes {
            same("changes", a.changes(set, *home), b.changes(set, *home))?;
        }
    }
    for known in (0..=newest).map(BatchNo) {
        compare_at(a, b, touched, known)?;
        for after in (0..known.0).map(BatchNo) {
            compare_touched((a, b), after, known)?;
        }
    }
    Ok(())
}

/// Where both stores know what the batches touched they say the same.
fn compare_touched(
    (a, b): (&dyn Snapshot, &dyn Snapshot),
    after: BatchNo,
    until: BatchNo,
) -> Result<(), String> {
    let [a, b] = [a, b].map(|store| store.touched(after, until).map_err(|e| e.to_string()));
    match (a?, b?) {
        (Some(a), Some(b)) => same("touched", Ok(a), Ok(b)),
        _ => Ok(()),
    }
}

fn compare_at(
    a: &dyn Snapshot,
    b: &dyn Snapshot,
    touched: &Touched,
    known: BatchNo,
) -> Result<(), String> {
    for (set, id) in &touched.records {
        same(
            "record",
            a.record(*set, *id, known),
            b.record(*set, *id, known),
        )?;
    }
    for number in &touched.numbers {
        same(
            "numbered",
            a.numbered(number, known),
            b.numbered(number, known),
        )?;
    }
    for set in Set::ALL {
        for home in &touched.homes {
            same(
                "filed",
                a.filed(set, *home, known),
                b.filed(set, *home, known),
            )?;
            for (_, id) in touched.records.iter().filter(|(of, _)| *of == set) {
                let place = (*home, *id);
                same(
                    "filed as",
                    a.filed_as(set, place, known),
                    b.filed_as(set, place, known),
                )?;
            }
        }
        same(
            "filed at",
            filed_at(a, set, known, &touched.homes),
            filed_at(b, set, known, &touched.homes),
        )?;
        for entity in &touched.entities {
            same(
                "linked",
                a.linked(set, *entity, known),
                b.linked(set, *entity, known),
            )?;
        }
        same("scan", scan(a, set, known), scan(b, set, known))?;
        for snapshot in [a, b] {
            same(
                "scan in parts",
                scan(a, set, known),
                scan_in_parts(snapshot, set, known, &touched.homes),
            )?;
        }
    }
    Ok(())
}

fn open(store: &dyn Store) -> Result<Box<dyn Snapshot + '_>, String> {
    store.snapshot().map_err(|error| error.to_string())
}

fn scan(snapshot: &dyn Snapshot, set: Set, known: BatchNo) -> Result<Vec<Version>, StoreError> {
    let mut all = Vec::new();
    snapshot.scan(set, known, &mut |version| {
        all.push(version);
        Ok(())
    })?;
    Ok(all)
}

/// What is filed at all homes touched, in one go.
fn filed_at(
    snapshot: &dyn Snapshot,
    set: Set,
    known: BatchNo,
    homes: &BTreeSet<Home>,
) -> Result<Vec<Version>, StoreError> {
    let homes: Vec<Home> = homes.iter().copied().collect();
    let mut all = Vec::new();
    snapshot.filed_at(set, &homes, known, &mut |version| {
        all.push(version);
        Ok(())
    })?;
    Ok(all)
}

/// A scan cut at the store's own boundaries and at every home touched.
fn scan_in_parts(
    snapshot: &dyn Snapshot,
    set: Set,
    known: BatchNo,
    homes: &BTreeSet<Home>,
) -> Result<Vec<Version>, StoreError> {
    let mut cuts = snapshot.boundaries(set, 3)?;
    cuts.extend(homes);
    cuts.sort_unstable();
    cuts.dedup();
    let starts = std::iter::once(None).chain(cuts.iter().copied().map(Some));
    let ends = cuts.iter().copied().map(Some).chain(std::iter::once(None));
    let mut all = Vec::new();
    for within in starts.zip(ends) {
        snapshot.scan_within(set, within, known, &mut |packed| {
            all.push(packed.version()?);
            Ok(())
        })?;
    }
    Ok(all)
}

fn same<T: PartialEq + Debug>(
    what: &str,
    a: Result<T, StoreError>,
    b: Result<T, StoreError>,
) -> Result<(), String> {
    let (a, b) = (
        a.map_err(|error| error.to_string())?,
        b.map_err(|error| error.to_string())?,
    );
    if a == b {
        Ok(())
    } else {
        Err(format!("{what} differ:\n{a:?}\n{b:?}"))
    }
}
