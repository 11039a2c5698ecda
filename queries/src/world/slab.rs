//! Values that follow each other, in memory of their own or where they lie in kept bytes.
//!
//! A world that is taken up copies nothing of fixed width: its tables show the bytes of the
//! file itself. That these are such values is looked at once, when the slab is made; who looks
//! a row up pays nothing for where it lies. This file reads no file: the bytes are given.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use yoke::Yoke;
use zerocopy::{Immutable, KnownLayout, TryFromBytes};

/// Where in kept bytes values begin: at multiples of this.
pub(super) const ALIGNED: usize = 8;

/// Bytes that stay as they are for as long as anybody shares them.
pub type KeptBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Values that follow each other.
pub(super) enum Slab<T: 'static> {
    /// Made by a load.
    Own(Box<[T]>),
    /// Taken up: the bytes live as long as the slab.
    Kept(Yoke<&'static [T], KeptBytes>),
}

impl<T> Deref for Slab<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Own(all) => all,
            Self::Kept(all) => all.get(),
        }
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::Own(Box::default())
    }
}

impl<T> From<Vec<T>> for Slab<T> {
    fn from(all: Vec<T>) -> Self {
        Self::Own(all.into_boxed_slice())
    }
}

impl<T> FromIterator<T> for Slab<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        Self::Own(all.into_iter().collect())
    }
}

impl<T: fmt::Debug> fmt::Debug for Slab<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A piece of a world where it lies in kept bytes; it must begin at a multiple of 8 in memory.
#[derive(Clone)]
pub struct KeptPiece {
    bytes: KeptBytes,
    /// What is left of it.
    at: Range<usize>,
}

impl fmt::Debug for KeptPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptPiece")
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl KeptPiece {
    /// The piece in this range of the bytes.
    pub fn new(bytes: KeptBytes, at: Range<usize>) -> Self {
        Self { bytes, at }
    }

    /// All that is left of it.
    pub(super) fn rest(&self) -> &[u8] {
        let all = (*self.bytes).as_ref();
        all.get(self.at.clone()).unwrap_or_default()
    }

    /// So many values off the front; none if these are not the bytes of such values.
    pub(super) fn take<T>(&mut self, count: usize) -> Option<Slab<T>>
    where
        T: TryFromBytes + KnownLayout + Immutable,
    {
        let length = count.checked_mul(size_of::<T>())?;
        let end = self.at.start.checked_add(length)?;
        if end > self.at.end {
            return None;
        }
        let at = self.at.start..end;
        let values = Yoke::try_attach_to_cart(Arc::clone(&self.bytes), |bytes| {
            let bytes = bytes.as_ref().get(at).ok_or(())?;
            <[T]>::try_ref_from_bytes(bytes).map_err(|_| ())
        });
        self.at.start = end.checked_next_multiple_of(ALIGNED)?.min(self.at.end);
        values.ok().map(Slab::Kept)
    }
}

/// A piece of these bytes, which begin where a piece may begin.
#[cfg(test)]
pub(super) fn kept(bytes: &[u8]) -> KeptPiece {
    use zerocopy::IntoBytes;

    struct Words(Vec<u64>);

    impl AsRef<[u8]> for Words {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }

    let mut words = Words(vec![0; bytes.len().div_ceil(ALIGNED)]);
    words.0.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
    KeptPiece::new(Arc::new(words), 0..bytes.len())
}

#[cfg(test)]
mod tests {
    use graph::record::RoleKind;
    use zerocopy::IntoBytes;

    use super::*;

    fn piece(words: &[u64]) -> KeptPiece {
        kept(words.as_bytes())
    }

    #[test]
    fn values_are_shown_where_they_lie() {
        let mut all = piece(&[7, 0x0202_0202_0202_0202, 9]);
        let first = all.take::<u64>(1).unwrap();
        // What follows begins at the next multiple of 8.
        let roles = all.take::<RoleKind>(3).unwrap();
        assert_eq!(
            (&first[..], &roles[..]),
            (&[7][..], &[RoleKind::ActualController; 3][..])
        );
        assert_eq!(
            all.take::<u64>(2).map(|more| more.len()),
            None,
            "more than there is"
        );
        assert_eq!(&all.take::<u64>(1).unwrap()[..], &[9]);
        assert_eq!(all.rest(), b"");
        drop(all);
        assert_eq!(first[0], 7, "the bytes live on");
    }

    #[test]
    fn what_is_no_value_is_not_shown() {
        assert!(
            piece(&[u64::MAX]).take::<RoleKind>(1).is_none(),
            "no such code"
        );
        assert!(piece(&[0]).take::<u64>(usize::MAX).is_none(), "too many");
        let mut crooked = piece(&[0, 0]);
        crooked.at.start = 1;
        assert!(
            crooked.take::<u64>(1).is_none(),
            "not where a number may lie"
        );
        crooked.at = 0..64;
        assert!(crooked.take::<u64>(4).is_none(), "beyond the bytes");
        assert_eq!(crooked.rest(), b"");
    }
}
