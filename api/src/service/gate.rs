//! One writer at a time, for as short as can be: verifications pass the gate in groups, each of
//! which is committed before a load takes its number, or after.
//!
//! A load reads and settles beside everybody else. What is little it then writes while it holds
//! the gate. Else it holds the gate only to take its date and its number, and others go on with
//! those behind it: what they bring is durable at once, and known as soon as the load is there.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use graph::change::{BatchNo, Draft, Effect, Quarantined};
use graph::content::Content;
use graph::id::Set;
use graph::store::{BatchInfo, BookEntry, Loader, NextEffects, Snapshot, Store, StoreError};
use graph::time::Moment;
use graph_rocks::RocksStore;
use rayon::prelude::*;

use super::tense::{Coming, Present};

/// About so many bytes are written in some milliseconds: others wait.
const LITTLE: usize = 1 << 20;

/// Open, or held by one load; groups of verifications pass it, several at a time.
#[derive(Default, Debug)]
pub(super) struct Gate {
    way: Mutex<Way>,
    freed: Condvar,
}

#[derive(Default, Debug)]
struct Way {
    /// A load holds it.
    held: bool,
    /// Loads that wait for it: no group begins to pass before them.
    loads: usize,
    /// Groups that are dated and not yet committed.
    passing: usize,
}

/// The gate is held until this goes.
#[derive(Debug)]
pub(super) struct Pass(Arc<Gate>);

/// No load holds the gate until this goes.
#[derive(Debug)]
pub(super) struct Passing(Arc<Gate>);

impl Gate {
    fn locked(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while<'a>(
        &'a self,
        way: MutexGuard<'a, Way>,
        shut: impl Fn(&Way) -> bool,
    ) -> MutexGuard<'a, Way> {
        let waited = self.freed.wait_while(way, |way| shut(way));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// For a load: waits until the groups that pass are through, and lets none after them.
    pub(super) fn pass(self: &Arc<Self>) -> Pass {
        let mut way = self.locked();
        way.loads += 1;
        let mut way = self.wait_while(way, |way| way.held || way.passing > 0);
        way.loads -= 1;
        way.held = true;
        Pass(Arc::clone(self))
    }

    /// For a group: waits until no load holds the gate or waits for it.
    pub(super) fn passing(self: &Arc<Self>) -> Passing {
        let way = self.locked();
        let mut way = self.wait_while(way, |way| way.held || way.loads > 0);
        way.passing += 1;
        Passing(Arc::clone(self))
    }

    fn free(&self, change: impl FnOnce(&mut Way)) {
        change(&mut self.locked());
        self.freed.notify_all();
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.0.free(|way| way.held = false);
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.0.free(|way| way.passing -= 1);
    }
}

/// The store as a load sees it: reads go to it, a batch through the gate.
#[derive(Debug)]
pub(super) struct Gated {
    pub(super) store: Arc<RocksStore>,
    pub(super) gate: Arc<Gate>,
    pub(super) present: Arc<Present>,
    /// When the load was told its time; else the batch is dated when it is written.
    pub(super) recorded_at: Option<Moment>,
}

impl Gated {
    /// Dates a draft and writes it, while it holds the gate.
    fn at_once(
        &self,
        mut draft: Draft,
        write: impl FnOnce(Draft) -> Result<Option<BatchNo>, StoreError>,
    ) -> Result<Option<BatchNo>, StoreError> {
        let _pass = self.gate.pass();
        let coming = self.present.begin(self.recorded_at, true);
        draft.recorded_at = coming.at;
        let (files, report) = (draft.files.clone(), draft.report.clone());
        let written = write(draft);
        let batch = written.as_ref().ok().copied().flatten();
        self.came(
            coming,
            batch.map(|no| BatchInfo {
                no,
                recorded_at: coming.at,
                files,
                report,
            }),
        );
        written
    }

    /// Takes the date and the number of a batch that takes long to write.
    fn begin(&self, memory: usize) -> Result<Begun<'_>, StoreError> {
        let _pass = self.gate.pass();
        let coming = self.present.begin(self.recorded_at, true);
        match self.store.reserve(coming.at) {
            Ok(no) => Ok(Begun {
                gated: self,
                coming,
                no,
                loader: Some(self.store.loader_of(no, memory)),
                written: false,
            }),
            Err(error) => {
                self.came(coming, None);
                Err(error)
            }
        }
    }

    /// A load is over; without a batch there is no new state of knowledge to be built.
    fn came(&self, coming: Coming, batch: Option<BatchInfo>) {
        if batch.is_none() {
            self.present.built();
        }
        self.present.came(coming, batch);
    }
}

/// A batch that has its date and its number, being written.
struct Begun<'a> {
    gated: &'a Gated,
    coming: Coming,
    no: BatchNo,
    /// None once it has ended.
    loader: Option<Box<dyn Loader + 'a>>,
    /// It is written: whoever loads builds the state of knowledge.
    written: bool,
}

impl Begun<'_> {
    fn loader(&self) -> Result<&dyn Loader, StoreError> {
        let ended = || StoreError::encoding("a record came after the end of its batch");
        self.loader.as_deref().ok_or_else(ended)
    }

    fn finish(mut self, mut draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        draft.recorded_at = self.coming.at;
        let written = match self.loader.take() {
            Some(loader) => loader.finish(draft)?,
            None => None,
        };
        self.written = written.is_some();
        Ok(written)
    }
}

