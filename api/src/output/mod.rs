//! The formats of an answer: table, JSON, NDJSON, CSV, XLSX, Parquet.

mod mask;
mod parquet;
mod sheet;
mod table;

pub(crate) use mask::{mask_texts, masked as masked_text, masked_json, persons};

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// A format of answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people, with Chinese headings.
    Table,
    /// One array for lists, one object otherwise.
    Json,
    /// One object a line.
    Ndjson,
    /// Comma-separated, all fields.
    Csv,
    /// A workbook, all fields.
    Xlsx,
    /// Parquet, a column a field.
    Parquet,
}

/// A column of the table: heading and where its text is found (`a.b` goes into `a`).
pub(crate) type Column = (&'static str, &'static str);

/// Where and how to write.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) format: Option<Format>,
    pub(crate) out: Option<PathBuf>,
    /// Identity numbers that stand in texts are shown as they are.
    pub(crate) reveal: bool,
}

impl Output {
    fn format(&self) -> Result<Format, Error> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let Some(path) = &self.out else {
            let terminal = io::stdout().is_terminal();
            return Ok(if terminal {
                Format::Table
            } else {
                Format::Ndjson
            });
        };
        let end = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        match end.as_str() {
            "json" => Ok(Format::Json),
            "ndjson" | "jsonl" => Ok(Format::Ndjson),
            "csv" => Ok(Format::Csv),
            "xlsx" => Ok(Format::Xlsx),
            "parquet" => Ok(Format::Parquet),
            "txt" => Ok(Format::Table),
            _ => Err(Error::Refused(format!(
                "{}: name the file .json, .ndjson, .csv, .xlsx or .parquet, or give --format",
                path.display()
            ))),
        }
    }

    /// Writes a list.
    pub(crate) fn list<T: Serialize>(
        &self,
        answers: &[T],
        columns: &[Column],
    ) -> Result<(), Error> {
        if self.format()? == Format::Ndjson {
            return self.put(|out| self.lines(out, answers));
        }
        let rows: Vec<Value> = answers
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<_, _>>()?;
        self.write(Value::Array(rows), columns)
    }

    /// An object a line, each written before the next is looked at: a city's lists are long.
    fn lines<T: Serialize>(&self, out: &mut dyn Write, answers: &[T]) -> io::Result<()> {
        for answer in answers {
            let line = if self.reveal {
                serde_json::to_string(answer)?
            } else {
                masked_json(answer)?
            };
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Writes one object. As a table, its fields stand one below the other.
    pub(crate) fn object<T: Serialize>(&self, answer: &T) -> Result<(), Error> {
        self.write(serde_json::to_value(answer)?, &[])
    }

    fn write(&self, mut value: Value, columns: &[Column]) -> Result<(), Error> {
        if !self.reveal {
            mask_texts(&mut value);
        }
        let format = self.format()?;
        if format == Format::Xlsx {
            let path = self.out.as_deref().ok_or_else(|| {
                Error::Refused("a workbook needs a file: give --out FILE.xlsx".into())
            })?;
            return sheet::write(path, &rows(value));
        }
        if format == Format::Parquet && self.out.is_none() && io::stdout().is_terminal() {
            let why = "Parquet is not for a terminal: give --out FILE.parquet";
            return Err(Error::Refused(why.into()));
        }
        self.put(|out| text(out, format, value, columns))
    }

    /// Writes to the file asked for, or to standard output.
    fn put(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
        let done = |mut out: Box<dyn Write>| write(&mut out).and_then(|()| out.flush());
        match &self.out {
            None => {
                let out = BufWriter::new(io::stdout().lock());
                done(Box::new(out)).map_err(|error| Error::Io {
                    place: "standard output".into(),
                    source: error,
                })
            }
            Some(path) => {
                let file = File::create(path).map_err(|error| Error::io(path, error))?;
                done(Box::new(BufWriter::new(file))).map_err(|error| Error::io(path, error))
            }
        }
    }
}

fn text(out: &mut dyn Write, format: Format, value: Value, columns: &[Column]) -> io::Result<()> {
    match format {
        Format::Table => table::write(out, &value, columns),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &value)?;
            writeln!(out)
        }
        Format::Ndjson => {
            for row in rows(value) {
                serde_json::to_writer(&mut *out, &row)?;
                writeln!(out)?;
            }
            Ok(())
        }
        Format::Parquet => parquet::write(out, &rows(value), columns),
        Format::Csv | Format::Xlsx => csv(out, &rows(value)),
    }
}

fn rows(value: Value) -> Vec<Value> {
    match value {
        Value::Array(rows) => rows,
        one => vec![one],
    }
}

fn csv(out: &mut dyn Write, rows: &[Value]) -> io::Result<()> {
    let flat: Vec<Vec<(String, Value)>> = rows.iter().map(flatten).collect();
    let headers = headers(&flat);
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(&headers)?;
    for row in flat {
        let cell = |header: &String| {
            let found = row.iter().find(|(name, _)| name == header);
            found.map(|(_, value)| plain(value)).unwrap_or_default()
        };
        csv.write_record(headers.iter().map(cell))?;
    }
    csv.flush()
}

/// The headers of all rows, in the order in which they first appear.
fn headers(rows: &[Vec<(String, Value)>]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for (name, _) in rows.iter().flatten() {
        if !headers.contains(name) {
            headers.push(name.clone());
        }
    }
    headers
}

/// Objects inside become `outer.inner` columns; lists stay JSON.
fn flatten(row: &Value) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    let mut open: Vec<(String, &Value)> = vec![(String::new(), row)];
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Object(fields) => {
                for (field, value) in fields.iter().rev() {
                    let name = if name.is_empty() {
                        field.clone()
                    } else {
                        format!("{name}.{field}")
                    };
                    open.push((name, value));
                }
            }
            other => flat.push((name, other.clone())),
        }
    }
    flat
}

/// A value as the text of a cell.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
