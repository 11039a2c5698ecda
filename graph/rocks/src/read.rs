//! One unchanging state, read through a RocksDB snapshot.

use std::collections::BTreeSet;

use graph::change::{BatchNo, QuarantineEntry};
use graph::content::{digest, opened_core};
use graph::id::{EntityId, Home, RecordId, Set};
use graph::seal::Keys;
use graph::store::{
    BatchInfo, Book, EachPacked, Entry, HomeRange, Latest, Packed, Past, Place, Snapshot,
    StoreError, Version,
};
use rocksdb::{DBRawIterator, ReadOptions};

use crate::bytes::{
    Act, PERSON_KINDS, Stored, StoredBatch, StoredRow, batch_key, book_key, decode, home_at,
    is_placed, link_prefix, number_prefix, organisation_at, person_prefix, place_prefix,
    pointed_at, record_prefix, source, split_record_key, split_touched,
};
use crate::column::Column;
use crate::open::RocksStore;

/// So few homes asked about in one go may be asked about again.
const FEW: usize = 1000;
/// How many records tell where to cut a set into ranges of about the same size.
const SAMPLE: usize = 2000;

pub(crate) struct RocksSnapshot<'a> {
    store: &'a RocksStore,
    at: rocksdb::Snapshot<'a>,
    /// The newest batch in line: versions of one that is being taken in, and of those behind it,
    /// are not seen.
    newest: BatchNo,
}

impl<'a> RocksSnapshot<'a> {
    pub(crate) fn new(store: &'a RocksStore) -> Self {
        // Asked first, so that the snapshot holds it.
        let newest = store.newest();
        Self {
            store,
            at: store.db.snapshot(),
            newest: newest.map_or(BatchNo(0), |(no, _)| no),
        }
    }

