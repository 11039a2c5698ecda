//! Bytes to raw rows: what a file is, how it is opened, and one row at a time with its place.
//!
//! A raw row is what the source wrote, as text, with nothing decided about its meaning. A row
//! that cannot even be split into cells is still a row ([`Body::Unreadable`]), so that it can be
//! quarantined. A file that breaks off in the middle is an [`Error`]: nobody knows
//! what the missing part said.
//!
//! Nothing here knows a record set.

mod block;
mod cells;
mod delimited;
mod encoding;
mod input;
mod jsonl;
mod lines;
mod number;
mod parquet;
mod sheet;

use std::fmt;
use std::sync::Arc;

use crate::Error;

pub use block::LineBlock;
pub use cells::Cells;
pub use delimited::Delimited;
pub use encoding::{Encoding, Guess};
pub use input::{Format, Input, Wrapper, walk};
pub use jsonl::JsonLines;
pub use parquet::Parquet;
pub use sheet::Sheet;

/// The largest row of a text format, in bytes. A longer one is unreadable: it is a torn file or
/// an attack, not a record.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// How much of an unreadable row is kept, in bytes.
pub const MAX_KEPT_BYTES: usize = 1 << 16;

/// Where a row stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// The number of the row's first line, from 1; in a Parquet file, of the row.
    Line(u64),
    /// A sheet and the number of the row in it, from 1.
    SheetRow {
        /// The sheet's name.
        sheet: Arc<str>,
        /// The row, from 1.
        row: u32,
    },
}

impl Position {
    /// The line or row number, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Line(line) => *line,
            Self::SheetRow { row, .. } => u64::from(*row),
        }
    }

    /// The name of the cell in `column` (from 0) of this row, such as `Sheet1!C7`; a line of a
    /// text file has no cell names and gives its number.
    #[must_use]
    pub fn cell(&self, column: Option<usize>) -> String {
        match (self, column) {
            (Self::SheetRow { sheet, row }, Some(column)) => {
                format!("{sheet}!{}{row}", column_letters(column))
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::SheetRow { sheet, row } => write!(f, "{sheet}!{row}"),
        }
    }
}

/// `A`, `B`, … `Z`, `AA`, … for a column counted from 0.
fn column_letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        let digit = u8::try_from(rest % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest /= 26;
        if rest == 0 {
            break;
        }
        rest -= 1;
    }
    letters.iter().rev().collect()
}

/// The header row, as the source wrote it. Rows of one file share one layout; JSON Lines may
/// change it from line to line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// The names of the columns, in the source's order.
    pub headers: Vec<String>,
}

/// A row as the source wrote it. May hold personal data: it has no `Debug` that shows cells.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    /// Where it stands.
    pub position: Position,
    /// Its column names.
    pub layout: Arc<Layout>,
    /// Its cells, or why there are none.
    pub body: Body,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// The content of a raw row.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// One text a column of the layout.
    Cells(Cells),
    /// The row could not be split into the layout's cells.
    Unreadable {
        /// What was wrong, in words for the person who corrects it.
        why: &'static str,
        /// The row's text, at most [`MAX_KEPT_BYTES`] of it.
        text: String,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cells(cells) => cells.fmt(f),
            Self::Unreadable { why, .. } => write!(f, "Unreadable({why})"),
        }
    }
}

/// A stream of raw rows.
pub trait Rows {
    /// The next row, or `None` at the end. An error means that the file breaks off or cannot be
    /// read: nothing of it may be used.
    fn next_row(&mut self) -> Result<Option<Raw>, Error>;

    /// Many of the next rows at once, if the format has them in a form that others can split;
    /// `None` when the next row must be read by [`Rows::next_row`].
    fn next_block(&mut self) -> Result<Option<LineBlock>, Error> {
        Ok(None)
    }

    /// The layout of the header row; for JSON Lines, that of the first object.
    fn layout(&mut self) -> Result<Arc<Layout>, Error>;
}

/// Cuts `text` to [`MAX_KEPT_BYTES`] at a character.
fn kept(mut text: String) -> String {
    if text.len() > MAX_KEPT_BYTES {
        let mut end = MAX_KEPT_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_a_spreadsheet_names_them() {
        for (column, expected) in [
            (0, "A"),
            (1, "B"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16383, "XFD"),
        ] {
            assert_eq!(column_letters(column), expected);
        }
    }

    #[test]
    fn debug_shows_no_cell() {
        let raw = Raw {
            position: Position::Line(2),
            layout: Arc::new(Layout::default()),
            body: Body::Cells(["11010519491231002X"].into_iter().collect()),
        };
        assert!(!format!("{raw:?}{:?}", raw.body).contains("1949"));
    }
}
