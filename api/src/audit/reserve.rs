//! Room for the log when the disk is full, so that looking goes on and is still
//! on record.
//!
//! A file of zeros beside the database, made while there is room. When the store
//! cannot take an event for want of room, it is written here, in place, and goes
//! into the chain with the first write that succeeds:
//!
//! ```text
//! entry    length(4), big-endian ‖ sealed {"at", "event"}; the first length of 0 ends the file
//! ```
//!
//! Events wait here, they do not stay: what is here is not chained yet. Once the
//! room is used up too, looks at persons are refused until there is some.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};
use graph::time::Moment;
use serde::{Deserialize, Serialize};

use super::chain::read_head;
use super::{Event, Filter, What, page};
use crate::Error;

/// The file's name in the data folder.
const NAME: &str = "audit-reserve";
/// What an entry is sealed to.
const PLACE: &[u8] = b"audit reserve";
/// Bytes of a length.
const LENGTH: usize = 4;

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    at: i64,
    event: Event,
}

/// The file, and the events that wait in it.
#[derive(Debug)]
pub struct Reserve {
    file: File,
    size: u64,
    end: u64,
    waiting: Vec<(Moment, Event)>,
    keys: Keys,
}

impl Reserve {
    /// Opens the file, making it when it is not there. Events that are in the chain
    /// already, since the program ended between the two writes, are forgotten.
    pub fn open(
        dir: &Path,
        snapshot: &dyn Snapshot,
        keys: &Keys,
        size: u64,
    ) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let failed = |error| Error::io(&path, error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let there = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        if there < size {
            // Zeros that are written hold their blocks; a hole would not.
            let more = vec![0; usize::try_from(size - there).unwrap_or_default()];
            file.write_all(&more).map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        let mut reserve = Self {
            file,
            size: size.max(there),
            end: 0,
            waiting: Vec::new(),
            keys: keys.clone(),
        };
        reserve.read(&bytes);
        if reserve.is_in_the_chain(snapshot)? {
            reserve.clear()?;
        }
        Ok(reserve)
    }

    /// Reads entries up to the first that is none: one that was torn was never
    /// acknowledged.
    fn read(&mut self, mut bytes: &[u8]) {
        while let Some((length, rest)) = bytes.split_first_chunk::<LENGTH>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let Some((sealed, rest)) = rest.split_at_checked(length).filter(|_| length > 0) else {
                return;
            };
            let text = self.keys.open(PLACE, sealed).ok();
            let Some(one) = text.and_then(|text| serde_json::from_slice::<Waiting>(&text).ok())
            else {
                return;
            };
            self.waiting.push((Moment(one.at), one.event));
            self.end += u64::try_from(LENGTH + length).unwrap_or_default();
            bytes = rest;
        }
    }

    fn is_in_the_chain(&self, snapshot: &dyn Snapshot) -> Result<bool, StoreError> {
        let count = self.waiting.len();
        if count == 0 {
            return Ok(false);
        }
        let last = read_head(snapshot, &self.keys)?.map_or(0, |head| head.seq);
        // A seal may stand among them.
        let reach = u64::try_from(count).unwrap_or(u64::MAX).saturating_add(2);
        let after = last.saturating_sub(reach);
        let tail = page(snapshot, &self.keys, &Filter::default(), after, usize::MAX)?;
        let events: Vec<&Event> = tail
            .iter()
            .filter_map(|entry| match &entry.what {
                What::Event(event) => Some(event),
                What::Seal(_) => None,
            })
            .collect();
        let own = self.waiting.iter().map(|(_, event)| event);
        let from = events.len().checked_sub(count);
        let tail = from.and_then(|from| events.get(from..));
        Ok(tail.is_some_and(|tail| tail.iter().copied().eq(own)))
    }

    /// The events that wait for the chain, oldest first.
    pub fn waiting(&self) -> &[(Moment, Event)] {
        &self.waiting
    }

