//! Organisations registered under one name.

use std::collections::BTreeSet;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use sm3::{Digest, Sm3};

use super::merge::interleave;

/// Sixteen bytes of SM3 over a name, equal for equal names only, and who bears it.
pub(super) type Named = ([u8; 16], EntityId);

/// Who bears a name.
pub(super) fn named(name: &str, org: EntityId) -> Named {
    let full: [u8; 32] = Sm3::new_with_prefix(name).finalize().into();
    let head = full.first_chunk::<16>().copied();
    (head.unwrap_or_default(), org)
}

/// All names with who bears them.
#[derive(Clone, Default, Debug)]
pub(super) struct Namesakes {
    by_name: Arc<Vec<Named>>,
    sharing: Arc<FxHashSet<EntityId>>,
}

impl Namesakes {
    pub(super) fn new(mut names: Vec<Named>) -> Self {
        // Names that were kept are in order.
        names.par_sort_unstable();
        let same = names.chunk_by(|(one, _), (other, _)| one == other);
        let sharing = same.filter(|group| group.len() > 1).flatten();
        Self {
            sharing: Arc::new(sharing.map(|(_, org)| *org).collect()),
            by_name: Arc::new(names),
        }
    }

    /// The same without some names and with others.
    pub(super) fn with(&self, gone: &[Named], come: Vec<Named>) -> Self {
        let touched: BTreeSet<[u8; 16]> = gone.iter().chain(&come).map(|(name, _)| *name).collect();
        let gone: FxHashSet<&Named> = gone.iter().collect();
        let kept = self.by_name.iter().filter(|named| !gone.contains(named));
        let kept: Vec<Named> = kept.copied().collect();
        let mut come = come;
        come.sort_unstable();
        let by_name = interleave(&kept, &come, |one, other| one < other);
        let mut sharing = (*self.sharing).clone();
        let before = touched.iter().flat_map(|name| bearers(&self.by_name, name));
        for (_, org) in before {
            sharing.remove(org);
        }
        // Only now: who left one name may share another.
        let now = touched.iter().map(|name| bearers(&by_name, name));
        let now = now.filter(|bearers| bearers.len() > 1).flatten();
        sharing.extend(now.map(|(_, org)| *org));
        Self {
            by_name: Arc::new(by_name),
            sharing: Arc::new(sharing),
        }
    }

    /// All names, in order, to be kept.
    pub(super) fn names(&self) -> &[Named] {
        &self.by_name
    }

    /// Another organisation has the same name.
    pub(super) fn shares(&self, org: EntityId) -> bool {
        self.sharing.contains(&org)
    }
}

fn bearers<'a>(names: &'a [Named], name: &[u8; 16]) -> &'a [Named] {
    let from = names.partition_point(|(of, _)| of < name);
    let rest = names.get(from..).unwrap_or_default();
    let until = rest.partition_point(|(of, _)| of == name);
    rest.get(..until).unwrap_or_default()
}
