//! The names of all organisations as known at a batch, to be searched by a part of
//! them. One text with all of them, so that a search is a walk through memory and not
//! through every registration of the store, and a registered organisation is told by
//! its name without a look there.

use std::collections::BTreeMap;
use std::sync::Arc;

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

    /// The names at a later batch, by what the batches since brought. None when they are
    /// large.
    pub(crate) fn after(
        self: &Arc<Self>,
        snapshot: &dyn Snapshot,
        batch: BatchNo,
    ) -> Result<Option<Arc<Self>>, StoreError> {
        let Some(touched) = snapshot.touched(self.batch, batch)? else {
            return Ok(None);
        };
        let mut now = BTreeMap::new();
        for (_, home) in touched.iter().filter(|(set, _)| *set == Set::Organisations) {
            let Some(id) = EntityId::from_bytes(home.0) else {
                continue;
            };
            let versions = snapshot.filed(Set::Organisations, *home, batch)?;
            let name = versions
                .into_iter()
                .find_map(|version| match version.record {
                    Record::Organisation(org) => Some(org.name),
                    _ => None,
                });
            now.insert(id, name);
        }
        if now.is_empty() {
            return Ok(Some(Arc::clone(self)));
        }
        Ok(Some(Arc::new(self.with(batch, now))))
    }

    /// The same with other names for some; none for who is registered no more.
    fn with(&self, batch: BatchNo, now: BTreeMap<EntityId, Option<String>>) -> Self {
        let mut names = Self {
            batch,
            text: String::with_capacity(self.text.len()),
            ends: Vec::with_capacity(self.ends.len() + now.len()),
            changed: BTreeMap::new(),
        };
        let mut now = now.into_iter().peekable();
        for (_, id) in &self.ends {
            while let Some((come, name)) = now.next_if(|(come, _)| come < id) {
                names.extend(name.map(|name| (come, name)));
            }
            if let Some((_, name)) = now.next_if(|(come, _)| come == id) {
                names.extend(name.map(|name| (*id, name)));
            } else if let Some(name) = self.of(*id) {
                names.add(*id, name);
            }
        }
        names.extend(now.filter_map(|(id, name)| Some((id, name?))));
        names
    }

    fn extend(&mut self, more: impl IntoIterator<Item = (EntityId, String)>) {
        for (id, name) in more {
            self.add(id, &name);
        }
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

        #[test]
        fn names_brought_up_to_date_are_as_names_read_anew(
            all in prop::collection::btree_map(0..30usize, "[云a\n]{0,3}", 0..12),
            now in prop::collection::btree_map(0..30usize, prop::option::of("[云b\n]{0,3}"), 0..12),
        ) {
            let mut names = Names::default();
            names.extend(all.iter().map(|(n, name)| (org(*n), name.clone())));
            let mut told = all.clone();
            for (n, name) in &now {
                told.remove(n);
                told.extend(name.clone().map(|name| (*n, name)));
            }
            let mut anew = Names::default();
            anew.extend(told.iter().map(|(n, name)| (org(*n), name.clone())));
            let with = names.with(BatchNo(0), now.into_iter().map(|(n, name)| (org(n), name)).collect());
            prop_assert_eq!(format!("{with:?}"), format!("{anew:?}"));
        }
    }
}
