//! Batch → `WriteBatch`: the only place that keeps the indexes in step.

use graph::change::{BatchNo, Draft, Effect, Quarantined, plan};
use graph::store::{BookEntry, Store, StoreError};
use rocksdb::WriteBatch;

use crate::bytes::{
    Act, Stored, StoredBatch, StoredRow, batch_key, book_key, encode, link_key, number_key,
    place_value, quarantine_key, record_key,
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
            entries,
        } = draft;
        let (_, effects) = plan(&*snapshot, &self.keys, changes)?;
        let mut out = WriteBatch::default();
        let mut touched = self.put_quarantine(&mut out, no, quarantine, &resolved)?;
        touched |= !effects.is_empty();
        self.put_entries(&mut out, &entries)?;
        if !touched {
            if !entries.is_empty() {
                self.write_durably(out)?;
            }
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

    pub(crate) fn write_entries(&self, entries: &[BookEntry]) -> Result<(), StoreError> {
        self.must_be_writable()?;
        let mut out = WriteBatch::default();
        self.put_entries(&mut out, entries)?;
        self.write_durably(out)
    }

    fn put_entries(&self, out: &mut WriteBatch, entries: &[BookEntry]) -> Result<(), StoreError> {
        for (book, key, value) in entries {
            out.put_cf(self.column(Column::Book)?, book_key(*book, key), value);
        }
        Ok(())
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
        if let Some((record, content)) = &content {
            (stored.core, stored.sealed) = (&content.core, &content.sealed);
            stored.core_sealed = content.core_sealed;
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
        out.put_cf(self.column(Column::Place)?, id.0, place_value(set, home));
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
