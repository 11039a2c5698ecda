//! Identity numbers that somebody typed into a text: masked in every answer.

use std::collections::BTreeSet;

use graph::record::Person;
use ingest::identity::is_resident_id;
use serde::Serialize;
use serde_json::Value;

/// Fields that hold codes and keys, which look alike and are not personal.
const CODES: [&str; 6] = ["uscc", "key", "org", "from_key", "to_key", "organisations"];

/// Fields whose values the program makes: ids, digests, keys and signatures. Their
/// digits may read as a number by chance, and nobody types them.
const MADE: [&str; 16] = [
    "receipt",
    "id",
    "gap",
    "record_id",
    "key",
    "public",
    "signature",
    "root",
    "leaf",
    "path",
    "hash",
    "catalogue",
    "digest",
    "answer",
    "next",
    "fingerprint",
];

/// A value such as the program makes: hexadecimal of a length that it uses, alone or
/// behind the name of an id. No number of a person has such a length.
fn is_made(text: &str) -> bool {
    let is_hex = |text: &str| {
        let fits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.bytes().all(fits)
    };
    if let Some((day, rest)) = text
        .strip_prefix("receipt-")
        .and_then(|rest| rest.split_once('-'))
    {
        let serial = rest.strip_prefix(['o', 'p']).unwrap_or_default();
        // The random part alone, or behind the time of day.
        let is_serial = matches!(serial.len(), 20 | 27) && is_hex(serial);
        return day.len() == 8 && is_hex(day) && is_serial;
    }
    let names = ["gap-", "restriction-", "lead-"];
    if let Some(rest) = names.iter().find_map(|name| text.strip_prefix(name)) {
        return rest.len() >= 24 && rest.get(..24).is_some_and(is_hex);
    }
    let lengths = [16, 20, 24, 30, 32, 64, 128, 130];
    is_hex(text) && (lengths.contains(&text.len()) || text.len() > 130)
}

fn all_made(value: &Value) -> bool {
    match value {
        Value::String(text) => is_made(text),
        Value::Array(items) => items.iter().all(all_made),
        _ => false,
    }
}

/// Masks the resident numbers in all texts of an answer.
pub(crate) fn mask_texts(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(masked) = masked(text) {
                *text = masked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_texts),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                let is_code = CODES.contains(&name.as_str())
                    && value
                        .as_str()
                        .is_none_or(|text| graph::id::Uscc::parse(text).is_some())
                    || value
                        .as_str()
                        .is_some_and(|t| graph::id::EntityId::parse_key(t).is_some());
                let is_made = MADE.contains(&name.as_str()) && all_made(value);
                if !is_code && !is_made {
                    mask_texts(value);
                }
            }
        }
        _ => {}
    }
}

/// How many persons an answer names, each once.
pub(crate) fn persons(value: &Value) -> u32 {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    u32::try_from(found.len()).unwrap_or(u32::MAX)
}

fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    let is_person = |text: &str| text.starts_with("person:") || text.starts_with("provisional:");
    match value {
        Value::String(text) if is_person(text) => {
            found.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                found.extend(is_person(name).then_some(name.as_str()));
                collect(value, found);
            }
        }
        _ => {}
    }
}

/// An answer as JSON, resident numbers in its texts masked.
pub(crate) fn masked_json(answer: &impl Serialize) -> serde_json::Result<String> {
    let text = written(answer)?;
    if !may_hold_number(&text) {
        return Ok(text);
    }
    let mut value = serde_json::to_value(answer)?;
    mask_texts(&mut value);
    serde_json::to_string(&value)
}

/// Bytes that most answers about one subject fit in.
const ROOM: usize = 2048;

/// An answer as JSON, into room that need not grow.
fn written(answer: &impl Serialize) -> serde_json::Result<String> {
    let mut text = Vec::with_capacity(ROOM);
    serde_json::to_writer(&mut text, answer)?;
    // JSON is UTF-8.
    String::from_utf8(text).map_err(serde::ser::Error::custom)
}

