//! A sorted run on disk: unlinked, enciphered, read once from front to back.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use chacha20::ChaCha12;
use chacha20::cipher::{KeyIvInit, StreamCipher};

use crate::Ground;
use crate::buffer::SortedBuffer;

/// Bytes written and read at once.
const BLOCK: usize = 1 << 18;

/// A run waiting to be merged.
#[derive(Debug)]
pub(crate) struct Run {
    file: File,
    number: u32,
    bytes: u64,
}

impl Run {
    /// Writes all entries of a sorted buffer.
    pub(crate) fn write<const K: usize>(
        ground: &Ground,
        mut entries: SortedBuffer<K>,
    ) -> io::Result<Self> {
        let file = tempfile::tempfile_in(&ground.folder)?;
        let number = ground.next();
        let mut writer = Writer {
            file,
            cipher: cipher(ground, number),
            block: Vec::with_capacity(BLOCK * 2),
            bytes: 0,
        };
        while let Some(entry) = entries.next_entry()? {
            writer.block.extend_from_slice(entry);
            if writer.block.len() >= BLOCK {
                writer.flush()?;
            }
        }
        writer.flush()?;
        let Writer { file, bytes, .. } = writer;
        Ok(Self {
            file,
            number,
            bytes,
        })
    }

    /// Reads it from the front.
    pub(crate) fn read(mut self, ground: &Ground) -> io::Result<RunReader> {
        self.file.seek(SeekFrom::Start(0))?;
        Ok(RunReader {
            cipher: cipher(ground, self.number),
            file: self.file,
            left: self.bytes,
            block: Vec::new(),
            at: 0,
        })
    }
}

struct Writer {
    file: File,
    cipher: ChaCha12,
    block: Vec<u8>,
    bytes: u64,
}

impl Writer {
    fn flush(&mut self) -> io::Result<()> {
        self.cipher.apply_keystream(&mut self.block);
        self.file.write_all(&self.block)?;
        self.bytes += u64::try_from(self.block.len()).unwrap_or(u64::MAX);
        self.block.clear();
        Ok(())
    }
}

fn cipher(ground: &Ground, number: u32) -> ChaCha12 {
    let mut nonce = [0; 12];
    nonce
        .iter_mut()
        .zip(number.to_be_bytes())
        .for_each(|(place, byte)| *place = byte);
    ChaCha12::new(&ground.secret.0.into(), &nonce.into())
}

/// A run being read.
#[derive(Debug)]
pub(crate) struct RunReader {
    file: File,
    cipher: ChaCha12,
    left: u64,
    block: Vec<u8>,
    at: usize,
}

impl RunReader {
    /// The next entry whole, or none at the end.
    pub(crate) fn next_entry<const K: usize>(&mut self) -> io::Result<Option<&[u8]>> {
        if !self.ensure(K + 4)? {
            return Ok(None);
        }
        let length = self.block.get(self.at + K..).and_then(<[u8]>::first_chunk);
        let length = length.map_or(0, |length| u32::from_be_bytes(*length));
        let whole = K + 4 + usize::try_from(length).unwrap_or(usize::MAX);
        if !self.ensure(whole)? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let entry = self.block.get(self.at..self.at + whole);
        self.at += whole;
        Ok(entry)
    }

    /// Has `wanted` bytes ready in the block.
    fn ensure(&mut self, wanted: usize) -> io::Result<bool> {
        while self.block.len() - self.at < wanted {
            if self.left == 0 {
                return Ok(false);
            }
            self.block.drain(..self.at);
            self.at = 0;
            let old = self.block.len();
            let more = u64::try_from(BLOCK.max(wanted - old)).unwrap_or(u64::MAX);
            let more = usize::try_from(more.min(self.left)).unwrap_or(BLOCK);
            self.block.resize(old + more, 0);
            let fresh = self.block.get_mut(old..).unwrap_or_default();
            self.file.read_exact(fresh)?;
            self.cipher.apply_keystream(fresh);
            self.left -= u64::try_from(more).unwrap_or(self.left);
        }
        Ok(true)
    }
}
