//! Reads every file, row by row, and hands the rows in blocks to threads that understand them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use graph::id::Set;

use super::desk::Desk;
use super::{Extra, Gathered, Progress, open};
use crate::Error;
use crate::quarantine;
use crate::report::RefusedFile;
use crate::set::{Asked, Columns, Context, Fault, Notes, Row, Spec, read_row, spec};
use crate::source::{Body, Input, Layout, LineBlock, Raw, Rows};

/// Rows read one by one that are handed over at once.
const BLOCK: usize = 512;

/// Blocks that wait for each thread: enough to work on while the next file is opened, of which
/// the whole is read to tell its encoding.
const WAITING: usize = 16;

/// Rows of one file, in order.
struct Block {
    set: Set,
    name: Arc<str>,
    file: u32,
    rows: Piece,
}

/// Rows as they are handed over.
enum Piece {
    Rows(Vec<Raw>),
    Lines(LineBlock),
}

/// Reads all inputs; what they say ends on the piles of `desk` and on the desk itself.
pub(super) fn read_all(
    desk: &mut Desk<'_>,
    inputs: &[Input],
    progress: &mut dyn Progress,
) -> Result<Gathered, Error> {
    let threads = desk.work.options.threads.max(1);
    let (send, receive) = sync_channel::<Block>(threads * WAITING);
    let receive = Arc::new(Mutex::new(receive));
    let (work, pending, piles) = (desk.work, desk.pending, desk.piles);
    let extras = desk.extras();
    let rows = &AtomicU64::new(0);
    let (read, desks) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let receive = Arc::clone(&receive);
                scope.spawn(move || {
                    understand_all(Desk::new(work, pending, piles), &receive, extras, rows)
                })
            })
            .collect();
        // Only the workers may hold the receiving end: when all have failed, sending fails.
        drop(receive);
        let mut reader = Reader {
            options: work.options,
            progress,
            gathered: Gathered::default(),
            rows,
            send,
        };
        let read = reader.read(inputs);
        let gathered = reader.gathered;
        drop(reader.send);
        let desks: Vec<_> = workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        (read.map(|()| gathered), desks)
    });
    let mut others = Vec::new();
    for other in desks {
        others.push(other.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    let mut gathered = read?;
    for other in others {
        for (set, rows) in &other.read {
            gathered.report.counts(*set).read += rows;
        }
        desk.merge(other);
    }
    desk.aside.sort_by_key(|(place, ..)| *place);
    desk.waiting.sort_by_key(|waiting| waiting.place);
    for (_, set, row, named_entry) in std::mem::take(&mut desk.aside) {
        gathered.set_aside(set, row, named_entry);
    }
    gathered.waiting = std::mem::take(&mut desk.waiting);
    Ok(gathered)
}

/// One thread's work: understands blocks until there are no more.
fn understand_all<'a>(
    mut desk: Desk<'a>,
    receive: &Mutex<Receiver<Block>>,
    extras: &Mutex<Vec<Extra>>,
    read: &AtomicU64,
) -> Result<Desk<'a>, Error> {
    loop {
        let next = receive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(block) = next else {
            desk.clear()?;
            return Ok(desk);
        };
        let Some(mut reading) = Reading::new(block.set, &block.name) else {
            continue;
        };
        let mut take = |raw: &Raw| desk.take_row(&mut reading, raw, block.file, extras);
        let rows = match &block.rows {
            Piece::Rows(rows) => {
                rows.iter().try_for_each(take)?;
                u64::try_from(rows.len()).unwrap_or(u64::MAX)
            }
            Piece::Lines(lines) => lines.each_row(&mut take)?,
        };
        desk.count(block.set, rows);
        read.fetch_add(rows, Ordering::Relaxed);
    }
}

/// Reads files one after the other.
struct Reader<'a> {
    options: &'a super::Options,
    progress: &'a mut dyn Progress,
    gathered: Gathered,
    /// How many rows were understood so far.
    rows: &'a AtomicU64,
    send: SyncSender<Block>,
}

