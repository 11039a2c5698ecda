//! One set, record by record: what its rows would do to the store.

use std::ops::Range;

use graph::change::{Effect, Source};
use graph::content::{digest, open_core};
use graph::id::{Home, RecordId, Set};
use graph::record::{Record, key};
use graph::store::{Latest, StoreError};
use pile::{Heap, Sorted};
use rustc_hash::FxHashMap;

use super::aside::Late;
use super::entry::{Entry, KEY, Piled, TAKEN_UP, ambiguity, column, split};
use super::persons::{Persons, mention_key};
use super::registry::Sought;
use super::settle::{Outcome, Settling, lock};
use super::{Extra, Place, Work};
use crate::Error;
use crate::report::{Example, Finding, MAX_EXAMPLES};
use crate::set::{Fault, spec};
use graph::change::Reason;

/// How many records are settled at once.
const CHUNK: usize = 1024;

/// Bytes of mentions gathered before they go onto the pile of all sets.
const HEAP: usize = 1 << 20;

/// Rows of some records, each by record id and place, their bytes one after the other.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    rows: Vec<(Place, Range<usize>)>,
    /// Each record with its rows.
    groups: Vec<(RecordId, Range<usize>)>,
}

impl Chunk {
    fn clear(&mut self) {
        self.bytes.clear();
        self.rows.clear();
        self.groups.clear();
    }

    /// Adds a row; gives it back when it would begin a record too many.
    fn push(&mut self, id: RecordId, place: Place, payload: &[u8]) -> bool {
        let (from, row) = (self.bytes.len(), self.rows.len());
        let full = self.groups.len() >= CHUNK;
        match self.groups.last_mut() {
            Some((last, rows)) if *last == id => rows.end = row + 1,
            _ if full => return false,
            _ => self.groups.push((id, row..row + 1)),
        }
        self.bytes.extend_from_slice(payload);
        self.rows.push((place, from..self.bytes.len()));
        true
    }

    /// A row as what it asks for.
    fn entry(&self, (place, bytes): &(Place, Range<usize>)) -> Result<Read<'_>, Error> {
        let payload = self.bytes.get(bytes.clone()).unwrap_or_default();
        let entry = postcard::from_bytes(payload).map_err(StoreError::encoding)?;
        Ok((*place, entry))
    }
}

/// A row with its place.
type Read<'e> = (Place, Entry<'e>);

/// A row that is not at fault: its place, what it asks for, what is odd about it beside others.
type Standing<'r, 'e> = (Place, &'r Entry<'e>, Vec<Finding>);

/// What a record's rows do to the store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    New,
    Changed,
    Nothing,
    Withdrawn,
}

/// The rows of one set, by record id.
pub(super) enum Rows<'a> {
    /// Those that files carry.
    Read(Sorted<KEY>),
    /// Those made from the others.
    Made(Persons<'a>),
}

impl Rows<'_> {
    fn next_entry(&mut self, work: &Work<'_>) -> Result<Option<Piled<'_>>, Error> {
        match self {
            Self::Read(sorted) => sorted.next_entry().map_err(|error| work.spilling(error)),
            Self::Made(persons) => persons.next_entry(),
        }
    }
}

pub(super) struct SetSettler<'a> {
    shared: &'a Settling<'a>,
    set: Set,
    rows: Rows<'a>,
    /// The row that begins the next chunk.
    begun: Option<(RecordId, Place, Vec<u8>)>,
    /// Departments looked up before: all of them are known before other sets are settled.
    departments: FxHashMap<String, bool>,
    outcome: Outcome,
    /// Something of this set is in the store.
    stored: bool,
    mentions: Heap<{ super::persons::KEY }>,
}

impl<'a> SetSettler<'a> {
    pub(super) fn new(shared: &'a Settling<'a>, set: Set, rows: Rows<'a>) -> Self {
        Self {
            shared,
            set,
            rows,
            begun: None,
            departments: FxHashMap::default(),
            outcome: Outcome::default(),
            stored: shared.work.stored,
            mentions: Heap::default(),
        }
    }

    pub(super) fn outcome(mut self) -> Result<Outcome, Error> {
        self.hand_over()?;
        Ok(self.outcome)
    }

