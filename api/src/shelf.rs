//! The world kept in a file beside the store, so that whoever starts takes it up instead of
//! reading all records: the file `world` of the data folder.
//!
//! ```text
//! (piece sum(4))*      each with its CRC-32, big-endian; half of it is digests: none is packed
//! contents             JSON: the batch, its mark, the length of each piece
//! length(8)            of the contents, big-endian
//! ```
//!
//! The mark is a keyed digest of the batch as the store tells it: a file from another store,
//! or from before a backup was brought back, is passed over. So is a damaged one: the store
//! has everything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use graph::change::BatchNo;
use graph::store::{BatchInfo, Snapshot, Store};
use graph_rocks::RocksStore;
use queries::world::World;
use serde::{Deserialize, Serialize};

use crate::Error;

#[derive(Serialize, Deserialize)]
struct Contents {
    batch: u32,
    mark: [u8; 8],
    pieces: Vec<u64>,
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
pub(crate) fn kept(store: &RocksStore) -> Option<BatchNo> {
    let (_, contents) = contents(&place(store)).ok()?;
    Some(BatchNo(contents.batch))
}

/// Keeps a world; durable and whole, or as it was before.
pub(crate) fn keep(store: &RocksStore, world: &World) -> Result<(), Error> {
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
    let mut out = BufWriter::new(file.open(part)?);
    let mut pieces = Vec::new();
    world.save(store.keys(), &mut |piece| {
        let sum = crc32fast::hash(piece).to_be_bytes();
        pieces.push(u64::try_from(piece.len() + sum.len()).unwrap_or(u64::MAX));
        out.write_all(piece)?;
        out.write_all(&sum)
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

fn contents(path: &Path) -> io::Result<(File, Contents)> {
    let mut file = File::open(path)?;
    let mut length = [0; 8];
    let tail = file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut length)?;
    let length = u64::from_be_bytes(length);
    let start = tail.checked_sub(length).ok_or(io::ErrorKind::InvalidData)?;
    file.seek(SeekFrom::Start(start))?;
    let mut text = Vec::new();
    (&mut file).take(length).read_to_end(&mut text)?;
    let contents: Contents = serde_json::from_slice(&text)?;
    // Room is made for what a piece claims: together they must be what is there.
    let mut claimed = contents.pieces.iter();
    let claimed = claimed.try_fold(0_u64, |all, length| all.checked_add(*length));
    if claimed != Some(start) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((file, contents))
}

/// The world that is kept, when it is one of this store and not later than `newest`.
fn take_up(
    store: &RocksStore,
    snapshot: &dyn Snapshot,
    newest: BatchNo,
) -> Result<Option<World>, Error> {
    let Ok((file, contents)) = contents(&place(store)) else {
        return Ok(None);
    };
    let batches = snapshot.batches()?;
    let of_it = |batch: &&BatchInfo| batch.no.0 == contents.batch && batch.no <= newest;
    let is_ours = |batch: &BatchInfo| mark(store, batch) == contents.mark;
    if !batches.iter().find(of_it).is_some_and(is_ours) {
        return Ok(None);
    }
    let mut end = 0;
    let mut places = Vec::with_capacity(contents.pieces.len());
    for length in contents.pieces {
        places.push((end, length));
        end += length;
    }
    let give = |number: usize, piece: &mut Vec<u8>| {
        let (start, length) = places.get(number).ok_or(io::ErrorKind::NotFound)?;
        piece.resize(usize::try_from(*length).map_err(io::Error::other)?, 0);
        file.read_exact_at(piece, *start)?;
        // The checksum stands last.
        let sum = piece.len().checked_sub(4).map(|at| piece.split_off(at));
        let is_whole = sum.is_some_and(|sum| sum == crc32fast::hash(piece).to_be_bytes());
        is_whole
            .then_some(())
            .ok_or(io::ErrorKind::InvalidData.into())
    };
    let taken = World::saved_before((snapshot, store.keys()), places.len(), &give);
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
pub(crate) fn world(
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
mod tests {
    use super::*;
    use graph::change::{Change, Draft, Source};
    use graph::id::{EntityId, Uscc};
    use graph::record::{Penalty, PenaltyKind, PenaltyStatus, Record};
    use graph::time::{Date, Moment};

    fn penalty(number: &str) -> Change {
        let subject = EntityId::organisation(Uscc::parse("914403001922038216").unwrap());
        let on = Date::from_ymd(2024, 1, 1).unwrap();
        Change::Put {
            record: Record::Penalty(Penalty {
                decision_no: number.into(),
                authority: "某局".into(),
                subject,
                violation_from: None,
                violation_on: Some(on),
                decision_on: on,
                violation_type: Some("食品安全".into()),
                kinds: vec![PenaltyKind::Fine],
                fine: None,
                confiscated: None,
                summary_procedure: false,
                published_from: None,
                published_until: None,
                reported_on: None,
                status: PenaltyStatus::Effective,
            }),
            detail: graph::record::Detail::new(),
            source: Source::default(),
        }
    }

    fn commit(store: &RocksStore, changes: Vec<Change>) -> BatchNo {
        let draft = Draft {
            recorded_at: Moment(1_700_000_000_000),
            files: vec!["f".into()],
            changes,
            quarantine: vec![],
            resolved: vec![],
            report: String::new(),
            entries: vec![],
        };
        store.commit(draft).unwrap().unwrap()
    }

    fn taken(store: &RocksStore, newest: BatchNo) -> Option<World> {
        take_up(store, &*store.snapshot().unwrap(), newest).unwrap()
    }

    #[test]
    fn a_kept_world_is_taken_up_unless_it_is_another_or_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let store = RocksStore::open(dir.path(), || Ok([5; 32])).unwrap();
        let first = commit(&store, vec![penalty("A1")]);
        assert!(taken(&store, first).is_none());
        let world = {
            let snapshot = store.snapshot().unwrap();
            World::at(&*snapshot, store.keys(), first).unwrap()
        };
        keep(&store, &world).unwrap();
        assert_eq!(kept(&store), Some(first));
        let found = taken(&store, first).unwrap();
        let told = |world: &World| format!("{:?}", world.cases);
        assert_eq!(told(&found), told(&world));
        // A later batch is added to it; an earlier state does not follow from it.
        let second = commit(&store, vec![penalty("A2")]);
        let snapshot = store.snapshot().unwrap();
        let (next, _) = taken(&store, second)
            .unwrap()
            .after(&*snapshot, store.keys(), second)
            .unwrap()
            .unwrap();
        assert_eq!(next.cases.len(), 2);
        assert!(taken(&store, BatchNo(0)).is_none());
        // One byte anywhere.
        let path = dir.path().join("world");
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(7) {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x20;
            fs::write(&path, &damaged).unwrap();
            if let Some(found) = taken(&store, second) {
                assert_eq!(told(&found), told(&world), "byte {place}");
            }
        }
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert!(taken(&store, second).is_none());
        // A piece that claims more than there is.
        let (_, mut told) = {
            fs::write(&path, &whole).unwrap();
            contents(&path).unwrap()
        };
        told.pieces[0] = u64::MAX / 2;
        let text = serde_json::to_vec(&told).unwrap();
        let length = u64::try_from(text.len()).unwrap().to_be_bytes();
        fs::write(&path, [text.as_slice(), &length].concat()).unwrap();
        assert!(taken(&store, second).is_none());
        // Another store's.
        fs::write(&path, &whole).unwrap();
        let other = tempfile::tempdir().unwrap();
        let strange = RocksStore::open(other.path(), || Ok([6; 32])).unwrap();
        let no = commit(&strange, vec![penalty("A1")]);
        fs::copy(&path, other.path().join("world")).unwrap();
        assert!(taken(&strange, no).is_none());
    }
}
