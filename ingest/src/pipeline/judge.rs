//! What only all rows together can tell: keys used twice, codes that must be registered, numbers
//! that must fit one case, and rows of earlier batches that this one makes understood.

use graph::change::{Change, Reason, Source};
use graph::id::{EntityId, Set, Uscc};
use graph::record::{Record, key};
use rustc_hash::{FxHashMap, FxHashSet};

use super::cases::Cases;
use super::pending::{Pending, waits};
use super::read::{Reading, candidate, understand};
use super::{Candidate, Gathered, Waiting, Work, open};
use crate::Error;
use crate::quarantine::as_row;
use crate::report::Finding;
use crate::set::{Context, Fault, Notes, spec};
use crate::source::{Body, Position, Raw};
use std::sync::Arc;

/// Candidates that turned out to be at fault, by their place among the candidates.
#[derive(Default)]
pub(super) struct Late(FxHashMap<usize, Fault>);

impl Late {
    fn add(&mut self, place: usize, fault: Fault) {
        self.0.entry(place).or_insert(fault);
    }

    /// The candidates that are not at fault.
    pub(super) fn standing<'a>(
        &'a self,
        candidates: &'a [Candidate],
    ) -> impl Iterator<Item = (usize, &'a Candidate)> {
        candidates.iter().enumerate().filter(|(place, _)| !self.0.contains_key(place))
    }
}

/// Judges all rows together and puts those at fault into quarantine.
pub(super) fn judge(
    work: &Work<'_>,
    pending: &Pending,
    gathered: &mut Gathered,
) -> Result<(), Error> {
    let mut late = Late::default();
    clashing_keys(&gathered.candidates, &mut late);
    take_up(work, pending, gathered)?;
    clashing_keys(&gathered.candidates, &mut late);
    unregistered_codes(work, &gathered.candidates, &mut late)?;
    let mut numbers: FxHashSet<String> = FxHashSet::default();
    let named = gathered.candidates.iter().map(|candidate| &candidate.notes.reference);
    let awaited = gathered.waiting.iter().map(|waiting| &waiting.reference);
    numbers.extend(named.chain(awaited).flatten().map(|reference| reference.number.clone()));
    let cases = Cases::find(work, &gathered.candidates, &late, numbers)?;
    if !gathered.waiting.is_empty() {
        settle_waiting(work, &cases, gathered)?;
        clashing_keys(&gathered.candidates, &mut late);
        unregistered_codes(work, &gathered.candidates, &mut late)?;
    }
    references(&cases, &mut gathered.candidates, &mut late);
    set_aside(work, gathered, late)
}

/// Rows with one key and different content: nobody can tell which is right, so none is taken. A
/// row taken up from an earlier batch gives way to one of this batch.
fn clashing_keys(candidates: &[Candidate], late: &mut Late) {
    let mut first: FxHashMap<_, &Candidate> = FxHashMap::default();
    let mut clashing = FxHashSet::default();
    for candidate in candidates.iter().filter(|candidate| candidate.taken_up.is_none()) {
        let other = first.entry(candidate.id).or_insert(candidate);
        if other.digest != candidate.digest {
            clashing.insert(candidate.id);
        }
    }
    let mut newest = FxHashMap::default();
    for (place, candidate) in candidates.iter().enumerate() {
        if clashing.contains(&candidate.id) {
            let field = spec(candidate.set).and_then(|spec| spec.telling.first()?.first().copied());
            let message = "two rows have this key and different content: keep the right one";
            let fault = Fault::new(Reason::DuplicateKeyConflict, field.unwrap_or(""), message);
            late.add(place, fault);
        } else if candidate.taken_up.is_some() {
            let given_way = Fault::new(Reason::DuplicateKeyConflict, "", "a newer row has this key");
            if first.contains_key(&candidate.id) {
                late.add(place, given_way);
            } else if let Some(older) = newest.insert(candidate.id, place) {
                late.add(older, given_way);
            }
        }
    }
}

/// Codes with a wrong check character stand only where the organisation is registered, in this
/// batch or before.
fn unregistered_codes(
    work: &Work<'_>,
    candidates: &[Candidate],
    late: &mut Late,
) -> Result<(), Error> {
    let mut here: FxHashMap<EntityId, bool> = FxHashMap::default();
    let organisations = late.standing(candidates).filter(|(_, row)| row.set == Set::Organisations);
    let mut withdrawn = FxHashSet::default();
    for (_, candidate) in organisations {
        match &candidate.change {
            Change::Put { record: Record::Organisation(organisation), .. } => {
                here.insert(organisation.id, true);
            }
            _ => {
                withdrawn.insert(candidate.id);
            }
        }
    }
    let doubtful: FxHashSet<Uscc> =
        candidates.iter().flat_map(|row| &row.notes.doubtful).map(|(code, _)| *code).collect();
    let mut asked: Vec<EntityId> = doubtful.into_iter().map(EntityId::organisation).collect();
    asked.retain(|id| !here.contains_key(id));
    let keys: Vec<_> = asked.iter().map(|id| key::organisation(*id)).collect();
    for ((id, key), latest) in asked.iter().zip(&keys).zip(work.snapshot.latest(&keys)?) {
        let registered = latest.is_some_and(|latest| !latest.withdrawn) && !withdrawn.contains(key);
        here.insert(*id, registered);
    }
    for (place, candidate) in candidates.iter().enumerate() {
        // A withdrawal says nothing about the organisation.
        if candidate.digest.is_none() {
            continue;
        }
        let unknown = |code: &Uscc| here.get(&EntityId::organisation(*code)) != Some(&true);
        if let Some((_, field)) = candidate.notes.doubtful.iter().find(|(code, _)| unknown(code)) {
            let message = "the code's check character is wrong and no organisation is registered \
                           under it: correct it, or load the registration";
            late.add(place, Fault::new(Reason::BadUscc, field, message));
        }
    }
    Ok(())
}