    /// The effects of the next records that have any, by record id; none at the end.
    pub(super) fn effects(&mut self) -> Result<Vec<Effect>, Error> {
        let mut chunk = Chunk::default();
        loop {
            self.fill(&mut chunk)?;
            if chunk.groups.is_empty() {
                return Ok(Vec::new());
            }
            let mut latest = Vec::new();
            if self.stored {
                let ids: Vec<RecordId> = chunk.groups.iter().map(|(id, _)| *id).collect();
                latest = self.shared.work.snapshot.latest(self.set, &ids)?;
            }
            let mut latest = latest.into_iter();
            let mut effects = Vec::with_capacity(chunk.groups.len());
            for (id, rows) in &chunk.groups {
                let rows = chunk.rows.get(rows.clone()).unwrap_or_default();
                let latest = latest.next().flatten();
                effects.extend(self.settle(*id, (&chunk, rows), latest)?);
            }
            if !effects.is_empty() {
                return Ok(effects);
            }
        }
    }

    /// Takes the next records off the pile.
    fn fill(&mut self, chunk: &mut Chunk) -> Result<(), Error> {
        chunk.clear();
        if let Some((id, place, payload)) = self.begun.take() {
            chunk.push(id, place, &payload);
        }
        let work = self.shared.work;
        loop {
            let Some((key, payload)) = self.rows.next_entry(work)? else {
                return Ok(());
            };
            let (id, place) = split(key);
            if !chunk.push(id, place, payload) {
                self.begun = Some((id, place, payload.to_vec()));
                return Ok(());
            }
        }
    }

    /// Settles one record.
    fn settle(
        &mut self,
        id: RecordId,
        (chunk, rows): (&Chunk, &[(Place, Range<usize>)]),
        latest: Option<Latest>,
    ) -> Result<Option<Effect>, Error> {
        // Nearly every record has one row, which nothing in the batch speaks against.
        if let [row] = rows {
            let (place, entry) = chunk.entry(row)?;
            return match self.judge(&entry)? {
                Ok(findings) => self.stand((id, latest.as_ref()), (place, &entry, findings), true),
                Err(fault) => {
                    self.put_aside(place, &entry, fault);
                    Ok(None)
                }
            };
        }
        let rows: Vec<Read<'_>> = rows
            .iter()
            .map(|row| chunk.entry(row))
            .collect::<Result<_, Error>>()?;
        let mut effect = None;
        let mut first = true;
        for standing in self.standing(&rows)? {
            let more = self.stand((id, latest.as_ref()), standing, first)?;
            effect = effect.or(more);
            first = false;
        }
        Ok(effect)
    }

    /// What a row does that is not at fault; only the first of a record's does anything.
    fn stand(
        &mut self,
        (id, latest): (RecordId, Option<&Latest>),
        (place, entry, findings): Standing<'_, '_>,
        first: bool,
    ) -> Result<Option<Effect>, Error> {
        let does = if first {
            does(self, entry, latest)
        } else {
            Does::Nothing
        };
        let source = self.source(place, entry);
        self.count(place, entry, does);
        let absent = first && latest.is_none_or(|latest| latest.withdrawn);
        self.note(place, entry, source, (findings, absent));
        self.resolve(id, entry, does != Does::Nothing);
        if does == Does::Nothing {
            return Ok(None);
        }
        if let Some(spoken) = &entry.mention {
            let payload = postcard::to_allocvec(spoken).map_err(StoreError::encoding)?;
            let key = mention_key(&spoken.person, source);
            let pushed = self.mentions.push(&key, &payload);
            pushed.map_err(|error| self.shared.work.spilling(error))?;
            if self.mentions.bytes() >= HEAP {
                self.hand_over()?;
            }
        }
        Ok(Some(self.effect(id, entry, source, latest)))
    }

    /// Brings the mentions onto the pile of all sets.
    fn hand_over(&mut self) -> Result<(), Error> {
        let done = self.shared.mentions.append(&mut self.mentions);
        done.map_err(|error| self.shared.work.spilling(error))
    }

