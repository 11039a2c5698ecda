//! What a command works with: the data folder, the catalogue, the two times.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{EntityId, EntityKind, Set, Uscc};
use graph::record::{IdType, Person, Record};
use graph::seal::Keys;
use graph::store::{BookEntry, Snapshot, Store, StoreError, Version, batch_known_at, open_detail};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::sweep::Sweep;
use queries::world::{Cited, Texts, World};

use crate::answer::Subject;
use crate::audit::{Chain, Event, Outcome};
use crate::feed::Words;
use crate::receipt::KeyRing;
use crate::seen::{Place, Seen};
use crate::service::names::Names;
use crate::{Error, clock, shelf};

/// What the global options say.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) data: PathBuf,
    pub(crate) catalogue: Option<PathBuf>,
    pub(crate) as_of: Option<Date>,
    pub(crate) known_at: Option<Moment>,
    pub(crate) reveal: bool,
}

/// An open data folder with a catalogue and the two times of a question.
pub(crate) struct Session {
    pub(crate) store: Arc<RocksStore>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) as_of: Date,
    pub(crate) known_at: Moment,
    pub(crate) reveal: bool,
    /// The newest batch known at `known_at`, when somebody has looked it up already.
    pub(crate) batch: Option<BatchNo>,
    /// The organisations registered then, when somebody holds them in memory.
    pub(crate) names: Option<Arc<Names>>,
    /// What was said of gaps, likewise.
    pub(crate) words: Option<Arc<Words>>,
    pub(crate) seen: Seen,
}

impl Session {
    /// Opens for reading, beside whoever writes. Showing names and numbers
    /// takes write access, since it goes into the audit book.
    pub(crate) fn reading(settings: &Settings, command: &str) -> Result<Self, Error> {
        if settings.reveal {
            return Self::writing(settings, command);
        }
        Self::new(settings, RocksStore::open_read_only(&settings.data)?)
    }

    /// Opens for writing.
    ///
    /// There must be data: an answer from a folder that a slip of the pen has just
    /// made would be "not restricted", signed.
    pub(crate) fn writing(settings: &Settings, command: &str) -> Result<Self, Error> {
        if !Self::is_founded(settings) {
            let place = settings.data.display().to_string();
            return Err(StoreError::Absent { place }.into());
        }
        Self::founding(settings, command)
    }

    /// There is a data folder.
    pub(crate) fn is_founded(settings: &Settings) -> bool {
        settings.data.join("db").join("CURRENT").exists()
    }

    /// Opens for writing, making the data folder when it is new: for loading.
    pub(crate) fn founding(settings: &Settings, command: &str) -> Result<Self, Error> {
        let store = RocksStore::open(&settings.data, || {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
            Ok(secret)
        })?;
        let session = Self::new(settings, store)?;
        if settings.reveal {
            session.audit(Event {
                purpose: Some(command.to_owned()),
                ..Self::event("reveal")
            })?;
        }
        Ok(session)
    }

    fn new(settings: &Settings, store: RocksStore) -> Result<Self, Error> {
        Ok(Self {
            store: Arc::new(store),
            catalogue: Arc::new(catalogue(settings.catalogue.as_deref())?),
            as_of: settings.as_of.unwrap_or_else(clock::today),
            known_at: settings.known_at.unwrap_or_else(clock::now),
            reveal: settings.reveal,
            batch: None,
            names: None,
            words: None,
            seen: Seen::default(),
        })
    }

    /// Somebody at this machine does something, alone and with success.
    pub(crate) fn event(action: &str) -> Event {
        Event {
            caller: format!("cli:{}", std::env::var("USER").unwrap_or_default()).into(),
            role: "cli".into(),
            department: None,
            purpose: None,
            action: action.to_owned().into(),
            subject: None,
            answer: None,
            outcome: Outcome::Allowed,
            persons: None,
        }
    }

    /// Adds an event to the audit log.
    pub(crate) fn audit(&self, event: Event) -> Result<(), Error> {
        Ok(self.store.write(&self.audit_entries(event)?)?)
    }

    /// What to write for an event of the audit log, at once: the next one is
    /// numbered by what is in the store.
    pub(crate) fn audit_entries(&self, event: Event) -> Result<Vec<BookEntry>, Error> {
        let now = clock::now();
        let ring = KeyRing::of(self.store.dir(), now)?;
        let mut chain = Chain::open(&*self.store.snapshot()?, self.store.keys())?;
        Ok(chain.append(&ring, now, event)?)
    }

    /// Everything known at the session's moment.
    pub(crate) fn world(&self) -> Result<World, Error> {
        let snapshot = self.store.snapshot()?;
        let batch = self.known_batch(&*snapshot)?;
        if let Some(world) = shelf::world(&self.store, &*snapshot, batch)? {
            return Ok(world);
        }
        Ok(World::at(&*snapshot, self.store.keys(), batch)?)
    }

