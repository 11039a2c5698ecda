//! Every index against the records: what `chuantou check` runs.

use std::collections::BTreeSet;

use graph::change::BatchNo;
use graph::id::{Home, RecordId, Set};
use graph::store::{Snapshot, StoreError, open_detail};

use crate::bytes::{
    Act, Stored, StoredLatest, decode, link_key, number_key, record_key, split_record_key,
};
use crate::column::Column;
use crate::open::RocksStore;

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
        let records = self.column(Column::Record)?;
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
                self.check_latest((set, home, id), batch, stored.act, &mut faults)?;
            }
            if stored.act == Act::Put {
                let record = crate::read::record(&self.keys, id, &stored)?;
                open_detail(&self.keys, id, stored.sealed)?;
                if record.set() != set || record.home() != home || record.id() != id {
                    let what = format!("{id} of {} is filed in the wrong place", set.name());
                    faults.push(fault(Column::Record, &what));
                }
                let [links, numbers] = &mut expected;
                links.extend(record.links().map(|entity| link_key(entity, set, home, id)));
                numbers.extend(
                    record
                        .case_no()
                        .map(|no| number_key(&self.keys, no, set, home, id)),
                );
            }
        }
        self.check_index(Column::Link, &expected[0], &mut faults)?;
        self.check_index(Column::Number, &expected[1], &mut faults)?;
        self.check_heads(&mut faults)?;
        self.snapshot_reads(&mut faults)?;
        Ok(faults)
    }

    fn check_latest(
        &self,
        (set, home, id): (Set, Home, RecordId),
        batch: BatchNo,
        act: Act,
        faults: &mut Vec<Fault>,
    ) -> Result<(), StoreError> {
        let family = self.column(Column::Latest)?;
        let head = self
            .db
            .get_cf(family, id.0)
            .map_err(|error| self.failed(error))?;
        let Some(head) = head else {
            faults.push(fault(
                Column::Latest,
                &format!("{id} of {} is missing", set.name()),
            ));
            return Ok(());
        };
        let head = graph::store::Latest::from(decode::<StoredLatest>("latest", &head)?);
        let fits = match act {
            Act::Moved => head.home != home || head.batch > batch,
            _ => {
                head.home == home
                    && head.batch == batch
                    && head.withdrawn == (act == Act::Withdrawn)
            }
        };
        if !fits {
            faults.push(fault(
                Column::Latest,
                &format!("{id} of {} is stale", set.name()),
            ));
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

    /// Each head must have its version.
    fn check_heads(&self, faults: &mut Vec<Fault>) -> Result<(), StoreError> {
        let heads = self.column(Column::Latest)?;
        let records = self.column(Column::Record)?;
        for item in self.db.iterator_cf(heads, rocksdb::IteratorMode::Start) {
            let (key, value) = item.map_err(|error| self.failed(error))?;
            let head = graph::store::Latest::from(decode::<StoredLatest>("latest", &value)?);
            let Ok(id) = <[u8; 16]>::try_from(&*key).map(RecordId) else {
                faults.push(fault(Column::Latest, "a key of the wrong length"));
                continue;
            };
            let mut there = false;
            for set in Set::ALL {
                let key = record_key(set, head.home, id, head.batch);
                there |= self
                    .db
                    .get_cf(records, key)
                    .map_err(|e| self.failed(e))?
                    .is_some();
            }
            if !there {
                faults.push(fault(Column::Latest, &format!("{id} has no version")));
            }
        }
        Ok(())
    }

    fn snapshot_reads(&self, faults: &mut Vec<Fault>) -> Result<(), StoreError> {
        let snapshot = crate::read::RocksSnapshot::new(self);
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
