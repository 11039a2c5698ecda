//! Lines in which nothing is quoted, many at once: whoever has a thread to spare splits them.
//!
//! Finding the ends of such lines is all that must be done in order. A row is read exactly as
//! [`Delimited`](super::Delimited) reads it line by line.

use std::sync::Arc;

use super::delimited::{join, strip_line_end};
use super::{Body, Encoding, Layout, Position, Raw};

/// Whole lines of one delimited file, without any quote or NUL.
#[derive(Clone)]
pub struct LineBlock {
    pub(super) text: Vec<u8>,
    /// The number of the first line, from 1.
    pub(super) first: u64,
    pub(super) lines: u64,
    pub(super) delimiter: u8,
    pub(super) encoding: Encoding,
    pub(super) layout: Arc<Layout>,
}

impl std::fmt::Debug for LineBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LineBlock")
            .field("first", &self.first)
            .finish_non_exhaustive()
    }
}

impl LineBlock {
    /// Whether the line with this number, from 1, is among these.
    #[must_use]
    pub fn holds(&self, line: u64) -> bool {
        line >= self.first && line - self.first < self.lines
    }

    /// Gives each row that says anything to `take`, all in the same place: what one row had is
    /// gone when the next one is read. Tells how many there were.
    pub fn each_row<E>(&self, mut take: impl FnMut(&Raw) -> Result<(), E>) -> Result<u64, E> {
        let mut raw = Raw {
            position: Position::Line(self.first),
            layout: Arc::clone(&self.layout),
            body: Body::Cells(Vec::new()),
        };
        let mut cells = Vec::new();
        let mut rows = 0;
        for (number, line) in (self.first..).zip(self.text.split_inclusive(|byte| *byte == b'\n')) {
            let body = match self.split(strip_line_end(line), cells) {
                Split::Cells(cells) => Body::Cells(cells),
                Split::Bad(why, text, empty) => {
                    cells = empty;
                    take(&Raw {
                        position: Position::Line(number),
                        layout: Arc::clone(&self.layout),
                        body: Body::Unreadable { why, text },
                    })?;
                    rows += 1;
                    continue;
                }
            };
            raw.position = Position::Line(number);
            raw.body = body;
            let blank = matches!(&raw.body, Body::Cells(cells) if super::blank(cells));
            if !blank {
                take(&raw)?;
                rows += 1;
            }
            cells = match std::mem::replace(&mut raw.body, Body::Cells(Vec::new())) {
                Body::Cells(cells) => cells,
                Body::Unreadable { .. } => Vec::new(),
            };
        }
        Ok(rows)
    }

    /// Splits a line into `cells`, whose texts it takes over.
    fn split(&self, line: &[u8], mut cells: Vec<String>) -> Split {
        let whole = match self.encoding {
            // A delimiter is never part of a longer character.
            Encoding::Utf8 => std::str::from_utf8(line).ok().map(Into::into),
            Encoding::Gb18030 => self.encoding.decode(line).map(std::borrow::Cow::Owned),
        };
        let Some(whole): Option<std::borrow::Cow<'_, str>> = whole else {
            let text = self.encoding.decode_lossy(line);
            let why = "the row is not valid in the file's encoding";
            return Split::Bad(why, super::kept(text), cells);
        };
        let delimiter = char::from(self.delimiter);
        let mut count = 0;
        for text in whole.split(delimiter) {
            match cells.get_mut(count) {
                Some(cell) => {
                    cell.clear();
                    cell.push_str(text);
                }
                None => cells.push(text.to_owned()),
            }
            count += 1;
        }
        cells.truncate(count);
        if count == self.layout.headers.len() || super::blank(&cells) {
            return Split::Cells(cells);
        }
        let why = "the number of cells differs from the header's";
        Split::Bad(why, super::kept(join(&cells, delimiter)), cells)
    }
}

enum Split {
    Cells(Vec<String>),
    /// Why it is no row, its text, and the cells to use again.
    Bad(&'static str, String, Vec<String>),
}
