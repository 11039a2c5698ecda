//! What only all rows together can tell: keys used twice, codes that must be registered, numbers
//! that must fit one case, and rows of earlier batches that this one makes understood.

use graph::change::{Change, Reason};
use graph::id::{EntityId, Set, Uscc};
use graph::record::{Record, key};
use rustc_hash::{FxHashMap, FxHashSet};

use super::cases::Cases;
use super::pending::Pending;
use super::waiting::{settle_waiting, take_up};
use super::{Candidate, Gathered, Work, open};
use crate::Error;
use crate::report::Finding;
use crate::set::{Fault, spec};

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
        candidates
            .iter()
            .enumerate()
            .filter(|(place, _)| !self.0.contains_key(place))
    }
}

/// The rows of one file that are at fault, with the quarantine entry that each names.
type Faults = FxHashMap<u32, (Fault, Option<[u8; 8]>)>;

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
    let named = gathered
        .candidates
        .iter()
        .map(|candidate| &candidate.notes.reference);
    let awaited = gathered.waiting.iter().map(|waiting| &waiting.reference);
    numbers.extend(
        named
            .chain(awaited)
            .flatten()
            .map(|reference| reference.number.clone()),
    );
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
    for candidate in candidates
        .iter()
        .filter(|candidate| candidate.taken_up.is_none())
    {
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
            let given_way =
                Fault::new(Reason::DuplicateKeyConflict, "", "a newer row has this key");
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
    let organisations = late
        .standing(candidates)
        .filter(|(_, row)| row.set == Set::Organisations);
    let mut withdrawn = FxHashSet::default();
    for (_, candidate) in organisations {
        match &candidate.change {
            Change::Put {
                record: Record::Organisation(organisation),
                ..
            } => {
                here.insert(organisation.id, true);
            }
            _ => {
                withdrawn.insert(candidate.id);
            }
        }
    }
    let doubtful: FxHashSet<Uscc> = candidates
        .iter()
        .flat_map(|row| &row.notes.doubtful)
        .map(|(code, _)| *code)
        .collect();
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
        if let Some((_, field)) = candidate
            .notes
            .doubtful
            .iter()
            .find(|(code, _)| unknown(code))
        {
            let message = "the code's check character is wrong and no organisation is registered \
                           under it: correct it, or load the registration";
            late.add(place, Fault::new(Reason::BadUscc, field, message));
        }
    }
    Ok(())
}

/// The fault of a number that fits several cases.
pub(super) fn ambiguity(field: &'static str) -> Fault {
    let message = "the number fits several cases: name the authority in target_authority or \
                   case_authority";
    Fault::new(Reason::AmbiguousReference, field, message)
}

/// A number that fits several cases is no reference.
fn references(cases: &Cases, candidates: &mut [Candidate], late: &mut Late) {
    for (place, candidate) in candidates.iter_mut().enumerate() {
        // A withdrawal finds its record by the key alone.
        let Some(reference) = candidate
            .notes
            .reference
            .as_ref()
            .filter(|_| candidate.digest.is_some())
        else {
            continue;
        };
        let fitting = cases.fitting(reference);
        if fitting.len() > 1 {
            late.add(place, ambiguity(reference.field));
        } else if let Change::Put {
            record: Record::Determination(determination),
            ..
        } = &candidate.change
            && fitting
                .iter()
                .any(|case| case.subject == determination.person)
        {
            candidate
                .notes
                .findings
                .push(Finding::DeterminationOnSubject);
        }
    }
}

/// Takes the candidates at fault out, reads their rows again and puts them into quarantine. A row
/// taken up from an earlier batch simply stays there.
fn set_aside(work: &Work<'_>, gathered: &mut Gathered, mut late: Late) -> Result<(), Error> {
    if late.0.is_empty() {
        return Ok(());
    }
    let mut by_file: FxHashMap<u32, Faults> = FxHashMap::default();
    let all = std::mem::take(&mut gathered.candidates);
    for (place, candidate) in all.into_iter().enumerate() {
        match late.0.remove(&place) {
            None => gathered.candidates.push(candidate),
            Some(_) if candidate.taken_up.is_some() => {}
            Some(fault) => {
                let (file, row) = candidate.place;
                by_file
                    .entry(file)
                    .or_default()
                    .insert(row, (fault, candidate.named_entry));
            }
        }
    }
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by_key(|(file, _)| *file);
    for (file, mut faults) in files {
        let number = usize::try_from(file).unwrap_or(usize::MAX);
        let (Some(input), Some(set)) = (
            gathered.inputs.get(number).cloned(),
            gathered.sets.get(number).copied(),
        ) else {
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
