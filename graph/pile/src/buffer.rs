//! Entries one after the other in memory, and the order in which to read them.
//!
//! The bytes lie in segments that are filled once and never moved: a buffer of hundreds of
//! megabytes that grew in one piece would be copied, and its pages cleared, several times over.
//! They are parted by the first bits of their keys. Each part is sorted when its turn comes, and
//! its memory is free for others as soon as it is read. Keys that begin with a digest spread
//! over all parts; for others there is one part, and nothing is lost.

use std::io;

use crate::Head;

/// How many entries are asked for at once before they are read, and the bytes of each. They lie
/// anywhere: one after the other each would be waited for, but many are fetched side by side.
const AHEAD: usize = 32;
const TOUCHED: [usize; 3] = [0, 64, 128];

/// Bytes of a segment; a longer entry has one of its own.
const SEGMENT: usize = 1 << 14;

/// How many parts there are: as many as four bits tell apart.
const PARTS: usize = 16;

/// `key(K) ‖ length(4) ‖ payload` for each entry.
#[derive(Debug)]
pub(crate) struct Buffer<const K: usize> {
    parts: [Part; PARTS],
    /// Bytes of all entries.
    filled: usize,
    entries: usize,
}

/// The entries whose keys begin alike.
#[derive(Debug, Default)]
struct Part {
    segments: Vec<Vec<u8>>,
    entries: usize,
}

impl<const K: usize> Default for Buffer<K> {
    fn default() -> Self {
        Self {
            parts: Default::default(),
            filled: 0,
            entries: 0,
        }
    }
}

impl<const K: usize> Buffer<K> {
    pub(crate) fn push(&mut self, key: &[u8; K], payload: &[u8]) -> io::Result<()> {
        let length = u32::try_from(payload.len()).map_err(|_| too_large())?;
        let part = usize::from(key.first().copied().unwrap_or_default() >> 4);
        let part = self.parts.get_mut(part).ok_or_else(too_large)?;
        let whole = K + size_of::<u32>() + payload.len();
        let fits = |last: &&mut Vec<u8>| last.capacity() - last.len() >= whole;
        let segment = if let Some(segment) = part.segments.last_mut().filter(fits) {
            segment
        } else {
            let fresh = Vec::with_capacity(SEGMENT.max(whole));
            part.segments.push_mut(fresh)
        };
        segment.extend_from_slice(key);
        segment.extend_from_slice(&length.to_be_bytes());
        segment.extend_from_slice(payload);
        part.entries += 1;
        self.filled += whole;
        self.entries += 1;
        Ok(())
    }

    /// Takes the other's entries.
    pub(crate) fn append(&mut self, other: &mut Self) {
        for (part, others) in self.parts.iter_mut().zip(&mut other.parts) {
            part.segments.append(&mut others.segments);
            part.entries += std::mem::take(&mut others.entries);
        }
        self.filled += std::mem::take(&mut other.filled);
        self.entries += std::mem::take(&mut other.entries);
    }

    /// What it takes in memory, with what sorting needs.
    pub(crate) fn bytes(&self) -> usize {
        self.filled + self.entries * size_of::<Place>()
    }

    /// Its entries by key; most pairs are told apart by the head alone.
    pub(crate) fn sorted(self, head: Head<K>) -> SortedBuffer<K> {
        SortedBuffer {
            head,
            parts: self.parts.into_iter(),
            segments: Vec::new(),
            places: Vec::new(),
            next: 0,
        }
    }
}

/// The first entry of these bytes: its key, and it whole.
fn first_entry<const K: usize>(bytes: &[u8]) -> Option<(&[u8; K], &[u8])> {
    let (key, rest) = bytes.split_first_chunk::<K>()?;
    let length = u32::from_be_bytes(*rest.first_chunk()?);
    let whole = K + size_of::<u32>() + usize::try_from(length).ok()?;
    Some((key, bytes.get(..whole)?))
}

fn too_large() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "more than 4 GiB in one entry, or more entries than can be sorted",
    )
}

/// The head of an entry's key in two halves, and where the entry begins: segment and byte.
#[derive(Debug, Clone, Copy)]
struct Place {
    head: (u64, u64),
    at: (u32, u32),
}

impl Place {
    fn new(head: u128, at: (u32, u32)) -> Self {
        let low = u128::from(u64::MAX);
        let half = |part: u128| u64::try_from(part & low).unwrap_or_default();
        let head = (half(head >> 64), half(head));
        Self { head, at }
    }
}

/// A buffer being read by key.
#[derive(Debug)]
pub(crate) struct SortedBuffer<const K: usize> {
    head: Head<K>,
    /// The parts still to come.
    parts: std::array::IntoIter<Part, PARTS>,
    /// The segments of the part being read, and its entries by key.
    segments: Vec<Vec<u8>>,
    places: Vec<Place>,
    next: usize,
}

impl<const K: usize> SortedBuffer<K> {
    /// Sorts the next part; false when there is none.
    fn next_part(&mut self) -> io::Result<bool> {
        let Some(part) = self.parts.next() else {
            return Ok(false);
        };
        self.segments = part.segments;
        self.next = 0;
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        places.reserve_exact(part.entries);
        for (number, segment) in self.segments.iter().enumerate() {
            let number = u32::try_from(number).map_err(|_| too_large())?;
            let mut rest = segment.as_slice();
            while let Some((key, whole)) = first_entry::<K>(rest) {
                let at = u32::try_from(segment.len() - rest.len()).map_err(|_| too_large())?;
                places.push(Place::new((self.head)(key), (number, at)));
                rest = rest.get(whole.len()..).unwrap_or_default();
            }
        }
        let key = |place: &Place| self.from(place).and_then(<[u8]>::first_chunk::<K>);
        places.sort_unstable_by(|a, b| a.head.cmp(&b.head).then_with(|| key(a).cmp(&key(b))));
        self.places = places;
        Ok(true)
    }

    /// The bytes from where an entry begins.
    fn from(&self, place: &Place) -> Option<&[u8]> {
        let (segment, at) = place.at;
        let segment = self.segments.get(usize::try_from(segment).ok()?)?;
        segment.get(usize::try_from(at).ok()?..)
    }

    /// Looks at the entries to come, so that they are at hand when they are read.
    fn touch(&self) {
        let soon = self.places.iter().skip(self.next).take(AHEAD);
        let seen = soon.fold(0, |seen, place| {
            let bytes = self.from(place).unwrap_or_default();
            let touched = TOUCHED.iter().filter_map(|at| bytes.get(*at));
            touched.fold(seen, |seen, byte| seen ^ byte)
        });
        std::hint::black_box(seen);
    }

    /// The next entry whole, by key: `key ‖ length ‖ payload`.
    pub(crate) fn next_entry(&mut self) -> io::Result<Option<&[u8]>> {
        while self.next >= self.places.len() {
            if !self.next_part()? {
                return Ok(None);
            }
        }
        if self.next.is_multiple_of(AHEAD) {
            self.touch();
        }
        let place = self.places.get(self.next).copied();
        self.next += 1;
        let bytes = place.and_then(|place| self.from(&place));
        Ok(bytes.and_then(first_entry::<K>).map(|(_, whole)| whole))
    }
}