impl Drop for Begun<'_> {
    /// Tells what became of the batch, also when the load failed on its way.
    fn drop(&mut self) {
        self.loader = None;
        let Gated {
            store,
            gate,
            present,
            ..
        } = self.gated;
        let _pass = gate.pass();
        match store.settled(self.no) {
            Ok(batch) => {
                present.came(self.coming, batch);
                if !self.written {
                    present.built();
                }
            }
            // Until the store is opened again what is known stays before this batch.
            Err(error) => tracing::error!(%error, "what became of a load cannot be told"),
        }
    }
}

impl Store for Gated {
    fn keys(&self) -> &graph::seal::Keys {
        self.store.keys()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        self.at_once(draft, |draft| self.store.commit(draft))
    }

    fn loader(&self, memory: usize) -> Result<Box<dyn Loader + '_>, StoreError> {
        Ok(Box::new(GatedLoader {
            gated: self,
            memory,
            kept: Mutex::default(),
            large: OnceLock::new(),
        }))
    }

    fn write(&self, entries: &[BookEntry]) -> Result<(), StoreError> {
        self.store.write(entries)
    }
}

/// What a load has kept so far, by set, and about how many bytes.
type Kept = (BTreeMap<Set, Vec<Effect>>, usize);

struct GatedLoader<'a> {
    gated: &'a Gated,
    memory: usize,
    kept: Mutex<Kept>,
    /// The batch of a load too large to keep.
    large: OnceLock<Begun<'a>>,
}

impl<'a> GatedLoader<'a> {
    /// Keeps effects; tells whether there is room for more.
    fn keep(&self, set: Set, effects: Vec<Effect>) -> bool {
        let bytes: usize = effects.iter().map(size).sum();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.entry(set).or_default().extend(effects);
        kept.1 += bytes;
        kept.1 <= self.memory / 4
    }

    fn kept(&self, set: Set) -> Vec<Effect> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.remove(&set).unwrap_or_default()
    }

    /// Goes over to the store's own loader.
    fn enlarge(&self) -> Result<&Begun<'a>, StoreError> {
        // Of several threads that come here one begins; the others wait for it.
        let _one = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(begun) = self.large.get() {
            return Ok(begun);
        }
        let begun = self.gated.begin(self.memory)?;
        Ok(self.large.get_or_init(|| begun))
    }
}

/// About what an effect takes in memory.
fn size(effect: &Effect) -> usize {
    let content = effect.content.as_ref();
    size_of::<Effect>() + content.map_or(0, Content::size)
}

/// Gives effects to a loader, those kept first.
fn give(
    loader: &dyn Loader,
    set: Set,
    first: [Vec<Effect>; 2],
    next: &mut NextEffects<'_>,
) -> Result<(), StoreError> {
    let mut first = first.into_iter().filter(|effects| !effects.is_empty());
    loader.take(set, &mut || match first.next() {
        Some(effects) => Ok(effects),
        None => next(),
    })
}

/// Gives all that was kept to a loader.
fn give_all(loader: &dyn Loader, kept: BTreeMap<Set, Vec<Effect>>) -> Result<(), StoreError> {
    kept.into_par_iter().try_for_each(|(set, effects)| {
        give(loader, set, [effects, Vec::new()], &mut || Ok(Vec::new()))
    })
}

impl Loader for GatedLoader<'_> {
    fn take(&self, set: Set, next: &mut NextEffects<'_>) -> Result<(), StoreError> {
        let mut effects = next()?;
        while !effects.is_empty() && self.large.get().is_none() {
            if !self.keep(set, std::mem::take(&mut effects)) {
                self.enlarge()?;
            }
            effects = next()?;
        }
        match self.large.get() {
            Some(begun) if !effects.is_empty() => {
                give(begun.loader()?, set, [self.kept(set), effects], next)
            }
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        let Self {
            gated,
            memory,
            kept,
            large,
        } = *self;
        let (kept, bytes) = kept.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Rows at fault are sealed and written, too.
        let bytes = bytes + draft.quarantine.len() * size_of::<Quarantined>();
        let begun = match large.into_inner() {
            Some(begun) => begun,
            None if bytes > LITTLE => gated.begin(memory)?,
            None => {
                return gated.at_once(draft, |draft| {
                    let loader = gated.store.loader(memory)?;
                    give_all(&*loader, kept)?;
                    loader.finish(draft)
                });
            }
        };
        give_all(begun.loader()?, kept)?;
        begun.finish(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::thread;

    #[test]
    fn groups_pass_together_and_none_overtakes_a_load_that_waits() {
        let gate = Arc::new(Gate::default());
        let (first, second) = (gate.passing(), gate.passing());
        let (say, said) = channel();
        let (go, gone) = channel::<()>();
        thread::scope(|scope| {
            let (load, of_load) = (Arc::clone(&gate), say.clone());
            scope.spawn(move || {
                let _pass = load.pass();
                of_load.send("load").unwrap();
                gone.recv().unwrap();
                of_load.send("loaded").unwrap();
            });
            while gate.locked().loads == 0 {
                thread::yield_now();
            }
            let (late, of_late) = (Arc::clone(&gate), say);
            scope.spawn(move || {
                let _passing = late.passing();
                of_late.send("late group").unwrap();
            });
            drop(first);
            assert!(!gate.locked().held, "one group is still on its way");
            drop(second);
            assert_eq!(said.recv(), Ok("load"));
            go.send(()).unwrap();
            assert_eq!(said.recv(), Ok("loaded"));
            assert_eq!(said.recv(), Ok("late group"));
        });
    }
}
