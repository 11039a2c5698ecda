//! The end of the log that grows: held in memory by the one writer.

use super::{Event, HEAD, Head, Kept, Logged, Seal, What, first_hash, hash_of};
use crate::receipt::KeyRing;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot, StoreError};
use graph::time::Moment;

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
        let at_end = |seq: u64| snapshot.entry(Book::Audit, &seq.to_be_bytes());
        let last = match head.seq {
            0 => None,
            seq => match at_end(seq)? {
                Some(value) => Some(read_entry(keys, seq, &value)?),
                None => return Err(corrupt("the last entry of the audit log is missing")),
            },
        };
        if last.is_some_and(|last| last.hash != head.hash) {
            return Err(corrupt(
                "the last entry of the audit log is not the one noted",
            ));
        }
        if at_end(head.seq + 1)?.is_some() {
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

    /// The same for one of many events that are written together: after the last of
    /// them, [`Self::noted`] says where the log ends.
    pub fn link(
        &mut self,
        ring: &KeyRing,
        at: Moment,
        event: Event,
    ) -> Result<Vec<BookEntry>, StoreError> {
        let mut entries = self.seal_days_before(ring, at)?;
        entries.push(self.add(at, What::Event(event))?);
        Ok(entries)
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
        let day = Moment(self.head.at).date();
        if self.head.seq == self.head.sealed || at.date() <= day {
            return Ok(Vec::new());
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
        let entry = self.add(at, What::Seal(seal))?;
        self.head.sealed = self.head.seq;
        Ok(vec![entry])
    }

    fn add(&mut self, at: Moment, what: What) -> Result<BookEntry, StoreError> {
        let entry = Logged {
            seq: self.head.seq + 1,
            // A clock that is set back must not unseal a day.
            at: at.0.max(self.head.at),
            what,
        };
        let text = serde_json::to_vec(&entry).map_err(StoreError::encoding)?;
        let hash = hash_of(&self.head.hash, &text);
        (self.head.seq, self.head.at) = (entry.seq, entry.at);
        self.head.hash.clone_from(&hash);
        let key = entry.seq.to_be_bytes().to_vec();
        // A `Kept`, without writing the entry out twice.
        let kept = [
            b"{\"hash\":\"",
            hash.as_bytes(),
            b"\",\"entry\":",
            &text,
            b"}",
        ]
        .concat();
        Ok(sealed(&self.keys, key, &kept))
    }

    /// Where the log ends now.
    pub fn noted(&self) -> Result<BookEntry, StoreError> {
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

pub(super) fn read_entry(keys: &Keys, seq: u64, value: &[u8]) -> Result<Kept, StoreError> {
    let text = keys.open(&seq.to_be_bytes(), value).map_err(corrupt)?;
    serde_json::from_slice(&text).map_err(corrupt)
}

fn corrupt(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        place: "the audit book",
        what: what.to_string(),
    }
}
