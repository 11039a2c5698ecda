//! What is read from the store after a question is answered: the texts of the
//! records that the answer names, as known when its world was loaded.

use graph::change::BatchNo;
use graph::id::{EntityId, Home, Set};
use graph::record::Record;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError, Version};

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{Cited, World};

/// What stands for a person in ids.
pub(crate) type Tag = [u8; 8];

/// The tags of so many persons are read in one go.
const TOGETHER: usize = 4096;

/// A way to the records behind a world's rows.
#[derive(Clone, Copy)]
pub struct Texts<'s> {
    snapshot: &'s dyn Snapshot,
    keys: &'s Keys,
    known: BatchNo,
}

impl std::fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Texts(as known at batch {})", self.known.0)
    }
}

impl<'s> Texts<'s> {
    /// The texts of `world`, from the store that it was loaded from.
    pub fn of(world: &World, snapshot: &'s dyn Snapshot, keys: &'s Keys) -> Self {
        Self {
            snapshot,
            keys,
            known: world.known,
        }
    }

    /// A record as it was known.
    pub fn version(&self, cited: Cited) -> Result<Option<Version>, StoreError> {
        self.snapshot.record(cited.set, cited.id, self.known)
    }

    /// A record of which is known where it is filed, as it was known.
    pub fn filed(&self, home: EntityId, cited: Cited) -> Result<Option<Version>, StoreError> {
        let place = (home.into(), cited.id);
        self.snapshot.filed_as(cited.set, place, self.known)
    }

    /// What stands for a person in ids: the same on every machine.
    pub fn tag(&self, person: EntityId) -> Result<Option<Tag>, StoreError> {
        Ok(self.tags(vec![person])?.remove(&person))
    }

    /// The same of many, those that are known.
    pub(crate) fn tags(
        &self,
        mut persons: Vec<EntityId>,
    ) -> Result<FxHashMap<EntityId, Tag>, StoreError> {
        persons.par_sort_unstable();
        persons.dedup();
        let read = |persons: &[EntityId]| {
            let homes: Vec<Home> = persons.iter().copied().map(Home::from).collect();
            let mut tags = Vec::with_capacity(homes.len());
            let mut each = |version: Version| {
                if let Record::Person(r) = version.record {
                    tags.push((r.id, self.keys.veil(r.id, r.tag)));
                }
                Ok(())
            };
            let read = self
                .snapshot
                .filed_at(Set::Persons, &homes, self.known, &mut each);
            read.map(|()| tags)
        };
        let tags = persons.par_chunks(TOGETHER).map(read);
        let tags: Vec<Vec<(EntityId, Tag)>> = tags.collect::<Result<_, _>>()?;
        Ok(tags.into_iter().flatten().collect())
    }
}
