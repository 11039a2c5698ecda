//! Sorting more than fits in memory: entries go onto a [`Pile`] in any order and
//! come off it by key.
//!
//! Entries lie one after the other in a buffer. A full buffer is sorted and
//! becomes a run in an unlinked temporary file; at the end the runs are merged.
//! What lies on disk is enciphered with a key that lives in memory only, since
//! entries carry names and numbers of persons: a run tells nothing to whoever
//! finds its bytes, not even after a crash.
//!
//! Keys have a fixed length and payloads any. Entries with equal keys come off
//! next to each other, in no particular order.

mod buffer;
mod merge;
mod run;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use buffer::Buffer;
pub use merge::Sorted;
use run::Run;

/// Where and how piles spill: a folder and a secret for the cipher.
#[derive(Debug)]
pub struct Ground {
    folder: PathBuf,
    secret: Secret,
    runs: AtomicU32,
}

struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Ground {
    /// Piles spill into `folder`. `secret` must not have been used for another
    /// ground: runs are told apart by their number on this one only.
    pub fn new(folder: &Path, secret: [u8; 32]) -> Self {
        Self {
            folder: folder.to_owned(),
            secret: Secret(secret),
            runs: AtomicU32::new(0),
        }
    }

    fn next(&self) -> u32 {
        self.runs.fetch_add(1, Ordering::Relaxed)
    }
}

/// What of a key is held beside an entry while sorting, so that most pairs are told apart
/// without a look at the entries: of two keys that begin with the same four bits, the larger
/// must not have the smaller head.
pub type Head<const K: usize> = fn(&[u8; K]) -> u128;

/// The first 16 bytes of a key as a number; a shorter key is filled with zeros.
pub fn head<const K: usize>(key: &[u8; K]) -> u128 {
    let mut head = [0; 16];
    head.iter_mut()
        .zip(key)
        .for_each(|(place, byte)| *place = *byte);
    u128::from_be_bytes(head)
}

/// Entries to be sorted by a key of `K` bytes. Several threads may push.
#[derive(Debug)]
pub struct Pile<const K: usize> {
    ground: Arc<Ground>,
    head: Head<K>,
    /// Bytes in memory at which the buffer is spilled.
    most: usize,
    buffer: Mutex<Buffer<K>>,
    runs: Mutex<Vec<Run>>,
}

impl<const K: usize> Pile<K> {
    /// An empty pile that keeps up to about `most` bytes in memory for each
    /// thread that pushes.
    pub fn new(ground: &Arc<Ground>, most: usize) -> Self {
        Self::by_head(ground, most, head)
    }

    /// The same for keys whose first 16 bytes tell too few of them apart.
    pub fn by_head(ground: &Arc<Ground>, most: usize, head: Head<K>) -> Self {
        Self {
            ground: Arc::clone(ground),
            head,
            most,
            buffer: Mutex::default(),
            runs: Mutex::default(),
        }
    }

    /// Puts one entry on the pile.
    pub fn push(&self, key: &[u8; K], payload: &[u8]) -> io::Result<()> {
        let mut buffer = self.lock();
        buffer.push(key, payload)?;
        self.spill_when_full(buffer)
    }

    /// Puts many entries on the pile: cheaper than one by one from several
    /// threads. `heap` is empty after.
    pub fn append(&self, heap: &mut Heap<K>) -> io::Result<()> {
        let mut buffer = self.lock();
        buffer.append(&mut heap.0);
        self.spill_when_full(buffer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Buffer<K>> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spill_when_full(&self, mut buffer: std::sync::MutexGuard<'_, Buffer<K>>) -> io::Result<()> {
        if buffer.bytes() < self.most {
            return Ok(());
        }
        let full = std::mem::take(&mut *buffer);
        // Others may push while this thread sorts and writes.
        drop(buffer);
        let run = Run::write(&self.ground, full.sorted(self.head))?;
        self.runs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(run);
        Ok(())
    }

    /// Nothing was pushed.
    pub fn is_empty(&self) -> bool {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.is_empty() && self.lock().bytes() == 0
    }

    /// Takes all entries off, by key.
    pub fn sorted(&self) -> io::Result<Sorted<K>> {
        let buffer = std::mem::take(&mut *self.lock()).sorted(self.head);
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        Sorted::new(buffer, std::mem::take(&mut *runs), &self.ground)
    }
}

/// Entries on their way to a [`Pile`], gathered by one thread.
#[derive(Debug)]
pub struct Heap<const K: usize>(Buffer<K>);

impl<const K: usize> Default for Heap<K> {
    fn default() -> Self {
        Self(Buffer::default())
    }
}

impl<const K: usize> Heap<K> {
    /// Adds an entry.
    pub fn push(&mut self, key: &[u8; K], payload: &[u8]) -> io::Result<()> {
        self.0.push(key, payload)
    }

    /// The bytes it takes.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

#[cfg(test)]
mod tests;
