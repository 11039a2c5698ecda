//! Spreadsheets: xlsx, xls and ods, one sheet, as text.
//!
//! A date cell becomes `YYYY-MM-DD` (with a time when it has one), a number its 15-digit
//! decimal, a truth value the word. In xlsx a number formatted as a percentage becomes the
//! percentage that is shown, `51%`; the other two formats do not tell us. The header is the first row that says anything; a lone title
//! cell above it, as official tables have, is passed over. A row is as wide as the header; a
//! cell beyond it makes the row unreadable.
//!
//! A torn workbook is an error: the format has no rows that could be read without its end.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::vec::IntoIter;

use calamine::{Data, DataRef, ExcelDateTime, Ods, Reader, Style, Xls, Xlsx};

use super::number::{percent, plain};
use super::{Body, Format, Input, Layout, Position, Raw, Rows, Wrapper};
use crate::Error;

/// The sparse cells of a sheet: row, then column, both from 0.
type Cells = BTreeMap<u32, BTreeMap<usize, String>>;

/// Any workbook's failure, reduced to what may be shown: a message of the library could quote a
/// cell.
struct Failed;

/// A reader of one sheet.
#[derive(Debug)]
pub struct Sheet {
    file: String,
    name: Arc<str>,
    layout: Option<Arc<Layout>>,
    rows: IntoIter<(u32, BTreeMap<usize, String>)>,
}

impl Sheet {
    /// Opens `input` and reads the named sheet, else the first.
    pub fn open(
        input: &Input,
        format: Format,
        wrapper: Wrapper,
        sheet: Option<&str>,
    ) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let mut reader = input.open(wrapper)?;
        reader
            .read_to_end(&mut bytes)
            .map_err(|source| input.unreadable(source))?;
        let torn = || Error::Torn {
            file: input.name().to_string(),
        };
        // A parser of three intricate formats meets torn files here; should it panic on one, the
        // file is torn all the same, and a server must live on.
        let read = catch_unwind(AssertUnwindSafe(|| read(bytes, format, sheet)));
        let (names, found) = read.map_err(|_| torn())?.map_err(|Failed| torn())?;
        let Some((name, cells)) = found else {
            let asked = sheet.unwrap_or("the first").to_owned();
            return Err(Error::NoSheet {
                file: input.name().to_string(),
                asked,
                names,
            });
        };
        let rows: Vec<_> = cells
            .into_iter()
            .filter(|(_, row)| !row.is_empty())
            .collect();
        Ok(Self {
            file: input.name().to_string(),
            name: name.into(),
            layout: None,
            rows: rows.into_iter(),
        })
    }

    fn header(&mut self) -> Result<Arc<Layout>, Error> {
        if let Some(layout) = &self.layout {
            return Ok(Arc::clone(layout));
        }
        let mut header = self.rows.next().map(|(_, row)| row);
        if header.as_ref().is_some_and(|row| row.len() == 1)
            && self
                .rows
                .as_slice()
                .first()
                .is_some_and(|(_, row)| row.len() > 1)
        {
            header = self.rows.next().map(|(_, row)| row);
        }
        let Some(header) = header else {
            let why = "the sheet is empty".to_owned();
            return Err(Error::NoHeader {
                file: self.file.clone(),
                why,
            });
        };
        let width = header.keys().max().map_or(0, |last| last + 1);
        let headers = dense(&header, width).map(str::to_owned).collect();
        let layout = Arc::new(Layout { headers });
        self.layout = Some(Arc::clone(&layout));
        Ok(layout)
    }
}

impl Rows for Sheet {
    fn next_row(&mut self) -> Result<Option<Raw>, Error> {
        let layout = self.header()?;
        let Some((row, cells)) = self.rows.next() else {
            return Ok(None);
        };
        let width = layout.headers.len();
        let body = if cells.keys().any(|column| *column >= width) {
            let texts = cells.values().map(String::as_str);
            let text = super::kept(super::delimited::join(texts, ','));
            Body::Unreadable {
                why: "a cell stands right of the header's last column",
                text,
            }
        } else if cells.values().any(|cell| cell.contains('\0')) {
            let texts = cells.values().map(String::as_str);
            let text = super::kept(super::delimited::join(texts, ','));
            Body::Unreadable {
                why: "the row holds a NUL character",
                text,
            }
        } else {
            Body::Cells(dense(&cells, width).collect())
        };
        let position = Position::SheetRow {
            sheet: Arc::clone(&self.name),
            row: row + 1,
        };
        Ok(Some(Raw {
            position,
            layout,
            body,
        }))
    }

