//! Organisations registered under one name.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use sm3::{Digest, Sm3};

use super::Table;

/// Sixteen bytes of SM3 over a name, equal for equal names only.
pub(super) type NameDigest = [u8; 16];

/// A name, and who bears it.
pub(super) type Named = (NameDigest, EntityId);

/// Who bears a name.
pub(super) fn named(name: &str, org: EntityId) -> Named {
    let full: [u8; 32] = Sm3::new_with_prefix(name).finalize().into();
    let head = full.first_chunk::<16>().copied();
    (head.unwrap_or_default(), org)
}

/// All names with who bears them.
#[derive(Clone, Default, Debug)]
pub(super) struct Namesakes {
    by_name: Table<EntityId, NameDigest>,
    sharing: Arc<FxHashSet<EntityId>>,
}

impl Namesakes {
    pub(super) fn new(mut names: Vec<Named>) -> Self {
        names.par_sort_unstable();
        Self::of(Table::of_sorted(names))
    }

    /// Of names that were kept.
    pub(super) fn of(by_name: Table<EntityId, NameDigest>) -> Self {
        let sharing = by_name.side_by_side();
        let sharing = sharing.filter(|(_, bearers)| bearers.len() > 1);
        let sharing: Vec<EntityId> = sharing
            .flat_map_iter(|(_, bearers)| bearers.iter().copied())
            .collect();
        Self {
            sharing: Arc::new(sharing.into_iter().collect()),
            by_name,
        }
    }

    /// The same without some names and with others.
    pub(super) fn with(&self, gone: &[Named], come: &[Named]) -> Self {
        let mut changed: BTreeMap<NameDigest, Vec<EntityId>> = BTreeMap::new();
        let mut sharing = (*self.sharing).clone();
        for (name, _) in gone.iter().chain(come) {
            let bearers = self.by_name.of(*name);
            for org in bearers {
                sharing.remove(org);
            }
            let kept = bearers.iter().copied();
            let kept = kept.filter(|org| !gone.contains(&(*name, *org)));
            changed.entry(*name).or_insert_with(|| kept.collect());
        }
        for (name, org) in come {
            changed.entry(*name).or_default().push(*org);
        }
        // Only now: who left one name may share another.
        for bearers in changed.values_mut() {
            bearers.sort_unstable();
            let shared = bearers.iter().filter(|_| bearers.len() > 1);
            sharing.extend(shared);
        }
        Self {
            by_name: self.by_name.with(&changed),
            sharing: Arc::new(sharing),
        }
    }

    /// All names, in order, to be kept.
    pub(super) fn by_name(&self) -> &Table<EntityId, NameDigest> {
        &self.by_name
    }

    /// Another organisation has the same name.
    pub(super) fn shares(&self, org: EntityId) -> bool {
        self.sharing.contains(&org)
    }
}
