//! Texts packed with Zstandard before they are sealed: sealed bytes do not compress.

use std::cell::RefCell;

use zstd::bulk::Compressor;

const LEVEL: i32 = 1;

thread_local! {
    /// Its tables are large, and making them takes longer than packing a small text.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// A text packed.
pub(crate) fn packed(text: &[u8]) -> std::io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|packer| match packer {
        Some(packer) => packer.compress(text),
        None => packer.insert(Compressor::new(LEVEL)?).compress(text),
    })
}

/// What [`packed`] made, as it was.
pub(crate) fn unpacked(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::stream::decode_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_one_after_the_other() {
        for text in [&b"one"[..], b"", &vec![7; 300_000], b"two"] {
            assert_eq!(unpacked(&packed(text).unwrap()).unwrap(), text);
        }
    }
}
