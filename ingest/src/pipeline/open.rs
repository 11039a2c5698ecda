//! Opens an input by its format and tells its record set.

use graph::id::Set;

use super::Options;
use crate::Error;
use crate::set::{all_names, set_of_headers, set_of_stem};
use crate::source::{Delimited, Format, Input, JsonLines, Parquet, Rows, Sheet};

/// Opens the rows of an input.
pub(super) fn open(input: &Input, options: &Options) -> Result<Box<dyn Rows>, Error> {
    let file = || input.name().to_string();
    let (_, format, wrapper) =
        Format::of(input.file_name()).ok_or_else(|| Error::UnknownFormat { file: file() })?;
    Ok(match format {
        Format::Csv => Box::new(Delimited::open(input, wrapper, b',', options.encoding)?),
        Format::Tsv => Box::new(Delimited::open(input, wrapper, b'\t', options.encoding)?),
        Format::JsonLines => Box::new(JsonLines::open(input, wrapper, options.encoding)?),
        Format::Parquet => Box::new(Parquet::open(input, wrapper)?),
        Format::Xlsx | Format::Xls | Format::Ods => Box::new(Sheet::open(
            input,
            format,
            wrapper,
            options.sheet.as_deref(),
        )?),
    })
}

/// The set of an input: as told, else by its stem, else by its header row.
pub(super) fn set_of(input: &Input, rows: &mut dyn Rows, options: &Options) -> Result<Set, Error> {
    let stem = Format::of(input.file_name())
        .map(|(stem, ..)| stem)
        .unwrap_or_default();
    if let Some(set) = options.set.or_else(|| set_of_stem(stem)) {
        // An empty file of a known set still has no header row, and says so.
        rows.layout()?;
        return Ok(set);
    }
    let layout = rows.layout()?;
    set_of_headers(&layout).ok_or_else(|| Error::UnknownSet {
        file: input.name().to_string(),
        sets: all_names(),
    })
}
