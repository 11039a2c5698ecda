//! The content of a version as bytes, the same in every store.
//!
//! What only people read is sealed, and so is a record in which an identity
//! number may stand. Equal content is equal bytes.

use std::borrow::Cow;

use crate::detail;
use crate::id::RecordId;
use crate::record::{Detail, Record};
use crate::seal::{Keys, NONCE};
use crate::store::{StoreError, unpack};

/// Bytes that most records fit in.
const ROOM: usize = 224;

/// The content of a version as it lies in every store: equal content is equal
/// bytes, since the seal of one text at one place is always the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Content {
    /// The record, then the sealed detail: one piece, for loading makes very many.
    bytes: Vec<u8>,
    /// Where the detail begins.
    core: usize,
    /// A text in the record may hold an identity number.
    pub core_sealed: bool,
}

/// The names and texts of a detail.
pub fn texts(detail: &Detail) -> impl Iterator<Item = (&str, &str)> {
    let texts = detail.iter();
    texts.map(|(name, text)| (name.as_str(), text.as_str()))
}

impl Content {
    /// The content of a record with this id; the detail by name, each name once ([`texts`]).
    pub fn new<'t>(
        keys: &Keys,
        id: RecordId,
        record: &Record,
        detail: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Result<Self, StoreError> {
        let room = Vec::with_capacity(ROOM);
        let mut bytes = postcard::to_extend(record, room).map_err(StoreError::encoding)?;
        let core_sealed = may_identify(&bytes);
        if core_sealed {
            bytes = keys.seal(&id.0, &bytes);
        }
        let core = bytes.len();
        let mut detail = detail.peekable();
        if detail.peek().is_some() {
            bytes.extend([0; NONCE]);
            bytes = detail::encode_onto(bytes, detail)?;
            keys.seal_in(&id.0, &mut bytes, core);
        }
        Ok(Self {
            bytes,
            core,
            core_sealed,
        })
    }

    /// A content from its parts.
    pub fn of(core: &[u8], core_sealed: bool, sealed: &[u8]) -> Self {
        Self {
            bytes: [core, sealed].concat(),
            core: core.len(),
            core_sealed,
        }
    }

    /// The record as postcard; sealed when `core_sealed`.
    pub fn core(&self) -> &[u8] {
        self.bytes.get(..self.core).unwrap_or_default()
    }

    /// The sealed detail.
    pub fn sealed(&self) -> &[u8] {
        self.bytes.get(self.core..).unwrap_or_default()
    }

    /// The bytes of both.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The record that it holds.
    pub fn record(&self, keys: &Keys, id: RecordId) -> Result<Record, StoreError> {
        open_core(keys, id, self.core(), self.core_sealed)
    }

    /// A keyed digest: equal content, equal digest.
    pub fn digest(&self, keys: &Keys) -> [u8; 8] {
        digest(keys, self.core(), self.sealed())
    }
}

/// The digest of a content, from its parts.
pub fn digest(keys: &Keys, core: &[u8], sealed: &[u8]) -> [u8; 8] {
    keys.content(&[core, sealed])
}

/// Reads the record of a stored core.
pub fn open_core(
    keys: &Keys,
    id: RecordId,
    core: &[u8],
    core_sealed: bool,
) -> Result<Record, StoreError> {
    unpack(&opened_core(keys, id, core, core_sealed)?)
}

/// A stored core as postcard.
pub fn opened_core<'a>(
    keys: &Keys,
    id: RecordId,
    core: &'a [u8],
    core_sealed: bool,
) -> Result<Cow<'a, [u8]>, StoreError> {
    if !core_sealed {
        return Ok(core.into());
    }
    let opened = keys.open(&id.0, core);
    opened.map(Cow::Owned).map_err(|error| StoreError::Corrupt {
        place: "record",
        what: error.to_string(),
    })
}

