//! One record a person, from the person columns of the rows that bring something new.
//!
//! A row that says nothing new has no say in how a person is called: so loading an old file again
//! cannot bring an old name back. Among the new rows of a batch the most frequent name counts, so
//! that their order does not matter.

use std::collections::BTreeMap;

use graph::change::Source;
use graph::content::Content;
use graph::id::{RecordId, Set};
use graph::record::{Detail, Person, Record, key};
use pile::{Pile, Sorted};

use super::entry::{self, Entry, Spoken};
use super::{Piles, Work};
use crate::Error;
use crate::identity::normalise_name;
use crate::set::Notes;

/// Length of the key: person, file, line.
pub(super) const KEY: usize = 24;

/// How many persons are made at once.
const CHUNK: usize = 4096;

/// The key of one mention.
pub(super) fn mention_key(person: &Person, source: Source) -> [u8; KEY] {
    let mut key = [0; KEY];
    let source = source
        .file
        .to_be_bytes()
        .into_iter()
        .chain(source.line.to_be_bytes());
    key.iter_mut()
        .zip(person.id.bytes().iter().copied().chain(source))
        .for_each(|(place, byte)| *place = byte);
    key
}

/// What the rows of a batch say of one person.
struct Named {
    person: Person,
    number: String,
    names: BTreeMap<String, u64>,
    source: Source,
}

/// Puts the records of all persons spoken of onto their pile; tells how many have several names.
pub(super) fn stack(
    work: &Work<'_>,
    piles: &Piles,
    mentions: &Pile<KEY>,
) -> Result<u64, Error> {
    let mut several = 0;
    let mut sorted = mentions.sorted().map_err(|error| work.spilling(error))?;
    let mut waiting = None;
    loop {
        let chunk = chunk(work, &mut sorted, &mut waiting)?;
        if chunk.is_empty() {
            return Ok(several);
        }
        let named = chunk.iter().filter(|named| named.has_several_names());
        several += u64::try_from(named.count()).unwrap_or(u64::MAX);
        stack_chunk(work, piles, chunk)?;
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
            names: BTreeMap::new(),
            source,
        };
        named.hear(spoken);
        named
    }

    fn hear(&mut self, spoken: &Spoken<'_>) {
        if !spoken.name.is_empty() {
            *self.names.entry(spoken.name.to_owned()).or_default() += 1;
        }
    }

    fn has_several_names(&self) -> bool {
        let mut forms: Vec<String> = self.names.keys().map(|name| normalise_name(name)).collect();
        forms.dedup();
        forms.len() > 1
    }

    fn detail(&self) -> Detail {
        let best = self
            .names
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
        let mut detail = Detail::new();
        if let Some((name, _)) = best {
            detail.insert(Person::NAME.to_owned(), name.clone());
        }
        if !self.number.is_empty() {
            detail.insert(Person::NUMBER.to_owned(), self.number.clone());
        }
        detail
    }
}

fn stack_chunk(work: &Work<'_>, piles: &Piles, mut chunk: Vec<Named>) -> Result<(), Error> {
    // A row without a name must not make a known name forgotten.
    let nameless = |named: &Named| named.names.is_empty();
    let keys: Vec<RecordId> = chunk
        .iter()
        .filter(|named| nameless(named))
        .map(|named| key::person(named.person.id))
        .collect();
    let mut known = work.snapshot.latest(Set::Persons, &keys)?.into_iter();
    chunk.retain(|named| !nameless(named) || known.next().flatten().is_none());
    let Some(pile) = piles.of(Set::Persons) else {
        return Ok(());
    };
    let threads = work.options.threads.max(1);
    let share = chunk.len().div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let makers: Vec<_> = chunk
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().try_for_each(|named| put(work, pile, named))))
            .collect();
        makers.into_iter().try_for_each(|maker| {
            maker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })
}

fn put(work: &Work<'_>, pile: &Pile<{ entry::KEY }>, named: &Named) -> Result<(), Error> {
    let record = Record::Person(named.person.clone());
    let id = record.id();
    let content = Content::new(work.keys, id, &record, &named.detail())?;
    let notes = Notes::default();
    let home = record.home().0;
    let entry = Entry::new(named.source.line, Some((&content, home)), &notes, None);
    let payload = postcard::to_allocvec(&entry).map_err(graph::store::StoreError::encoding)?;
    pile.push(&entry::key(id, (named.source.file, 0)), &payload)
        .map_err(|error| work.spilling(error))
}
