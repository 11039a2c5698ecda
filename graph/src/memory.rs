//! The plainest store: everything in maps, no cleverness. The oracle of every
//! other store, and what small tests run on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::change::{BatchNo, Draft, Effect, QuarantineEntry, plan};
use crate::id::{EntityId, Home, RecordId, Set};
use crate::seal::Keys;
use crate::store::{
    BatchInfo, Book, BookEntry, EachPacked, Entry, HomeRange, Latest, Loader, NextEffects, Packed,
    Past, Place, Snapshot, Store, StoreError, Version,
};

#[derive(Clone, Debug)]
struct Kept {
    home: Home,
    digest: [u8; 8],
    past: Past,
}

#[derive(Clone, Default, Debug)]
struct State {
    batches: Vec<BatchInfo>,
    records: BTreeMap<(Set, RecordId), Vec<Kept>>,
    quarantine: BTreeMap<(BatchNo, [u8; 8]), QuarantineEntry>,
    books: BTreeMap<(Book, Vec<u8>), Vec<u8>>,
}

/// A store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    keys: Keys,
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store with this secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self {
            keys: Keys::new(secret),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Effects gathered for one batch.
struct MemoryLoader<'a> {
    store: &'a MemoryStore,
    effects: Mutex<Vec<Effect>>,
}

impl Loader for MemoryLoader<'_> {
    fn take(&self, _: Set, next: &mut NextEffects<'_>) -> Result<(), StoreError> {
        loop {
            let effects = next()?;
            if effects.is_empty() {
                return Ok(());
            }
            let taken = self.effects.lock();
            taken
                .unwrap_or_else(PoisonError::into_inner)
                .extend(effects);
        }
    }

    fn finish(self: Box<Self>, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        let effects = self.effects.into_inner();
        let effects = effects.unwrap_or_else(PoisonError::into_inner);
        self.store.lock().commit(&self.store.keys, draft, effects)
    }
}

impl Store for MemoryStore {
    fn keys(&self) -> &Keys {
        &self.keys
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        Ok(Box::new(self.lock().clone()))
    }

    fn commit(&self, mut draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        let mut state = self.lock();
        let (_, effects) = plan(&*state, &self.keys, std::mem::take(&mut draft.changes))?;
        state.commit(&self.keys, draft, effects)
    }

    fn loader(&self, _: usize) -> Result<Box<dyn Loader + '_>, StoreError> {
        Ok(Box::new(MemoryLoader {
            store: self,
            effects: Mutex::default(),
        }))
    }

    fn write(&self, entries: &[BookEntry]) -> Result<(), StoreError> {
        let mut state = self.lock();
        for (book, key, value) in entries {
            state.put_entry(*book, key, value);
        }
        Ok(())
    }
}

impl State {
    fn put_entry(&mut self, book: Book, key: &[u8], value: &[u8]) {
        let place = (book, key.to_vec());
        if value.is_empty() {
            self.books.remove(&place);
        } else {
            self.books.insert(place, value.to_vec());
        }
    }

    fn pending(&self) -> Vec<[u8; 8]> {
        let open = self
            .quarantine
            .values()
            .filter(|entry| entry.resolved_in.is_none());
        open.map(|entry| entry.row.id).collect()
    }

