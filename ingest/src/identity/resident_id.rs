//! Resident identity numbers (GB 11643-1999): 18 digits with a birth date and a check character;
//! the 15-digit numbers of before 1999 are turned into their 18-digit form.
//!
//! No value here has a `Debug` or a message that shows a number.

use std::borrow::Cow;

use graph::time::Date;

use crate::value::fold_number;

/// Reads a resident number; gives its 18-digit form, or `None` when it cannot be one.
#[must_use]
pub fn normalise_resident_id(text: &str) -> Option<String> {
    let number = fold_number(text);
    let body = match number.len() {
        18 => Cow::Borrowed(number.get(..17)?),
        15 => format!("{}19{}", number.get(..6)?, number.get(6..)?).into(),
        _ => return None,
    };
    if !body.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (body.get(6..10)?, body.get(10..12)?, body.get(12..14)?);
    Date::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let mut whole = String::with_capacity(18);
    whole.push_str(&body);
    whole.push(check_character(&body)?);
    (number.len() == 15 || number == whole).then_some(whole)
}

/// Whether `text` is a resident number.
#[must_use]
pub fn is_resident_id(text: &str) -> bool {
    normalise_resident_id(text).is_some()
}

/// The 18th character of 17 digits (ISO 7064 MOD 11-2).
fn check_character(body: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (letter, weight) in body.chars().zip(WEIGHTS) {
        sum += letter.to_digit(10)? * weight;
    }
    "10X98765432".chars().nth(usize::try_from(sum % 11).ok()?)
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
            let whole = format!("{body}{}", check_character(&body).unwrap());
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
