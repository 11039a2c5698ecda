//! Rows of text, as CSV with a header.

use std::fmt::Display;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use graph::time::{Date, Interval};

/// A file of rows.
pub(super) struct Rows {
    writer: csv::Writer<BufWriter<File>>,
}

impl Rows {
    /// A new file `name.csv` in the folder.
    pub(super) fn new(folder: &Path, name: &str, columns: &[&str]) -> anyhow::Result<Self> {
        let path = folder.join(format!("{name}.csv"));
        let file = File::create(&path).with_context(|| path.display().to_string())?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer.write_record(columns)?;
        Ok(Self { writer })
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &[&dyn Display]) -> anyhow::Result<()> {
        for cell in row {
            self.writer.write_field(cell.to_string())?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Ends the file.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        Ok(self.writer.flush()?)
    }
}

/// A first day.
pub(super) fn from(interval: Interval) -> String {
    told(interval.from)
}

/// The day after the last.
pub(super) fn to(interval: Interval) -> String {
    told(interval.to)
}

/// A day; since ever and open as the first and last day that all engines know.
fn told(day: Date) -> String {
    match day {
        Date::MIN => "0001-01-01".to_owned(),
        Date::MAX => "9999-12-31".to_owned(),
        day => day.to_string(),
    }
}

/// A day, or nothing.
pub(super) fn maybe(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}
