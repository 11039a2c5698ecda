//! The world kept in a file beside the store, so that whoever starts takes it up instead of
//! reading all records: the file `world` of the data folder.
//!
//! ```text
//! (piece sum(4) blank*)*   each at a multiple of 8, with its CRC-32, big-endian
//! contents                 JSON: the batch, its mark, the length of each piece
//! length(8)                of the contents, big-endian
//! ```
//!
//! The mark is a keyed digest of the batch as the store tells it: a file from another store,
//! or from before a backup was brought back, is passed over. So is a damaged one: the store
//! has everything.
//!
//! The file is mapped into memory, and the world's tables are where they lie in it: nothing is
//! copied, and what the machine read once is there for the next who starts. So nobody may change
//! the file or cut it off, which would end the process: it is never written to, only ever
//! replaced by another under its name, and nobody but its owner may open it. Who has mapped the
//! one before keeps it for as long as needed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::change::BatchNo;
use graph::store::{BatchInfo, Snapshot, Store};
use graph_rocks::RocksStore;
use memmap2::Mmap;
use queries::world::{KeptPiece, World};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Where pieces begin: at multiples of this.
const ALIGNED: usize = 8;
/// How many bytes go to the file together.
const TOGETHER: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
struct Contents {
    batch: u32,
    mark: [u8; 8],
    pieces: Vec<usize>,
}

fn place(store: &RocksStore) -> PathBuf {
    store.dir().join("world")
}

fn mark(store: &RocksStore, batch: &BatchInfo) -> [u8; 8] {
    let at = batch.recorded_at.0.to_be_bytes();
    let no = batch.no.0.to_be_bytes();
    let parts: [&[u8]; 4] = [b"kept world", &no, &at, batch.report.as_bytes()];
    store.keys().content(&parts)
}

/// The batch of the world that is kept, if one is.
pub fn kept(store: &RocksStore) -> Option<BatchNo> {
    let kept = Kept::open(&place(store)).ok()?;
    Some(BatchNo(kept.batch))
}

/// Keeps a world; durable and whole, or as it was before.
pub fn keep(store: &RocksStore, world: &World) -> Result<(), Error> {
    let Some(last) = world.batches.last() else {
        return Ok(());
    };
    let (path, part) = (place(store), store.dir().join("world.part"));
    let written = write(&part, store, world, last);
    let written = written.and_then(|()| fs::rename(&part, &path));
    if written.is_err() {
        // What is half written helps nobody, and may hold the last room on the disk.
        let _ = fs::remove_file(&part);
    }
    written.map_err(|error| Error::io(&part, error))
}

fn write(part: &Path, store: &RocksStore, world: &World, last: &BatchInfo) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    let mut out = BufWriter::with_capacity(TOGETHER, file.open(part)?);
    let mut pieces = Vec::new();
    world.save(store.keys(), &mut |parts| {
        let mut sum = crc32fast::Hasher::new();
        for part in parts {
            sum.update(part);
            out.write_all(part)?;
        }
        let length = parts.iter().map(|part| part.len()).sum();
        pieces.push(length);
        out.write_all(&sum.finalize().to_be_bytes())?;
        let next = after(length).unwrap_or(length);
        let blank = [0; ALIGNED].into_iter().take(next - length - SUM);
        out.write_all(&blank.collect::<Vec<u8>>())
    })?;
    let contents = Contents {
        batch: world.known.0,
        mark: mark(store, last),
        pieces,
    };
    let text = serde_json::to_vec(&contents)?;
    out.write_all(&text)?;
    out.write_all(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes())?;
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()
}

/// A world's file.
struct Kept {
    bytes: Arc<Mmap>,
    batch: u32,
    mark: [u8; 8],
    pieces: Vec<Range<usize>>,
}

impl Kept {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        #[allow(
            unsafe_code,
            reason = "nobody changes the file or cuts it off while it is mapped: it is only \
                      ever replaced under its name, and only its owner may open it"
        )]
        // SAFETY: as told.
        let bytes = unsafe { Mmap::map(&file)? };
        let parsed = Self::contents(&bytes);
        let (Contents { batch, mark, .. }, pieces) = parsed.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Self {
            bytes: Arc::new(bytes),
            batch,
            mark,
            pieces,
        })
    }

    /// What the end of the file tells, with where each piece lies.
    fn contents(bytes: &[u8]) -> Option<(Contents, Vec<Range<usize>>)> {
        let (rest, length) = bytes.split_last_chunk()?;
        let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
        let start = rest.len().checked_sub(length)?;
        let contents: Contents = serde_json::from_slice(rest.get(start..)?).ok()?;
        let (mut at, mut pieces) = (0_usize, Vec::with_capacity(contents.pieces.len()));
        for length in &contents.pieces {
            pieces.push(at..at.checked_add(*length)?);
            at = at.checked_add(after(*length)?)?;
        }
        // Together they are what is there.
        (at == start).then_some((contents, pieces))
    }

    /// The piece of a number, if it is whole.
    fn piece(&self, number: usize) -> io::Result<KeptPiece> {
        let at = self.pieces.get(number).ok_or(io::ErrorKind::NotFound)?;
        let sum = self.bytes.get(at.end..at.end + SUM);
        let piece = self.bytes.get(at.clone()).unwrap_or_default();
        if sum != Some(&crc32fast::hash(piece).to_be_bytes()) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(KeptPiece::new(self.bytes.clone(), at.clone()))
    }
}

/// How many bytes the sum of a piece has.
const SUM: usize = 4;

/// How far behind the beginning of a piece of this length the next one begins.
fn after(length: usize) -> Option<usize> {
    length.checked_add(SUM)?.checked_next_multiple_of(ALIGNED)
}

/// The world that is kept, when it is one of this store and not later than `newest`.
fn take_up(
    store: &RocksStore,
    snapshot: &dyn Snapshot,
    newest: BatchNo,
) -> Result<Option<World>, Error> {
    let Ok(kept) = Kept::open(&place(store)) else {
        return Ok(None);
    };
    let batches = snapshot.batches()?;
    let of_it = |batch: &&BatchInfo| batch.no.0 == kept.batch && batch.no <= newest;
    let is_ours = |batch: &BatchInfo| mark(store, batch) == kept.mark;
    if !batches.iter().find(of_it).is_some_and(is_ours) {
        return Ok(None);
    }
    let give = |number: usize| kept.piece(number);
    let taken = World::saved_before((snapshot, store.keys()), kept.pieces.len(), &give);
    match taken {
        Ok(world) => Ok(Some(world)),
        Err(error) => {
            tracing::warn!(%error, "the kept world is passed over: the store is read");
            Ok(None)
        }
    }
}

/// The world at a batch, from the one that is kept and what came since; none when there is
/// none, or too much came.
pub fn world(
    store: &RocksStore,
    snapshot: &dyn Snapshot,
    batch: BatchNo,
) -> Result<Option<World>, Error> {
    let Some(world) = take_up(store, snapshot, batch)? else {
        return Ok(None);
    };
    if world.known == batch {
        return Ok(Some(world));
    }
    let next = world.after(snapshot, store.keys(), batch)?;
    Ok(next.map(|(world, _)| world))
}

#[cfg(test)]
#[path = "shelf_tests.rs"]
mod tests;
