//! Writing a city: threads make blocks, one writes them in order.
//!
//! Each thread makes every n-th block and hands it over through a channel that holds one, so no
//! more than two blocks a thread are in memory. What is left of the size when all organisations
//! are written is filled with matters of residents, so that a city has exactly the rows asked for.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use graph::id::Set;

use crate::Error;
use crate::block;
use crate::files::{Files, WrittenFile};
use crate::foundation;
use crate::page::Written;
use crate::plan::Plan;
use crate::tally::Tally;
use crate::truth::{BadRows, truth};

/// So many rows of residents are made at a time.
const RESIDENT_ROWS: u64 = 100_000;

/// What was written.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The files, those of a set together; without `truth.json`.
    pub files: Vec<WrittenFile>,
}

impl Summary {
    /// Rows in all files.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Bytes in all files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Files, rows and bytes by set.
    #[must_use]
    pub fn by_set(&self) -> Vec<(Set, u64, u64, u64)> {
        let mut sets: Vec<(Set, u64, u64, u64)> = Vec::new();
        for file in &self.files {
            match sets.last_mut() {
                Some((set, files, rows, bytes)) if *set == file.set => {
                    *files += 1;
                    *rows += file.rows;
                    *bytes += file.bytes;
                }
                _ => sets.push((file.set, 1, file.rows, file.bytes)),
            }
        }
        sets
    }
}

/// Writes the city into an empty folder; `progress` is told the rows written so far.
pub fn write(
    plan: &Plan,
    folder: &Path,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, Error> {
    let mut city = City {
        files: Files::begin(folder)?,
        bad: BadRows::default(),
        tally: Tally::default(),
        rows: 0,
    };
    let foundation = foundation::lay(plan);
    let first = Written {
        sheets: foundation.sheets,
        tally: foundation.tally,
    };
    city.take(&first)?;
    thread::scope(|scope| {
        let lines: Vec<Receiver<Written>> = (0..threads.max(1))
            .map(|first| {
                let (send, receive) = sync_channel(1);
                scope.spawn(move || work(plan, (first, threads.max(1)), &send));
                receive
            })
            .collect();
        for (block, line) in (0..plan.blocks()).zip(lines.iter().cycle()) {
            let written = line.recv().map_err(|_| Error::Stopped { block })?;
            city.take(&written)?;
            progress(city.rows);
        }
        Ok(())
    })?;
    let mut part = 0;
    while city.rows < plan.size {
        let rows = (plan.size - city.rows).min(RESIDENT_ROWS);
        city.take(&block::residents(plan, part, rows))?;
        progress(city.rows);
        part += 1;
    }
    let files = city.files.finish();
    let truth = truth(plan, &files, &city.tally, (&foundation.stories, &city.bad));
    let place = folder.join("truth.json");
    fs::write(&place, format!("{truth:#}\n")).map_err(|error| Error::io(&place, error))?;
    Ok(Summary { files })
}

/// Makes every n-th block, until all are made or nobody takes them any more.
fn work(plan: &Plan, (first, step): (usize, usize), send: &SyncSender<Written>) {
    let first = u64::try_from(first).unwrap_or(0);
    for block in (first..plan.blocks()).step_by(step) {
        if send.send(block::make(plan, block)).is_err() {
            return;
        }
    }
}

/// The city as far as it is written.
struct City {
    files: Files,
    bad: BadRows,
    tally: Tally,
    rows: u64,
}

impl City {
    fn take(&mut self, written: &Written) -> Result<(), Error> {
        let bad = &mut self.bad;
        self.files
            .append(&written.sheets, &mut |row| bad.add(&row))?;
        self.tally.add(&written.tally);
        self.rows += written.sheets.rows();
        Ok(())
    }
}