/// Some run of digits in this JSON reads as a resident number, or could: an escape
/// may stand before digits. Most answers hold none and are not taken apart.
fn may_hold_number(json: &str) -> bool {
    let (bytes, is_part) = (json.as_bytes(), |byte: &&u8| {
        byte.is_ascii_digit() || matches!(byte, b'X' | b'x')
    });
    // A run as long as a number covers one of the bytes looked at.
    let mut at = SHORTEST - 1;
    while let Some(byte) = bytes.get(at) {
        if is_part(&byte) {
            let (before, after) = bytes.split_at(at);
            let first = at - before.iter().rev().take_while(is_part).count();
            let end = at + after.iter().take_while(is_part).count();
            let run = json.get(first..end).unwrap_or_default();
            if (SHORTEST..=LONGEST).contains(&run.len())
                && is_resident_id(&run.to_ascii_uppercase())
            {
                return true;
            }
            at = end;
        }
        at += SHORTEST;
    }
    json.contains("\\u")
}

/// Digits of a resident number: of the old form, and of the new.
const SHORTEST: usize = 15;
const LONGEST: usize = 18;

/// The text with its resident numbers masked; none when it holds none.
pub(crate) fn masked(text: &str) -> Option<String> {
    let is_part = |c: char| c.is_ascii_digit() || c == 'X' || c == 'x';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = false;
    while let Some(start) = rest.find(is_part) {
        let (before, run) = rest.split_at(start);
        let end = run.find(|c| !is_part(c)).unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        out.push_str(before);
        if is_resident_id(&run.to_ascii_uppercase()) {
            found = true;
            out.push_str(&Person::mask_number(run));
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn json_is_masked_as_its_texts_are() {
        let texts = [
            "案 11010519491231002X 号",
            "\u{1}11010519491231002X",
            "11010519491231002x",
            "440524880101001",
            "plain",
            "1101051949123100211",
        ];
        for text in texts {
            let expected = masked(text).unwrap_or_else(|| text.to_owned());
            let json = masked_json(&json!({"why": text})).unwrap();
            assert_eq!(json, json!({"why": expected}).to_string());
        }
    }

    #[test]
    fn numbers_in_texts_are_masked_and_codes_are_not() {
        let mut answer = json!({
            "case_no": "案 11010519491231002X 号",
            "uscc": "914403001922038216",
            "days": [["2024-01-01", null]],
            "record": {"exemption": "440524188001010014", "measure": "M1"},
            "authority": "11010519491231002X",
        });
        mask_texts(&mut answer);
        assert_eq!(answer["case_no"], "案 110105********002X 号");
        assert_eq!(answer["record"]["exemption"], "440524********0014");
        assert_eq!(answer["uscc"], "914403001922038216");
        // Where a code is as likely a number, the person comes first.
        assert_eq!(answer["authority"], "110105********002X");
    }

    proptest! {
        #[test]
        fn a_number_is_seen_wherever_it_stands(
            before in "[0-9a-zX\",]{0,40}",
            number in prop_oneof!["110105910101101", "11010519910101101[0-9X]", "[0-9]{13,20}"],
            after in "[a-z\",0-9]{0,40}",
        ) {
            let text = format!("{before}{number}{after}");
            prop_assert_eq!(may_hold_number(&text), masked(&text).is_some(), "{}", text);
        }
    }

    #[test]
    fn what_the_program_makes_is_never_masked_and_what_is_typed_always() {
        let run = "110105910101101";
        assert!(is_resident_id(run), "a number of the old kind");
        let digest = format!("a{run}b{}", "c".repeat(47));
        let made = json!({
            "receipt": format!("receipt-20261122-o2932e00abc{run}ab"),
            "id": format!("gap-abcdefab{run}c-2"),
            "signature": digest.repeat(2),
            "proof": {"root": digest, "path": [digest, digest], "key": format!("{run}f")},
        });
        let mut answer = made.clone();
        mask_texts(&mut answer);
        assert_eq!(answer, made);
        for typed in [
            json!({"id": run}),
            json!({"id": "110105199101011010"}),
            json!({"gap": format!("gap-{run}")}),
            json!({"receipt": format!("receipt-{run}")}),
            json!({"purpose": digest}),
            json!({"path": [run]}),
        ] {
            let mut answer = typed.clone();
            mask_texts(&mut answer);
            assert_ne!(answer, typed, "{typed}");
        }
    }

    #[test]
    fn persons_are_counted_once() {
        let answer = json!({"a": [{"key": "person:1"}, {"person": "person:1"}, "org:2"],
            "person:3": "name", "provisional": "provisional:4"});
        assert_eq!(persons(&answer), 3);
    }
}
