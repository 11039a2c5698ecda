//! What an answer showed of the store before: one answer names the same persons,
//! cases and source rows many times.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use graph::change::{BatchNo, Source};
use graph::id::EntityId;
use queries::world::Cited;

use crate::Error;
use crate::answer::Subject;

/// Where a record stands: the batch that brought the version known, file and line.
pub(crate) type Place = Option<(BatchNo, Source)>;

type Known<K, V> = Mutex<BTreeMap<(BatchNo, K), V>>;

/// Remembered for one session, by the batch as of which it was read.
#[derive(Default)]
pub(crate) struct Seen {
    /// By whether names and numbers are shown.
    subjects: Known<(EntityId, bool), Subject>,
    places: Known<Cited, Place>,
    tags: Known<EntityId, Option<[u8; 8]>>,
}

impl Seen {
    pub(crate) fn subject(
        &self,
        (known, id, reveal): (BatchNo, EntityId, bool),
        read: impl FnOnce() -> Result<Subject, Error>,
    ) -> Result<Subject, Error> {
        remembered(&self.subjects, (known, (id, reveal)), read)
    }

    pub(crate) fn place(
        &self,
        (known, cited): (BatchNo, Cited),
        read: impl FnOnce() -> Result<Place, Error>,
    ) -> Result<Place, Error> {
        remembered(&self.places, (known, cited), read)
    }

    pub(crate) fn tag(
        &self,
        (known, id): (BatchNo, EntityId),
        read: impl FnOnce() -> Result<Option<[u8; 8]>, Error>,
    ) -> Result<Option<[u8; 8]>, Error> {
        remembered(&self.tags, (known, id), read)
    }
}

/// The value of a key, read only the first time.
fn remembered<K: Ord, V: Clone>(
    known: &Known<K, V>,
    key: (BatchNo, K),
    read: impl FnOnce() -> Result<V, Error>,
) -> Result<V, Error> {
    let locked = || known.lock().unwrap_or_else(PoisonError::into_inner);
    let found = locked().get(&key).cloned();
    if let Some(found) = found {
        return Ok(found);
    }
    let value = read()?;
    locked().insert(key, value.clone());
    Ok(value)
}
