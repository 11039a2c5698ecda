//! Unified social credit codes (GB 32100-2015) and the organisation code inside (GB 11714).
//!
//! Two checks that do not depend on each other: the last character checks the first 17, the
//! ninth character of the inner code checks its first eight. A wrong last character alone is a
//! code wrongly issued or mistyped (错码); prefixes are not judged, for the tables grow.

use graph::id::{USCC_ALPHABET, Uscc, uscc_digit};

use crate::value::fold_number;

/// A code of the right shape, with the verdict of its check character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckedUscc {
    /// The code.
    pub code: Uscc,
    /// The last character is right (GB 32100).
    pub check_holds: bool,
}

impl CheckedUscc {
    /// Characters 9 to 17 are a right organisation code (GB 11714).
    #[must_use]
    pub fn inner_check_holds(&self) -> bool {
        let inner = self.code.as_str().as_bytes().get(8..17);
        let check = inner.and_then(|inner| inner.split_last());
        check.is_some_and(|(check, inner)| inner_check_character(inner) == Some(*check))
    }
}

/// Reads a code: trimmed, NFKC-folded, upper-cased. `None` when it has not 18 characters of the
/// alphabet.
#[must_use]
pub fn check_uscc(text: &str) -> Option<CheckedUscc> {
    let code = Uscc::parse(&fold_number(text))?;
    let letters = code.as_str().as_bytes();
    let (body, check) = letters.split_at(17);
    Some(CheckedUscc {
        code,
        check_holds: check.first() == check_character(body).as_ref(),
    })
}

/// The 18th character: weights are the powers of 3 modulo 31.
fn check_character(body: &[u8]) -> Option<u8> {
    const WEIGHTS: [u16; 17] = [
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
    ];
    let mut sum = 0;
    for (letter, weight) in body.iter().zip(WEIGHTS) {
        sum += u16::from(uscc_digit(*letter)?) * weight;
    }
    USCC_ALPHABET
        .get(usize::from((31 - sum % 31) % 31))
        .copied()
}

/// The ninth character of an organisation code.
fn inner_check_character(inner: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (letter, weight) in inner.iter().zip(WEIGHTS) {
        sum += char::from(*letter).to_digit(36)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some(b'X'),
        11 => Some(b'0'),
        digit => u8::try_from(digit).ok().map(|digit| b'0' + digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `expected`: `None` for no code, else the verdicts of the two checks.
    fn check(text: &str, expected: Option<(bool, bool)>) {
        let found = check_uscc(text).map(|code| (code.check_holds, code.inner_check_holds()));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn real_codes_pass_both_checks() {
        for text in [
            "914403001922038216",
            "9144030071526726XG",
            "91320100748204660Q",
            "91320281142232229Q",
            "91430122707233692A",
            "91370400728618604X",
            "91330100799655058B",
            " 91330100799655058b ",
            "９１３３０１００７９９６５５０５８Ｂ",
        ] {
            check(text, Some((true, true)));
        }
    }

    #[test]
    fn the_two_checks_do_not_depend_on_each_other() {
        check("914403001922038217", Some((false, true)));
        check("914403001922038113", Some((false, false)));
        check("914403001922038226", Some((false, false)));
    }

    #[test]
    fn shapes_that_are_no_code() {
        for text in [
            "",
            "91440300192203821",
            "9144030019220382160",
            "91440300192203821O",
            "91440300192203821*",
        ] {
            check(text, None);
        }
    }

    proptest! {
        /// The check finds every single wrong character: 31 is prime and no weight is 0.
        #[test]
        fn one_wrong_character_is_found(
            body in proptest::collection::vec(0usize..31, 17), place in 0usize..17, step in 1usize..31,
        ) {
            let letters: Vec<u8> = body.iter().map(|digit| USCC_ALPHABET[*digit]).collect();
            let check = check_character(&letters).unwrap();
            let mut wrong = letters.clone();
            wrong[place] = USCC_ALPHABET[(body[place] + step) % 31];
            let text = |letters: &[u8]| {
                String::from_utf8([letters, &[check]].concat()).unwrap()
            };
            prop_assert!(check_uscc(&text(&letters)).unwrap().check_holds);
            prop_assert!(!check_uscc(&text(&wrong)).unwrap().check_holds);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = check_uscc(&text);
        }
    }
}
