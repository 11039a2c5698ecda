//! Rows that turned out to be at fault beside others: read again and put into quarantine.

use graph::id::Set;
use rustc_hash::FxHashMap;

use super::{Gathered, Place, Work, open};
use crate::Error;
use crate::set::Fault;
use crate::source::Raw;

/// A row at fault, with the quarantine entry that it names.
pub(super) struct Late {
    pub(super) place: Place,
    pub(super) fault: Fault,
    pub(super) named_entry: Option<[u8; 8]>,
}

/// Reads the rows at fault again and puts them into quarantine.
pub(super) fn set_aside(
    work: &Work<'_>,
    gathered: &mut Gathered,
    late: Vec<Late>,
) -> Result<(), Error> {
    let mut by_file: FxHashMap<u32, FxHashMap<u32, Late>> = FxHashMap::default();
    for late in late {
        let (file, row) = late.place;
        by_file.entry(file).or_default().insert(row, late);
    }
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by_key(|(file, _)| *file);
    for (file, late) in files {
        let number = usize::try_from(file).unwrap_or(usize::MAX);
        if let Some(set) = gathered.sets.get(number).copied() {
            read_again(work, gathered, (number, set), late)?;
        }
    }
    Ok(())
}

fn read_again(
    work: &Work<'_>,
    gathered: &mut Gathered,
    (number, set): (usize, Set),
    mut late: FxHashMap<u32, Late>,
) -> Result<(), Error> {
    let Some(input) = gathered.inputs.get(number).cloned() else {
        return Ok(());
    };
    let numbers: Vec<u64> = late.keys().map(|row| u64::from(*row)).collect();
    let mut take = |raw: &Raw| {
        let row = u32::try_from(raw.position.number()).unwrap_or(u32::MAX);
        if let Some(late) = late.remove(&row) {
            let entry = work.quarantined(set, input.name(), raw, &late.fault);
            gathered.set_aside(set, entry, late.named_entry);
        }
        late.is_empty()
    };
    let mut rows = open::open(&input, work.options)?;
    loop {
        if let Some(lines) = rows.next_block()? {
            if !numbers.iter().any(|number| lines.holds(*number)) {
                continue;
            }
            let mut done = false;
            lines.each_row(|raw| {
                done = take(raw);
                Ok::<(), Error>(())
            })?;
            if done {
                return Ok(());
            }
        } else {
            match rows.next_row()? {
                Some(raw) if !take(&raw) => {}
                _ => return Ok(()),
            }
        }
    }
}
