//! Parquet: columns of typed values, as rows of text.
//!
//! A value becomes the text that the other formats would have carried: a date `YYYY-MM-DD`, a
//! timestamp with its time of day (and `Z` where the column counts in UTC), a number its decimal,
//! a list of plain values joined by `;`, anything deeper as JSON. Rows count from 1.
//!
//! A torn file is an error: its layout stands at its end, and without it nothing can be read.
//! The library is not trusted with what it meets there: should it panic, the file is torn.

use std::fmt;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use graph::id::Hex;
use graph::time::Date;
use parquet::basic::{Compression, LogicalType, TimeUnit};
use parquet::column::page::Page;
use parquet::data_type::Decimal;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::TypePtr;
use serde_json::{Map, Value};

use super::number::plain;
use super::{Body, Input, Layout, MAX_ROW_BYTES, Position, Raw, Rows, Wrapper};
use crate::Error;

const DAY_NANOSECONDS: i128 = 86_400_000_000_000;

/// A reader of one Parquet file.
pub struct Parquet {
    file: String,
    layout: Arc<Layout>,
    columns: Vec<TypePtr>,
    rows: RowIter<'static>,
    number: u64,
}

impl fmt::Debug for Parquet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parquet")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl Parquet {
    /// Opens `input`, whole.
    pub fn open(input: &Input, wrapper: Wrapper) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let mut reader = input.open(wrapper)?;
        reader
            .read_to_end(&mut bytes)
            .map_err(|source| input.unreadable(source))?;
        let file = input.name().to_string();
        let opened = catch_unwind(AssertUnwindSafe(|| {
            SerializedFileReader::new(Bytes::from(bytes))
        }));
        let Ok(Ok(reader)) = opened else {
            return Err(Error::Torn { file });
        };
        if let Some(what) = unsupported(&reader) {
            return Err(Error::Unsupported { file, what });
        }
        let honest = catch_unwind(AssertUnwindSafe(|| dictionaries_fit(&reader)));
        if !matches!(honest, Ok(Ok(true))) {
            return Err(Error::Torn { file });
        }
        let schema = reader.metadata().file_metadata().schema();
        let columns = schema.get_fields().to_vec();
        if columns.is_empty() {
            let why = "it has no columns".to_owned();
            return Err(Error::NoHeader { file, why });
        }
        let headers = columns.iter().map(|column| column.name().to_owned());
        Ok(Self {
            layout: Arc::new(Layout {
                headers: headers.collect(),
            }),
            file,
            columns,
            rows: RowIter::from_file_into(Box::new(reader)),
            number: 0,
        })
    }

    fn read(&mut self) -> Result<Option<Row>, Error> {
        let rows = &mut self.rows;
        match catch_unwind(AssertUnwindSafe(|| rows.next().transpose())) {
            Ok(Ok(row)) => Ok(row),
            _ => Err(Error::Torn {
                file: self.file.clone(),
            }),
        }
    }

    fn body(&self, row: Row) -> Body {
        let fields = row.into_columns();
        let mut cells = Vec::with_capacity(fields.len());
        let mut fault = None;
        for ((_, field), column) in fields.iter().zip(&self.columns) {
            let logical = column.get_basic_info().logical_type_ref();
            cells.push(text(field, logical).unwrap_or_else(|why| {
                fault = Some(why);
                String::new()
            }));
        }
        if cells.iter().any(|cell| cell.contains('\0')) {
            fault = Some("the row holds a NUL character");
        }
        if cells.iter().map(String::len).sum::<usize>() > MAX_ROW_BYTES {
            fault = Some("the row is too long");
        }
        match fault {
            None => Body::Cells(cells.into_iter().collect()),
            Some(why) => Body::Unreadable {
                why,
                text: super::kept(super::delimited::join(
                    cells.iter().map(String::as_str),
                    ',',
                )),
            },
        }
    }
}

