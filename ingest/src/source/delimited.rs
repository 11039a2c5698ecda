//! Comma- and tab-separated text, one row at a time, forgiving nothing silently.
//!
//! RFC 4180 with three allowances: any line end, blank lines, and a quote inside an unquoted cell
//! is a character (company names carry them). A row that is not well formed costs exactly its
//! first line: reading goes on with the next physical line, so that a quote never closed cannot
//! swallow the rest of the file. That is why this is not the `csv` crate, which reads on to the
//! end of the file and calls it one cell.
//!
//! Splitting works on bytes before decoding: in UTF-8 and in GB 18030 no trail byte equals a
//! comma, a tab, a quote or a line end. So an invalid byte, too, costs one row.

use std::borrow::Cow;
use std::sync::Arc;

use super::lines::{Lines, Plain, guess};
use super::{
    Body, Cells, Encoding, Input, Layout, LineBlock, MAX_ROW_BYTES, Position, Raw, Rows, Wrapper,
};
use crate::Error;

/// A reader of delimited text.
pub struct Delimited {
    lines: Lines,
    delimiter: u8,
    encoding: Encoding,
    layout: Option<Arc<Layout>>,
}

impl std::fmt::Debug for Delimited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delimited")
            .field("encoding", &self.encoding)
            .finish_non_exhaustive()
    }
}

impl Delimited {
    /// Opens `input`; without an `encoding` the whole file is read once to tell it.
    pub fn open(
        input: &Input,
        wrapper: Wrapper,
        delimiter: u8,
        encoding: Option<Encoding>,
    ) -> Result<Self, Error> {
        let encoding = match encoding {
            Some(encoding) => encoding,
            None => guess(input, wrapper)?,
        };
        Ok(Self {
            lines: Lines::open(input, wrapper)?,
            delimiter,
            encoding,
            layout: None,
        })
    }

    /// Reads the record that begins on the next line, or gives up its first line.
    fn record(&mut self) -> Result<Option<Record>, Error> {
        let Some(first) = self.lines.next_line()? else {
            return Ok(None);
        };
        let number = first.number;
        if first.overlong {
            return Ok(Some(self.unreadable(
                number,
                &first.bytes,
                "the line is too long",
            )));
        }
        let most = self
            .layout
            .as_ref()
            .map_or(usize::MAX, |layout| layout.headers.len());
        let mut text = first.bytes;
        let first_line = text.len();
        let mut more = Vec::new();
        loop {
            match split(&text, self.delimiter) {
                Split::Cells(cells) => return Ok(Some(self.decode(number, &text, &cells))),
                Split::Bad => break,
                Split::Open(cells) if cells > most => break,
                Split::Open(_) => {}
            }
            if text.len() > MAX_ROW_BYTES {
                break;
            }
            let Some(line) = self.lines.next_line()? else {
                break;
            };
            text.extend_from_slice(&line.bytes);
            let overlong = line.overlong;
            more.push(line);
            if overlong {
                break;
            }
        }
        self.lines.put_back(more);
        text.truncate(first_line);
        Ok(Some(self.unreadable(
            number,
            &text,
            "a quoted cell is not closed properly",
        )))
    }

    fn decode(&self, number: u64, text: &[u8], cells: &[Vec<u8>]) -> Record {
        if text.contains(&0) {
            return self.unreadable(number, text, "the row holds a NUL byte");
        }
        let decoded: Option<Cells> = cells
            .iter()
            .map(|cell| self.encoding.decode(cell))
            .collect();
        match decoded {
            Some(cells) => Record {
                number,
                cells: Ok(cells),
                text: None,
            },
            None => self.unreadable(number, text, "the row is not valid in the file's encoding"),
        }
    }

    fn unreadable(&self, number: u64, text: &[u8], why: &'static str) -> Record {
        let text = self.encoding.decode_lossy(strip_line_end(text));
        Record {
            number,
            cells: Err(why),
            text: Some(super::kept(text)),
        }
    }

