//! Rows that other rows make understood: those in quarantine that wait for a registration or a
//! case, and persons without a number, who are told by the organisation of their case.

use std::sync::Arc;

use graph::change::Source;
use graph::id::Set;

use super::cases::Cases;
use super::judge::ambiguity;
use super::pending::{Pending, waits};
use super::read::{Reading, candidate, understand};
use super::{Gathered, Waiting, Work};
use crate::Error;
use crate::quarantine::as_row;
use crate::set::{Context, Notes};
use crate::source::{Body, Position, Raw};

/// Makes candidates of the rows in quarantine that wait for a registration or a case.
pub(super) fn take_up(
    work: &Work<'_>,
    pending: &Pending,
    gathered: &mut Gathered,
) -> Result<(), Error> {
    for entry in pending.entries.iter().filter(|entry| waits(entry)) {
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
        match understand(work.context(), &mut reading, &raw, &mut notes) {
            Ok(asked) => {
                let mut taken = candidate(work, set, asked, notes, Source { file: 0, line })?;
                taken.taken_up = Some(entry.id);
                gathered.candidates.push(taken);
            }
            Err(_) if notes.needs_case => gathered.waiting.push(Waiting {
                set,
                raw,
                place: (0, 0),
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

/// Tells persons without a number by the organisation of their case.
pub(super) fn settle_waiting(
    work: &Work<'_>,
    cases: &Cases,
    gathered: &mut Gathered,
) -> Result<(), Error> {
    for waiting in std::mem::take(&mut gathered.waiting) {
        let fitting = waiting
            .reference
            .as_ref()
            .map(|reference| cases.fitting(reference));
        let org = match fitting.as_deref() {
            Some([case]) => case.subject.uscc(),
            _ => None,
        };
        let ambiguous = fitting.is_some_and(|fitting| fitting.len() > 1);
        let context = Context {
            case_org: org,
            ..work.context()
        };
        let number = usize::try_from(waiting.place.0).unwrap_or(usize::MAX);
        let file = gathered.files.get(number).cloned().unwrap_or_default();
        let Some(mut reading) = Reading::new(waiting.set, &file) else {
            continue;
        };
        let mut notes = Notes::default();
        let understood = understand(context, &mut reading, &waiting.raw, &mut notes);
        match understood {
            Ok(asked) => {
                let source = Source {
                    file: waiting.place.0,
                    line: waiting.line,
                };
                let mut settled = candidate(work, waiting.set, asked, notes, source)?;
                settled.place = waiting.place;
                settled.taken_up = waiting.taken_up;
                settled.named_entry = waiting.named_entry;
                gathered.candidates.push(settled);
            }
            Err(fault) if waiting.taken_up.is_none() => {
                let fault = if ambiguous {
                    ambiguity("case_no")
                } else {
                    fault
                };
                let row = work.quarantined(waiting.set, &file, &waiting.raw, &fault);
                gathered.set_aside(waiting.set, row, waiting.named_entry);
            }
            Err(_) => {}
        }
    }
    Ok(())
}
