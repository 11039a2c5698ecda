//! Whose enforcements cite which case, by the case's number.

use std::collections::BTreeMap;

use graph::id::EntityId;
use rayon::prelude::*;

use super::by_text::{ByText, by_text, digest};
use super::{Enforcement, Table};

/// Subjects of enforcements by the number of the case that they cite.
#[derive(Clone, Default, Debug)]
pub(super) struct Citing(ByText<EntityId>);

fn cited(rows: &[Enforcement]) -> impl Iterator<Item = u64> {
    let numbers = rows.iter().filter_map(|row| row.case_no.as_deref());
    numbers.map(digest)
}

impl Citing {
    pub(super) fn new(enforcements: &Table<Enforcement>) -> Self {
        let all = enforcements.side_by_side();
        let all = all.flat_map_iter(|(home, rows)| cited(rows).map(move |number| (number, home)));
        Self(by_text(all.collect(), |of| *of))
    }

    /// Of subjects that were kept.
    pub(super) fn of(by_number: ByText<EntityId>) -> Self {
        Self(by_number)
    }

    /// All of them, to be kept.
    pub(super) fn by_number(&self) -> &ByText<EntityId> {
        &self.0
    }

    /// The same when some subjects' enforcements became others than they are in `before`.
    pub(super) fn with(
        &self,
        before: &Table<Enforcement>,
        changed: &BTreeMap<EntityId, Vec<Enforcement>>,
    ) -> Self {
        let mut subjects: BTreeMap<u64, Vec<EntityId>> = BTreeMap::new();
        for (home, rows) in changed {
            for number in cited(before.of(*home)).chain(cited(rows)) {
                let kept = || {
                    let all = self.0.of(number).iter().copied();
                    all.filter(|of| !changed.contains_key(of)).collect()
                };
                subjects.entry(number).or_insert_with(kept);
            }
        }
        for (home, rows) in changed {
            for number in cited(rows) {
                subjects.entry(number).or_default().push(*home);
            }
        }
        for all in subjects.values_mut() {
            all.sort_unstable();
            all.dedup();
        }
        Self(self.0.with(&subjects))
    }

    /// Subjects whose enforcements cite a case of this number. Two numbers may have one
    /// digest: then some that cite the other too.
    pub(super) fn subjects(&self, number: &str) -> impl Iterator<Item = EntityId> {
        self.0.of(digest(number)).iter().copied()
    }
}