    /// Keeps an event; durable when this returns.
    pub fn keep(&mut self, at: Moment, event: Event) -> Result<(), Error> {
        let one = Waiting {
            at: at.0,
            event: event.clone(),
        };
        let sealed = self.keys.seal(PLACE, &serde_json::to_vec(&one)?);
        let length = u32::try_from(sealed.len()).map_err(|_| Error::Full)?;
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.extend(sealed);
        let end = self.end + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        bytes.extend([0; LENGTH]);
        if end + 4 > self.size {
            return Err(Error::Full);
        }
        self.write(&bytes, self.end)?;
        self.end = end;
        self.waiting.push((at, event));
        Ok(())
    }

    /// Forgets all events: they are in the chain now.
    pub fn clear(&mut self) -> Result<(), Error> {
        if self.end == 0 {
            return Ok(());
        }
        self.waiting.clear();
        self.write(&[0; LENGTH], 0)?;
        self.end = 0;
        Ok(())
    }

    fn write(&self, bytes: &[u8], at: u64) -> Result<(), Error> {
        let written = self.file.write_all_at(bytes, at);
        let synced = written.and_then(|()| self.file.sync_data());
        synced.map_err(|source| match source.kind() {
            ErrorKind::StorageFull => Error::Full,
            _ => Error::Io {
                place: NAME.into(),
                source,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Chain, Outcome};
    use crate::receipt::KeyRing;
    use graph::memory::MemoryStore;
    use graph::store::Store;

    fn event(n: u32) -> Event {
        Event {
            caller: format!("caller-{n}").into(),
            role: "auditor".into(),
            department: None,
            purpose: Some("341502190001010018".into()),
            action: "read_gaps".into(),
            subject: None,
            answer: None,
            outcome: Outcome::Allowed,
            persons: Some(n),
        }
    }

    fn opened(dir: &Path, store: &MemoryStore) -> Reserve {
        let snapshot = store.snapshot().unwrap();
        Reserve::open(dir, &*snapshot, store.keys(), 4096).unwrap()
    }

    fn waiting(reserve: &Reserve) -> Vec<u32> {
        let all = reserve.waiting().iter();
        all.filter_map(|(_, event)| event.persons).collect()
    }

    #[test]
    fn what_was_kept_is_there_again_until_it_is_in_the_chain() {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::new(&[7; 32]);
        let mut reserve = opened(dir.path(), &store);
        for n in 1..4 {
            reserve.keep(Moment(i64::from(n)), event(n)).unwrap();
        }
        drop(reserve);
        let reserve = opened(dir.path(), &store);
        assert_eq!(waiting(&reserve), [1, 2, 3]);
        let bytes = std::fs::read(dir.path().join(NAME)).unwrap();
        assert_eq!(bytes.len(), 4096);
        let number = b"341502190001010018";
        assert!(!bytes.windows(18).any(|window| window == number), "sealed");
        // Into the chain; then the program ends before the file is emptied.
        let ring = KeyRing::of(dir.path(), Moment(1)).unwrap();
        let mut chain = Chain::open(&*store.snapshot().unwrap(), store.keys()).unwrap();
        let mut entries = Vec::new();
        for (at, event) in reserve.waiting() {
            entries.extend(chain.append(&ring, *at, event.clone()).unwrap());
        }
        store.write(&entries).unwrap();
        drop(reserve);
        let mut reserve = opened(dir.path(), &store);
        assert_eq!(waiting(&reserve), [0; 0], "not twice");
        reserve.keep(Moment(9), event(9)).unwrap();
        drop(reserve);
        assert_eq!(
            waiting(&opened(dir.path(), &store)),
            [9],
            "and not what lay behind"
        );
    }

    #[test]
    fn a_torn_entry_and_no_room_are_told_apart_from_events() {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::new(&[7; 32]);
        let mut reserve = opened(dir.path(), &store);
        let mut kept = 0;
        while reserve.keep(Moment(1), event(kept)).is_ok() {
            kept += 1;
        }
        assert!(kept > 3, "{kept}");
        drop(reserve);
        let path = dir.path().join(NAME);
        let mut bytes = std::fs::read(&path).unwrap();
        assert_eq!(
            waiting(&opened(dir.path(), &store)).len(),
            usize::try_from(kept).unwrap()
        );
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(waiting(&opened(dir.path(), &store)), [0; 0]);
    }
}
