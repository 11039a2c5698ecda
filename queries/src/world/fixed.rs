//! Values that lie in a file as they lie in memory, in the machine's byte order: a world that
//! is taken up shows them there.
//!
//! The bytes of a value may be any that the type allows. What the type cannot tell, whether
//! an id is of a known kind or a word is one of the world's, is looked at once, when the world is
//! taken up.

use graph::id::EntityId;
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::symbol::MaybeSymbol;

/// What values may speak of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The largest number of a word.
    pub(super) words: u32,
    /// How many places of cases there are.
    pub(super) cases: usize,
}

/// A value that lies in a file as it lies in memory.
pub(super) trait Fixed:
    TryFromBytes + IntoBytes + KnownLayout + Immutable + 'static
{
    /// It speaks of nothing that there is not.
    fn fits(&self, bounds: &Bounds) -> bool;
}

impl Fixed for EntityId {
    #[inline]
    fn fits(&self, _: &Bounds) -> bool {
        self.is_known()
    }
}

impl Fixed for MaybeSymbol {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        self.number() <= bounds.words
    }
}

/// The place of a case.
impl Fixed for usize {
    #[inline]
    fn fits(&self, bounds: &Bounds) -> bool {
        *self < bounds.cases
    }
}

/// The digest of a number: any is one.
impl Fixed for u64 {
    #[inline]
    fn fits(&self, _: &Bounds) -> bool {
        true
    }
}

/// The digest of a name: any is one.
impl Fixed for [u8; 16] {
    #[inline]
    fn fits(&self, _: &Bounds) -> bool {
        true
    }
}

/// A byte between values that says nothing: always 0, so that all bytes of a row are told.
#[derive(
    Clone, Copy, PartialEq, Eq, Default, Debug, TryFromBytes, IntoBytes, KnownLayout, Immutable,
)]
#[repr(u8)]
pub(super) enum Blank {
    #[default]
    Zero = 0,
}

/// The byte of a word with a code: its own, or 255 for none.
pub(super) fn code<T: IntoBytes + Immutable>(word: Option<T>) -> u8 {
    let byte = word.and_then(|word| word.as_bytes().first().copied());
    byte.unwrap_or(u8::MAX)
}

/// The word that [`code`] told.
#[inline]
pub(super) fn coded<T: TryFromBytes>(byte: u8) -> Option<T> {
    T::try_read_from_bytes(&[byte]).ok()
}

/// The byte is that of a word, or of none.
#[inline]
pub(super) fn is_coded<T: TryFromBytes>(byte: u8) -> bool {
    byte == u8::MAX || coded::<T>(byte).is_some()
}

#[cfg(test)]
mod tests {
    use graph::record::OrganisationKind;

    use super::*;

    #[test]
    fn a_code_is_a_byte() {
        for kind in OrganisationKind::ALL {
            let byte = code(Some(*kind));
            assert_eq!(coded(byte), Some(*kind));
            assert!(is_coded::<OrganisationKind>(byte));
        }
        assert_eq!(code::<OrganisationKind>(None), u8::MAX);
        assert_eq!(coded::<OrganisationKind>(u8::MAX), None);
        assert!(is_coded::<OrganisationKind>(u8::MAX));
        assert!(!is_coded::<OrganisationKind>(u8::MAX - 1));
    }
}