/// Makes candidates of the rows in quarantine that wait for a registration or a case.
fn take_up(work: &Work<'_>, pending: &Pending, gathered: &mut Gathered) -> Result<(), Error> {
    for entry in pending.entries.iter().filter(|entry| waits(entry)) {
        let (Some(set), Some((layout, cells))) = (entry.set.and_then(Set::from_number), as_row(entry))
        else {
            continue;
        };
        let Some(mut reading) = Reading::new(set, &entry.file) else {
            continue;
        };
        let line = line_of(&entry.place);
        let position = Position::Line(u64::from(line));
        let raw = Raw { position, layout: Arc::new(layout), body: Body::Cells(cells) };
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
    let digits = place.rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |last| last + 1);
    place.get(digits..).and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// Tells persons without a number by the organisation of their case.
fn settle_waiting(work: &Work<'_>, cases: &Cases, gathered: &mut Gathered) -> Result<(), Error> {
    for waiting in std::mem::take(&mut gathered.waiting) {
        let fitting = waiting.reference.as_ref().map(|reference| cases.fitting(reference));
        let org = match fitting.as_deref() {
            Some([case]) => case.subject.uscc(),
            _ => None,
        };
        let ambiguous = fitting.is_some_and(|fitting| fitting.len() > 1);
        let context = Context { case_org: org, ..work.context() };
        let number = usize::try_from(waiting.place.0).unwrap_or(usize::MAX);
        let file = gathered.files.get(number).cloned().unwrap_or_default();
        let Some(mut reading) = Reading::new(waiting.set, &file) else {
            continue;
        };
        let mut notes = Notes::default();
        let understood = understand(context, &mut reading, &waiting.raw, &mut notes);
        match understood {
            Ok(asked) => {
                let source = Source { file: waiting.place.0, line: waiting.line };
                let mut settled = candidate(work, waiting.set, asked, notes, source)?;
                settled.place = waiting.place;
                settled.taken_up = waiting.taken_up;
                settled.named_entry = waiting.named_entry;
                gathered.candidates.push(settled);
            }
            Err(fault) if waiting.taken_up.is_none() => {
                let fault = if ambiguous { ambiguity("case_no") } else { fault };
                let row = work.quarantined(waiting.set, &file, &waiting.raw, &fault);
                gathered.set_aside(waiting.set, row, waiting.named_entry);
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn ambiguity(field: &'static str) -> Fault {
    let message = "the number fits several cases: name the authority in target_authority or \
                   case_authority";
    Fault::new(Reason::AmbiguousReference, field, message)
}

/// A number that fits several cases is no reference.
fn references(cases: &Cases, candidates: &mut [Candidate], late: &mut Late) {
    for (place, candidate) in candidates.iter_mut().enumerate() {
        // A withdrawal finds its record by the key alone.
        let Some(reference) = candidate.notes.reference.as_ref().filter(|_| candidate.digest.is_some())
        else {
            continue;
        };
        let fitting = cases.fitting(reference);
        if fitting.len() > 1 {
            late.add(place, ambiguity(reference.field));
        } else if let Change::Put { record: Record::Determination(determination), .. } =
            &candidate.change
            && fitting.iter().any(|case| case.subject == determination.person)
        {
            candidate.notes.findings.push(Finding::DeterminationOnSubject);
        }
    }
}

/// Takes the candidates at fault out, reads their rows again and puts them into quarantine. A row
/// taken up from an earlier batch simply stays there.
fn set_aside(work: &Work<'_>, gathered: &mut Gathered, mut late: Late) -> Result<(), Error> {
    if late.0.is_empty() {
        return Ok(());
    }
    let mut by_file: FxHashMap<u32, FxHashMap<u32, (Fault, Option<[u8; 8]>)>> = FxHashMap::default();
    let all = std::mem::take(&mut gathered.candidates);
    for (place, candidate) in all.into_iter().enumerate() {
        match late.0.remove(&place) {
            None => gathered.candidates.push(candidate),
            Some(_) if candidate.taken_up.is_some() => {}
            Some(fault) => {
                let (file, row) = candidate.place;
                by_file.entry(file).or_default().insert(row, (fault, candidate.named_entry));
            }
        }
    }
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by_key(|(file, _)| *file);
    for (file, mut faults) in files {
        let number = usize::try_from(file).unwrap_or(usize::MAX);
        let (Some(input), Some(set)) =
            (gathered.inputs.get(number).cloned(), gathered.sets.get(number).copied())
        else {
            continue;
        };
        let mut rows = open::open(&input, work.options)?;
        let mut row = 0;
        while let Some(raw) = rows.next_row()? {
            if let Some((fault, named_entry)) = faults.remove(&row) {
                let entry = work.quarantined(set, input.name(), &raw, &fault);
                gathered.set_aside(set, entry, named_entry);
            }
            row += 1;
        }
    }
    Ok(())
}
