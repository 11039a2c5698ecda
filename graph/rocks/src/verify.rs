//! Every index against the records: what `chuantou check` runs.

use std::collections::{BTreeMap, BTreeSet};

use graph::change::BatchNo;
use graph::content::open_core;
use graph::id::{Home, RecordId, Set};
use graph::store::{Place, Snapshot, StoreError, open_detail};

use crate::bytes::{
    Act, PLACE_HEAD, Stored, decode, home_at, link_key, number_key, split_record_key, split_touched,
};
use crate::column::Column;
use crate::open::RocksStore;
use crate::read::RocksSnapshot;

/// Something in the store that does not fit the rest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The column family.
    pub place: &'static str,
    /// What is wrong.
    pub what: String,
}

impl RocksStore {
    /// Reads every record and compares what the indexes say; an empty answer
    /// means that the store is whole. Reads all data once.
    pub fn verify(&self) -> Result<Vec<Fault>, StoreError> {
        let mut faults = Vec::new();
        let mut expected: [BTreeSet<Vec<u8>>; 2] = Default::default();
        let mut touched: BTreeMap<BatchNo, BTreeSet<Place>> = BTreeMap::new();
        let large = self.large_batches()?;
        let records = self.column(Column::Record)?;
        let snapshot = RocksSnapshot::new(self);
        let mut newest: Option<(Set, Home, RecordId)> = None;
        for item in self.db.iterator_cf(records, rocksdb::IteratorMode::Start) {
            let (key, value) = item.map_err(|error| self.failed(error))?;
            let set = key.first().copied().and_then(Set::from_number);
            let (Some(set), Some((home, id, batch))) = (set, split_record_key(&key)) else {
                faults.push(fault(Column::Record, "a key of the wrong form"));
                continue;
            };
            let stored: Stored<'_> = decode("record", &value)?;
            if newest != Some((set, home, id)) {
                newest = Some((set, home, id));
                Self::check_place(&snapshot, (set, home, id), stored.act, &mut faults)?;
            }
            let [links, numbers] = &mut expected;
            if !large.contains(&batch) {
                touched.entry(batch).or_default().insert((set, home));
            }
            if stored.act == Act::Put {
                let record = open_core(&self.keys, id, stored.core, stored.core_sealed)?;
                open_detail(&self.keys, id, stored.sealed)?;
                if record.set() != set || record.home() != home || record.id() != id {
                    let what = format!("{id} of {} is filed in the wrong place", set.name());
                    faults.push(fault(Column::Record, &what));
                }
                let entities = record.links();
                links.extend(entities.map(|entity| link_key(entity, set, home, id).to_vec()));
                let number = record.case_no();
                numbers.extend(number.map(|no| number_key(&self.keys, no, set, home, id).to_vec()));
            }
        }
        self.check_index(Column::Link, &expected[0], &mut faults)?;
        self.check_index(Column::Number, &expected[1], &mut faults)?;
        self.check_touched(&touched, &mut faults)?;
        self.check_places(&mut faults)?;
        self.snapshot_reads(&mut faults)?;
        Ok(faults)
    }

    /// The batches for which `touched` says that they were too large for it.
    fn large_batches(&self) -> Result<BTreeSet<BatchNo>, StoreError> {
        let mut large = BTreeSet::new();
        for item in self
            .db
            .iterator_cf(self.column(Column::Touched)?, rocksdb::IteratorMode::Start)
        {
            let (key, places) = item.map_err(|error| self.failed(error))?;
            let batch = (&*key).try_into().map(u32::from_be_bytes).map(BatchNo);
            large.extend(batch.ok().filter(|_| places.is_empty()));
        }
        Ok(large)
    }

