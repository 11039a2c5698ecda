//! A row that was understood by itself, in the form in which it waits on its pile.

use graph::change::Reason;
use graph::content::Content;
use graph::id::{EntityId, Home, RecordId, Set, Uscc};
use graph::record::{Person, Record};
use serde::{Deserialize, Serialize};

use super::Place;
use crate::report::Finding;
use crate::set::{Fault, Mention, Notes, Reference, spec};

/// Length of the key: record id, file, row.
pub(super) const KEY: usize = 20;

/// A row as it lies in a pile: its key and its payload.
pub(super) type Piled<'a> = (&'a [u8; KEY], &'a [u8]);

/// The file number of rows taken up from earlier batches: they come after all others.
pub(super) const TAKEN_UP: u32 = u32::MAX;

/// What a row asks for, with what is to be judged beside others.
#[derive(Serialize, Deserialize)]
pub(super) struct Entry<'a> {
    /// The line it stands on.
    pub(super) line: u32,
    /// The 16 bytes of where its record is filed; nothing for a withdrawal.
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(super) home: &'a [u8],
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(super) core: &'a [u8],
    pub(super) core_sealed: bool,
    #[serde(borrow, serialize_with = "as_bytes")]
    pub(super) sealed: &'a [u8],
    pub(super) findings: Vec<Finding>,
    /// Codes that must be registered, with the columns that hold them.
    #[serde(borrow)]
    pub(super) doubtful: Vec<(EntityId, &'a str)>,
    #[serde(borrow)]
    pub(super) department: Option<&'a str>,
    #[serde(borrow)]
    pub(super) reference: Option<Named<'a>>,
    #[serde(borrow)]
    pub(super) mention: Option<Spoken<'a>>,
    /// Its place among the [`super::Extra`]s, from 1; 0: it has none.
    pub(super) extra: u32,
}

/// A case that a row names.
#[derive(Serialize, Deserialize)]
pub(super) struct Named<'a> {
    pub(super) field: &'a str,
    pub(super) number: &'a str,
    pub(super) authority: Option<&'a str>,
    pub(super) subject: Option<EntityId>,
    pub(super) own_subject: Option<EntityId>,
    /// The person of a determination, who must not be the case's own subject.
    pub(super) decided_on: Option<EntityId>,
}

impl<'a> Named<'a> {
    pub(super) fn new(reference: &'a Reference, decided_on: Option<EntityId>) -> Self {
        Self {
            field: reference.field,
            number: &reference.number,
            authority: reference.authority.as_deref(),
            subject: reference.subject,
            own_subject: reference.own_subject,
            decided_on,
        }
    }
}

/// A person as a row names it.
#[derive(Serialize, Deserialize)]
pub(super) struct Spoken<'a> {
    pub(super) person: Person,
    pub(super) name: &'a str,
    pub(super) number: &'a str,
}

impl<'a> Spoken<'a> {
    fn new(mention: &'a Mention) -> Self {
        Self {
            person: mention.person.clone(),
            name: &mention.name,
            number: &mention.number,
        }
    }
}

impl<'a> Entry<'a> {
    /// The entry of a row: its record with content and home, none for a withdrawal.
    pub(super) fn new(
        line: u32,
        put: Option<(&'a Record, &'a Content, &'a Home)>,
        notes: &'a Notes,
    ) -> Self {
        let (record, content) = (put.map(|put| put.0), put.map(|put| put.1));
        let decided_on = record.and_then(|record| match record {
            Record::Determination(determination) => Some(determination.person),
            _ => None,
        });
        let code = |(code, field): &(Uscc, &'static str)| (EntityId::organisation(*code), *field);
        // A withdrawal finds its record by the key alone and says nothing else.
        let puts = put.is_some();
        Self {
            line,
            home: put.map_or(&[], |(_, _, home)| &home.0),
            core: content.map_or(&[], Content::core),
            core_sealed: content.is_some_and(|content| content.core_sealed),
            sealed: content.map_or(&[], Content::sealed),
            findings: notes.findings.clone(),
            doubtful: if puts {
                notes.doubtful.iter().map(code).collect()
            } else {
                Vec::new()
            },
            department: record.and_then(Record::department),
            reference: notes
                .reference
                .as_ref()
                .filter(|_| puts)
                .map(|reference| Named::new(reference, decided_on)),
            mention: notes.person.as_ref().filter(|_| puts).map(Spoken::new),
            extra: 0,
        }
    }

    /// Two rows say the same.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        (self.home, self.core_sealed, self.core, self.sealed)
            == (other.home, other.core_sealed, other.core, other.sealed)
    }

    /// Where its record is filed, if it is no withdrawal.
    pub(super) fn home(&self) -> Option<Home> {
        self.home.try_into().ok().map(Home)
    }

    /// The content, if it is no withdrawal.
    pub(super) fn content(&self) -> Option<Content> {
        let content = || Content::of(self.core, self.core_sealed, self.sealed);
        self.home().map(|_| content())
    }
}

/// Bytes at once, not one by one.
fn as_bytes<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// `id(12) ‖ file(4) ‖ row(4)`.
pub(super) fn key(id: RecordId, (file, row): Place) -> [u8; KEY] {
    let mut key = [0; KEY];
    let place = u64::from(file) << 32 | u64::from(row);
    if let Some((head, rest)) = key.split_first_chunk_mut() {
        *head = id.0;
        rest.copy_from_slice(&place.to_be_bytes());
    }
    key
}

/// What [`key`] made.
pub(super) fn split(key: &[u8; KEY]) -> (RecordId, Place) {
    let number = |from: usize| {
        let bytes = key.get(from..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
    };
    let id = key.first_chunk().copied().unwrap_or_default();
    (RecordId(id), (number(12), number(16)))
}

/// A column's name for ever, by its name on the pile.
pub(super) fn column(set: Set, name: &str) -> &'static str {
    let columns = spec(set).map_or(&[][..], |spec| spec.columns);
    let found = columns.iter().find(|column| column.name == name);
    found.map_or("", |column| column.name)
}

/// The fault of a number that fits several cases.
pub(super) fn ambiguity(field: &'static str) -> Fault {
    let message = "the number fits several cases: name the authority in target_authority or \
                   case_authority";
    Fault::new(Reason::AmbiguousReference, field, message)
}
