//! Exact percentages and money: integers, never floating point.

use std::fmt;

use serde::{Deserialize, Serialize};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A percentage in millionths of a percent: `51.25 %` is `51_250_000`.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Debug,
    Serialize,
    Deserialize,
    FromBytes,
    IntoBytes,
    KnownLayout,
    Immutable,
)]
#[repr(transparent)]
pub struct Percent(pub i64);

impl Percent {
    /// Half: a majority needs more than this.
    pub const HALF: Self = Self(50_000_000);
    /// The whole.
    pub const WHOLE: Self = Self(100_000_000);

    /// The sum; ratios come from data, so it saturates rather than wraps.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Percent {
    /// Decimal digits without a percent sign and without trailing zeros: `66.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.0)
    }
}

/// An amount in millionths of a yuan, so that `万元` with six decimals stays exact.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize,
)]
pub struct Money(pub i64);

impl fmt::Display for Money {
    /// Yuan as decimal digits without trailing zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal(f, self.0)
    }
}

fn decimal(f: &mut fmt::Formatter<'_>, millionths: i64) -> fmt::Result {
    let sign = if millionths < 0 { "-" } else { "" };
    let size = millionths.unsigned_abs();
    let (whole, part) = (size / 1_000_000, size % 1_000_000);
    if part == 0 {
        return write!(f, "{sign}{whole}");
    }
    let digits = format!("{part:06}");
    write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_print_without_trailing_zeros() {
        for (millionths, text) in [
            (66_500_000, "66.5"),
            (0, "0"),
            (100_000_000, "100"),
            (1, "0.000001"),
            (-500_000, "-0.5"),
        ] {
            assert_eq!(Percent(millionths).to_string(), text);
        }
    }
}
