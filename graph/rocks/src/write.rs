//! Batch → `WriteBatch`: the only place that keeps the indexes in step.

use std::collections::BTreeSet;

use graph::change::{BatchNo, Draft, Effect, Quarantined, plan};
use graph::seal::Keys;
use graph::store::{BookEntry, Store, StoreError};
use rocksdb::WriteBatch;

use crate::bytes::{
    Act, Stored, StoredBatch, StoredRow, batch_key, book_key, encode, encode_into, is_placed,
    link_key, number_key, place_key, quarantine_key, record_key, touched_value,
};
use crate::column::Column;
use crate::open::RocksStore;

impl RocksStore {
    pub(crate) fn commit_draft(&self, mut draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        self.must_be_writable()?;
        let changes = std::mem::take(&mut draft.changes);
        let (_, effects) = plan(&*self.snapshot()?, &self.keys, changes)?;
        let no = self.next_batch(draft.recorded_at)?;
        let Some(mut out) = self.head(no, draft, !effects.is_empty())? else {
            return Ok(None);
        };
        self.put_effects(&mut out, no, &effects)?;
        self.write_durably(out)?;
        Ok(Some(no))
    }

    /// All of a batch but the effects of its changes. A draft that does nothing
    /// makes no batch: its entries of books are written, and there is nothing left.
    pub(crate) fn head(
        &self,
        no: BatchNo,
        draft: Draft,
        changes: bool,
    ) -> Result<Option<WriteBatch>, StoreError> {
        let Draft {
            recorded_at,
            files,
            quarantine,
            resolved,
            report,
            entries,
            ..
        } = draft;
        let mut out = WriteBatch::default();
        self.put_entries(&mut out, &entries)?;
        let touched = self.put_quarantine(&mut out, no, quarantine, &resolved)?;
        if !touched && !changes {
            if !entries.is_empty() {
                self.write_durably(out)?;
            }
            return Ok(None);
        }
        let batch = encode(&StoredBatch {
            recorded_at,
            files,
            report,
        })?;
        out.put_cf(self.column(Column::Batch)?, batch_key(no), batch);
        self.put_owed(&mut out)?;
        Ok(Some(out))
    }

    pub(crate) fn write_entries(&self, entries: &[BookEntry]) -> Result<(), StoreError> {
        self.must_be_writable()?;
        let mut out = WriteBatch::default();
        self.put_entries(&mut out, entries)?;
        self.write_durably(out)
    }

    fn put_entries(&self, out: &mut WriteBatch, entries: &[BookEntry]) -> Result<(), StoreError> {
        for (book, key, value) in entries {
            let (column, key) = (self.column(Column::Book)?, book_key(*book, key));
            if value.is_empty() {
                out.delete_cf(column, key);
            } else {
                out.put_cf(column, key, value);
            }
        }
        Ok(())
    }

    pub(crate) fn must_be_writable(&self) -> Result<(), StoreError> {
        if self.writable {
            return Ok(());
        }
        Err(StoreError::ReadOnly {
            place: self.dir.display().to_string(),
        })
    }

    /// The effects of a batch that is small enough to list what it touches.
    pub(crate) fn put_effects<'e>(
        &self,
        out: &mut WriteBatch,
        no: BatchNo,
        effects: impl IntoIterator<Item = &'e Effect>,
    ) -> Result<(), StoreError> {
        let (mut touched, mut value) = (BTreeSet::new(), Vec::new());
        for effect in effects {
            let homes = effect.moved_from.into_iter().chain([effect.home]);
            touched.extend(homes.map(|home| (effect.set, home)));
            each_entry(
                (&self.keys, no),
                effect,
                &mut value,
                &mut |column, key, value| {
                    out.put_cf(self.column(column)?, key, value);
                    Ok(())
                },
            )?;
        }
        if !touched.is_empty() {
            let column = self.column(Column::Touched)?;
            out.put_cf(column, batch_key(no), touched_value(&touched));
        }
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

/// Takes one entry of a family: its key and its value.
pub(crate) type PutEntry<'a> = dyn FnMut(Column, &[u8], &[u8]) -> Result<(), StoreError> + 'a;

/// The entries of all families that one effect makes; `value` is a buffer for their bytes.
pub(crate) fn each_entry(
    (keys, no): (&Keys, BatchNo),
    effect: &Effect,
    value: &mut Vec<u8>,
    put: &mut PutEntry<'_>,
) -> Result<(), StoreError> {
    let (set, home, id) = (effect.set, effect.home, effect.id);
    let mut stored = Stored {
        act: Act::Withdrawn,
        file: effect.source.file,
        line: effect.source.line,
        moved_from: effect.moved_from.map(|home| home.0),
        core: &[],
        core_sealed: false,
        sealed: &[],
    };
    if let Some(content) = &effect.content {
        stored.act = Act::Put;
        (stored.core, stored.sealed) = (content.core(), content.sealed());
        stored.core_sealed = content.core_sealed;
        if set.is_indexed() {
            let record = content.record(keys, id)?;
            for entity in record.links() {
                put(Column::Link, &link_key(entity, set, home, id), &[])?;
            }
            if let Some(number) = record.case_no() {
                put(
                    Column::Number,
                    &number_key(keys, number, set, home, id),
                    &[],
                )?;
            }
        }
    }
    encode_into(&stored, value)?;
    put(Column::Record, &record_key(set, home, id, no), value)?;
    if let Some(old) = effect.moved_from {
        let gone = Stored {
            act: Act::Moved,
            moved_from: None,
            core: &[],
            core_sealed: false,
            sealed: &[],
            ..stored
        };
        encode_into(&gone, value)?;
        put(Column::Record, &record_key(set, old, id, no), value)?;
    }
    if is_placed(set) {
        put(Column::Place, place_key(set, id, home).bytes(), &[])?;
    }
    Ok(())
}
