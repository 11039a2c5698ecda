//! Lines in which nothing is quoted, many at once: whoever has a thread to spare splits them.
//!
//! Finding the ends of such lines is all that must be done in order. A row is read exactly as
//! [`Delimited`](super::Delimited) reads it line by line.

use std::borrow::Cow;
use std::sync::Arc;

use super::delimited::{join, strip_line_end};
use super::{Body, Cells, Encoding, Layout, Position, Raw};

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
            body: Body::Cells(Cells::default()),
        };
        let mut rows = 0;
        for (number, line) in (self.first..).zip(lines(&self.text)) {
            raw.position = Position::Line(number);
            let mut cells = match &mut raw.body {
                Body::Cells(cells) => std::mem::take(cells),
                Body::Unreadable { .. } => Cells::default(),
            };
            raw.body = match self.split(strip_line_end(line), &mut cells) {
                Ok(()) => Body::Cells(cells),
                Err((why, text)) => Body::Unreadable { why, text },
            };
            let blank = matches!(&raw.body, Body::Cells(cells) if cells.are_blank());
            if !blank {
                take(&raw)?;
                rows += 1;
            }
        }
        Ok(rows)
    }

    /// Splits a line into `cells`; else why it is no row, and its text.
    fn split(&self, line: &[u8], cells: &mut Cells) -> Result<(), (&'static str, String)> {
        let whole = match self.encoding {
            // A delimiter is never part of a longer character.
            Encoding::Utf8 => std::str::from_utf8(line).ok().map(Cow::Borrowed),
            Encoding::Gb18030 => self.encoding.decode(line).map(Cow::Owned),
        };
        let Some(whole) = whole else {
            let text = self.encoding.decode_lossy(line);
            let why = "the row is not valid in the file's encoding";
            return Err((why, super::kept(text)));
        };
        cells.split(&whole, self.delimiter);
        if cells.len() == self.layout.headers.len() || cells.are_blank() {
            return Ok(());
        }
        let why = "the number of cells differs from the header's";
        let text = join(cells.iter(), char::from(self.delimiter));
        Err((why, super::kept(text)))
    }
}

/// The lines of a text, with their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
    let rest = (!text.is_empty() && !text.ends_with(b"\n")).then_some(text.len());
    let mut from = 0;
    ends.chain(rest).map(move |end| {
        let line = text.get(from..end).unwrap_or_default();
        from = end;
        line
    })
}
