//! Reads every file, row by row, and judges each row by itself.

use std::sync::Arc;

use graph::change::{Change, Content, Source};
use graph::id::Set;
use graph::record::Record;

use super::pending::Pending;
use super::{Candidate, Gathered, Place, Progress, Waiting, Work, open};
use crate::Error;
use crate::report::RefusedFile;
use crate::set::{Asked, Columns, Context, Fault, Notes, Row, Spec, read_row, spec};
use crate::source::{Body, Input, Layout, Raw, Rows};
use crate::{quarantine, set};

/// How often progress is told, in rows.
const TELL_EVERY: u64 = 4096;

/// Reads all inputs.
pub(super) fn read_all(
    work: &Work<'_>,
    inputs: &[Input],
    pending: &Pending,
    progress: &mut dyn Progress,
) -> Result<Gathered, Error> {
    let mut reader = Reader {
        work,
        pending,
        progress,
        gathered: Gathered::default(),
    };
    for (number, input) in inputs.iter().enumerate() {
        reader.progress.file(input.name(), number + 1, inputs.len());
        let opened = open::open(input, work.options).and_then(|mut rows| {
            let set = open::set_of(input, &mut *rows, work.options)?;
            Ok((rows, set))
        });
        match opened {
            Ok((mut rows, set)) => reader.read_file(input, set, &mut *rows)?,
            Err(error) if error.concerns_one_file() => {
                let (file, message) = (input.name().to_string(), error.to_string());
                reader
                    .gathered
                    .report
                    .refused
                    .push(RefusedFile { file, message });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(reader.gathered)
}

/// Reads files one after the other.
struct Reader<'a> {
    work: &'a Work<'a>,
    pending: &'a Pending,
    progress: &'a mut dyn Progress,
    gathered: Gathered,
}

impl Reader<'_> {
    fn read_file(&mut self, input: &Input, set: Set, rows: &mut dyn Rows) -> Result<(), Error> {
        let file = u32::try_from(self.gathered.files.len()).unwrap_or(u32::MAX);
        self.gathered.files.push(input.name().to_string());
        self.gathered.inputs.push(input.clone());
        self.gathered.sets.push(set);
        let Some(mut reading) = Reading::new(set, input.name()) else {
            return Ok(());
        };
        let mut row = 0;
        while let Some(raw) = rows.next_row()? {
            self.gathered.report.counts(set).read += 1;
            let read = self.gathered.report.read();
            if read.is_multiple_of(TELL_EVERY) {
                self.progress.rows(read);
            }
            self.take_row(&mut reading, raw, (file, row))?;
            row += 1;
        }
        self.progress.rows(self.gathered.report.read());
        Ok(())
    }

    fn take_row(&mut self, reading: &mut Reading<'_>, raw: Raw, place: Place) -> Result<(), Error> {
        let (work, set) = (self.work, reading.spec.set);
        let named_entry = named_entry(reading, &raw).filter(|id| self.pending.holds(*id));
        let line = u32::try_from(raw.position.number()).unwrap_or(u32::MAX);
        let mut notes = Notes::default();
        match understand(work.context(), reading, &raw, &mut notes) {
            Ok(asked) => {
                let source = Source {
                    file: place.0,
                    line,
                };
                let mut candidate = candidate(work, set, asked, notes, source)?;
                candidate.place = place;
                candidate.named_entry = named_entry;
                candidate.corrects = self.corrected_by(reading, &raw);
                self.gathered.candidates.push(candidate);
            }
            Err(_) if notes.needs_case => {
                let reference = notes.reference;
                let waiting = Waiting {
                    set,
                    raw,
                    place,
                    line,
                    reference,
                    taken_up: None,
                    named_entry,
                };
                self.gathered.waiting.push(waiting);
            }
            Err(fault) => {
                let row = work.quarantined(set, reading.file, &raw, &fault);
                self.gathered.set_aside(set, row, named_entry);
            }
        }
        Ok(())
    }

    /// The pending entries that a row could be the correction of.
    fn corrected_by(&self, reading: &mut Reading<'_>, raw: &Raw) -> Vec<[u8; 8]> {
        let Body::Cells(cells) = &raw.body else {
            return Vec::new();
        };
        if self.pending.entries.is_empty() {
            return Vec::new();
        }
        let (set, file) = (reading.spec.set, reading.file);
        let columns = reading.columns(&raw.layout);
        self.pending
            .corrected_by(self.work, columns, (raw, cells), (set, file))
    }
}

/// A file being read: its set and the columns of its last layout.
pub(super) struct Reading<'a> {
    pub(super) spec: &'static Spec,
    layout: Arc<Layout>,
    columns: Columns,
    pub(super) file: &'a str,
}

impl<'a> Reading<'a> {
    pub(super) fn new(set: Set, file: &'a str) -> Option<Self> {
        let layout = Arc::new(Layout::default());
        Some(Self {
            spec: spec(set)?,
            layout,
            columns: Columns::default(),
            file,
        })
    }

    /// The columns of this row's layout; found anew only when the layout changes.
    pub(super) fn columns(&mut self, layout: &Arc<Layout>) -> &Columns {
        if !Arc::ptr_eq(&self.layout, layout) {
            self.columns = Columns::find(self.spec.columns, &layout.headers);
            self.layout = Arc::clone(layout);
        }
        &self.columns
    }
}

/// Reads what one raw row asks for.
pub(super) fn understand(
    context: Context<'_>,
    reading: &mut Reading<'_>,
    raw: &Raw,
    notes: &mut Notes,
) -> Result<Asked, Fault> {
    let cells = match &raw.body {
        Body::Cells(cells) => cells,
        Body::Unreadable { why, .. } => return Err(quarantine::unreadable(why)),
    };
    let spec = reading.spec;
    let columns = reading.columns(&raw.layout);
    read_row(
        spec,
        &Row {
            context,
            columns,
            cells,
        },
        notes,
    )
}

/// The quarantine entry that the row names in the column of an export.
fn named_entry(reading: &mut Reading<'_>, raw: &Raw) -> Option<[u8; 8]> {
    let place = reading.columns(&raw.layout).quarantine_id?;
    match &raw.body {
        Body::Cells(cells) => cells.get(place).and_then(|text| quarantine::parse_id(text)),
        Body::Unreadable { .. } => None,
    }
}

/// Makes the candidate of a row that was understood.
pub(super) fn candidate(
    work: &Work<'_>,
    set: Set,
    asked: Asked,
    notes: set::Notes,
    source: Source,
) -> Result<Candidate, Error> {
    let (id, digest, change) = match asked {
        Asked::Withdraw(id) => (id, None, Change::Withdraw { set, id, source }),
        Asked::Put(record, detail) => {
            let digest = Content::new(work.keys, record.id(), &record, &detail)?.digest(work.keys);
            (
                Record::id(&record),
                Some(digest),
                Change::Put {
                    record,
                    detail,
                    source,
                },
            )
        }
    };
    Ok(Candidate {
        set,
        id,
        change,
        digest,
        notes,
        place: (source.file, 0),
        taken_up: None,
        named_entry: None,
        corrects: Vec::new(),
    })
}
