//! Whose enforcements cite which case: by a digest of the case's number.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use graph::id::EntityId;
use rayon::prelude::*;
use rustc_hash::FxBuildHasher;

use super::merge::interleave;
use super::{Enforcement, Table};

/// Subjects of enforcements by the number of the case that they cite.
#[derive(Clone, Default, Debug)]
pub(super) struct Citing(Arc<Vec<(u64, EntityId)>>);

fn digest(number: &str) -> u64 {
    FxBuildHasher.hash_one(number)
}

fn cited(subject: EntityId, rows: &[Enforcement]) -> impl Iterator<Item = (u64, EntityId)> {
    let numbers = rows.iter().filter_map(|row| row.case_no.as_deref());
    numbers.map(move |number| (digest(number), subject))
}

impl Citing {
    pub(super) fn new(enforcements: &Table<Enforcement>) -> Self {
        let all = enforcements.by_home();
        let mut all: Vec<_> = all.flat_map(|(home, rows)| cited(home, rows)).collect();
        all.par_sort_unstable();
        all.dedup();
        Self(Arc::new(all))
    }

    /// The same with other enforcements of some subjects.
    pub(super) fn with(&self, changed: &BTreeMap<EntityId, Vec<Enforcement>>) -> Self {
        if changed.is_empty() {
            return self.clone();
        }
        let kept = self.0.iter().copied();
        let kept: Vec<_> = kept.filter(|(_, of)| !changed.contains_key(of)).collect();
        let come = changed.iter();
        let mut come: Vec<_> = come.flat_map(|(home, rows)| cited(*home, rows)).collect();
        come.sort_unstable();
        come.dedup();
        Self(Arc::new(interleave(&kept, &come, |one, other| one < other)))
    }

    /// Subjects whose enforcements cite a case of this number. Two numbers may have one
    /// digest: then some that cite the other too.
    pub(super) fn of(&self, number: &str) -> impl Iterator<Item = EntityId> {
        let wanted = digest(number);
        let from = self.0.partition_point(|(of, _)| *of < wanted);
        let rest = self.0.get(from..).unwrap_or_default().iter();
        rest.take_while(move |(of, _)| *of == wanted)
            .map(|(_, subject)| *subject)
    }
}