    /// An iterator over the keys of `column` that begin with `prefix`.
    fn under(&self, column: Column, prefix: &[u8]) -> Result<DBRawIterator<'_>, StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(rocksdb::PrefixRange(prefix));
        self.keys(column, options)
    }

    /// An iterator over the keys of `column` that the options allow, at the first of them.
    fn keys(&self, column: Column, options: ReadOptions) -> Result<DBRawIterator<'_>, StoreError> {
        let mut keys = self.nowhere(column, options)?;
        keys.seek_to_first();
        Ok(keys)
    }

    /// The same, but that is yet to be told where to go.
    fn nowhere(
        &self,
        column: Column,
        options: ReadOptions,
    ) -> Result<DBRawIterator<'_>, StoreError> {
        let family = self.store.column(column)?;
        Ok(self.at.raw_iterator_cf_opt(family, options))
    }

    fn ended(&self, keys: &DBRawIterator<'_>) -> Result<(), StoreError> {
        keys.status().map_err(|error| self.store.failed(error))
    }

    fn value(&self, column: Column, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let family = self.store.column(column)?;
        self.at
            .get_cf(family, key)
            .map_err(|error| self.store.failed(error))
    }

    /// The homes where a record may be.
    fn homes(&self, set: Set, id: RecordId) -> Result<Vec<Home>, StoreError> {
        match set {
            Set::Organisations => return Ok(vec![organisation_at(id)]),
            Set::Persons => return Ok(self.person_at(id)?.into_iter().collect()),
            _ => {}
        }
        let mut places = self.under(Column::Place, &place_prefix(set, id))?;
        let mut homes = Vec::new();
        while let Some(key) = places.key() {
            homes.push(home_at(key).ok_or_else(|| bad_key("place"))?);
            places.next();
        }
        self.ended(&places)?;
        Ok(homes)
    }

    /// The head of a record's newest version: of the homes where it may be, the one that it
    /// has not left.
    fn newest(
        &self,
        places: &mut DBRawIterator<'_>,
        (set, id): (Set, RecordId),
    ) -> Result<Option<Latest>, StoreError> {
        match set {
            Set::Organisations => return self.head(set, id, organisation_at(id)),
            Set::Persons => {
                let home = self.person_at(id)?;
                return home.map_or(Ok(None), |home| self.head(set, id, home));
            }
            _ => {}
        }
        let prefix = place_prefix(set, id);
        places.seek(prefix);
        while let Some(key) = places.key().filter(|key| key.starts_with(&prefix)) {
            let home = home_at(key).ok_or_else(|| bad_key("place"))?;
            let head = self.head(set, id, home)?;
            if head.is_some() {
                return Ok(head);
            }
            places.next();
        }
        self.ended(places).map(|()| None)
    }

    /// Where the person is filed whose record has this id.
    fn person_at(&self, id: RecordId) -> Result<Option<Home>, StoreError> {
        for kind in PERSON_KINDS {
            let keys = self.under(Column::Record, &person_prefix(kind, id))?;
            if let Some(key) = keys.key() {
                let (home, _, _) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
                return Ok(Some(home));
            }
            self.ended(&keys)?;
        }
        Ok(None)
    }

    /// The head of a record's newest version at one home; none when it is not or no longer
    /// filed there.
    fn head(&self, set: Set, id: RecordId, home: Home) -> Result<Option<Latest>, StoreError> {
        let keys = self.under(Column::Record, &record_prefix(set, home, id))?;
        let Some((key, value)) = keys.item() else {
            return self.ended(&keys).map(|()| None);
        };
        let (_, _, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
        let stored: Stored<'_> = decode("record", value)?;
        if stored.act == Act::Moved {
            return Ok(None);
        }
        let withdrawn = stored.act == Act::Withdrawn;
        let digest = if withdrawn {
            [0; 8]
        } else {
            digest(&self.store.keys, stored.core, stored.sealed)
        };
        Ok(Some(Latest {
            home,
            batch,
            digest,
            withdrawn,
        }))
    }

    /// Every record under a prefix of the `record` family, visible at `known`.
    fn each_visible(
        &self,
        prefix: &[u8],
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(rocksdb::PrefixRange(prefix));
        self.visible_under(options, known, &mut |packed| each(packed.version()?))
    }

    /// A stored version; none when it says that there is no record here any more.
    fn version(&self, key: &[u8], value: &[u8]) -> Result<Option<Version>, StoreError> {
        let packed = packed(&self.store.keys, key, value)?;
        packed.map(|packed| packed.version()).transpose()
    }

    /// Every record of the `record` family that the options allow, visible at `known`.
    fn visible_under(
        &self,
        options: ReadOptions,
        known: BatchNo,
        each: &mut EachPacked<'_>,
    ) -> Result<(), StoreError> {
        let mut keys = self.keys(Column::Record, options)?;
        self.visible_from(&mut keys, &[], known, each)
    }

    /// Every record from where `keys` stand, as long as the keys begin with `prefix`.
    fn visible_from(
        &self,
        keys: &mut DBRawIterator<'_>,
        prefix: &[u8],
        known: BatchNo,
        each: &mut EachPacked<'_>,
    ) -> Result<(), StoreError> {
        let mut done: Option<(Home, RecordId)> = None;
        while let Some((key, value)) = keys.item().filter(|(key, _)| key.starts_with(prefix)) {
            let (home, id, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
            if batch <= known.min(self.newest) && done != Some((home, id)) {
                done = Some((home, id));
                if let Some(packed) = packed(&self.store.keys, key, value)? {
                    each(packed)?;
                }
            }
            keys.next();
        }
        self.ended(keys)
    }

    /// The visible records that an index points at.
    fn pointed_at(
        &self,
        column: Column,
        prefix: &[u8],
        known: BatchNo,
    ) -> Result<Vec<Version>, StoreError> {
        let mut keys = self.under(column, prefix)?;
        let mut records = self.nowhere(Column::Record, ReadOptions::default())?;
        let mut found = Vec::new();
        while let Some(key) = keys.key() {
            let head = pointed_at(key).ok_or_else(|| bad_key(column.name()))?;
            records.seek(head);
            self.visible_from(&mut records, head, known, &mut |packed| {
                found.push(packed.version()?);
                Ok(())
            })?;
            keys.next();
        }
        self.ended(&keys)?;
        Ok(found)
    }
}

/// What the keys of the records of a set at one home begin with.
fn filed_prefix(set: Set, home: Home) -> Vec<u8> {
    [&[set.number()], home.0.as_slice()].concat()
}

fn bad_key(place: &'static str) -> StoreError {
    StoreError::Corrupt {
        place,
        what: "a key of the wrong length".into(),
    }
}

fn packed<'a>(keys: &Keys, key: &[u8], value: &'a [u8]) -> Result<Option<Packed<'a>>, StoreError> {
    let (_, id, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
    let stored: Stored<'_> = decode("record", value)?;
    if stored.act != Act::Put {
        return Ok(None);
    }
    Ok(Some(Packed {
        id,
        batch,
        source: source(&stored),
        core: opened_core(keys, id, stored.core, stored.core_sealed)?,
        sealed: stored.sealed,
    }))
}

