//! What is read from the store after a question is answered: the texts of the
//! records that the answer names, as known when its world was loaded.

use graph::change::BatchNo;
use graph::id::{EntityId, Set};
use graph::record::Record;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError, Version};

use super::{Cited, World};

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
    pub fn tag(&self, person: EntityId) -> Result<Option<[u8; 8]>, StoreError> {
        let found = self
            .snapshot
            .filed(Set::Persons, person.into(), self.known)?;
        Ok(found.first().and_then(|version| match &version.record {
            Record::Person(r) => Some(self.keys.veil(r.id, r.tag)),
            _ => None,
        }))
    }
}
