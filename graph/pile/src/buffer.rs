//! Entries one after the other in memory, and the order in which to read them.

use std::io;

/// How many entries ahead memory is asked for.
const AHEAD: usize = 8;

/// An entry's key head and where the entry begins.
type Place = (u128, u32);

/// `key(K) ‖ length(4) ‖ payload` for each entry.
#[derive(Debug)]
pub(crate) struct Buffer<const K: usize> {
    bytes: Vec<u8>,
    places: Vec<Place>,
}

impl<const K: usize> Default for Buffer<K> {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            places: Vec::new(),
        }
    }
}

impl<const K: usize> Buffer<K> {
    pub(crate) fn push(&mut self, key: &[u8; K], payload: &[u8]) -> io::Result<()> {
        let place = u32::try_from(self.bytes.len()).map_err(|_| too_large())?;
        let length = u32::try_from(payload.len()).map_err(|_| too_large())?;
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(&length.to_be_bytes());
        self.bytes.extend_from_slice(payload);
        self.places.push((head(key), place));
        Ok(())
    }

    /// Takes the other's entries.
    pub(crate) fn append(&mut self, other: &mut Self) -> io::Result<()> {
        let base = u32::try_from(self.bytes.len()).map_err(|_| too_large())?;
        u32::try_from(self.bytes.len() + other.bytes.len()).map_err(|_| too_large())?;
        self.bytes.append(&mut other.bytes);
        let places = other.places.drain(..);
        self.places
            .extend(places.map(|(head, place)| (head, base + place)));
        Ok(())
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len() + self.places.len() * size_of::<Place>()
    }

    /// Sorts: most pairs are told apart by the head alone.
    pub(crate) fn sorted(mut self) -> SortedBuffer<K> {
        let bytes = &self.bytes;
        let rest = |place: u32| {
            let from = usize::try_from(place).unwrap_or(usize::MAX);
            bytes.get(from.saturating_add(16)..from.saturating_add(K))
        };
        self.places
            .sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rest(a.1).cmp(&rest(b.1))));
        SortedBuffer {
            buffer: self,
            next: 0,
        }
    }
}

/// The first 16 bytes of a key as a number; a shorter key is filled with zeros.
fn head(key: &[u8]) -> u128 {
    let mut head = [0; 16];
    head.iter_mut()
        .zip(key)
        .for_each(|(place, byte)| *place = *byte);
    u128::from_be_bytes(head)
}

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "more than 4 GiB in one buffer: give less memory",
    )
}

/// A sorted buffer being read.
#[derive(Debug)]
pub(crate) struct SortedBuffer<const K: usize> {
    buffer: Buffer<K>,
    next: usize,
}

impl<const K: usize> SortedBuffer<K> {
    /// The next entry whole, by key: `key ‖ length ‖ payload`.
    pub(crate) fn next_entry(&mut self) -> Option<&[u8]> {
        let (_, place) = *self.buffer.places.get(self.next)?;
        self.next += 1;
        // Entries lie anywhere: the one to come soon is fetched while this one is worked on.
        if let Some((_, soon)) = self.buffer.places.get(self.next + AHEAD) {
            let at = usize::try_from(*soon).ok()?;
            std::hint::black_box(self.buffer.bytes.get(at).copied());
        }
        let from = usize::try_from(place).ok()?;
        let entry = self.buffer.bytes.get(from..)?;
        let length = entry.get(K..)?.first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        entry.get(..K + 4 + length)
    }
}
