//! Resident identity numbers (GB 11643-1999): 18 digits with a birth date and a check character;
//! the 15-digit numbers of before 1999 are turned into their 18-digit form.
//!
//! No value here has a `Debug` or a message that shows a number.

use graph::time::Date;

use crate::value::fold_number;

/// A number's first 17 characters, all digits.
type Body = [u8; 17];

/// Reads a resident number; gives its 18-digit form, or `None` when it cannot be one.
#[must_use]
pub fn normalise_resident_id(text: &str) -> Option<String> {
    let (body, check) = parts(text)?;
    let mut whole = String::with_capacity(18);
    whole.push_str(std::str::from_utf8(&body).ok()?);
    whole.push(char::from(check));
    Some(whole)
}

/// Whether `text` is a resident number.
#[must_use]
pub fn is_resident_id(text: &str) -> bool {
    parts(text).is_some()
}

/// The first 17 characters of a number's 18-digit form, and its check character.
fn parts(text: &str) -> Option<(Body, u8)> {
    let number = fold_number(text);
    let number = number.as_bytes();
    let (head, tail) = number.split_first_chunk::<6>()?;
    let body: Body = match tail.len() {
        12 => number.first_chunk().copied()?,
        // The old form has no century and no check character.
        9 => [head.as_slice(), b"19", tail].concat().try_into().ok()?,
        _ => return None,
    };
    if !body.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = |from: usize, to: usize| {
        let digits = body.get(from..to).unwrap_or_default();
        let number = |sum: i16, digit: &u8| sum * 10 + i16::from(digit - b'0');
        digits.iter().fold(0, number)
    };
    let (month, day) = (digits(10, 12), digits(12, 14));
    Date::from_ymd(
        digits(6, 10),
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )?;
    let check = check_character(&body);
    let written = number.get(17).copied().unwrap_or(check);
    (written == check).then_some((body, check))
}

/// The 18th character (ISO 7064 MOD 11-2).
fn check_character(body: &Body) -> u8 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.iter().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = digits
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let place = usize::try_from(sum % 11).unwrap_or_default();
    b"10X98765432".get(place).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(normalise_resident_id(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn the_standards_examples() {
        check("11010519491231002X", Some("11010519491231002X"));
        check("11010519491231002x", Some("11010519491231002X"));
        check(" 11010519491231002Ｘ ", Some("11010519491231002X"));
        check("440524188001010014", Some("440524188001010014"));
        check("34150219041123176X", Some("34150219041123176X"));
    }

    #[test]
    fn old_numbers_become_new_ones() {
        check("110105491231002", Some("11010519491231002X"));
        check("110105491331002", None);
    }

    #[test]
    fn numbers_that_cannot_be() {
        for text in [
            "",
            "110105194912310021",
            "11010519491331002X",
            "11010519490229002X",
            "1101051949123100",
            "1101051949123100X2",
            "11010519491231002Y",
            "110105******31002X",
            "一1010519491231002X",
        ] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_found(
            region in 110_000u32..660_000, days in -20_000i32..19_000, order in 0u32..1000,
            place in 0usize..17, step in 1u32..10,
        ) {
            let (year, month, day) = Date::from_days(days).ymd().unwrap();
            let body = format!("{region}{year:04}{month:02}{day:02}{order:03}");
            let check = check_character(body.as_bytes().try_into().unwrap());
            let whole = format!("{body}{}", char::from(check));
            prop_assert_eq!(normalise_resident_id(&whole), Some(whole.clone()));
            let mut letters: Vec<char> = whole.chars().collect();
            let digit = letters[place].to_digit(10).unwrap();
            letters[place] = char::from_digit((digit + step) % 10, 10).unwrap();
            let wrong: String = letters.into_iter().collect();
            prop_assert_eq!(normalise_resident_id(&wrong), None);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = normalise_resident_id(&text);
        }
    }
}
