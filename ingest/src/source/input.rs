//! A file to load: its name, its format, and a way to open it more than once.
//!
//! An input is read twice: once to tell the encoding, once for the rows (and once more for the
//! rows that turn out to be wrong only when every file has been seen). So it is something that
//! opens, not an open stream.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Error;

/// The format of a file, told by the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated text.
    Csv,
    /// Tab-separated text.
    Tsv,
    /// One JSON object a line.
    JsonLines,
    /// Office Open XML.
    Xlsx,
    /// The old binary Excel format.
    Xls,
    /// OpenDocument.
    Ods,
    /// Apache Parquet.
    Parquet,
}

/// What a file is wrapped in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wrapper {
    /// Nothing.
    None,
    /// gzip, perhaps several members one after the other.
    Gzip,
    /// Zstandard, perhaps several frames.
    Zstd,
}

impl Format {
    /// Splits a file name into stem, format and wrapper; `None` when its ending is unknown.
    #[must_use]
    pub fn of(name: &str) -> Option<(&str, Self, Wrapper)> {
        let (name, wrapper) = match name.rsplit_once('.') {
            Some((rest, end)) if end.eq_ignore_ascii_case("gz") => (rest, Wrapper::Gzip),
            Some((rest, end)) if end.eq_ignore_ascii_case("zst") => (rest, Wrapper::Zstd),
            _ => (name, Wrapper::None),
        };
        let (stem, end) = name.rsplit_once('.')?;
        let format = match end.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "xlsx" | "xlsm" => Self::Xlsx,
            "xls" => Self::Xls,
            "ods" => Self::Ods,
            "parquet" => Self::Parquet,
            _ => return None,
        };
        Some((stem, format, wrapper))
    }
}

type Opener = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

/// A file, or bytes with a file's name, that can be opened any number of times.
#[derive(Clone)]
pub struct Input {
    name: Arc<str>,
    opener: Arc<Opener>,
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Input {
    /// A file on disk. Its name in reports is its path as given.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        let owned = path.to_owned();
        Self {
            name: path.to_string_lossy().into(),
            opener: Arc::new(move || Ok(Box::new(File::open(&owned)?))),
        }
    }

    /// Bytes in memory, such as an upload, under a file name that tells format and set.
    #[must_use]
    pub fn bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes: Arc<[u8]> = bytes.into();
        Self {
            name: name.into(),
            opener: Arc::new(move || Ok(Box::new(Cursor::new(Arc::clone(&bytes))))),
        }
    }

    /// The name shown in reports.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The last part of the name: what the set and the format are told by.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// Opens the bytes inside the wrapper.
    pub(super) fn open(&self, wrapper: Wrapper) -> Result<Box<dyn Read>, Error> {
        let reader = (self.opener)().map_err(|source| self.unreadable(source))?;
        Ok(match wrapper {
            Wrapper::None => Box::new(reader),
            Wrapper::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(reader))),
            Wrapper::Zstd => Box::new(
                zstd::stream::read::Decoder::new(reader)
                    .map_err(|source| self.unreadable(source))?,
            ),
        })
    }

    /// The error for a read that failed half-way or at once.
    pub(super) fn unreadable(&self, source: io::Error) -> Error {
        Error::Read {
            file: self.name.to_string(),
            source,
        }
    }
}

/// Every file below `paths`, folders walked in the order of their names, each file once. Hidden
/// files and, inside folders, files of unknown endings are passed over; a file named outright is
/// taken whatever it is called.
pub fn walk(paths: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|source| failed(path, source))?;
        if metadata.is_dir() {
            walk_folder(path, &mut found)?;
        } else {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    Ok(found.iter().map(|path| Input::file(path)).collect())
}

fn walk_folder(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(|source| failed(folder, source))? {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        // `~$name.xlsx` is the lock that Excel leaves beside an open workbook.
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        if path.is_dir() {
            walk_folder(&path, found)?;
        } else if Format::of(&name).is_some() {
            found.push(path);
        }
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Read {
        file: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<(&str, Format, Wrapper)>) {
        assert_eq!(Format::of(name), expected, "{name}");
    }

    #[test]
    fn the_ending_tells_format_and_wrapper() {
        check(
            "penalties.csv",
            Some(("penalties", Format::Csv, Wrapper::None)),
        );
        check(
            "行政处罚.CSV",
            Some(("行政处罚", Format::Csv, Wrapper::None)),
        );
        check("a.b.tsv.gz", Some(("a.b", Format::Tsv, Wrapper::Gzip)));
        check(
            "a.ndjson.zst",
            Some(("a", Format::JsonLines, Wrapper::Zstd)),
        );
        check("a.jsonl", Some(("a", Format::JsonLines, Wrapper::None)));
        check("a.xlsx", Some(("a", Format::Xlsx, Wrapper::None)));
        check("a.xls", Some(("a", Format::Xls, Wrapper::None)));
        check("a.ods", Some(("a", Format::Ods, Wrapper::None)));
        check("a.parquet", Some(("a", Format::Parquet, Wrapper::None)));
        check("a.gz", None);
        check("README.md", None);
        check("", None);
    }
}
