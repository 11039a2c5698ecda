//! Values as bytes of a fixed width, big-endian: rows are kept and taken up as fast as memory
//! allows, which an encoding of variable length does not.

use graph::id::{EntityId, RecordId};
use graph::ratio::Percent;
use graph::record::{MatterOutcome, OrganisationKind, OrganisationStatus, RoleKind};
use graph::time::{Date, Interval};

use super::Symbol;

/// A value of always the same number of bytes.
pub(super) trait Fixed: Sized {
    /// How many.
    const WIDTH: usize;

    /// Adds them.
    fn put(&self, out: &mut Vec<u8>);

    /// Takes them off the front; none if they are no such value.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

/// The fields one after the other.
macro_rules! fixed {
    ($name:ident { $($field:ident: $of:ty),+ $(,)? }) => {
        impl $crate::world::fixed::Fixed for $name {
            const WIDTH: usize = 0 $(+ <$of as $crate::world::fixed::Fixed>::WIDTH)+;

            fn put(&self, out: &mut Vec<u8>) {
                $($crate::world::fixed::Fixed::put(&self.$field, out);)+
            }

            #[inline]
            fn take(from: &mut &[u8]) -> Option<Self> {
                Some(Self { $($field: $crate::world::fixed::Fixed::take(from)?),+ })
            }
        }
    };
}

pub(super) use fixed;

/// What has bytes already.
macro_rules! bytes {
    ($name:ty, $width:literal, $put:expr, $take:expr) => {
        impl Fixed for $name {
            const WIDTH: usize = $width;

            fn put(&self, out: &mut Vec<u8>) {
                let put: fn(&Self) -> [u8; $width] = $put;
                out.extend_from_slice(&put(self));
            }

            #[inline]
            fn take(from: &mut &[u8]) -> Option<Self> {
                let take: fn([u8; $width]) -> Option<Self> = $take;
                let (bytes, rest) = from.split_first_chunk::<$width>()?;
                *from = rest;
                take(*bytes)
            }
        }
    };
}

bytes!(u32, 4, |n| n.to_be_bytes(), |b| Some(Self::from_be_bytes(
    b
)));
bytes!([u8; 16], 16, |b| *b, Some);
bytes!(RecordId, 12, |id| id.0, |b| Some(Self(b)));
bytes!(EntityId, 16, |id| *id.bytes(), Self::from_bytes);
bytes!(bool, 1, |yes| [u8::from(*yes)], |[b]| Some(b != 0));
bytes!(Percent, 8, |ratio| ratio.0.to_be_bytes(), |b| Some(Self(
    i64::from_be_bytes(b)
)));
bytes!(Date, 4, |day| day.days().to_be_bytes(), |b| Some(
    Self::from_days(i32::from_be_bytes(b))
));
// No symbol is nothing.
bytes!(
    Option<Symbol>,
    4,
    |symbol| symbol.map_or(0, Symbol::number).to_be_bytes(),
    |b| Some(Symbol::numbered(u32::from_be_bytes(b)))
);

impl Fixed for Interval {
    const WIDTH: usize = 8;

    fn put(&self, out: &mut Vec<u8>) {
        self.from.put(out);
        self.to.put(out);
    }

    #[inline]
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (from, to) = (Date::take(from)?, Date::take(from)?);
        Some(Self { from, to })
    }
}

impl Fixed for Option<Date> {
    const WIDTH: usize = 5;

    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        self.unwrap_or(Date::MIN).put(out);
    }

    #[inline]
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (is_told, day) = (bool::take(from)?, Date::take(from)?);
        Some(is_told.then_some(day))
    }
}

/// Words with a code: their place among all of them.
macro_rules! coded {
    ($($name:ident),+) => {$(
        impl Fixed for $name {
            const WIDTH: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                let place = Self::ALL.iter().position(|one| one == self);
                out.push(place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX));
            }

            #[inline]
            fn take(from: &mut &[u8]) -> Option<Self> {
                let (place, rest) = from.split_first()?;
                *from = rest;
                Self::ALL.get(usize::from(*place)).copied()
            }
        }

        // 255 is none.
        impl Fixed for Option<$name> {
            const WIDTH: usize = 1;

            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    Some(one) => one.put(out),
                    None => out.push(u8::MAX),
                }
            }

            #[inline]
            fn take(from: &mut &[u8]) -> Option<Self> {
                match from.split_first()? {
                    (&u8::MAX, rest) => {
                        *from = rest;
                        Some(None)
                    }
                    _ => $name::take(from).map(Some),
                }
            }
        }
    )+};
}

coded!(
    MatterOutcome,
    OrganisationKind,
    OrganisationStatus,
    RoleKind
);
