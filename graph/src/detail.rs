//! The detail of a record as bytes, before it is sealed.
//!
//! Sealed bytes never compress, so they are made short first: columns that
//! many records have are one byte, and numbers are packed, two digits a byte.
//! Equal details give equal bytes.

use crate::record::Detail;
use crate::store::StoreError;

/// Columns that are written as their place here, from 1. Stored: only ever add
/// at the end.
const NAMES: [&str; 14] = [
    "name",
    "id_number",
    "person_name",
    "holder_name",
    "subject_name",
    "uscc",
    "id_type",
    "officer",
    "reason",
    "facts",
    "basis",
    "legal_representative_name",
    "contact",
    "checked_at",
];

/// Set in an entry's first byte when its text is packed digits.
const PACKED: u8 = 0x80;

/// `name(1) [length ‖ name] ‖ length ‖ text` for each entry, by name. Lengths are
/// varints; a first byte of 0 (beside [`PACKED`]) says that the name is spelled.
/// They follow what `bytes` holds.
pub(crate) fn encode_onto<'t>(
    mut bytes: Vec<u8>,
    detail: impl Iterator<Item = (&'t str, &'t str)>,
) -> Result<Vec<u8>, StoreError> {
    for (name, text) in detail {
        let known = (1u8..).zip(NAMES).find(|(_, known)| *known == name);
        let head = known.map_or(0, |(place, _)| place);
        let packed = packs(text);
        bytes.push(head | if packed { PACKED } else { 0 });
        if head == 0 {
            bytes = postcard::to_extend(name, bytes).map_err(StoreError::encoding)?;
        }
        if packed {
            let length = text.len().div_ceil(2);
            bytes = postcard::to_extend(&length, bytes).map_err(StoreError::encoding)?;
            bytes.extend(pairs(text));
        } else {
            bytes = postcard::to_extend(text, bytes).map_err(StoreError::encoding)?;
        }
    }
    Ok(bytes)
}

/// What [`encode`] made; says what is wrong when it is nothing of the kind.
pub(crate) fn decode(mut bytes: &[u8]) -> Result<Detail, String> {
    let mut detail = Detail::new();
    while let Some((head, rest)) = bytes.split_first() {
        bytes = rest;
        let name = match head & !PACKED {
            0 => take::<String>(&mut bytes)?,
            place => {
                let known = NAMES.get(usize::from(place) - 1);
                known.ok_or("an unknown column")?.to_string()
            }
        };
        let text = if head & PACKED == 0 {
            take::<String>(&mut bytes)?
        } else {
            unpack(take::<&[u8]>(&mut bytes)?).ok_or("digits that are none")?
        };
        detail.insert(name, text);
    }
    Ok(detail)
}

fn take<'a, T: serde::Deserialize<'a>>(bytes: &mut &'a [u8]) -> Result<T, String> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|error| error.to_string())?;
    *bytes = rest;
    Ok(value)
}

/// Nothing but digits, and perhaps an X at the end.
fn packs(text: &str) -> bool {
    let digits = text.strip_suffix('X').unwrap_or(text);
    text.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits, and an X at the end, as half a byte each.
fn pairs(text: &str) -> impl Iterator<Item = u8> {
    let half = |byte: u8| if byte == b'X' { 10 } else { byte - b'0' };
    text.as_bytes().chunks(2).map(move |pair| match pair {
        [a, b] => half(*a) << 4 | half(*b),
        [a] => half(*a) << 4 | 0xf,
        _ => 0xff,
    })
}

fn unpack(bytes: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(bytes.len() * 2);
    for half in bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]) {
        match half {
            0..=9 => text.push(char::from(b'0' + half)),
            10 => text.push('X'),
            15 => {}
            _ => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::texts;
    use proptest::prelude::*;

    fn encode(detail: &Detail) -> Result<Vec<u8>, StoreError> {
        encode_onto(Vec::new(), texts(detail))
    }

    fn check(name: &str, text: &str, expected: &[u8]) {
        let detail = Detail::from([(name.to_owned(), text.to_owned())]);
        assert_eq!(encode(&detail).unwrap(), expected, "{name}");
        assert_eq!(decode(expected), Ok(detail));
    }

    #[test]
    fn golden_bytes() {
        check("name", "ab", b"\x01\x02ab");
        check(
            "id_number",
            "34150219000101001X",
            b"\x82\x09\x34\x15\x02\x19\x00\x01\x01\x00\x1a",
        );
        check("id_number", "12345", b"\x82\x03\x12\x34\x5f");
        check("remark", "12", b"\x00\x06remark\x0212");
        check("remark", "1234", b"\x80\x06remark\x02\x12\x34");
        assert_eq!(encode(&Detail::new()).unwrap(), b"");
    }

    #[test]
    fn bytes_that_are_no_detail() {
        for bytes in [
            b"\x70\x00".as_slice(),
            b"\x01\x09ab",
            b"\x82\x01\xbb",
            b"\x00",
        ] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_reads_back(
            texts in proptest::collection::btree_map(
                "name|id_number|facts|[a-z'张]{0,3}", "[0-9]{0,20}X?|\\PC{0,6}|[0-9X]{0,5}", 0..5),
        ) {
            prop_assert_eq!(decode(&encode(&texts).unwrap()), Ok(texts));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }
}