impl Rows for Parquet {
    fn next_row(&mut self) -> Result<Option<Raw>, Error> {
        while let Some(row) = self.read()? {
            self.number += 1;
            let body = self.body(row);
            // As in every other format, a row that says nothing is no row.
            if matches!(&body, Body::Cells(cells) if cells.are_blank()) {
                continue;
            }
            return Ok(Some(Raw {
                position: Position::Line(self.number),
                layout: Arc::clone(&self.layout),
                body,
            }));
        }
        Ok(None)
    }

    fn layout(&mut self) -> Result<Arc<Layout>, Error> {
        Ok(Arc::clone(&self.layout))
    }
}

/// Each dictionary has room for the values that it claims: the library makes room for
/// them before it reads one.
fn dictionaries_fit(reader: &SerializedFileReader<Bytes>) -> parquet::errors::Result<bool> {
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        for column in 0..group.num_columns() {
            let mut pages = group.get_column_page_reader(column)?;
            if let Some(Page::DictionaryPage {
                buf, num_values, ..
            }) = pages.get_next_page()?
                && usize::try_from(num_values).map_or(true, |count| count > buf.len())
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The compression of a column that this build cannot undo.
fn unsupported(reader: &SerializedFileReader<Bytes>) -> Option<&'static str> {
    let groups = reader.metadata().row_groups().iter();
    let mut columns = groups.flat_map(RowGroupMetaData::columns);
    columns.find_map(|column| match column.compression() {
        Compression::BROTLI(_) => Some("compression with Brotli"),
        Compression::LZO => Some("compression with LZO"),
        _ => None,
    })
}

/// The text of a value of a column.
fn text(field: &Field, logical: Option<&LogicalType>) -> Result<String, &'static str> {
    Ok(match (field, logical) {
        (Field::Null, _) => String::new(),
        (Field::Str(text), _) => text.clone(),
        (Field::Bytes(bytes), None) => std::str::from_utf8(bytes.data())
            .map_err(|_| "a cell of bytes is not UTF-8")?
            .to_owned(),
        (Field::Bytes(bytes), Some(_)) => Hex(bytes.data()).to_string(),
        (Field::Bool(truth), _) => truth.to_string(),
        (Field::Byte(number), _) => number.to_string(),
        (Field::Short(number), _) => number.to_string(),
        (Field::Int(number), _) => number.to_string(),
        (Field::UByte(number), _) => number.to_string(),
        (Field::UShort(number), _) => number.to_string(),
        (Field::UInt(number), _) => number.to_string(),
        (Field::ULong(number), _) => number.to_string(),
        // The library leaves nanoseconds as they are.
        (Field::Long(number), Some(LogicalType::Timestamp(kind))) => {
            timestamp(ticks(*number, kind.unit), kind.is_adjusted_to_u_t_c)
        }
        (Field::Long(number), Some(LogicalType::Time(kind))) => {
            time_of_day(ticks(*number, kind.unit))
        }
        (Field::Long(number), _) => number.to_string(),
        (Field::Float16(number), _) => single(number.to_f32()),
        (Field::Float(number), _) => single(*number),
        (Field::Double(number), _) => plain(*number),
        (Field::Decimal(number), _) => decimal(number).ok_or("a number has too many digits")?,
        (Field::Date(days), _) => Date::from_days(*days).to_string(),
        (Field::TimeMillis(number), _) => time_of_day(ticks(i64::from(*number), TimeUnit::MILLIS)),
        (Field::TimeMicros(number), _) => time_of_day(ticks(*number, TimeUnit::MICROS)),
        (Field::TimestampMillis(number), _) => {
            timestamp(ticks(*number, TimeUnit::MILLIS), is_utc(logical))
        }
        (Field::TimestampMicros(number), _) => {
            timestamp(ticks(*number, TimeUnit::MICROS), is_utc(logical))
        }
        (Field::ListInternal(list), _) if list.elements().iter().all(Field::is_primitive) => {
            let texts = list.elements().iter().map(|element| text(element, None));
            texts.collect::<Result<Vec<_>, _>>()?.join(";")
        }
        (Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_), _) => {
            json(field)?.to_string()
        }
    })
}

