//! Batch → `WriteBatch`: the only place that keeps the indexes in step.

use graph::change::{BatchNo, Draft, Effect, Quarantined, plan};
use graph::store::{Book, Latest, Store, StoreError, seal_detail};
use rocksdb::WriteBatch;

use crate::bytes::{
    Act, Stored, StoredBatch, StoredLatest, StoredRow, batch_key, book_key, encode, link_key,
    may_identify, number_key, quarantine_key, record_key,
};
use crate::column::Column;
use crate::open::RocksStore;

impl RocksStore {
    pub(crate) fn commit_draft(&self, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        self.must_be_writable()?;
        let snapshot = self.snapshot()?;
        let batches = snapshot.batches()?;
        let newest = batches.last();
        if let Some(newest) = newest.filter(|newest| draft.recorded_at < newest.recorded_at) {
            let (asked, newest) = (draft.recorded_at, newest.recorded_at);
            return Err(StoreError::BackInTime { asked, newest });
        }
        let no = BatchNo(newest.map_or(0, |newest| newest.no.0) + 1);
        let Draft {
            recorded_at,
            files,
            changes,
            quarantine,
            resolved,
            report,
        } = draft;
        let (_, effects) = plan(&*snapshot, &self.keys, changes)?;
        let mut out = WriteBatch::default();
        let mut touched = self.put_quarantine(&mut out, no, quarantine, &resolved)?;
        touched |= !effects.is_empty();
        if !touched {
            return Ok(None);
        }
        for effect in effects {
            self.put_effect(&mut out, no, effect)?;
        }
        let batch = encode(&StoredBatch {
            recorded_at,
            files,
            report,
        })?;
        out.put_cf(self.column(Column::Batch)?, batch_key(no), batch);
        self.write_durably(out)?;
        Ok(Some(no))
    }

    pub(crate) fn write_entries(
        &self,
        entries: &[(Book, Vec<u8>, Vec<u8>)],
    ) -> Result<(), StoreError> {
        self.must_be_writable()?;
        let mut out = WriteBatch::default();
        for (book, key, value) in entries {
            out.put_cf(self.column(Column::Book)?, book_key(*book, key), value);
        }
        self.write_durably(out)
    }

    fn must_be_writable(&self) -> Result<(), StoreError> {
        if self.writable {
            return Ok(());
        }
        Err(StoreError::ReadOnly {
            place: self.dir.display().to_string(),
        })
    }

    fn put_effect(
        &self,
        out: &mut WriteBatch,
        no: BatchNo,
        effect: Effect,
    ) -> Result<(), StoreError> {
        let Effect {
            id,
            set,
            home,
            moved_from,
            content,
            digest,
            source,
        } = effect;
        let records = self.column(Column::Record)?;
        let withdrawn = content.is_none();
        let mut stored = Stored {
            act: if withdrawn { Act::Withdrawn } else { Act::Put },
            file: source.file,
            line: source.line,
            moved_from: moved_from.map(|home| home.0),
            core: &[],
            core_sealed: false,
            sealed: &[],
        };
        let (mut core, sealed): (Vec<u8>, Vec<u8>);
        if let Some((record, detail)) = content {
            (core, sealed) = (encode(&record)?, seal_detail(&self.keys, id, &detail)?);
            if may_identify(&core) {
                core = self.keys.seal(&id.0, &core);
                stored.core_sealed = true;
            }
            (stored.core, stored.sealed) = (&core, &sealed);
            for entity in record.links() {
                out.put_cf(
                    self.column(Column::Link)?,
                    link_key(entity, set, home, id),
                    [],
                );
            }
            if let Some(number) = record.case_no() {
                out.put_cf(
                    self.column(Column::Number)?,
                    number_key(&self.keys, number, set, home, id),
                    [],
                );
            }
        }
        out.put_cf(records, record_key(set, home, id, no), encode(&stored)?);
        if let Some(old) = moved_from {
            let gone = Stored {
                act: Act::Moved,
                moved_from: None,
                core: &[],
                core_sealed: false,
                sealed: &[],
                ..stored
            };
            out.put_cf(records, record_key(set, old, id, no), encode(&gone)?);
        }
        let latest = StoredLatest::from(Latest {
            home,
            batch: no,
            digest,
            withdrawn,
        });
        out.put_cf(self.column(Column::Latest)?, id.0, encode(&latest)?);
        Ok(())
    }

    /// Adds new quarantined rows and marks resolved ones; tells whether any.
    fn put_quarantine(
        &self,
        out: &mut WriteBatch,
        no: BatchNo,
        rows: Vec<Quarantined>,
        resolved: &[[u8; 8]],
    ) -> Result<bool, StoreError> {
        if rows.is_empty() && resolved.is_empty() {
            return Ok(false);
        }
        let mut pending = self.snapshot()?.quarantine()?;
        pending.retain(|entry| entry.resolved_in.is_none());
        let mut touched = false;
        for entry in &pending {
            if resolved.contains(&entry.row.id) {
                touched = true;
                self.put_row(out, entry.batch, entry.row.clone(), Some(no))?;
            }
        }
        for row in rows {
            if pending.iter().all(|entry| entry.row.id != row.id) {
                touched = true;
                self.put_row(out, no, row, None)?;
            }
        }
        Ok(touched)
    }

    fn put_row(
        &self,
        out: &mut WriteBatch,
        batch: BatchNo,
        mut row: Quarantined,
        resolved_in: Option<BatchNo>,
    ) -> Result<(), StoreError> {
        let id = row.id;
        let cells = encode(&std::mem::take(&mut row.cells))?;
        let sealed = self.keys.seal(&id, &cells);
        let stored = StoredRow {
            row,
            sealed,
            resolved_in: resolved_in.map(|no| no.0),
        };
        let key = quarantine_key(batch, id);
        out.put_cf(self.column(Column::Quarantine)?, key, encode(&stored)?);
        Ok(())
    }
}