    /// Writes a draft without changes and the effects of its changes.
    fn commit(
        &mut self,
        keys: &Keys,
        draft: Draft,
        effects: Vec<Effect>,
    ) -> Result<Option<BatchNo>, StoreError> {
        let newest = self.batches.last();
        if let Some(newest) = newest.filter(|newest| draft.recorded_at < newest.recorded_at) {
            let (asked, newest) = (draft.recorded_at, newest.recorded_at);
            return Err(StoreError::BackInTime { asked, newest });
        }
        let no = BatchNo(newest.map_or(0, |newest| newest.no.0) + 1);
        let pending = self.pending();
        let fresh: Vec<_> = draft
            .quarantine
            .into_iter()
            .filter(|row| !pending.contains(&row.id))
            .collect();
        let resolved = draft.resolved.iter().any(|id| pending.contains(id));
        for (book, key, value) in draft.entries {
            self.put_entry(book, &key, &value);
        }
        if effects.is_empty() && fresh.is_empty() && !resolved {
            return Ok(None);
        }
        for effect in effects {
            self.keep(keys, no, effect)?;
        }
        for entry in self.quarantine.values_mut() {
            if entry.resolved_in.is_none() && draft.resolved.contains(&entry.row.id) {
                entry.resolved_in = Some(no);
            }
        }
        for row in fresh {
            let entry = QuarantineEntry {
                row,
                batch: no,
                resolved_in: None,
            };
            self.quarantine.insert((no, entry.row.id), entry);
        }
        self.batches.push(BatchInfo {
            no,
            recorded_at: draft.recorded_at,
            files: draft.files,
            report: draft.report,
        });
        Ok(Some(no))
    }

    fn keep(&mut self, keys: &Keys, batch: BatchNo, effect: Effect) -> Result<(), StoreError> {
        let Effect {
            id,
            set,
            home,
            content,
            source,
            ..
        } = effect;
        let digest = content.as_ref().map(|content| content.digest(keys));
        let digest = digest.unwrap_or_default();
        let version = match content {
            None => None,
            Some(content) => Some(Version {
                id,
                record: content.record(keys, id)?,
                batch,
                source,
                sealed: content.sealed().to_vec(),
            }),
        };
        let past = Past { batch, version };
        self.records
            .entry((set, id))
            .or_default()
            .push(Kept { home, digest, past });
        Ok(())
    }

    fn visible(&self, set: Set, known: BatchNo) -> Vec<(Home, Version)> {
        let first = (set, RecordId([0; 12]));
        let last = (set, RecordId([0xff; 12]));
        let mut all: Vec<(Home, Version)> = self
            .records
            .range(first..=last)
            .filter_map(|(_, kept)| {
                let seen = kept.iter().rev().find(|kept| kept.past.batch <= known)?;
                Some((seen.home, seen.past.version.clone()?))
            })
            .collect();
        all.sort_by_key(|(home, version)| (*home, version.id));
        all
    }
}

impl Snapshot for State {
    fn batches(&self) -> Result<Vec<BatchInfo>, StoreError> {
        Ok(self.batches.clone())
    }

    fn latest(&self, set: Set, ids: &[RecordId]) -> Result<Vec<Option<Latest>>, StoreError> {
        let head = |id: &RecordId| {
            let kept = self.records.get(&(set, *id))?.last()?;
            let withdrawn = kept.past.version.is_none();
            Some(Latest {
                home: kept.home,
                batch: kept.past.batch,
                digest: kept.digest,
                withdrawn,
            })
        };
        Ok(ids.iter().map(head).collect())
    }

    fn record(
        &self,
        set: Set,
        id: RecordId,
        known: BatchNo,
    ) -> Result<Option<Version>, StoreError> {
        let seen = |kept: &Vec<Kept>| {
            kept.iter()
                .rev()
                .find(|kept| kept.past.batch <= known)?
                .past
                .version
                .clone()
        };
        Ok(self.records.get(&(set, id)).and_then(seen))
    }

    fn filed(&self, set: Set, home: Home, known: BatchNo) -> Result<Vec<Version>, StoreError> {
        let all = self.visible(set, known).into_iter();
        Ok(all
            .filter(|(at, _)| *at == home)
            .map(|(_, version)| version)
            .collect())
    }

    fn filed_as(
        &self,
        set: Set,
        (home, id): (Home, RecordId),
        known: BatchNo,
    ) -> Result<Option<Version>, StoreError> {
        let mut filed = self.filed(set, home, known)?.into_iter();
        Ok(filed.find(|version| version.id == id))
    }

    fn changes(&self, set: Set, home: Home) -> Result<Vec<BatchNo>, StoreError> {
        let mut changes = BTreeSet::new();
        for ((of, _), kept) in &self.records {
            let before = std::iter::once(None).chain(kept.iter().map(|kept| Some(kept.home)));
            let here = kept.iter().zip(before).filter(|(kept, before)| {
                *of == set && (kept.home == home || *before == Some(home))
            });
            changes.extend(here.map(|(kept, _)| kept.past.batch));
        }
        Ok(changes.into_iter().collect())
    }

