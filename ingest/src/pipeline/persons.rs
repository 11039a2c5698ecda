//! One record a person, from the person columns of the rows that bring something new.
//!
//! A row that says nothing new has no say in how a person is called: so loading an old file again
//! cannot bring an old name back. Among the new rows of a batch the most frequent name counts, so
//! that their order does not matter.

use std::collections::BTreeMap;

use graph::change::{Change, Source};
use graph::id::EntityId;
use graph::record::{Detail, Person, Record, key};

use super::Work;
use crate::Error;
use crate::identity::normalise_name;
use crate::report::{Finding, Report};
use crate::set::Mention;

/// The persons of a batch.
#[derive(Default)]
pub(super) struct Persons(BTreeMap<EntityId, Named>);

struct Named {
    person: Person,
    number: String,
    names: BTreeMap<String, u64>,
    source: Source,
}

impl Persons {
    /// Takes what a new row says about a person.
    pub(super) fn add(&mut self, mention: Mention, source: Source) {
        let Mention {
            person,
            name,
            number,
        } = mention;
        let names = BTreeMap::new();
        let known = self.0.entry(person.id).or_insert(Named {
            person,
            number,
            names,
            source,
        });
        known.source = known.source.min(source);
        if !name.is_empty() {
            *known.names.entry(name).or_default() += 1;
        }
    }

    /// The changes that make these persons known.
    pub(super) fn changes(
        self,
        work: &Work<'_>,
        report: &mut Report,
    ) -> Result<Vec<Change>, Error> {
        let nameless: Vec<_> = self
            .0
            .iter()
            .filter(|(_, named)| named.names.is_empty())
            .collect();
        let keys: Vec<_> = nameless.iter().map(|(id, _)| key::person(**id)).collect();
        let known = work.snapshot.latest(&keys)?;
        let known: Vec<EntityId> = nameless
            .iter()
            .zip(known)
            .filter(|(_, known)| known.is_some())
            .map(|(n, _)| *n.0)
            .collect();
        let mut changes = Vec::with_capacity(self.0.len());
        for (id, named) in self.0 {
            // A row without a name must not make a known name forgotten.
            if known.binary_search(&id).is_ok() {
                continue;
            }
            let mut forms: Vec<String> = named
                .names
                .keys()
                .map(|name| normalise_name(name))
                .collect();
            forms.dedup();
            if forms.len() > 1 {
                *report.findings.entry(Finding::SeveralNames).or_default() += 1;
            }
            let best = named
                .names
                .iter()
                .max_by_key(|(name, count)| (**count, std::cmp::Reverse(*name)));
            let mut detail = Detail::new();
            if let Some((name, _)) = best {
                detail.insert(Person::NAME.to_owned(), name.clone());
            }
            if !named.number.is_empty() {
                detail.insert(Person::NUMBER.to_owned(), named.number);
            }
            let record = Record::Person(named.person);
            changes.push(Change::Put {
                record,
                detail,
                source: named.source,
            });
        }
        Ok(changes)
    }
}
