//! Folding of cell text before anything else looks at it.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// White space, and the invisible marks that come with copied text.
fn is_space(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(
            letter,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}'
        )
}

/// Every byte is such a one. All are looked at: that goes many bytes at once.
fn every(text: &str, such: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & such(byte))
}

/// Printable ASCII with single spaces inside: nothing to fold, as in most cells.
fn is_plain(text: &str) -> bool {
    if every(text, |byte| matches!(byte, 0x21..=0x7e)) {
        return true;
    }
    let mut after_space = true;
    for byte in text.bytes() {
        match byte {
            b' ' if after_space => return false,
            b' ' => after_space = true,
            0x21..=0x7e => after_space = false,
            _ => return false,
        }
    }
    !after_space || text.is_empty()
}

/// Printable ASCII and the common Chinese characters, without spaces: nothing to fold either.
fn is_plain_chinese(text: &str) -> bool {
    let plain = |letter| matches!(letter, '!'..='~' | '\u{4E00}'..='\u{9FA5}');
    text.chars().all(plain)
}

/// Whether nothing is left of a text when it is folded.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    match text.bytes().next() {
        None => true,
        Some(0x21..=0x7e) => false,
        Some(_) => fold(text).is_empty(),
    }
}

/// NFKC, trimmed, inner runs of white space folded to one space.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if is_plain(text) || is_plain_chinese(text) {
        return Cow::Borrowed(text);
    }
    let trimmed = text.trim_matches(is_space);
    let normal = is_nfkc_quick(trimmed.chars()) == IsNormalized::Yes;
    let spaced = |text: &str| {
        text.chars().any(|letter| letter != ' ' && is_space(letter)) || text.contains("  ")
    };
    if normal && !spaced(trimmed) {
        return Cow::Borrowed(trimmed);
    }
    // NFKC can make spaces (U+3000, U+00A0) and must be done before folding them.
    let mut folded = String::with_capacity(trimmed.len());
    let mut pending = false;
    for letter in trimmed.nfkc() {
        if is_space(letter) {
            pending = !folded.is_empty();
        } else {
            if pending {
                folded.push(' ');
                pending = false;
            }
            folded.push(letter);
        }
    }
    // A mark removed above may have kept two letters apart that compose: fold until it is still.
    if is_nfkc_quick(folded.chars()) == IsNormalized::Yes {
        Cow::Owned(folded)
    } else {
        Cow::Owned(
            folded
                .nfkc()
                .collect::<String>()
                .trim_matches(is_space)
                .to_owned(),
        )
    }
}

/// [`fold`], upper-cased and without any white space: for identity numbers and codes.
#[must_use]
pub fn fold_number(text: &str) -> Cow<'_, str> {
    if every(text, |byte| matches!(byte, 0x21..=b'`' | b'{'..=0x7e)) {
        return Cow::Borrowed(text);
    }
    let folded = fold(text);
    let letters = folded.chars().filter(|letter| *letter != ' ');
    letters
        .map(|letter| letter.to_ascii_uppercase())
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_folded() {
        for (text, expected) in [
            ("", ""),
            ("  ", ""),
            ("\u{3000}张　 三\t", "张 三"),
            ("ＡＢＣ（１２３）", "ABC(123)"),
            ("\u{feff}名称\u{200b}", "名称"),
            ("a\r\nb", "a b"),
            ("6８％", "68%"),
        ] {
            assert_eq!(fold(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_lose_their_spaces_and_are_upper_cased() {
        assert_eq!(fold_number(" 1101 0519 491231 002x "), "11010519491231002X");
    }

    /// [`fold`] without any short cut.
    fn slowly(text: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        let normal: String = text.trim_matches(is_space).nfkc().collect();
        for word in normal.split(is_space).filter(|word| !word.is_empty()) {
            words.push(word.to_owned());
        }
        words
            .join(" ")
            .nfkc()
            .collect::<String>()
            .trim_matches(is_space)
            .to_owned()
    }

    proptest! {
        #[test]
        fn short_cuts_lead_to_the_same(text in "[ -~]{0,12}|[ -~\\u{a0}\\t张Ａ１]{0,8}|[!-~一-龥]{1,6}") {
            let folded = slowly(&text);
            prop_assert_eq!(fold(&text).into_owned(), folded.clone());
            prop_assert_eq!(is_blank(&text), folded.is_empty());
            let number = folded.replace(' ', "").to_ascii_uppercase();
            prop_assert_eq!(fold_number(&text).into_owned(), number);
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,12}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once).into_owned(), once);
        }
    }
}
