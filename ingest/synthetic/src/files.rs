//! The files of a city: one or more a record set, each with its header.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use graph::id::Set;

use crate::Error;
use crate::shape::ROWS_PER_FILE;
use crate::sheet::{COLUMNS, Sheets};

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its name in the folder.
    pub name: String,
    /// Its record set.
    pub set: Set,
    /// Rows, without the header.
    pub rows: u64,
    /// Bytes, with the header.
    pub bytes: u64,
}

/// A row that will be quarantined, where a person finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) file: String,
    /// From 1; the header is line 1.
    pub(crate) line: u64,
    pub(crate) set: Set,
    pub(crate) reason: &'static str,
}

/// The files being written.
#[derive(Debug)]
pub(crate) struct Files {
    folder: PathBuf,
    open: Vec<Open>,
    done: Vec<WrittenFile>,
}

#[derive(Debug)]
struct Open {
    set: Set,
    header: &'static str,
    part: u64,
    current: Option<(File, WrittenFile)>,
}

impl Files {
    /// Opens an empty folder, which is made if it is not there.
    pub(crate) fn begin(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        let mut entries = fs::read_dir(folder).map_err(|error| Error::io(folder, error))?;
        if entries.next().is_some() {
            return Err(Error::NotEmpty {
                folder: folder.to_owned(),
            });
        }
        let open = COLUMNS.map(|(set, header)| Open {
            set,
            header,
            part: 0,
            current: None,
        });
        Ok(Self {
            folder: folder.to_owned(),
            open: open.into(),
            done: Vec::new(),
        })
    }

    /// Appends the rows of a page; tells each bad row.
    pub(crate) fn append(
        &mut self,
        sheets: &Sheets,
        each_bad: &mut dyn FnMut(Bad),
    ) -> Result<(), Error> {
        for (open, sheet) in self.open.iter_mut().zip(sheets.all()) {
            if sheet.rows == 0 {
                continue;
            }
            let full = open
                .current
                .as_ref()
                .is_some_and(|(_, file)| file.rows >= ROWS_PER_FILE);
            if full {
                self.done.extend(open.current.take().map(|(_, file)| file));
            }
            let set = open.set;
            let (file, written) = open.file(&self.folder)?;
            let place = self.folder.join(&written.name);
            file.write_all(&sheet.bytes)
                .map_err(|error| Error::io(&place, error))?;
            for flaw in &sheet.flaws {
                each_bad(Bad {
                    file: written.name.clone(),
                    line: written.rows + flaw.row + 2,
                    set,
                    reason: flaw.reason,
                });
            }
            written.rows += sheet.rows;
            written.bytes += u64::try_from(sheet.bytes.len()).unwrap_or(0);
        }
        Ok(())
    }

    /// The files, those of a set together.
    pub(crate) fn finish(mut self) -> Vec<WrittenFile> {
        let last = self.open.into_iter().filter_map(|open| open.current);
        self.done.extend(last.map(|(_, file)| file));
        self.done
            .sort_by(|a, b| (a.set, &a.name).cmp(&(b.set, &b.name)));
        self.done
    }
}

impl Open {
    /// The file to append to, begun if there is none.
    fn file(&mut self, folder: &Path) -> Result<&mut (File, WrittenFile), Error> {
        if self.current.is_none() {
            self.part += 1;
            let name = format!("{}-{:03}.csv", self.set.name(), self.part);
            let place = folder.join(&name);
            let mut file = File::create_new(&place).map_err(|error| Error::io(&place, error))?;
            let header = format!("{}\n", self.header);
            file.write_all(header.as_bytes())
                .map_err(|error| Error::io(&place, error))?;
            let bytes = u64::try_from(header.len()).unwrap_or(0);
            self.current = Some((
                file,
                WrittenFile {
                    name,
                    set: self.set,
                    rows: 0,
                    bytes,
                },
            ));
        }
        let folder = folder.to_owned();
        self.current.as_mut().ok_or(Error::NotEmpty { folder })
    }
}