    /// Asks all restrictions of everything known at the session's moment.
    pub(crate) fn sweep<T>(
        &self,
        ask: impl FnOnce(&Sweep<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.sweep_of(&self.world()?, ask)
    }

    /// The same without matters, checks and enforcements: for questions that are
    /// not about duties.
    pub(crate) fn sweep_without_duties<T>(
        &self,
        ask: impl FnOnce(&Sweep<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (snapshot, keys) = (self.store.snapshot()?, self.store.keys());
        let world = World::without_duties(&*snapshot, keys, self.known_at)?;
        self.sweep_of(&world, ask)
    }

    /// The same over what the restrictions on a subject can depend on.
    pub(crate) fn sweep_around<T>(
        &self,
        subject: EntityId,
        ask: impl FnOnce(&Sweep<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (snapshot, keys) = (self.store.snapshot()?, self.store.keys());
        let world = World::around(&*snapshot, keys, self.known_at, subject)?;
        self.sweep_of(&world, ask)
    }

    /// The same over what control and ownership of an organisation can depend on.
    pub(crate) fn sweep_above<T>(
        &self,
        org: EntityId,
        ask: impl FnOnce(&Sweep<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (snapshot, keys) = (self.store.snapshot()?, self.store.keys());
        let world = World::above(&*snapshot, keys, self.known_at, org)?;
        self.sweep_of(&world, ask)
    }

    fn sweep_of<T>(
        &self,
        world: &World,
        ask: impl FnOnce(&Sweep<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let control = ControlOverTime::new(world);
        ask(&Sweep::new(world, &self.catalogue, &control))
    }

    /// The newest batch known at the session's moment.
    pub(crate) fn known_batch(&self, snapshot: &dyn Snapshot) -> Result<BatchNo, Error> {
        match self.batch {
            Some(batch) => Ok(batch),
            None => Ok(batch_known_at(&snapshot.batches()?, self.known_at)),
        }
    }

    /// Some record, other than checks, speaks of the subject.
    pub(crate) fn knows(
        &self,
        snapshot: &dyn Snapshot,
        subject: EntityId,
    ) -> Result<bool, StoreError> {
        let known = match self.batch {
            Some(batch) => batch,
            None => batch_known_at(&snapshot.batches()?, self.known_at),
        };
        for set in Set::ALL.into_iter().filter(|set| *set != Set::Checks) {
            if !snapshot.filed(set, subject.into(), known)?.is_empty()
                || !snapshot.linked(set, subject, known)?.is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads a subject, see [`subject_of`].
    pub(crate) fn subject(&self, text: &str) -> Result<EntityId, Error> {
        subject_of(self.store.keys(), text)
    }

    /// Reads an organisation.
    pub(crate) fn organisation(&self, text: &str) -> Result<EntityId, Error> {
        let subject = self.subject(text)?;
        if subject.is_organisation() {
            return Ok(subject);
        }
        Err(Error::Refused(
            "this question is about an organisation: give its credit code".into(),
        ))
    }

    /// The public form of an entity, as known when a world was loaded.
    pub(crate) fn describe(&self, world: &World, id: EntityId) -> Result<Subject, Error> {
        self.seen.subject((world.known, id, self.reveal), || {
            let snapshot = self.store.snapshot()?;
            self.named(id, registered(&*snapshot, id, world.known)?)
        })
    }

    /// Where the version of a record stands that was known when a world was loaded.
    pub(crate) fn place(&self, world: &World, cited: Cited) -> Result<Place, Error> {
        self.seen.place((world.known, cited), || {
            let snapshot = self.store.snapshot()?;
            let version = Texts::of(world, &*snapshot, self.store.keys()).version(cited)?;
            Ok(version.map(|version| (version.batch, version.source)))
        })
    }

    /// What stands for a person in ids.
    pub(crate) fn tag(&self, world: &World, person: EntityId) -> Result<Option<[u8; 8]>, Error> {
        self.seen.tag((world.known, person), || {
            let snapshot = self.store.snapshot()?;
            Ok(Texts::of(world, &*snapshot, self.store.keys()).tag(person)?)
        })
    }

    /// The public form of an entity, read from the store alone.
    pub(crate) fn describe_alone(
        &self,
        snapshot: &dyn Snapshot,
        id: EntityId,
    ) -> Result<Subject, Error> {
        Ok(self.describe_registered(snapshot, id)?.0)
    }

    /// An organisation is registered, or a person on record.
    pub(crate) fn is_registered(&self, id: EntityId) -> Result<bool, Error> {
        let snapshot = self.store.snapshot()?;
        Ok(registered(&*snapshot, id, self.known_batch(&*snapshot)?)?.is_some())
    }

    /// The public form, and whether an organisation is registered or a person on record.
    pub(crate) fn describe_registered(
        &self,
        snapshot: &dyn Snapshot,
        id: EntityId,
    ) -> Result<(Subject, bool), Error> {
        if let Some(known) = self.named_in_memory(id) {
            return Ok(known);
        }
        let version = registered(snapshot, id, self.known_batch(snapshot)?)?;
        let is_registered = version.is_some();
        Ok((self.named(id, version)?, is_registered))
    }

    /// The same for an organisation, without a look at the store.
    pub(crate) fn named_in_memory(&self, id: EntityId) -> Option<(Subject, bool)> {
        let names = self.names.as_ref().filter(|_| id.is_organisation())?;
        let name = names.of(id).map(str::to_owned);
        let is_registered = name.is_some();
        Some((public(id, name, None), is_registered))
    }

    fn named(&self, id: EntityId, version: Option<Version>) -> Result<Subject, Error> {
        let Some(version) = version else {
            return Ok(public(id, None, None));
        };
        match version.record {
            Record::Organisation(org) => Ok(public(id, Some(org.name), None)),
            _ => Ok(self.person(id, version.id, &version.sealed)?),
        }
    }

    /// A person, name and number masked unless the asker may see them.
    fn person(
        &self,
        id: EntityId,
        record: graph::id::RecordId,
        sealed: &[u8],
    ) -> Result<Subject, StoreError> {
        let detail = open_detail(self.store.keys(), record, sealed)?;
        let shown = |field: &str, mask: fn(&str) -> String| {
            let text = detail.get(field).filter(|text| !text.is_empty())?;
            Some(if self.reveal {
                text.clone()
            } else {
                mask(text)
            })
        };
        let name = shown(Person::NAME, Person::mask_name);
        Ok(public(id, name, shown(Person::NUMBER, Person::mask_number)))
    }
}

/// The registration of an organisation, the record of a person.
fn registered(
    snapshot: &dyn Snapshot,
    id: EntityId,
    known: BatchNo,
) -> Result<Option<Version>, StoreError> {
    let set = if id.is_organisation() {
        Set::Organisations
    } else {
        Set::Persons
    };
    Ok(snapshot.filed(set, id.into(), known)?.into_iter().next())
}

/// Reads a subject: a credit code, `person:KEY`, `provisional:KEY`, or
/// `id:TYPE:NUMBER`. Whether it is known is another question.
pub(crate) fn subject_of(keys: &Keys, text: &str) -> Result<EntityId, Error> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("id:") {
        let parsed = rest.split_once(':').and_then(|(kind, number)| {
            let kind = IdType::from_code(kind)?;
            let number = normal_number(kind, number)?;
            Some(keys.person(kind, &number))
        });
        return parsed.ok_or_else(|| {
            Error::Refused(
                "not an identity: write id:TYPE:NUMBER, TYPE one of resident_id, passport, \
                 hk_macau_permit, taiwan_permit, foreign_permanent_resident, other, and a \
                 resident number that satisfies GB 11643"
                    .to_owned(),
            )
        });
    }
    EntityId::parse_key(text)
        .or_else(|| Uscc::parse(&ingest::value::fold_number(text)).map(EntityId::organisation))
        .ok_or_else(|| {
            Error::Refused(
                "not a subject: give a unified social credit code (18 characters), \
                 person:KEY, or id:TYPE:NUMBER"
                    .to_owned(),
            )
        })
}

/// A document's number as the loader keeps it.
fn normal_number(kind: IdType, text: &str) -> Option<String> {
    if kind == IdType::ResidentId {
        return ingest::identity::normalise_resident_id(text);
    }
    Some(ingest::value::fold_number(text).into_owned()).filter(|number| !number.is_empty())
}

fn public(id: EntityId, name: Option<String>, id_number: Option<String>) -> Subject {
    let kind = if id.kind() == EntityKind::Organisation {
        "org"
    } else {
        "person"
    };
    let uscc = id.uscc().map(|uscc| uscc.to_string());
    let name = name.or_else(|| uscc.clone()).unwrap_or_default();
    Subject {
        kind,
        key: id.to_string(),
        name,
        uscc,
        id_number,
    }
}

/// The catalogue of a folder, or the shipped one.
pub(crate) fn catalogue(dir: Option<&Path>) -> Result<Catalogue, Error> {
    let Some(dir) = dir else {
        return Ok(Catalogue::shipped()?);
    };
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(dir).map_err(|error| Error::io(dir, error))? {
        let path = entry.map_err(|error| Error::io(dir, error))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_toml = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("toml"));
        if path.is_file() && is_toml {
            let text = fs::read_to_string(&path).map_err(|error| Error::io(&path, error))?;
            texts.insert(name, text);
        }
    }
    Ok(Catalogue::from_texts(&texts)?)
}

/// What rows may refer to: lists, measures, items and departments.
pub(crate) fn vocabulary(catalogue: &Catalogue) -> ingest::Vocabulary {
    let mut words = ingest::Vocabulary::new();
    for list in catalogue.lists.values() {
        let mut names: Vec<&str> = list.aliases.iter().map(String::as_str).collect();
        names.push(&list.name);
        words.add_list(&list.code, &names);
    }
    for measure in catalogue.measures.values().flatten() {
        words.add_measure(&measure.code, &[&measure.name]);
        measure
            .enforcers
            .iter()
            .for_each(|department| words.add_department(department));
    }
    for item in catalogue.items.values().flatten() {
        words.add_item(&item.code, &[&item.name]);
    }
    words
}
