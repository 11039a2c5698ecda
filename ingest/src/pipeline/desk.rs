//! Where rows are understood, each by itself: what they ask for goes onto the pile of their set.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use graph::change::Quarantined;
use graph::content::Content;
use graph::id::{RecordId, Set};
use graph::record::Record;
use pile::Heap;

use super::entry::{Entry, KEY, key};
use super::pending::Pending;
use super::read::{Reading, named_entry, understand};
use super::registry::Registry;
use super::{Extra, Piles, Place, Waiting, Work};
use crate::Error;
use crate::set::{Asked, Context, Fault, Met, Notes};
use crate::source::{Body, Raw};

/// Bytes that a desk gathers before it takes the lock of a pile.
const HEAP: usize = 2 << 20;

/// A row put aside: set, entry, the entry that it names.
pub(super) type Aside = (Place, Set, Quarantined, Option<[u8; 8]>);

/// One thread's place to understand rows.
pub(super) struct Desk<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) pending: &'a Pending,
    pub(super) piles: &'a Piles,
    pub(super) registry: Registry,
    pub(super) waiting: Vec<Waiting>,
    pub(super) aside: Vec<Aside>,
    /// Rows understood here, by set.
    pub(super) read: BTreeMap<Set, u64>,
    /// Persons met before: most are named by several rows near each other.
    met: Met,
    extras: Mutex<Vec<Extra>>,
    heaps: Vec<(Set, Heap<KEY>)>,
    payload: Vec<u8>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(work: &'a Work<'a>, pending: &'a Pending, piles: &'a Piles) -> Self {
        Self {
            work,
            pending,
            piles,
            registry: Registry::default(),
            waiting: Vec::new(),
            aside: Vec::new(),
            read: BTreeMap::new(),
            met: Met::default(),
            extras: Mutex::default(),
            heaps: Set::ALL.map(|set| (set, Heap::default())).into(),
            payload: Vec::new(),
        }
    }

    /// Counts rows of a set that this desk took.
    pub(super) fn count(&mut self, set: Set, rows: u64) {
        *self.read.entry(set).or_default() += rows;
    }

    /// Understands one raw row, or puts it aside.
    pub(super) fn take_row(
        &mut self,
        reading: &mut Reading<'_>,
        raw: &Raw,
        file: u32,
        extras: &Mutex<Vec<Extra>>,
    ) -> Result<(), Error> {
        let set = reading.spec.set;
        reading.turn_to(&raw.layout);
        let reading = &*reading;
        let named = named_entry(reading, raw).filter(|id| self.pending.holds(*id));
        let line = u32::try_from(raw.position.number()).unwrap_or(u32::MAX);
        let place = (file, line);
        let mut notes = Notes::default();
        // What is understood borrows from it.
        let met = std::mem::take(&mut self.met);
        let context = Context {
            met: Some(&met),
            ..self.work.context()
        };
        let done = match understand(context, reading, raw, &mut notes) {
            Ok(asked) => {
                let corrects = self.corrected_by(reading, raw);
                let extra = Extra {
                    taken_up: None,
                    named_entry: named,
                    corrects,
                };
                let number = kept(extras, extra);
                self.stack((set, &asked), &notes, (place, line), number)
            }
            Err(_) if notes.needs_case => {
                self.waiting.push(Waiting {
                    set,
                    raw: raw.clone(),
                    place,
                    line,
                    reference: notes.reference,
                    taken_up: None,
                    named_entry: named,
                });
                Ok(())
            }
            Err(fault) => {
                self.put_aside((set, reading.file), (raw, place), &fault, named);
                Ok(())
            }
        };
        self.met = met;
        done
    }

    pub(super) fn put_aside(
        &mut self,
        (set, file): (Set, &str),
        (raw, place): (&Raw, Place),
        fault: &Fault,
        named_entry: Option<[u8; 8]>,
    ) {
        let row = self.work.quarantined(set, file, raw, fault);
        self.aside.push((place, set, row, named_entry));
    }

    /// Puts what a row asks for onto the pile of its set.
    pub(super) fn stack(
        &mut self,
        (set, asked): (Set, &Asked<'_>),
        notes: &Notes,
        (place, line): (Place, u32),
        extra: u32,
    ) -> Result<(), Error> {
        let keys = self.work.keys;
        let (id, put) = match asked {
            Asked::Withdraw(id) => (*id, None),
            Asked::Put(record, detail) => {
                let id = record.id();
                (
                    id,
                    Some((record, Content::new(keys, id, record, detail.texts())?)),
                )
            }
        };
        let put = put.as_ref().map(|(record, content)| (*record, content));
        self.register((set, id), put, notes, place);
        let home = put.map(|(record, _)| record.home());
        let whole = put.zip(home.as_ref());
        let whole = whole.map(|((record, content), home)| (record, content, home));
        let mut entry = Entry::new(line, whole, notes);
        entry.extra = extra;
        self.payload.clear();
        let payload = postcard::to_extend(&entry, std::mem::take(&mut self.payload));
        self.payload = payload.map_err(graph::store::StoreError::encoding)?;
        let heap = self.heaps.iter_mut().find(|(of, _)| *of == set);
        let Some((_, heap)) = heap else {
            return Ok(());
        };
        let pushed = heap.push(&key(id, place), &self.payload);
        pushed.map_err(|error| self.work.spilling(error))?;
        if heap.bytes() >= HEAP
            && let Some(pile) = self.piles.of(set)
        {
            pile.append(heap)
                .map_err(|error| self.work.spilling(error))?;
        }
        Ok(())
    }

    /// Notes what other rows may be judged by.
    fn register(
        &mut self,
        (set, id): (Set, RecordId),
        put: Option<(&Record, &Content)>,
        notes: &Notes,
        place: Place,
    ) {
        let record = put.map(|(record, _)| record);
        let wanted = Registry::wants(set, record);
        let put = put.filter(|_| wanted);
        let digest = put.map(|(_, content)| content.digest(self.work.keys));
        let codes = notes.doubtful.iter();
        let doubtful: Vec<_> = codes
            .map(|(code, _)| graph::id::EntityId::organisation(*code))
            .collect();
        if wanted || !doubtful.is_empty() {
            let taken_up = place.0 == super::entry::TAKEN_UP;
            self.registry
                .note((set, id), record, &doubtful, (digest, taken_up));
        }
    }

    /// The pending entries that a row could be the correction of.
    fn corrected_by(&self, reading: &Reading<'_>, raw: &Raw) -> Vec<[u8; 8]> {
        let Body::Cells(cells) = &raw.body else {
            return Vec::new();
        };
        if self.pending.entries.is_empty() {
            return Vec::new();
        }
        let (set, file) = (reading.spec.set, reading.file);
        let columns = &reading.columns;
        self.pending
            .corrected_by(self.work, columns, (raw, cells), (set, file))
    }

    /// Brings everything that this desk still holds onto the piles.
    pub(super) fn clear(&mut self) -> Result<(), Error> {
        for (set, heap) in &mut self.heaps {
            if let Some(pile) = self.piles.of(*set) {
                pile.append(heap)
                    .map_err(|error| self.work.spilling(error))?;
            }
        }
        Ok(())
    }

    /// Takes what another desk gathered.
    pub(super) fn merge(&mut self, other: Self) {
        self.registry.merge(other.registry);
        self.waiting.extend(other.waiting);
        self.aside.extend(other.aside);
    }

    /// The extras of all rows.
    pub(super) fn extras(&self) -> &Mutex<Vec<Extra>> {
        &self.extras
    }

    /// Ends the work here; gives what rows have besides what they say.
    pub(super) fn close(mut self) -> Result<Vec<Extra>, Error> {
        self.clear()?;
        Ok(self
            .extras
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps an extra that says something; its number from 1, else 0.
pub(super) fn kept(extras: &Mutex<Vec<Extra>>, extra: Extra) -> u32 {
    if extra.taken_up.is_none() && extra.named_entry.is_none() && extra.corrects.is_empty() {
        return 0;
    }
    let mut extras = extras.lock().unwrap_or_else(PoisonError::into_inner);
    extras.push(extra);
    u32::try_from(extras.len()).unwrap_or(0)
}
