//! One record a person, from the person columns of the rows that bring something new.
//!
//! A row that says nothing new has no say in how a person is called: so loading an old file again
//! cannot bring an old name back. Among the new rows of a batch the most frequent name counts, so
//! that their order does not matter.

use std::sync::atomic::{AtomicU64, Ordering};

use graph::change::Source;
use graph::content::Content;
use graph::id::{RecordId, Set};
use graph::record::{Person, Record, key};
use pile::{Pile, Sorted};

use super::Work;
use super::entry::{self, Entry, Spoken};
use crate::Error;
use crate::identity::normalise_name;
use crate::set::Notes;

/// Length of the key: person, file, line.
pub(super) const KEY: usize = 24;

/// How many persons are made at once.
const CHUNK: usize = 4096;

/// The key of one mention: by the id of the person's record, which is the head of the digest.
pub(super) fn mention_key(person: &Person, source: Source) -> [u8; KEY] {
    let mut key = [0; KEY];
    // The kind, its first byte, goes behind the digest.
    let id = u128::from_be_bytes(*person.id.bytes()).rotate_left(8);
    let source = u64::from(source.file) << 32 | u64::from(source.line);
    if let Some((head, rest)) = key.split_first_chunk_mut() {
        *head = id.to_be_bytes();
        rest.copy_from_slice(&source.to_be_bytes());
    }
    key
}

/// What the rows of a batch say of one person.
struct Named {
    person: Person,
    number: String,
    /// Each name with how often it was said; nearly always one.
    names: Vec<(String, u64)>,
    source: Source,
}

/// The records of all persons spoken of, by record id, as rows of their set.
pub(super) struct Persons<'a> {
    work: &'a Work<'a>,
    sorted: Sorted<KEY>,
    /// A person begun.
    waiting: Option<Named>,
    made: std::vec::IntoIter<Made>,
    current: Made,
    /// How many have several names.
    several: &'a AtomicU64,
}

/// A row's key and payload.
type Made = ([u8; entry::KEY], Vec<u8>);

impl<'a> Persons<'a> {
    pub(super) fn new(
        work: &'a Work<'a>,
        mentions: &Pile<KEY>,
        several: &'a AtomicU64,
    ) -> Result<Self, Error> {
        let sorted = mentions.sorted().map_err(|error| work.spilling(error))?;
        Ok(Self {
            work,
            sorted,
            waiting: None,
            made: Vec::new().into_iter(),
            current: Made::default(),
            several,
        })
    }

    /// The next row: its key and its payload.
    pub(super) fn next_entry(&mut self) -> Result<Option<entry::Piled<'_>>, Error> {
        loop {
            if let Some(made) = self.made.next() {
                self.current = made;
                return Ok(Some((&self.current.0, &self.current.1)));
            }
            let chunk = chunk(self.work, &mut self.sorted, &mut self.waiting)?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let several = chunk.iter().filter(|named| named.has_several_names());
            let several = u64::try_from(several.count()).unwrap_or(u64::MAX);
            self.several.fetch_add(several, Ordering::Relaxed);
            self.made = make(self.work, chunk)?.into_iter();
        }
    }
}

/// The next persons; `waiting` is one already begun.
fn chunk(
    work: &Work<'_>,
    sorted: &mut Sorted<KEY>,
    waiting: &mut Option<Named>,
) -> Result<Vec<Named>, Error> {
    let mut chunk = Vec::new();
    while let Some((key, payload)) = sorted.next_entry().map_err(|error| work.spilling(error))? {
        let source = source_of(key);
        let spoken: Spoken<'_> =
            postcard::from_bytes(payload).map_err(graph::store::StoreError::encoding)?;
        match waiting {
            Some(named) if named.person.id == spoken.person.id => named.hear(&spoken),
            _ => chunk.extend(waiting.replace(Named::new(&spoken, source))),
        }
        if chunk.len() >= CHUNK {
            return Ok(chunk);
        }
    }
    chunk.extend(waiting.take());
    Ok(chunk)
}

fn source_of(key: &[u8; KEY]) -> Source {
    let number = |from: usize| {
        let bytes = key.get(from..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    Source {
        file: number(16),
        line: number(20),
    }
}

impl Named {
    /// The first mention: the earliest, since they come by source.
    fn new(spoken: &Spoken<'_>, source: Source) -> Self {
        let mut named = Self {
            person: spoken.person.clone(),
            number: spoken.number.to_owned(),
            names: Vec::new(),
            source,
        };
        named.hear(spoken);
        named
    }

    fn hear(&mut self, spoken: &Spoken<'_>) {
        if spoken.name.is_empty() {
            return;
        }
        let mut names = self.names.iter_mut();
        match names.find(|(name, _)| name == spoken.name) {
            Some((_, count)) => *count += 1,
            None => self.names.push((spoken.name.to_owned(), 1)),
        }
    }

    fn has_several_names(&self) -> bool {
        let Some(((first, _), others)) = self.names.split_first() else {
            return false;
        };
        let form = |name: &str| normalise_name(name);
        others.iter().any(|(name, _)| form(name) != form(first))
    }

    /// The detail of the record, by name.
    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.names.iter();
        let best = names.max_by_key(|(name, count)| (*count, std::cmp::Reverse(name)));
        let name = best.map_or("", |(name, _)| name.as_str());
        let texts = [(Person::NUMBER, self.number.as_str()), (Person::NAME, name)];
        texts.into_iter().filter(|(_, text)| !text.is_empty())
    }
}

/// The rows of these persons, in their order.
fn make(work: &Work<'_>, mut chunk: Vec<Named>) -> Result<Vec<Made>, Error> {
    // A row without a name must not make a known name forgotten.
    let nameless = |named: &Named| named.names.is_empty();
    let keys: Vec<RecordId> = chunk
        .iter()
        .filter(|named| nameless(named))
        .map(|named| key::person(named.person.id))
        .collect();
    let mut known = work.snapshot.latest(Set::Persons, &keys)?.into_iter();
    chunk.retain(|named| !nameless(named) || known.next().flatten().is_none());
    let threads = work.options.threads.max(1);
    let share = chunk.len().div_ceil(threads).max(1);
    let parts = std::thread::scope(|scope| {
        let makers: Vec<_> = chunk
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(|named| row(work, named)).collect()))
            .collect();
        let made = makers.into_iter().map(|maker| {
            maker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        made.collect::<Result<Vec<Vec<Made>>, Error>>()
    })?;
    Ok(parts.into_iter().flatten().collect())
}

fn row(work: &Work<'_>, named: &Named) -> Result<Made, Error> {
    let record = Record::Person(named.person.clone());
    let id = record.id();
    let content = Content::new(work.keys, id, &record, named.texts())?;
    let notes = Notes::default();
    let home = record.home();
    let entry = Entry::new(named.source.line, Some((&record, &content, &home)), &notes);
    let payload = postcard::to_allocvec(&entry).map_err(graph::store::StoreError::encoding)?;
    Ok((entry::key(id, (named.source.file, 0)), payload))
}
