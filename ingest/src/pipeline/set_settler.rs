//! One set, record by record: what its rows would do to the store.

use graph::change::{Effect, Source};
use graph::content::{digest, open_core};
use graph::id::{Home, RecordId, Set};
use graph::record::{Record, key};
use graph::store::{Latest, StoreError};
use pile::Sorted;

use super::aside::Late;
use super::entry::{Entry, KEY, TAKEN_UP, ambiguity, column, split};
use super::persons::mention_key;
use super::registry::Sought;
use super::settle::{Outcome, Settling, lock};
use super::{Extra, Place};
use crate::Error;
use crate::report::{Example, Finding, MAX_EXAMPLES};
use crate::set::{Fault, spec};
use graph::change::Reason;

/// How many records are settled at once.
const CHUNK: usize = 1024;

/// All rows of one record, by place.
#[derive(Default)]
struct Group {
    id: RecordId,
    rows: Vec<(Place, Vec<u8>)>,
}

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

pub(super) struct SetSettler<'a> {
    shared: &'a Settling<'a>,
    set: Set,
    sorted: Sorted<KEY>,
    begun: Option<Group>,
    outcome: Outcome,
    /// Something of this set is in the store.
    stored: bool,
}

impl<'a> SetSettler<'a> {
    pub(super) fn new(shared: &'a Settling<'a>, set: Set, sorted: Sorted<KEY>) -> Self {
        Self {
            shared,
            set,
            sorted,
            begun: None,
            outcome: Outcome::default(),
            stored: shared.work.stored,
        }
    }

    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    /// The effects of the next records that have any, by record id; none at the end.
    pub(super) fn effects(&mut self) -> Result<Vec<Effect>, Error> {
        loop {
            let groups = self.groups()?;
            if groups.is_empty() {
                return Ok(Vec::new());
            }
            let latest = if self.stored {
                let ids: Vec<RecordId> = groups.iter().map(|group| group.id).collect();
                self.shared.work.snapshot.latest(self.set, &ids)?
            } else {
                vec![None; groups.len()]
            };
            let mut effects = Vec::with_capacity(groups.len());
            for (group, latest) in groups.iter().zip(latest) {
                effects.extend(self.settle(group, latest)?);
            }
            if !effects.is_empty() {
                return Ok(effects);
            }
        }
    }

    fn groups(&mut self) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::with_capacity(CHUNK);
        let work = self.shared.work;
        while groups.len() < CHUNK {
            let next = self.sorted.next_entry();
            let Some((key, payload)) = next.map_err(|error| work.spilling(error))? else {
                groups.extend(self.begun.take());
                break;
            };
            let (id, place) = split(key);
            let row = (place, payload.to_vec());
            match &mut self.begun {
                Some(group) if group.id == id => group.rows.push(row),
                begun => groups.extend(begun.replace(Group {
                    id,
                    rows: vec![row],
                })),
            }
        }
        Ok(groups)
    }

    /// Settles one record.
    fn settle(&mut self, group: &Group, latest: Option<Latest>) -> Result<Option<Effect>, Error> {
        let rows: Vec<(Place, Entry<'_>)> = group
            .rows
            .iter()
            .map(|(place, payload)| Ok((*place, postcard::from_bytes(payload)?)))
            .collect::<Result<_, postcard::Error>>()
            .map_err(StoreError::encoding)?;
        let standing = self.standing(&rows)?;
        let mut effect = None;
        let mut first = true;
        for (place, entry, findings) in standing {
            let does = if first {
                does(self, entry, latest.as_ref())
            } else {
                Does::Nothing
            };
            let source = self.source(place, entry);
            self.count(place, entry, does);
            let absent = first && latest.as_ref().is_none_or(|latest| latest.withdrawn);
            self.note(place, entry, source, (findings, absent));
            self.resolve(group.id, entry, does != Does::Nothing);
            if does != Does::Nothing {
                if let Some(spoken) = &entry.mention {
                    let payload = postcard::to_allocvec(spoken).map_err(StoreError::encoding)?;
                    let pushed = self
                        .shared
                        .mentions
                        .push(&mention_key(&spoken.person, source), &payload);
                    pushed.map_err(|error| self.shared.work.spilling(error))?;
                }
                effect = Some(self.effect(group.id, entry, source, latest.as_ref()));
            }
            first = false;
        }
        Ok(effect)
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
    fn judge(&self, entry: &Entry<'_>) -> Result<Result<Vec<Finding>, Fault>, Error> {
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
    fn is_unknown(&self, department: Option<&str>) -> Result<bool, Error> {
        let Some(code) = department else {
            return Ok(false);
        };
        let work = self.shared.work;
        if work.vocabulary.knows_department(code) {
            return Ok(false);
        }
        let mut departments = lock(&self.shared.departments);
        if let Some(known) = departments.get(code) {
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
        let home = entry.home.map(Home).or(old).unwrap_or(Home([0; 16]));
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
                &content.core,
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
        let nothing = (entry.home.is_none() && absent).then_some(Finding::NothingToWithdraw);
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
    match (entry.home, present) {
        (None, None) => Does::Nothing,
        (None, Some(_)) => Does::Withdrawn,
        (Some(_), None) => Does::New,
        (Some(_), Some(latest)) if latest.digest == digest(keys, entry.core, entry.sealed) => {
            Does::Nothing
        }
        (Some(_), Some(_)) => Does::Changed,
    }
}
