//! Spreadsheet numbers as text.
//!
//! A sheet stores binary floating point and shows at most 15 significant digits; 33.3 is stored
//! as 33.299999999999997. What the clerk saw is what counts, so a number becomes the 15-digit
//! decimal, without an exponent and without zeros at the end.

/// The decimal of `number` to 15 significant digits; what is not finite gives an empty text.
pub(super) fn plain(number: f64) -> String {
    decimal(number, 0)
}

/// The percentage that a cell shows which is formatted as one: 0.51 is `51%`.
pub(super) fn percent(number: f64) -> String {
    let text = decimal(number, 2);
    if text.is_empty() {
        text
    } else {
        format!("{text}%")
    }
}

/// The decimal of `number` with the point moved by so many digits to the right.
fn decimal(number: f64, shift: i32) -> String {
    if !number.is_finite() {
        return String::new();
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    format!("{sign}{}", place_point(digits, exponent + shift))
}

/// `digits` with the decimal point after the first digit moved by `exponent`.
fn place_point(digits: &str, exponent: i32) -> String {
    let Ok(shift) = usize::try_from(exponent) else {
        let zeros = usize::try_from(-(exponent + 1)).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    let whole = shift + 1;
    if digits.len() <= whole {
        return format!("{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (integer, fraction) = digits.split_at(whole);
    format!("{integer}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_a_sheet_shows_them() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (51.0, "51"),
            (51.25, "51.25"),
            (33.299_999_999_999_99, "33.3"),
            (0.1 + 0.2, "0.3"),
            (45352.0, "45352"),
            (1e20, "100000000000000000000"),
            (0.000_001, "0.000001"),
            (-12.5, "-12.5"),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
        ] {
            assert_eq!(plain(number), expected);
        }
    }

    #[test]
    fn a_percentage_is_what_the_cell_shows() {
        for (number, expected) in [
            (0.51, "51%"),
            (0.5125, "51.25%"),
            (0.333_333_33, "33.333333%"),
            (1.0, "100%"),
            (0.07, "7%"),
            (0.000_000_01, "0.000001%"),
            (0.29, "29%"),
            (0.0, "0%"),
            (-0.5, "-50%"),
            (f64::NAN, ""),
        ] {
            assert_eq!(percent(number), expected);
        }
    }

    proptest! {
        #[test]
        fn integers_survive(number in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let float: f64 = number.to_string().parse().unwrap();
            prop_assert_eq!(plain(float), number.to_string());
        }

        #[test]
        fn any_number_reads_back_close(number in proptest::num::f64::NORMAL) {
            let back: f64 = plain(number).parse().unwrap();
            prop_assert!((back - number).abs() <= number.abs() * 1e-14);
        }
    }
}