impl Reader<'_> {
    fn read(&mut self, inputs: &[Input]) -> Result<(), Error> {
        for (number, input) in inputs.iter().enumerate() {
            self.progress.file(input.name(), number + 1, inputs.len());
            let opened = open::open(input, self.options).and_then(|mut rows| {
                let set = open::set_of(input, &mut *rows, self.options)?;
                Ok((rows, set))
            });
            match opened {
                Ok((mut rows, set)) => self.read_file(input, set, &mut *rows)?,
                Err(error) if error.concerns_one_file() => {
                    let (file, message) = (input.name().to_string(), error.to_string());
                    let refused = &mut self.gathered.report.refused;
                    refused.push(RefusedFile { file, message });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read_file(&mut self, input: &Input, set: Set, rows: &mut dyn Rows) -> Result<(), Error> {
        let file = u32::try_from(self.gathered.files.len()).unwrap_or(u32::MAX);
        self.gathered.files.push(input.name().to_string());
        self.gathered.inputs.push(input.clone());
        self.gathered.sets.push(set);
        let name: Arc<str> = input.name().to_string().into();
        // A file without rows is told of, too.
        self.gathered.report.counts(set);
        // A single row may stand between two blocks, or all rows be such.
        let mut most = 1;
        loop {
            let piece = if let Some(lines) = rows.next_block()? {
                most = 1;
                Piece::Lines(lines)
            } else {
                let piece = Piece::Rows(next_rows(rows, most)?);
                most = BLOCK.min(most * 2);
                piece
            };
            self.progress.rows(self.rows.load(Ordering::Relaxed));
            if matches!(&piece, Piece::Rows(rows) if rows.is_empty()) {
                return Ok(());
            }
            let block = Block {
                set,
                name: Arc::clone(&name),
                file,
                rows: piece,
            };
            // All who understand have failed: their error is the one to tell.
            if self.send.send(block).is_err() {
                return Ok(());
            }
        }
    }
}

/// The next rows, read one by one.
fn next_rows(rows: &mut dyn Rows, most: usize) -> Result<Vec<Raw>, Error> {
    let mut block = Vec::new();
    while block.len() < most
        && let Some(raw) = rows.next_row()?
    {
        block.push(raw);
    }
    Ok(block)
}

/// A file being read: its set and the columns of its last layout.
pub(super) struct Reading<'a> {
    pub(super) spec: &'static Spec,
    layout: Arc<Layout>,
    pub(super) columns: Columns,
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

    /// Goes over to a row's layout; its columns are found anew only when it changes.
    pub(super) fn turn_to(&mut self, layout: &Arc<Layout>) {
        if !Arc::ptr_eq(&self.layout, layout) {
            self.columns = Columns::find(self.spec.columns, &layout.headers);
            self.layout = Arc::clone(layout);
        }
    }
}

/// Reads what one raw row of the layout turned to asks for.
pub(super) fn understand<'r>(
    context: Context<'r>,
    reading: &'r Reading<'_>,
    raw: &'r Raw,
    notes: &mut Notes,
) -> Result<Asked<'r>, Fault> {
    let cells = match &raw.body {
        Body::Cells(cells) => cells,
        Body::Unreadable { why, .. } => return Err(quarantine::unreadable(why)),
    };
    read_row(
        reading.spec,
        &Row {
            context,
            columns: &reading.columns,
            cells,
        },
        notes,
    )
}

/// The quarantine entry that the row names in the column of an export.
pub(super) fn named_entry(reading: &Reading<'_>, raw: &Raw) -> Option<[u8; 8]> {
    let place = reading.columns.quarantine_id?;
    match &raw.body {
        Body::Cells(cells) => cells.get(place).and_then(quarantine::parse_id),
        Body::Unreadable { .. } => None,
    }
}
