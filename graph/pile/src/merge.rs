//! The runs and the last buffer, merged by key.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

use crate::Ground;
use crate::buffer::SortedBuffer;
use crate::run::{Run, RunReader};

/// Key and payload of `key ‖ length ‖ payload`.
fn parts<const K: usize>(entry: &[u8]) -> Option<(&[u8; K], &[u8])> {
    let (key, rest) = entry.split_first_chunk::<K>()?;
    Some((key, rest.get(4..)?))
}

/// All entries of a pile, by key.
#[derive(Debug)]
pub struct Sorted<const K: usize> {
    buffer: SortedBuffer<K>,
    runs: Vec<RunReader>,
    /// The next entry of each run; the buffer's has the last place.
    heads: Vec<Vec<u8>>,
    order: BinaryHeap<Reverse<([u8; K], usize)>>,
    current: Vec<u8>,
}

impl<const K: usize> Sorted<K> {
    pub(crate) fn new(
        buffer: SortedBuffer<K>,
        runs: Vec<Run>,
        ground: &Ground,
    ) -> io::Result<Self> {
        let readers = runs.into_iter().map(|run| run.read(ground));
        let mut sorted = Self {
            buffer,
            runs: readers.collect::<io::Result<_>>()?,
            heads: Vec::new(),
            order: BinaryHeap::new(),
            current: Vec::new(),
        };
        sorted.heads.resize(sorted.runs.len() + 1, Vec::new());
        for place in 0..=sorted.runs.len() {
            if !sorted.runs.is_empty() {
                sorted.advance(place)?;
            }
        }
        Ok(sorted)
    }

    /// The next entry: its key and its payload.
    pub fn next_entry(&mut self) -> io::Result<Option<(&[u8; K], &[u8])>> {
        // All of it is in memory: there is nothing to merge with.
        if self.runs.is_empty() {
            return Ok(self.buffer.next_entry()?.and_then(parts));
        }
        let Some(Reverse((_, place))) = self.order.pop() else {
            return Ok(None);
        };
        if let Some(head) = self.heads.get_mut(place) {
            std::mem::swap(head, &mut self.current);
        }
        self.advance(place)?;
        Ok(parts(&self.current))
    }

    /// Reads the next entry of a run (or of the buffer) into its head.
    fn advance(&mut self, place: usize) -> io::Result<()> {
        let entry = match self.runs.get_mut(place) {
            Some(run) => run.next_entry::<K>()?,
            None => self.buffer.next_entry()?,
        };
        if let (Some(entry), Some(head)) = (entry, self.heads.get_mut(place)) {
            head.clear();
            head.extend_from_slice(entry);
            if let Some(key) = entry.first_chunk::<K>() {
                self.order.push(Reverse((*key, place)));
            }
        }
        Ok(())
    }
}