    fn layout(&mut self) -> Result<Arc<Layout>, Error> {
        self.header()
    }
}

fn dense(row: &BTreeMap<usize, String>, width: usize) -> impl Iterator<Item = &str> {
    (0..width).map(|column| row.get(&column).map_or("", String::as_str))
}

type Found = (Vec<String>, Option<(String, Cells)>);

fn read(bytes: Vec<u8>, format: Format, sheet: Option<&str>) -> Result<Found, Failed> {
    let cursor = Cursor::new(bytes);
    match format {
        Format::Xls => dense_book(Xls::new(cursor).map_err(|_| Failed)?, sheet),
        Format::Ods => dense_book(Ods::new(cursor).map_err(|_| Failed)?, sheet),
        _ => sparse_book(Xlsx::new(cursor).map_err(|_| Failed)?, sheet),
    }
}

fn chosen(names: &[String], sheet: Option<&str>) -> Option<String> {
    match sheet {
        Some(asked) => names
            .iter()
            .find(|name| name.trim() == asked.trim())
            .cloned(),
        None => names.first().cloned(),
    }
}

/// xlsx is read cell by cell: a sheet with one stray cell in its last corner stays small.
fn sparse_book(mut book: Xlsx<Cursor<Vec<u8>>>, sheet: Option<&str>) -> Result<Found, Failed> {
    let names = book.sheet_names();
    let Some(name) = chosen(&names, sheet) else {
        return Ok((names, None));
    };
    let mut reader = book.worksheet_cells_reader(&name).map_err(|_| Failed)?;
    let percents: Vec<bool> = reader.styles().iter().map(is_percent).collect();
    let mut cells = Cells::new();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|_| Failed)? {
        let text = match cell.get_value() {
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Float(number) if percents.get(style) == Some(&true) => percent(*number),
            other => text(&Data::from(other.clone())),
        };
        let (row, column) = cell.get_position();
        put(&mut cells, row, column, text);
    }
    Ok((names, Some((name, cells))))
}

/// A cell of this style shows a hundred times its number and a percent sign: the sign stands in
/// the first part of the format, neither quoted nor escaped.
fn is_percent(style: &Style) -> bool {
    let Some(format) = &style.number_format else {
        return false;
    };
    let (mut quoted, mut bracketed) = (false, false);
    let mut letters = format.format_code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            _ if quoted => {}
            // What follows is shown as it is, left as a gap, or repeated.
            '\\' | '_' | '*' => drop(letters.next()),
            '[' => bracketed = true,
            ']' => bracketed = false,
            ';' if !bracketed => return false,
            '%' if !bracketed => return true,
            _ => {}
        }
    }
    false
}

fn dense_book<B: Reader<Cursor<Vec<u8>>>>(
    mut book: B,
    sheet: Option<&str>,
) -> Result<Found, Failed> {
    let names = book.sheet_names();
    let Some(name) = chosen(&names, sheet) else {
        return Ok((names, None));
    };
    let range = book.worksheet_range(&name).map_err(|_| Failed)?;
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut cells = Cells::new();
    for (row, column, value) in range.used_cells() {
        let row = u32::try_from(row).map_err(|_| Failed)? + first_row;
        let column = u32::try_from(column).map_err(|_| Failed)? + first_column;
        put(&mut cells, row, column, text(value));
    }
    Ok((names, Some((name, cells))))
}

fn put(cells: &mut Cells, row: u32, column: u32, text: String) {
    if let (Ok(column), false) = (usize::try_from(column), text.trim().is_empty()) {
        cells.entry(row).or_default().insert(column, text);
    }
}

fn text(value: &Data) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => plain(*number),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(moment) => date_text(moment),
        // `#N/A` and its kin: the text fails wherever a value is needed, and says why.
        Data::Error(error) => error.to_string(),
    }
}

fn date_text(moment: &ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if !moment.is_datetime() || !(1.0..2_958_466.0).contains(&serial) {
        return plain(serial);
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        return date;
    }
    format!("{date} {hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