/// Somewhere stands what may be a resident's number: 17 digits and a digit or X
/// with a date of birth at the seventh, or 15 digits of the old form. The check
/// character is not asked for: a slip of the pen still tells who it is.
fn may_identify(core: &[u8]) -> bool {
    // Of so many digits in a row one stands at every so many bytes: nothing else is looked at.
    let mut from = 0;
    while let Some(byte) = core.get(from + OLD_FORM - 1) {
        if !byte.is_ascii_digit() {
            from += OLD_FORM;
            continue;
        }
        let (before, after) = core.split_at(from + OLD_FORM - 1);
        let not_digit = |byte: &u8| !byte.is_ascii_digit();
        let begin = before
            .iter()
            .rposition(not_digit)
            .map_or(0, |place| place + 1);
        let end = after
            .iter()
            .position(not_digit)
            .map_or(core.len(), |place| before.len() + place);
        let digits = core.get(begin..end).unwrap_or_default();
        let x = core
            .get(end)
            .filter(|byte| matches!(byte, b'X' | b'x'))
            .map(|_| end + 1);
        let whole = core.get(begin..x.unwrap_or(end)).unwrap_or_default();
        if whole.windows(NEW_FORM).any(is_new_form) || digits.windows(OLD_FORM).any(is_old_form) {
            return true;
        }
        from = end;
    }
    false
}

/// The characters of a number of today, and of one from before 1999.
const NEW_FORM: usize = 18;
const OLD_FORM: usize = 15;

/// Region, year of birth in the last, this or the coming century, month, day.
fn is_new_form(number: &[u8]) -> bool {
    let year = number.get(6..8);
    let century = matches!(year, Some(b"18" | b"19" | b"20"));
    century && number.get(10..14).is_some_and(is_month_and_day)
}

/// A region from 11 to 82, year of birth in two digits, month, day.
fn is_old_form(number: &[u8]) -> bool {
    let region = number.get(..2).unwrap_or_default();
    (b"11".as_slice()..=b"82").contains(&region) && number.get(8..12).is_some_and(is_month_and_day)
}

fn is_month_and_day(digits: &[u8]) -> bool {
    let (month, day) = (digits.get(..2), digits.get(2..));
    let within = |part: Option<&[u8]>, last: &[u8; 2]| {
        part.is_some_and(|part| (b"01".as_slice()..=last.as_slice()).contains(&part))
    };
    within(month, b"12") && within(day, b"31")
}

#[cfg(test)]
mod tests {
    use super::{is_new_form, is_old_form, may_identify};
    use proptest::prelude::*;

    #[test]
    fn numbers_that_may_identify_somebody() {
        for (text, expected) in [
            ("341502190001010018", true),
            ("案341502190001010019号", true),
            ("34150219000101001X", true),
            ("34150219000101001x.", true),
            ("2024341502190001010018", true),
            ("341502000101001", true),
            ("9341502000101001", true),
            ("20240000000000017", false),
            ("991502000101001", false),
            ("999999219999999999", false),
            ("34150219000101001", true),
            ("1234567890123", false),
            ("", false),
        ] {
            assert_eq!(may_identify(text.as_bytes()), expected, "{text}");
        }
    }

    /// Byte by byte, with how many digits came before.
    fn naively(core: &[u8]) -> bool {
        let mut run = 0;
        core.iter().enumerate().any(|(place, byte)| {
            let x = matches!(byte, b'X' | b'x');
            let length = run + 1;
            run = if byte.is_ascii_digit() { length } else { 0 };
            let ending = |digits: usize| &core[place + 1 - digits..=place];
            let new = (run >= 18 || (x && length >= 18)) && is_new_form(ending(18));
            new || (run >= 15 && is_old_form(ending(15)))
        })
    }

    proptest! {
        #[test]
        fn no_number_is_missed(
            parts in proptest::collection::vec(
                "[0-9a-zX]{0,20}|[1-9]{6}19[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx]?|[3-9]{6}[0-9]{2}0[1-9][0-2][1-9][0-9]{3}",
                0..6),
        ) {
            let text = parts.concat();
            prop_assert_eq!(may_identify(text.as_bytes()), naively(text.as_bytes()), "{}", text);
        }
    }
}