/// Without a word about it, a timestamp counts in UTC: so says the format.
fn is_utc(logical: Option<&LogicalType>) -> bool {
    match logical {
        Some(LogicalType::Timestamp(kind)) => kind.is_adjusted_to_u_t_c,
        _ => true,
    }
}

/// A nested value as JSON; numbers keep their digits as texts.
fn json(field: &Field) -> Result<Value, &'static str> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(truth) => Value::Bool(*truth),
        Field::Group(row) => {
            let mut members = Map::new();
            for (name, field) in row.get_column_iter() {
                members.insert(name.clone(), json(field)?);
            }
            Value::Object(members)
        }
        Field::ListInternal(list) => {
            let mut elements = Vec::new();
            for element in list.elements() {
                elements.push(json(element)?);
            }
            Value::Array(elements)
        }
        Field::MapInternal(map) => {
            let mut members = Map::new();
            for (key, value) in map.entries() {
                members.insert(text(key, None)?, json(value)?);
            }
            Value::Object(members)
        }
        plain => Value::String(text(plain, None)?),
    })
}

/// The shortest decimal that means this single-precision number.
fn single(number: f32) -> String {
    if number.is_finite() {
        number.to_string()
    } else {
        String::new()
    }
}

/// Nanoseconds.
fn ticks(number: i64, unit: TimeUnit) -> i128 {
    i128::from(number)
        * match unit {
            TimeUnit::MILLIS => 1_000_000,
            TimeUnit::MICROS => 1000,
            TimeUnit::NANOS => 1,
        }
}

/// A moment, from nanoseconds since 1970; midnight of a column without zone is the date alone.
fn timestamp(nanoseconds: i128, utc: bool) -> String {
    let days = nanoseconds.div_euclid(DAY_NANOSECONDS);
    let time = nanoseconds.rem_euclid(DAY_NANOSECONDS);
    let date = i32::try_from(days).map_or(Date::MAX, Date::from_days);
    match (time, utc) {
        (0, false) => date.to_string(),
        (_, true) => format!("{date}T{}Z", time_of_day(time)),
        (_, false) => format!("{date}T{}", time_of_day(time)),
    }
}

fn time_of_day(nanoseconds: i128) -> String {
    let seconds = nanoseconds.div_euclid(1_000_000_000);
    let rest = nanoseconds.rem_euclid(1_000_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let whole = format!("{hour:02}:{minute:02}:{second:02}");
    if rest == 0 {
        return whole;
    }
    let fraction = format!("{rest:09}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// An exact decimal, without zeros at its end; `None` beyond 38 digits.
fn decimal(number: &Decimal) -> Option<String> {
    let bytes = number.data();
    let negative = bytes.first().is_some_and(|first| first >> 7 == 1);
    let sign = if negative { 0xff } else { 0 };
    let extra = bytes.len().saturating_sub(16);
    let (head, tail) = bytes.split_at(extra);
    if head.iter().any(|byte| *byte != sign) {
        return None;
    }
    let mut whole = [sign; 16];
    let kept = whole.get_mut(16 - tail.len()..)?;
    kept.copy_from_slice(tail);
    let value = i128::from_be_bytes(whole);
    if negative != (value < 0) && value != 0 {
        return None;
    }
    let places = usize::try_from(number.scale()).ok().filter(|n| *n <= 38)?;
    let digits = format!("{:0width$}", value.unsigned_abs(), width = places + 1);
    let (integer, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    let minus = if negative { "-" } else { "" };
    Some(match fraction {
        "" => format!("{minus}{integer}"),
        _ => format!("{minus}{integer}.{fraction}"),
    })
}

#[cfg(test)]
#[path = "parquet_tests.rs"]
mod tests;
