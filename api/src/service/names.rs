//! The names of all organisations as known at a batch, to be searched by a part of
//! them. One text with all of them, so that a search is a walk through memory and not
//! through every registration of the store, and a registered organisation is told by
//! its name without a look there.

use std::collections::BTreeMap;

use graph::change::BatchNo;
use graph::id::{EntityId, Set};
use graph::record::Record;
use graph::store::{Snapshot, StoreError};

/// Stands between two names, and in none.
const BETWEEN: char = '\n';

/// The names as known at one batch.
#[derive(Default, Debug)]
pub(crate) struct Names {
    /// The batch.
    pub(crate) batch: BatchNo,
    text: String,
    /// Where each name ends in the text, and whose it is, in the order of the ids.
    ends: Vec<(usize, EntityId)>,
    /// The names that are not in the text as they are.
    changed: BTreeMap<EntityId, String>,
}

impl Names {
    /// Reads all registrations.
    pub(crate) fn at(snapshot: &dyn Snapshot, batch: BatchNo) -> Result<Self, StoreError> {
        let mut names = Self {
            batch,
            ..Self::default()
        };
        snapshot.scan(Set::Organisations, batch, &mut |version| {
            if let Record::Organisation(org) = version.record {
                names.add(org.id, &org.name);
            }
            Ok(())
        })?;
        Ok(names)
    }

    fn add(&mut self, id: EntityId, name: &str) {
        if name.contains(BETWEEN) {
            self.changed.insert(id, name.to_owned());
        }
        self.text.push_str(&name.replace(BETWEEN, " "));
        self.ends.push((self.text.len(), id));
        self.text.push(BETWEEN);
    }

    /// The name of an organisation; none when it is not registered.
    pub(crate) fn of(&self, id: EntityId) -> Option<&str> {
        let place = self.ends.binary_search_by_key(&id, |(_, id)| *id).ok()?;
        if let Some(name) = self.changed.get(&id) {
            return Some(name);
        }
        let (end, _) = self.ends.get(place)?;
        let before = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let start = before.map_or(0, |(end, _)| end + BETWEEN.len_utf8());
        self.text.get(start..*end)
    }

    /// The organisations whose name holds a text, in the order of their ids.
    pub(crate) fn holding<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = EntityId> + 'a {
        let can_be = !wanted.is_empty() && !wanted.contains(BETWEEN);
        let places = can_be.then(|| self.text.match_indices(wanted));
        let mut last = None;
        places.into_iter().flatten().filter_map(move |(at, _)| {
            let place = self.ends.partition_point(|(end, _)| *end <= at);
            if last == Some(place) {
                return None;
            }
            last = Some(place);
            self.ends.get(place).map(|(_, id)| *id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::id::{USCC_ALPHABET, Uscc};
    use proptest::prelude::*;

    fn org(n: usize) -> EntityId {
        let mut code = [b'0'; 18];
        code[16] = USCC_ALPHABET[n / 31 % 31];
        code[17] = USCC_ALPHABET[n % 31];
        EntityId::organisation(Uscc::parse(std::str::from_utf8(&code).unwrap()).unwrap())
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_holds_it(
            all in prop::collection::vec("[云溪a \n]{0,6}", 0..30), wanted in "[云溪a\n]{0,3}",
        ) {
            let mut names = Names::default();
            for (n, name) in all.iter().enumerate() {
                names.add(org(n), name);
            }
            let found: Vec<EntityId> = names.holding(&wanted).collect();
            let holds = |(_, name): &(usize, &String)| {
                !wanted.is_empty() && name.replace('\n', " ").contains(&wanted)
            };
            let naive = all.iter().enumerate().filter(holds).map(|(n, _)| org(n));
            prop_assert_eq!(found, naive.collect::<Vec<_>>());
            for (n, name) in all.iter().enumerate() {
                prop_assert_eq!(names.of(org(n)), Some(name.as_str()));
            }
            prop_assert_eq!(names.of(org(all.len())), None);
        }
    }
}
