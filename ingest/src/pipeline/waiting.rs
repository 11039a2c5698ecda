//! Rows that other rows make understood: those in quarantine that wait for a registration or a
//! case, and persons without a number, who are told by the organisation of their case.

use std::sync::Arc;

use graph::id::Set;

use super::desk::{Desk, kept};
use super::entry::{TAKEN_UP, ambiguity};
use super::pending::waits;
use super::read::{Reading, understand};
use super::registry::{Known, Sought};
use super::{Extra, Gathered, Waiting};
use crate::Error;
use crate::quarantine::as_row;
use crate::set::{Context, Notes, Reference};
use crate::source::{Body, Position, Raw};

/// Takes up the rows in quarantine that wait for something, closes the registry of this batch,
/// and settles the rows that wait for their case. Tells what is known then.
pub(super) fn settle_waiting(desk: &mut Desk<'_>, gathered: &mut Gathered) -> Result<Known, Error> {
    take_up(desk, gathered)?;
    let known = std::mem::take(&mut desk.registry).close(desk.work)?;
    for (number, waiting) in std::mem::take(&mut gathered.waiting)
        .into_iter()
        .enumerate()
    {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        settle_one(desk, &known, (waiting, number), gathered)?;
    }
    for (_, set, row, named_entry) in std::mem::take(&mut desk.aside) {
        gathered.set_aside(set, row, named_entry);
    }
    Ok(known)
}

/// Understands the rows in quarantine that wait for a registration or a case once more.
fn take_up(desk: &mut Desk<'_>, gathered: &mut Gathered) -> Result<(), Error> {
    let pending = desk.pending;
    let waits = pending.entries.iter().filter(|entry| waits(entry));
    for (number, entry) in (0..).zip(waits) {
        let (Some(set), Some((layout, cells))) =
            (entry.set.and_then(Set::from_number), as_row(entry))
        else {
            continue;
        };
        let Some(mut reading) = Reading::new(set, &entry.file) else {
            continue;
        };
        let line = line_of(&entry.place);
        let position = Position::Line(u64::from(line));
        let raw = Raw {
            position,
            layout: Arc::new(layout),
            body: Body::Cells(cells),
        };
        let mut notes = Notes::default();
        reading.turn_to(&raw.layout);
        match understand(desk.work.context(), &reading, &raw, &mut notes) {
            Ok(asked) => {
                let extra = kept(desk.extras(), taken_up(entry.id));
                desk.stack((set, &asked), &notes, ((TAKEN_UP, number), line), extra)?;
            }
            Err(_) if notes.needs_case => gathered.waiting.push(Waiting {
                set,
                raw,
                place: (TAKEN_UP, 0),
                line,
                reference: notes.reference,
                taken_up: Some(entry.id),
                named_entry: None,
            }),
            Err(_) => {}
        }
    }
    Ok(())
}

fn taken_up(entry: [u8; 8]) -> Extra {
    Extra {
        taken_up: Some(entry),
        ..Extra::default()
    }
}

/// The line in a place such as `line 12` or `Sheet1!C7`.
fn line_of(place: &str) -> u32 {
    let digits = place
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |last| last + 1);
    place
        .get(digits..)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

/// Tells a person without a number by the organisation of the case.
fn settle_one(
    desk: &mut Desk<'_>,
    known: &Known,
    (waiting, number): (Waiting, u32),
    gathered: &Gathered,
) -> Result<(), Error> {
    let fitting = match &waiting.reference {
        None => None,
        Some(reference) => Some(known.fitting(desk.work, sought(reference))?),
    };
    let org = match fitting.as_deref() {
        Some([case]) => case.subject.uscc(),
        _ => None,
    };
    let ambiguous = fitting.is_some_and(|fitting| fitting.len() > 1);
    let context = Context {
        case_org: org,
        ..desk.work.context()
    };
    let file = usize::try_from(waiting.place.0).unwrap_or(usize::MAX);
    let file = gathered.files.get(file).cloned().unwrap_or_default();
    let Some(mut reading) = Reading::new(waiting.set, &file) else {
        return Ok(());
    };
    let mut notes = Notes::default();
    let (set, place) = (waiting.set, waiting.place);
    reading.turn_to(&waiting.raw.layout);
    match understand(context, &reading, &waiting.raw, &mut notes) {
        Ok(asked) => {
            let extra = Extra {
                taken_up: waiting.taken_up,
                named_entry: waiting.named_entry,
                ..Extra::default()
            };
            let extra = kept(desk.extras(), extra);
            // Rows taken up are told apart among each other only.
            let place = if waiting.taken_up.is_some() {
                (TAKEN_UP, u32::MAX / 2 + number)
            } else {
                place
            };
            desk.stack((set, &asked), &notes, (place, waiting.line), extra)
        }
        Err(fault) if waiting.taken_up.is_none() => {
            let fault = if ambiguous {
                ambiguity("case_no")
            } else {
                fault
            };
            let raw = (&waiting.raw, place);
            desk.put_aside((set, &file), raw, &fault, waiting.named_entry);
            Ok(())
        }
        Err(_) => Ok(()),
    }
}

fn sought(reference: &Reference) -> Sought<'_> {
    Sought {
        number: &reference.number,
        authority: reference.authority.as_deref(),
        subject: reference.subject,
        own_subject: reference.own_subject,
    }
}