/// A batch as it is stored.
pub(crate) fn batch_of(key: &[u8], value: &[u8]) -> Result<BatchInfo, StoreError> {
    let no = key.try_into().map_err(|_| bad_key("batch"))?;
    let StoredBatch {
        recorded_at,
        files,
        report,
    } = decode("batch", value)?;
    Ok(BatchInfo {
        no: BatchNo(u32::from_be_bytes(no)),
        recorded_at,
        files,
        report,
    })
}

impl Snapshot for RocksSnapshot<'_> {
    fn batches(&self) -> Result<Vec<BatchInfo>, StoreError> {
        let mut keys = self.under(Column::Batch, &[])?;
        let mut batches = Vec::new();
        while let Some((key, value)) = keys.item() {
            let batch = batch_of(key, value)?;
            if batch.no > self.newest {
                break;
            }
            batches.push(batch);
            keys.next();
        }
        self.ended(&keys)?;
        Ok(batches)
    }

    fn batch(&self, no: BatchNo) -> Result<Option<BatchInfo>, StoreError> {
        let key = batch_key(no);
        let value = self.value(Column::Batch, &key)?;
        value.map(|value| batch_of(&key, &value)).transpose()
    }

    fn latest(&self, set: Set, ids: &[RecordId]) -> Result<Vec<Option<Latest>>, StoreError> {
        let mut places = self.nowhere(Column::Place, ReadOptions::default())?;
        let ids = ids.iter();
        ids.map(|id| self.newest(&mut places, (set, *id))).collect()
    }

    fn record(
        &self,
        set: Set,
        id: RecordId,
        known: BatchNo,
    ) -> Result<Option<Version>, StoreError> {
        for home in self.homes(set, id)? {
            let keys = self.under(Column::Record, &record_prefix(set, home, id))?;
            let Some((key, value)) = keys.item() else {
                self.ended(&keys)?;
                continue;
            };
            let (_, _, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
            let newest: Stored<'_> = decode("record", value)?;
            if newest.act == Act::Moved {
                continue;
            }
            if batch <= known.min(self.newest) {
                return self.version(key, value);
            }
            break;
        }
        let mut past = self.history(set, id)?.into_iter();
        Ok(past
            .rfind(|past| past.batch <= known)
            .and_then(|past| past.version))
    }

    fn filed(&self, set: Set, home: Home, known: BatchNo) -> Result<Vec<Version>, StoreError> {
        let mut found = Vec::new();
        self.each_visible(&filed_prefix(set, home), known, &mut |version| {
            found.push(version);
            Ok(())
        })?;
        Ok(found)
    }

    fn filed_at(
        &self,
        set: Set,
        homes: &[Home],
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut options = ReadOptions::default();
        options.set_iterate_range(rocksdb::PrefixRange([set.number()]));
        // Many are as good as a scan; a block in which several are is read once all the same.
        options.fill_cache(homes.len() < FEW);
        let mut keys = self.nowhere(Column::Record, options)?;
        for home in homes {
            let prefix = filed_prefix(set, *home);
            keys.seek(&prefix);
            self.visible_from(&mut keys, &prefix, known, &mut |packed| {
                each(packed.version()?)
            })?;
        }
        Ok(())
    }

    fn filed_as(
        &self,
        set: Set,
        (home, id): (Home, RecordId),
        known: BatchNo,
    ) -> Result<Option<Version>, StoreError> {
        let mut keys = self.under(Column::Record, &record_prefix(set, home, id))?;
        while let Some((key, value)) = keys.item() {
            let (_, _, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
            if batch <= known.min(self.newest) {
                return self.version(key, value);
            }
            keys.next();
        }
        self.ended(&keys).map(|()| None)
    }

    fn changes(&self, set: Set, home: Home) -> Result<Vec<BatchNo>, StoreError> {
        let mut keys = self.under(Column::Record, &filed_prefix(set, home))?;
        let mut changes = BTreeSet::new();
        while let Some(key) = keys.key() {
            let (_, _, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
            changes.insert(batch);
            keys.next();
        }
        self.ended(&keys)?;
        Ok(changes
            .into_iter()
            .take_while(|batch| *batch <= self.newest)
            .collect())
    }

    fn touched(&self, after: BatchNo, until: BatchNo) -> Result<Option<Vec<Place>>, StoreError> {
        let end = BatchNo(until.min(self.newest).0.saturating_add(1));
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(batch_key(BatchNo(after.0.saturating_add(1))));
        options.set_iterate_upper_bound(batch_key(end));
        let mut batches = self.keys(Column::Touched, options)?;
        let mut touched = BTreeSet::new();
        while let Some(places) = batches.value() {
            if places.is_empty() {
                return Ok(None);
            }
            touched.extend(split_touched(places).ok_or_else(|| bad_key("touched"))?);
            batches.next();
        }
        self.ended(&batches)?;
        Ok(Some(touched.into_iter().collect()))
    }

    fn linked(
        &self,
        set: Set,
        entity: EntityId,
        known: BatchNo,
    ) -> Result<Vec<Version>, StoreError> {
        let mut found = self.pointed_at(Column::Link, &link_prefix(entity, set), known)?;
        // An older version may have named the entity where this one does not.
        found.retain(|version| version.record.links().any(|link| link == entity));
        Ok(found)
    }

    fn numbered(&self, case_no: &str, known: BatchNo) -> Result<Vec<Version>, StoreError> {
        let prefix = number_prefix(&self.store.keys, case_no);
        let mut found = self.pointed_at(Column::Number, &prefix, known)?;
        found.retain(|version| version.record.case_no() == Some(case_no));
        Ok(found)
    }

    fn scan(
        &self,
        set: Set,
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_visible(&[set.number()], known, each)
    }

    fn boundaries(&self, set: Set, parts: usize) -> Result<Vec<Home>, StoreError> {
        // Ids are digests: the records whose ids come first are a fair sample of all. The homes
        // of organisations stand in their ids, so that of their roles stands for them.
        let sampled = if is_placed(set) { set } else { Set::Roles };
        let mut places = self.under(Column::Place, &[sampled.number()])?;
        let mut homes = Vec::new();
        while let Some(key) = places.key().filter(|_| homes.len() < SAMPLE) {
            homes.push(home_at(key).ok_or_else(|| bad_key("place"))?);
            places.next();
        }
        self.ended(&places)?;
        homes.sort_unstable();
        let step = homes.len().div_ceil(parts.max(1)).max(1);
        let mut cuts: Vec<Home> = homes.into_iter().step_by(step).skip(1).collect();
        cuts.dedup();
        Ok(cuts)
    }

    fn scan_within(
        &self,
        set: Set,
        (from, to): HomeRange,
        known: BatchNo,
        each: &mut EachPacked<'_>,
    ) -> Result<(), StoreError> {
        let bound = |home: Home| filed_prefix(set, home);
        let from = from.map_or_else(|| vec![set.number()], bound);
        let to = to.map_or_else(|| vec![set.number() + 1], bound);
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(from);
        options.set_iterate_upper_bound(to);
        // Each block is read once: the cache is for subjects asked about again.
        options.fill_cache(false);
        self.visible_under(options, known, each)
    }

    fn history(&self, set: Set, id: RecordId) -> Result<Vec<Past>, StoreError> {
        let Some(latest) = self.latest(set, &[id])?.into_iter().flatten().next() else {
            return Ok(Vec::new());
        };
        let (mut homes, mut seen) = (vec![latest.home], BTreeSet::new());
        let mut past = Vec::new();
        while let Some(home) = homes.pop() {
            if !seen.insert(home) {
                continue;
            }
            let mut keys = self.under(Column::Record, &record_prefix(set, home, id))?;
            while let Some((key, value)) = keys.item() {
                let (_, _, batch) = split_record_key(key).ok_or_else(|| bad_key("record"))?;
                let stored: Stored<'_> = decode("record", value)?;
                homes.extend(stored.moved_from.map(Home));
                // One that is durable counts, though others cannot see it before a load that
                // is still being written.
                let there = batch <= self.newest || self.batch(batch)?.is_some();
                if stored.act != Act::Moved && there {
                    past.push(Past {
                        batch,
                        version: self.version(key, value)?,
                    });
                }
                keys.next();
            }
            self.ended(&keys)?;
        }
        past.sort_by_key(|past| past.batch);
        Ok(past)
    }

    fn quarantine(&self) -> Result<Vec<QuarantineEntry>, StoreError> {
        let mut keys = self.under(Column::Quarantine, &[])?;
        let mut entries = Vec::new();
        while let Some((key, value)) = keys.item() {
            let batch = key
                .first_chunk::<4>()
                .ok_or_else(|| bad_key("quarantine"))?;
            let StoredRow {
                mut row,
                sealed,
                resolved_in,
            } = decode("quarantine", value)?;
            let cells =
                self.store
                    .keys
                    .open(&row.id, &sealed)
                    .map_err(|error| StoreError::Corrupt {
                        place: "quarantine",
                        what: error.to_string(),
                    })?;
            row.cells = decode("quarantine", &cells)?;
            let batch = BatchNo(u32::from_be_bytes(*batch));
            let resolved_in = resolved_in.map(BatchNo);
            entries.push(QuarantineEntry {
                row,
                batch,
                resolved_in,
            });
            keys.next();
        }
        self.ended(&keys)?;
        Ok(entries)
    }

    fn entry(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.value(Column::Book, &book_key(book, key))
    }

    fn entry_up_to(&self, book: Book, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        let mut keys = self.under(Column::Book, &book_key(book, &[]))?;
        keys.seek_for_prev(book_key(book, key));
        let found = keys.item().map(|(key, value)| {
            let key = key.get(1..).ok_or_else(|| bad_key("book"))?;
            Ok((key.to_vec(), value.to_vec()))
        });
        self.ended(&keys)?;
        found.transpose()
    }

    fn entries(&self, book: Book, prefix: &[u8]) -> Result<Vec<Entry>, StoreError> {
        let mut keys = self.under(Column::Book, &book_key(book, prefix))?;
        let mut entries = Vec::new();
        while let Some((key, value)) = keys.item() {
            let key = key.get(1..).ok_or_else(|| bad_key("book"))?;
            entries.push((key.to_vec(), value.to_vec()));
            keys.next();
        }
        self.ended(&keys)?;
        Ok(entries)
    }
}
