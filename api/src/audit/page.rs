//! Reading the log, for auditors. Whoever lists it is logged too: the face adds
//! that entry before it answers.

use std::collections::BTreeMap;

use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};
use graph::time::Moment;

use super::chain::{read_head, read_leaf};
use super::{Event, Logged, Outcome, Seal, What};

/// Which entries are asked for; none of a field: all.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// From this moment on.
    pub from: Option<Moment>,
    /// Up to this moment.
    pub to: Option<Moment>,
    /// By this caller.
    pub caller: Option<String>,
    /// About this subject, by key.
    pub subject: Option<String>,
    /// This action.
    pub action: Option<String>,
}

impl Filter {
    fn wants(&self, entry: &Logged) -> bool {
        let in_time = self.from.is_none_or(|from| entry.at >= from.0)
            && self.to.is_none_or(|to| entry.at <= to.0);
        let event = match &entry.what {
            What::Event(event) => Some(event),
            What::Seal(_) => None,
        };
        let says = |asked: &Option<String>, of: fn(&Event) -> Option<&str>| {
            asked.is_none() || event.and_then(of) == asked.as_deref()
        };
        in_time
            && says(&self.caller, |event| Some(&event.caller))
            && says(&self.subject, |event| event.subject.as_deref())
            && says(&self.action, |event| Some(&event.action))
    }
}

/// Up to `limit` entries after a number, oldest first. The number of the last one
/// given is the next cursor.
pub fn page(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    filter: &Filter,
    after: u64,
    limit: usize,
) -> Result<Vec<Logged>, StoreError> {
    let last = read_head(snapshot, keys)?.map_or(0, |head| head.seq);
    let mut found = Vec::new();
    let mut next = after.saturating_add(1);
    while next <= last && found.len() < limit {
        // A missing entry is for `verify_book` to tell; a reader shows the rest.
        let leaf = read_leaf(snapshot, keys, next)?;
        let entries = leaf.map(|leaf| leaf.entries).unwrap_or_default();
        let ends = entries.last().map_or(next, |entry| entry.seq);
        let wanted = entries
            .into_iter()
            .filter(|entry| entry.seq >= next && filter.wants(entry));
        found.extend(wanted);
        next = ends.saturating_add(1);
    }
    found.truncate(limit);
    Ok(found)
}

/// The entries from the last to the first, as long as somebody takes them.
fn backwards(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    mut take: impl FnMut(Logged) -> bool,
) -> Result<(), StoreError> {
    let mut next = read_head(snapshot, keys)?.map_or(0, |head| head.seq);
    while next > 0 {
        let leaf = read_leaf(snapshot, keys, next)?;
        let entries = leaf.map(|leaf| leaf.entries).unwrap_or_default();
        let first = entries.first().map_or(next, |entry| entry.seq);
        for entry in entries.into_iter().rev() {
            if !take(entry) {
                return Ok(());
            }
        }
        next = first.saturating_sub(1);
    }
    Ok(())
}

/// All seals, oldest first: what is worth keeping elsewhere.
pub fn seals(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Vec<Seal>, StoreError> {
    let mut found = Vec::new();
    backwards(snapshot, keys, |entry| {
        if let What::Seal(seal) = entry.what {
            found.push(seal);
        }
        true
    })?;
    found.reverse();
    Ok(found)
}

/// How many persons were shown to each caller since a moment.
pub fn shown_since(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    since: Moment,
) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut shown = BTreeMap::new();
    backwards(snapshot, keys, |entry| {
        if entry.at < since.0 {
            return false;
        }
        if let What::Event(event) = entry.what
            && event.outcome == Outcome::Allowed
            && let Some(persons) = event.persons
        {
            let count: &mut u32 = shown.entry(event.caller.to_string()).or_default();
            *count = count.saturating_add(persons);
        }
        true
    })?;
    Ok(shown)
}
