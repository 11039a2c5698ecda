//! Identity numbers that somebody typed into a text: masked in every answer.

use std::collections::BTreeSet;

use graph::record::Person;
use ingest::identity::is_resident_id;
use serde_json::Value;

/// Fields that hold codes and keys, which look alike and are not personal.
const CODES: [&str; 6] = ["uscc", "key", "org", "from_key", "to_key", "organisations"];

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
                if !is_code {
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
    use serde_json::json;

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
}