    /// The header row: the first that says anything.
    fn header(&mut self) -> Result<Arc<Layout>, Error> {
        if let Some(layout) = &self.layout {
            return Ok(Arc::clone(layout));
        }
        let headers = loop {
            match self.record()? {
                None => return Err(self.lines.no_header("it is empty")),
                Some(Record {
                    cells: Err(why), ..
                }) => return Err(self.lines.no_header(why)),
                Some(Record {
                    cells: Ok(cells), ..
                }) if cells.are_blank() => {}
                Some(Record {
                    cells: Ok(cells), ..
                }) => break cells.iter().map(str::to_owned).collect(),
            }
        };
        let layout = Arc::new(Layout { headers });
        self.layout = Some(Arc::clone(&layout));
        Ok(layout)
    }
}

impl Rows for Delimited {
    fn next_row(&mut self) -> Result<Option<Raw>, Error> {
        let layout = self.header()?;
        loop {
            let Some(record) = self.record()? else {
                return Ok(None);
            };
            let body = match record.cells {
                Ok(cells) if cells.are_blank() => continue,
                Ok(cells) if cells.len() == layout.headers.len() => Body::Cells(cells),
                Ok(cells) => {
                    let why = "the number of cells differs from the header's";
                    let text = join(cells.iter(), char::from(self.delimiter));
                    Body::Unreadable {
                        why,
                        text: super::kept(text),
                    }
                }
                Err(why) => Body::Unreadable {
                    why,
                    text: record.text.unwrap_or_default(),
                },
            };
            return Ok(Some(Raw {
                position: Position::Line(record.number),
                layout,
                body,
            }));
        }
    }

    fn next_block(&mut self) -> Result<Option<LineBlock>, Error> {
        let layout = self.header()?;
        let plain = self.lines.next_plain()?;
        Ok(plain.map(|Plain { first, lines, text }| LineBlock {
            text,
            first,
            lines,
            delimiter: self.delimiter,
            encoding: self.encoding,
            layout,
        }))
    }

    fn layout(&mut self) -> Result<Arc<Layout>, Error> {
        self.header()
    }
}

struct Record {
    number: u64,
    cells: Result<Cells, &'static str>,
    text: Option<String>,
}

/// Writes cells as one delimited line, quoting where needed.
pub(crate) fn join<'c>(cells: impl Iterator<Item = &'c str>, delimiter: char) -> String {
    let special = |cell: &str| cell.contains([delimiter, '"', '\n', '\r']);
    let quoted: Vec<Cow<'_, str>> = cells
        .map(|cell| {
            if special(cell) {
                format!("\"{}\"", cell.replace('"', "\"\"")).into()
            } else {
                cell.into()
            }
        })
        .collect();
    quoted.join(&delimiter.to_string())
}

enum Split {
    /// The record is complete.
    Cells(Vec<Vec<u8>>),
    /// A quoted cell is still open at the end, after so many cells.
    Open(usize),
    /// A closing quote is followed by something else than a delimiter.
    Bad,
}

/// Splits one record; `text` ends with the record's line end, if it has one.
fn split(text: &[u8], delimiter: u8) -> Split {
    let text = strip_line_end(text);
    let mut cells = Vec::new();
    let mut rest = text;
    loop {
        let (cell, after) = if let Some(quoted) = rest.strip_prefix(b"\"") {
            match quoted_cell(quoted) {
                Some(found) => found,
                None => return Split::Open(cells.len() + 1),
            }
        } else {
            let end = rest
                .iter()
                .position(|byte| *byte == delimiter)
                .unwrap_or(rest.len());
            let (cell, after) = rest.split_at(end);
            (cell.to_vec(), after)
        };
        cells.push(cell);
        match after.split_first() {
            None => return Split::Cells(cells),
            Some((byte, next)) if *byte == delimiter => rest = next,
            Some(_) => return Split::Bad,
        }
    }
}

/// The content of a quoted cell and what follows its closing quote; `None` if it stays open.
fn quoted_cell(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut cell = Vec::new();
    loop {
        let end = rest.iter().position(|byte| *byte == b'"')?;
        let (text, quote) = rest.split_at(end);
        cell.extend_from_slice(text);
        let after = quote.get(1..).unwrap_or_default();
        match after.strip_prefix(b"\"") {
            Some(escaped) => {
                cell.push(b'"');
                rest = escaped;
            }
            None => return Some((cell, after)),
        }
    }
}

pub(super) fn strip_line_end(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.strip_suffix(b"\r").unwrap_or(text)
}

#[cfg(test)]
#[path = "delimited_tests.rs"]
mod tests;
