//! The end of the log that grows: held in memory by the one writer.

use super::{Event, HEAD, Head, Leaf, Logged, Seal, What, first_hash, hash_of};
use crate::pack::packed;
use crate::receipt::KeyRing;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot, StoreError};
use graph::time::Moment;

/// About how many bytes an entry has.
const ENTRY: usize = 512;

/// The log's head. Clone it before a write, and go back to the clone when the
/// write fails: what was not written must not be counted.
#[derive(Clone, Debug)]
pub struct Chain {
    head: Head,
    keys: Keys,
}

impl Chain {
    /// Finds the end of the log in a store.
    pub fn open(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Self, StoreError> {
        let head = read_head(snapshot, keys)?.unwrap_or_else(|| Head {
            hash: first_hash(),
            ..Head::default()
        });
        let last = match head.seq {
            0 => None,
            seq => match read_leaf(snapshot, keys, seq)? {
                Some(leaf) => Some(leaf),
                None => return Err(corrupt("the last entry of the audit log is missing")),
            },
        };
        let ends = |leaf: &Leaf| leaf.entries.last().map(|entry| entry.seq) == Some(head.seq);
        if last.is_some_and(|last| last.hash != head.hash || !ends(&last)) {
            return Err(corrupt(
                "the last entry of the audit log is not the one noted",
            ));
        }
        let behind = (head.seq + 1).to_be_bytes();
        if snapshot.entry(Book::Audit, &behind)?.is_some() {
            return Err(corrupt("the audit log goes on behind its end"));
        }
        Ok(Self {
            head,
            keys: keys.clone(),
        })
    }

    /// The number of the last entry.
    pub fn last(&self) -> u64 {
        self.head.seq
    }

    /// Adds an event: what to write for it, with a seal before it on a new day.
    pub fn append(
        &mut self,
        ring: &KeyRing,
        at: Moment,
        event: Event,
    ) -> Result<Vec<BookEntry>, StoreError> {
        let mut entries = self.link(ring, at, event)?;
        entries.push(self.noted()?);
        Ok(entries)
    }

    /// The same for one of several events, without the note where the log ends.
    fn link(
        &mut self,
        ring: &KeyRing,
        at: Moment,
        event: Event,
    ) -> Result<Vec<BookEntry>, StoreError> {
        let mut entries = self.seal_days_before(ring, at)?;
        entries.push(self.add(at, What::Event(event))?);
        Ok(entries)
    }

    /// Adds events that are written together: what to write for all of them.
    pub fn append_all(
        &mut self,
        ring: &KeyRing,
        mut events: Vec<(Moment, Event)>,
    ) -> Result<Vec<BookEntry>, StoreError> {
        if events.len() < 2 {
            return match events.pop() {
                Some((at, event)) => self.append(ring, at, event),
                None => Ok(Vec::new()),
            };
        }
        let key = (self.head.seq + 1).to_be_bytes().to_vec();
        // A `Leaf`, without writing the entries out twice.
        let mut text = Vec::with_capacity((events.len() + 1) * ENTRY);
        text.extend(b"{\"entries\":[");
        for (at, event) in events {
            if let Some(seal) = self.due_seal(ring, at) {
                self.chained(at, What::Seal(seal), &mut text)?;
                self.head.sealed = self.head.seq;
            }
            self.chained(at, What::Event(event), &mut text)?;
        }
        // The comma behind the last.
        text.pop();
        text.extend(b"],\"hash\":\"");
        text.extend(self.head.hash.as_bytes());
        text.extend(b"\"}");
        let packed = packed(&text).map_err(StoreError::encoding)?;
        Ok(vec![sealed(&self.keys, key, &packed), self.noted()?])
    }

    /// Counts an entry and adds it, with a comma, to a list of them.
    fn chained(&mut self, at: Moment, what: What, list: &mut Vec<u8>) -> Result<(), StoreError> {
        self.counted(at, what, list)?;
        list.push(b',');
        Ok(())
    }

    /// Seals the days before this moment, if something of them is not sealed yet:
    /// for days without a later event.
    pub fn seal(&mut self, ring: &KeyRing, at: Moment) -> Result<Vec<BookEntry>, StoreError> {
        let mut entries = self.seal_days_before(ring, at)?;
        if !entries.is_empty() {
            entries.push(self.noted()?);
        }
        Ok(entries)
    }

    fn seal_days_before(
        &mut self,
        ring: &KeyRing,
        at: Moment,
    ) -> Result<Vec<BookEntry>, StoreError> {
        let Some(seal) = self.due_seal(ring, at) else {
            return Ok(Vec::new());
        };
        let entry = self.add(at, What::Seal(seal))?;
        self.head.sealed = self.head.seq;
        Ok(vec![entry])
    }

    /// The seal of the days before this moment, unless nothing of them is unsealed.
    fn due_seal(&self, ring: &KeyRing, at: Moment) -> Option<Seal> {
        let day = Moment(self.head.at).date();
        if self.head.seq == self.head.sealed || at.date() <= day {
            return None;
        }
        let mut seal = Seal {
            day: day.to_string(),
            last: self.head.seq,
            hash: self.head.hash.clone(),
            key: ring.id(),
            signed_at: at.to_string(),
            signature: String::new(),
        };
        seal.signature = ring.sign(seal.text().as_bytes());
        Some(seal)
    }

    fn add(&mut self, at: Moment, what: What) -> Result<BookEntry, StoreError> {
        let mut text = Vec::with_capacity(ENTRY);
        self.counted(at, what, &mut text)?;
        let key = self.head.seq.to_be_bytes().to_vec();
        // A `Kept`, without writing the entry out twice.
        let kept = [
            b"{\"hash\":\"",
            self.head.hash.as_bytes(),
            b"\",\"entry\":",
            &text,
            b"}",
        ]
        .concat();
        Ok(sealed(&self.keys, key, &kept))
    }

    /// Adds the next entry as JSON; the log ends with it now.
    fn counted(&mut self, at: Moment, what: What, out: &mut Vec<u8>) -> Result<(), StoreError> {
        let entry = Logged {
            seq: self.head.seq + 1,
            // A clock that is set back must not unseal a day.
            at: at.0.max(self.head.at),
            what,
        };
        let begun = out.len();
        serde_json::to_writer(&mut *out, &entry).map_err(StoreError::encoding)?;
        let text = out.get(begun..).unwrap_or_default();
        self.head.hash = hash_of(&self.head.hash, text);
        (self.head.seq, self.head.at) = (entry.seq, entry.at);
        Ok(())
    }

    /// Where the log ends now.
    fn noted(&self) -> Result<BookEntry, StoreError> {
        let text = serde_json::to_vec(&self.head).map_err(StoreError::encoding)?;
        Ok(sealed(&self.keys, HEAD.to_vec(), &text))
    }
}

fn sealed(keys: &Keys, key: Vec<u8>, text: &[u8]) -> BookEntry {
    let value = keys.seal(&key, text);
    (Book::Audit, key, value)
}

pub(super) fn read_head(snapshot: &dyn Snapshot, keys: &Keys) -> Result<Option<Head>, StoreError> {
    let Some(value) = snapshot.entry(Book::Audit, HEAD)? else {
        return Ok(None);
    };
    let text = keys.open(HEAD, &value).map_err(corrupt)?;
    serde_json::from_slice(&text).map(Some).map_err(corrupt)
}

/// The entries that lie together, among them the one with a number; none when that one
/// is missing.
pub(super) fn read_leaf(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    seq: u64,
) -> Result<Option<Leaf>, StoreError> {
    let Some((key, value)) = snapshot.entry_up_to(Book::Audit, &seq.to_be_bytes())? else {
        return Ok(None);
    };
    let opened = keys.open(&key, &value).map_err(corrupt)?;
    let leaf = Leaf::read(&opened).ok_or_else(|| corrupt("an entry is not as it is written"))?;
    let last = leaf.entries.last().map(|entry| entry.seq);
    Ok(Some(leaf).filter(|_| last.is_some_and(|last| last >= seq)))
}

fn corrupt(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        place: "the audit book",
        what: what.to_string(),
    }
}
