//! JSON Lines: one object a line, its members as cells.
//!
//! A number keeps the digits it was written with, `true` and `false` become those words, `null`
//! an empty cell, a list of plain values their texts joined by `;`, anything nested its JSON. A
//! line that is no object, names a member twice or is no JSON is unreadable.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::lines::{Lines, guess};
use super::{Body, Cells, Encoding, Input, Layout, Position, Raw, Rows, Wrapper};
use crate::Error;

/// A reader of JSON Lines.
pub struct JsonLines {
    lines: Lines,
    encoding: Encoding,
    layout: Arc<Layout>,
    waiting: Option<Raw>,
}

impl fmt::Debug for JsonLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines")
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

impl JsonLines {
    /// Opens `input`; without an `encoding` the whole file is read once to tell it.
    pub fn open(
        input: &Input,
        wrapper: Wrapper,
        encoding: Option<Encoding>,
    ) -> Result<Self, Error> {
        let encoding = match encoding {
            Some(encoding) => encoding,
            None => guess(input, wrapper)?,
        };
        let lines = Lines::open(input, wrapper)?;
        Ok(Self {
            lines,
            encoding,
            layout: Arc::new(Layout::default()),
            waiting: None,
        })
    }

    fn read(&mut self) -> Result<Option<Raw>, Error> {
        loop {
            let Some(line) = self.lines.next_line()? else {
                return Ok(None);
            };
            if !line.overlong && line.bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let parsed = if line.overlong {
                Err("the line is too long")
            } else {
                self.encoding
                    .decode(&line.bytes)
                    .ok_or("the line is not valid in the file's encoding")
                    .and_then(|text| members(&text))
            };
            let body = match parsed {
                Ok(members) => Body::Cells(self.cells(&members)),
                Err(why) => {
                    let text = self.encoding.decode_lossy(&line.bytes);
                    Body::Unreadable {
                        why,
                        text: super::kept(text.trim_end().to_owned()),
                    }
                }
            };
            let layout = Arc::clone(&self.layout);
            return Ok(Some(Raw {
                position: Position::Line(line.number),
                layout,
                body,
            }));
        }
    }

    /// Splits members into layout and cells; a layout like the last one is shared.
    fn cells(&mut self, members: &[(String, String)]) -> Cells {
        let same = self
            .layout
            .headers
            .iter()
            .eq(members.iter().map(|(name, _)| name));
        if !same {
            let headers = members.iter().map(|(name, _)| name.clone()).collect();
            self.layout = Arc::new(Layout { headers });
        }
        members.iter().map(|(_, text)| text).collect()
    }
}

impl Rows for JsonLines {
    fn next_row(&mut self) -> Result<Option<Raw>, Error> {
        match self.waiting.take() {
            Some(raw) => Ok(Some(raw)),
            None => self.read(),
        }
    }

    fn layout(&mut self) -> Result<Arc<Layout>, Error> {
        if self.waiting.is_none() {
            self.waiting = self.read()?;
        }
        match &self.waiting {
            Some(raw) => Ok(Arc::clone(&raw.layout)),
            None => Err(self.lines.no_header("it is empty")),
        }
    }
}

/// The members of the object that `text` is.
fn members(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let Ok(Object(members)) = serde_json::from_str::<Object>(text) else {
        return Err("the line is not one JSON object");
    };
    let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err("the object names a member twice");
    }
    if members.iter().any(|(_, cell)| cell.contains('\0')) {
        return Err("the row holds a NUL character");
    }
    Ok(members)
}

struct Object(Vec<(String, String)>);

impl<'de> serde::Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((name, cell(value.get())));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The text of one JSON value.
fn cell(json: &str) -> String {
    match json.chars().next() {
        Some('"') => serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()),
        Some('n') => String::new(),
        Some('[') => list(json).unwrap_or_else(|| json.to_owned()),
        _ => json.to_owned(),
    }
}

/// A list of plain values, joined by `;`.
fn list(json: &str) -> Option<String> {
    let values: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
    let plain = values
        .iter()
        .all(|value| !value.get().starts_with(['[', '{']));
    plain.then(|| {
        values
            .iter()
            .map(|value| cell(value.get()))
            .collect::<Vec<_>>()
            .join(";")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<String> {
        let input = Input::bytes("a.jsonl", bytes.to_vec());
        let mut rows = JsonLines::open(&input, Wrapper::None, None).unwrap();
        let mut found = Vec::new();
        while let Some(raw) = rows.next_row().unwrap() {
            let line = raw.position.number();
            found.push(match raw.body {
                Body::Cells(cells) => {
                    let cells: Vec<&str> = cells.iter().collect();
                    format!(
                        "{line}:{}={}",
                        raw.layout.headers.join("|"),
                        cells.join("|")
                    )
                }
                Body::Unreadable { text, .. } => format!("{line}!{text}"),
            });
        }
        found
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(read(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn values_become_cell_text() {
        check(r#"{"a":"六安","b":1}"#, &["1:a|b=六安|1"]);
        check(
            r#"{"a":51.250000,"b":1e2,"c":12345678901234567890}"#,
            &["1:a|b|c=51.250000|1e2|12345678901234567890"],
        );
        check(r#"{"a":true,"b":false,"c":null}"#, &["1:a|b|c=true|false|"]);
        check(
            r#"{"a":["fine","warning"],"b":[],"c":{"d":1}}"#,
            &[r#"1:a|b|c=fine;warning||{"d":1}"#],
        );
        check("{\"a\":1}\n\n  \n{\"b\":2}\n", &["1:a=1", "4:b=2"]);
        check("{}\n", &["1:="]);
    }

    #[test]
    fn what_is_no_object_is_unreadable() {
        check("[1]\n{\"a\":1}\n", &["1![1]", "2:a=1"]);
        check(
            "{\"a\":1,\"a\":2}\nnull\n{\"a\"\n{\"a\":1} x\n",
            &["1!{\"a\":1,\"a\":2}", "2!null", "3!{\"a\"", "4!{\"a\":1} x"],
        );
        check("{\"a\":\"\\u0000\"}\n", &["1!{\"a\":\"\\u0000\"}"]);
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let text = format!("{{\"a\":{}}}", "[".repeat(200_000));
        assert_eq!(read(text.as_bytes()).len(), 1);
    }

    #[test]
    fn gb18030_lines_are_read() {
        let bytes = encoding_rs::GB18030
            .encode("{\"名称\":\"六安\"}\n")
            .0
            .into_owned();
        assert_eq!(read(&bytes), ["1:名称=六安"]);
    }
}