    /// The rows that are not at fault, in order, with what is odd about each beside others.
    ///
    /// Rows with one key and different content: nobody can tell which is right, so none is taken.
    /// A row taken up from an earlier batch gives way to one of this batch.
    fn standing<'r, 'e>(
        &mut self,
        rows: &'r [(Place, Entry<'e>)],
    ) -> Result<Vec<Standing<'r, 'e>>, Error> {
        let fresh: Vec<_> = rows
            .iter()
            .filter(|((file, _), _)| *file != TAKEN_UP)
            .collect();
        let clash = fresh
            .first()
            .is_some_and(|(_, first)| fresh.iter().any(|(_, other)| !first.says_the_same(other)));
        if clash {
            let telling = spec(self.set).and_then(|spec| spec.telling.first()?.first().copied());
            let message = "two rows have this key and different content: keep the right one";
            let fault = Fault::new(Reason::DuplicateKeyConflict, telling.unwrap_or(""), message);
            for (place, entry) in fresh {
                self.put_aside(*place, entry, fault.clone());
            }
            return Ok(Vec::new());
        }
        let candidates = if fresh.is_empty() {
            rows.last().into_iter().collect()
        } else {
            fresh
        };
        let mut standing = Vec::new();
        for (place, entry) in candidates {
            match self.judge(entry)? {
                Ok(findings) => standing.push((*place, entry, findings)),
                Err(fault) => self.put_aside(*place, entry, fault),
            }
        }
        Ok(standing)
    }

    /// A code with a wrong check character stands only where the organisation is registered, and
    /// a number that fits several cases is no reference.
    fn judge(&mut self, entry: &Entry<'_>) -> Result<Result<Vec<Finding>, Fault>, Error> {
        let known = self.shared.known;
        let mut doubtful = entry.doubtful.iter();
        if let Some((_, field)) = doubtful.find(|(code, _)| known.unregistered.contains(code)) {
            let message = "the code's check character is wrong and no organisation is registered \
                           under it: correct it, or load the registration";
            let field = column(self.set, field);
            return Ok(Err(Fault::new(Reason::BadUscc, field, message)));
        }
        let mut findings = Vec::new();
        if let Some(named) = &entry.reference {
            let sought = Sought {
                number: named.number,
                authority: named.authority,
                subject: named.subject,
                own_subject: named.own_subject,
            };
            let fitting = known.fitting(self.shared.work, sought)?;
            if fitting.len() > 1 {
                return Ok(Err(ambiguity(column(self.set, named.field))));
            }
            if fitting
                .iter()
                .any(|case| Some(case.subject) == named.decided_on)
            {
                findings.push(Finding::DeterminationOnSubject);
            }
        }
        if self.set != Set::Departments && self.is_unknown(entry.department)? {
            findings.push(Finding::UnknownDepartment);
        }
        Ok(Ok(findings))
    }

    /// The department is neither in the catalogue nor among the records.
    fn is_unknown(&mut self, department: Option<&str>) -> Result<bool, Error> {
        let Some(code) = department else {
            return Ok(false);
        };
        let work = self.shared.work;
        if work.vocabulary.knows_department(code) {
            return Ok(false);
        }
        if let Some(known) = self.departments.get(code) {
            return Ok(!known);
        }
        let mut departments = lock(&self.shared.departments);
        if let Some(known) = departments.get(code) {
            self.departments.insert(code.to_owned(), *known);
            return Ok(!known);
        }
        let latest = work
            .snapshot
            .latest(Set::Departments, &[key::department(code)])?;
        let recorded = latest.into_iter().flatten().any(|latest| !latest.withdrawn);
        departments.insert(code.to_owned(), recorded);
        Ok(!recorded)
    }

    /// A row at fault; one taken up from an earlier batch simply stays there.
    fn put_aside(&mut self, place: Place, entry: &Entry<'_>, fault: Fault) {
        if place.0 != TAKEN_UP {
            let named_entry = self.extra(entry).and_then(|extra| extra.named_entry);
            self.outcome.late.push(Late {
                place,
                fault,
                named_entry,
            });
        }
    }

    fn extra(&self, entry: &Entry<'_>) -> Option<&'a Extra> {
        let number = usize::try_from(entry.extra).ok()?.checked_sub(1)?;
        self.shared.extras.get(number)
    }

    /// Where a row stands; one taken up stands in a file of its own batch.
    fn source(&self, (file, _): Place, entry: &Entry<'_>) -> Source {
        let taken_up = self.extra(entry).and_then(|extra| extra.taken_up);
        let old = taken_up.and_then(|id| self.shared.pending.file_of(id));
        let file = match old {
            None => file,
            Some(name) => {
                let mut files = lock(&self.shared.files);
                let found = files.iter().position(|own| own == name);
                let place = found.unwrap_or_else(|| {
                    files.push(name.to_owned());
                    files.len() - 1
                });
                u32::try_from(place).unwrap_or(u32::MAX)
            }
        };
        Source {
            file,
            line: entry.line,
        }
    }

    fn effect(
        &self,
        id: RecordId,
        entry: &Entry<'_>,
        source: Source,
        latest: Option<&Latest>,
    ) -> Effect {
        let old = latest.map(|latest| latest.home);
        let home = entry.home().or(old).unwrap_or(Home([0; 16]));
        Effect {
            id,
            set: self.set,
            home,
            moved_from: old.filter(|old| *old != home),
            content: entry.content(),
            source,
        }
    }

    fn count(&mut self, place: Place, entry: &Entry<'_>, does: Does) {
        let counts = &mut self.outcome.counts;
        match does {
            _ if place.0 == TAKEN_UP => counts.taken_up += 1,
            Does::New => counts.new += 1,
            Does::Changed => counts.changed += 1,
            Does::Nothing => counts.unchanged += 1,
            Does::Withdrawn => counts.withdrawn += 1,
        }
        if self.set == Set::Departments
            && let Some(content) = entry.content()
            && let Ok(Record::Department(department)) = open_core(
                self.shared.work.keys,
                RecordId::default(),
                content.core(),
                false,
            )
        {
            lock(&self.shared.departments).insert(department.code, true);
        }
    }

    fn note(
        &mut self,
        place: Place,
        entry: &Entry<'_>,
        source: Source,
        (beside, absent): (Vec<Finding>, bool),
    ) {
        let nothing = (entry.home().is_none() && absent).then_some(Finding::NothingToWithdraw);
        let all = entry.findings.iter().copied().chain(beside).chain(nothing);
        for finding in all {
            *self.outcome.findings.entry(finding).or_default() += 1;
            let number = usize::try_from(source.file).unwrap_or(usize::MAX);
            let file = lock(&self.shared.files).get(number).cloned();
            let (set, file, line) = (self.set.name(), file.unwrap_or_default(), source.line);
            let example = Example {
                finding,
                set,
                file,
                line,
            };
            let examples = &mut self.outcome.examples;
            examples.push(((place.0 == TAKEN_UP, place), example));
            if examples.len() > MAX_EXAMPLES * 8 {
                examples.sort_by_key(|(order, _)| *order);
                examples.truncate(MAX_EXAMPLES);
            }
        }
    }

    /// Resolves the entries that this row corrects: the one it names or was made from, and, when
    /// it brings something new, those with its key and the likeliest of those it resembles.
    fn resolve(&self, id: RecordId, entry: &Entry<'_>, fresh: bool) {
        let extra = self.extra(entry);
        let with_key = self.shared.pending.with_key(id);
        if extra.is_none() && with_key.is_empty() {
            return;
        }
        let mut resolved = lock(&self.shared.resolved);
        resolved.extend(extra.and_then(|extra| extra.named_entry));
        resolved.extend(extra.and_then(|extra| extra.taken_up));
        if fresh {
            resolved.extend(with_key);
            let mut corrects = extra.into_iter().flat_map(|extra| &extra.corrects);
            let unspent = corrects.find(|id| !resolved.contains(*id)).copied();
            resolved.extend(unspent);
        }
    }
}

fn does(settler: &SetSettler<'_>, entry: &Entry<'_>, latest: Option<&Latest>) -> Does {
    let present = latest.filter(|latest| !latest.withdrawn);
    let keys = settler.shared.work.keys;
    match (entry.home(), present) {
        (None, None) => Does::Nothing,
        (None, Some(_)) => Does::Withdrawn,
        (Some(_), None) => Does::New,
        (Some(_), Some(latest)) if latest.digest == digest(keys, entry.core, entry.sealed) => {
            Does::Nothing
        }
        (Some(_), Some(_)) => Does::Changed,
    }
}
