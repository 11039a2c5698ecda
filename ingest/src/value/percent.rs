//! Percentages: `51`, `51%`, `51.25`, exact to six decimals of a percent.

use graph::ratio::Percent;

use super::decimal::millionths;
use super::fold;

/// Why a cell is no percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PercentFault {
    /// Not a number, or one with more than six decimals.
    NotANumber,
    /// Below 0 or above 100.
    OutOfRange,
}

/// Reads a percentage from 0 to 100.
pub fn parse_percent(text: &str) -> Result<Percent, PercentFault> {
    let folded = fold(text);
    let number = folded.strip_suffix('%').unwrap_or(&folded).trim_end();
    let value = millionths(number, 0).ok_or(PercentFault::NotANumber)?;
    if (0..=Percent::WHOLE.0).contains(&value) {
        Ok(Percent(value))
    } else {
        Err(PercentFault::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentages_are_exact() {
        for (text, expected) in [
            ("51", Ok(51_000_000)),
            ("51%", Ok(51_000_000)),
            ("51 ％", Ok(51_000_000)),
            (" 51.25 ", Ok(51_250_000)),
            ("33.333333", Ok(33_333_333)),
            ("33.3333333", Err(PercentFault::NotANumber)),
            ("0", Ok(0)),
            ("100", Ok(100_000_000)),
            ("100.000001", Err(PercentFault::OutOfRange)),
            ("-1", Err(PercentFault::OutOfRange)),
            ("", Err(PercentFault::NotANumber)),
            ("%", Err(PercentFault::NotANumber)),
            ("一半", Err(PercentFault::NotANumber)),
            ("1e1", Err(PercentFault::NotANumber)),
            ("1/3", Err(PercentFault::NotANumber)),
        ] {
            assert_eq!(parse_percent(text), expected.map(Percent), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value in 0i64..=100_000_000) {
            let percent = Percent(value);
            prop_assert_eq!(parse_percent(&percent.to_string()), Ok(percent));
            prop_assert_eq!(parse_percent(&format!("{percent}%")), Ok(percent));
        }
    }
}