    /// Each batch that is not too large lists the places where it filed something, and no other.
    fn check_touched(
        &self,
        expected: &BTreeMap<BatchNo, BTreeSet<Place>>,
        faults: &mut Vec<Fault>,
    ) -> Result<(), StoreError> {
        let mut seen = 0;
        for item in self
            .db
            .iterator_cf(self.column(Column::Touched)?, rocksdb::IteratorMode::Start)
        {
            let (key, places) = item.map_err(|error| self.failed(error))?;
            if places.is_empty() {
                continue;
            }
            let batch = (&*key).try_into().map(u32::from_be_bytes).map(BatchNo);
            let expected = batch.ok().and_then(|batch| expected.get(&batch));
            if expected.is_some() && split_touched(&places).as_ref() == expected {
                seen += 1;
            } else {
                faults.push(fault(Column::Touched, "a list that no batch asks for"));
            }
        }
        if seen < expected.len() {
            let what = format!("{} lists are missing", expected.len() - seen);
            faults.push(fault(Column::Touched, &what));
        }
        Ok(())
    }

    /// The place of a record leads to the home where its newest version is, and to no other.
    fn check_place(
        snapshot: &RocksSnapshot<'_>,
        (set, home, id): (Set, Home, RecordId),
        act: Act,
        faults: &mut Vec<Fault>,
    ) -> Result<(), StoreError> {
        let latest = snapshot.latest(set, &[id])?.into_iter().flatten().next();
        let fits = match latest {
            None => Err("is missing"),
            Some(latest) if (latest.home == home) == (act != Act::Moved) => Ok(()),
            Some(_) => Err("is stale"),
        };
        if let Err(what) = fits {
            let what = format!("{id} of {} {what}", set.name());
            faults.push(fault(Column::Place, &what));
        }
        Ok(())
    }

    fn check_index(
        &self,
        column: Column,
        expected: &BTreeSet<Vec<u8>>,
        faults: &mut Vec<Fault>,
    ) -> Result<(), StoreError> {
        let mut seen = 0;
        for item in self
            .db
            .iterator_cf(self.column(column)?, rocksdb::IteratorMode::Start)
        {
            let (key, _) = item.map_err(|error| self.failed(error))?;
            if expected.contains(&*key) {
                seen += 1;
            } else {
                faults.push(fault(column, "an entry that no record asks for"));
            }
        }
        if seen < expected.len() {
            let what = format!("{} entries are missing", expected.len() - seen);
            faults.push(fault(column, &what));
        }
        Ok(())
    }

    /// At each place must be a version of a record whose id begins so.
    fn check_places(&self, faults: &mut Vec<Fault>) -> Result<(), StoreError> {
        let places = self.column(Column::Place)?;
        let records = self.column(Column::Record)?;
        let mut records = self.db.raw_iterator_cf(records);
        for item in self.db.iterator_cf(places, rocksdb::IteratorMode::Start) {
            let (key, _) = item.map_err(|error| self.failed(error))?;
            let (Some(home), Some((head, _))) = (home_at(&key), key.split_at_checked(PLACE_HEAD))
            else {
                faults.push(fault(Column::Place, "a key of the wrong form"));
                continue;
            };
            let (set, id) = head.split_at_checked(1).unwrap_or_default();
            let prefix = [set, home.0.as_slice(), id].concat();
            records.seek(&prefix);
            if !records.key().is_some_and(|key| key.starts_with(&prefix)) {
                records.status().map_err(|error| self.failed(error))?;
                faults.push(fault(Column::Place, "an entry that no record asks for"));
            }
        }
        Ok(())
    }

    fn snapshot_reads(&self, faults: &mut Vec<Fault>) -> Result<(), StoreError> {
        let snapshot = RocksSnapshot::new(self);
        let batches = snapshot.batches()?;
        for (place, batch) in batches.iter().enumerate() {
            if usize::try_from(batch.no.0) != Ok(place + 1) {
                faults.push(fault(
                    Column::Batch,
                    &format!("batch {} is out of line", batch.no.0),
                ));
            }
        }
        snapshot.quarantine()?;
        Ok(())
    }
}

fn fault(column: Column, what: &str) -> Fault {
    Fault {
        place: column.name(),
        what: what.to_owned(),
    }
}