    fn touched(&self, after: BatchNo, until: BatchNo) -> Result<Option<Vec<Place>>, StoreError> {
        let mut touched = BTreeSet::new();
        for ((set, _), kept) in &self.records {
            let mut before = None;
            for kept in kept {
                if after < kept.past.batch && kept.past.batch <= until {
                    touched.insert((*set, kept.home));
                    touched.extend(before.map(|home| (*set, home)));
                }
                before = Some(kept.home);
            }
        }
        Ok(Some(touched.into_iter().collect()))
    }

    fn linked(
        &self,
        set: Set,
        entity: EntityId,
        known: BatchNo,
    ) -> Result<Vec<Version>, StoreError> {
        let all = self
            .visible(set, known)
            .into_iter()
            .map(|(_, version)| version);
        Ok(all
            .filter(|version| version.record.links().any(|link| link == entity))
            .collect())
    }

    fn numbered(&self, case_no: &str, known: BatchNo) -> Result<Vec<Version>, StoreError> {
        let all = [Set::Penalties, Set::Listings].map(|set| self.visible(set, known));
        let all = all.into_iter().flatten().map(|(_, version)| version);
        Ok(all
            .filter(|version| version.record.case_no() == Some(case_no))
            .collect())
    }

    fn scan(
        &self,
        set: Set,
        known: BatchNo,
        each: &mut dyn FnMut(Version) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.visible(set, known)
            .into_iter()
            .try_for_each(|(_, version)| each(version))
    }

    fn boundaries(&self, set: Set, parts: usize) -> Result<Vec<Home>, StoreError> {
        let mut homes: Vec<Home> = self
            .visible(set, BatchNo::MAX)
            .into_iter()
            .map(|(home, _)| home)
            .collect();
        homes.dedup();
        let step = homes.len().div_ceil(parts.max(1)).max(1);
        Ok(homes.into_iter().step_by(step).skip(1).collect())
    }

    fn scan_within(
        &self,
        set: Set,
        (from, to): HomeRange,
        known: BatchNo,
        each: &mut EachPacked<'_>,
    ) -> Result<(), StoreError> {
        let mut visible = self.visible(set, known);
        visible.retain(|(home, _)| {
            from.is_none_or(|from| from <= *home) && to.is_none_or(|to| *home < to)
        });
        visible.into_iter().try_for_each(|(_, version)| {
            let core = postcard::to_allocvec(&version.record).map_err(StoreError::encoding)?;
            each(Packed {
                id: version.id,
                batch: version.batch,
                source: version.source,
                core: core.into(),
                sealed: &version.sealed,
            })
        })
    }

    fn history(&self, set: Set, id: RecordId) -> Result<Vec<Past>, StoreError> {
        let kept = self.records.get(&(set, id)).into_iter().flatten();
        Ok(kept.map(|kept| kept.past.clone()).collect())
    }

    fn quarantine(&self) -> Result<Vec<QuarantineEntry>, StoreError> {
        Ok(self.quarantine.values().cloned().collect())
    }

    fn entry(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.books.get(&(book, key.to_vec())).cloned())
    }

    fn entry_up_to(&self, book: Book, key: &[u8]) -> Result<Option<Entry>, StoreError> {
        let range = (book, Vec::new())..=(book, key.to_vec());
        let found = self.books.range(range).next_back();
        Ok(found.map(|((_, key), value)| (key.clone(), value.clone())))
    }

    fn entries(&self, book: Book, prefix: &[u8]) -> Result<Vec<Entry>, StoreError> {
        let from = self.books.range((book, prefix.to_vec())..);
        let inside = from.take_while(|((at, key), _)| *at == book && key.starts_with(prefix));
        Ok(inside
            .map(|((_, key), value)| (key.clone(), value.clone()))
            .collect())
    }
}
