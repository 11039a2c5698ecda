//! Reading the log, for auditors. Whoever lists it is logged too: the face adds
//! that entry before it answers.

use std::collections::BTreeMap;

use graph::seal::Keys;
use graph::store::{Book, Snapshot, StoreError};
use graph::time::Moment;

use super::chain::{read_entry, read_head};
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
    for seq in after.saturating_add(1)..=last {
        if found.len() >= limit {
            break;
        }
        // A missing entry is for `verify_book` to tell; a reader shows the rest.
        if let Some(value) = snapshot.entry(Book::Audit, &seq.to_be_bytes())? {
            let entry = read_entry(keys, seq, &value)?.entry;
            found.extend(filter.wants(&entry).then_some(entry));
        }
    }
    Ok(found)
}

/// All seals, oldest first: what is worth keeping elsewhere.
pub fn seals(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Vec<Seal>, StoreError> {
    let mut found = Vec::new();
    let mut next = read_head(snapshot, keys)?.map_or(0, |head| head.seq);
    while next > 0 {
        if let Some(value) = snapshot.entry(Book::Audit, &next.to_be_bytes())?
            && let What::Seal(seal) = read_entry(keys, next, &value)?.entry.what
        {
            found.push(seal);
        }
        next -= 1;
    }
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
    let mut next = read_head(snapshot, keys)?.map_or(0, |head| head.seq);
    while next > 0 {
        if let Some(value) = snapshot.entry(Book::Audit, &next.to_be_bytes())? {
            let entry = read_entry(keys, next, &value)?.entry;
            if entry.at < since.0 {
                break;
            }
            if let What::Event(event) = entry.what
                && event.outcome == Outcome::Allowed
                && let Some(persons) = event.persons
            {
                let count: &mut u32 = shown.entry(event.caller).or_default();
                *count = count.saturating_add(persons);
            }
        }
        next -= 1;
    }
    Ok(shown)
}
