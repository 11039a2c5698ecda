//! One state of knowledge, held in memory: the world, who controls whom, and all
//! restrictions, as they were at one batch.
//!
//! The sweep borrows from the world, so it lives on the stack of a thread of its own,
//! with a few workers beside it. Questions come as closures and are
//! answered there: work that takes time never runs where requests are served.
//! When nobody holds a [`Known`] any more its threads end and its memory goes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use graph::change::BatchNo;
use graph::store::Store;
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::standing::Standing;
use queries::sweep::Sweep;
use tokio::sync::oneshot;

use super::names::Names;
use super::queue::Queue;
use crate::{Error, shelf};

type Work = Box<dyn for<'w> FnOnce(&Sweep<'w>) + Send>;

/// A question, and whether it may take long.
struct Job {
    work: Work,
    is_long: bool,
}

/// How many questions may wait before whoever asks next waits too. The faces
/// refuse long before.
const WAITING: usize = 4096;

/// A state of knowledge that answers questions.
pub(crate) struct Known {
    /// The newest batch in it.
    pub(crate) batch: BatchNo,
    /// The organisations registered at that batch.
    pub(crate) names: Arc<Names>,
    standing: Arc<Standing>,
    jobs: Arc<Queue<Job>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known")
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}

/// What is known after a batch, before anybody asks.
pub(crate) struct Found {
    standing: Arc<Standing>,
    names: Arc<Names>,
}

impl Found {
    /// Reads what the store held after a batch. Takes as long as a sweep does.
    pub(crate) fn at(
        store: &RocksStore,
        catalogue: &Arc<Catalogue>,
        batch: BatchNo,
    ) -> Result<Self, Error> {
        let read_names = || Names::at(&*store.snapshot()?, batch).map_err(Error::from);
        let read_world = || {
            let snapshot = store.snapshot()?;
            let place = (&*snapshot, store.keys());
            if let Some(world) = shelf::world(store, &*snapshot, batch)? {
                return Ok(Standing::of(world, Arc::clone(catalogue)));
            }
            Ok::<_, Error>(Standing::whole(place, Arc::clone(catalogue), batch)?)
        };
        let (names, standing) = rayon::join(read_names, read_world);
        Ok(Self {
            standing: Arc::new(standing?),
            names: Arc::new(names?),
        })
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

impl Known {
    /// Begins to answer.
    pub(crate) fn of(found: Found, workers: usize) -> Result<Arc<Self>, Error> {
        let Found { standing, names } = found;
        let jobs = Arc::new(Queue::new(WAITING));
        let (kept, waiting) = (Arc::clone(&standing), Arc::clone(&jobs));
        let live = move || {
            let control = ControlOverTime::new(kept.world());
            serve(&kept.sweep(&control), &waiting, workers);
        };
        let thread = thread::Builder::new().name("known".into()).spawn(live);
        thread.map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        Ok(Arc::new(Self {
            batch: standing.world().known,
            names,
            standing,
            jobs,
        }))
    }

    /// What the store held after a later batch, by what the batches since brought: as
    /// quick as they are small. None when they are large.
    pub(crate) fn after(&self, store: &RocksStore, batch: BatchNo) -> Result<Option<Found>, Error> {
        let snapshot = store.snapshot()?;
        let Some(standing) = self.standing.after((&*snapshot, store.keys()), batch)? else {
            return Ok(None);
        };
        let names = self.names.after(&*snapshot, batch)?;
        Ok(names.map(|names| Found {
            standing: Arc::new(standing),
            names,
        }))
    }

    /// Keeps its world beside the store, unless that one is kept already.
    pub(crate) fn keep(&self, store: &RocksStore) -> Result<(), Error> {
        if shelf::kept(store) == Some(self.batch) {
            return Ok(());
        }
        shelf::keep(store, self.standing.world())
    }

    /// Asks, and waits without holding a thread.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl for<'w> FnOnce(&Sweep<'w>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, answer) = oneshot::channel();
        self.hand(true, move |sweep| {
            let answer = catch_unwind(AssertUnwindSafe(|| question(sweep)));
            // Who asked may have gone.
            let _ = tell.send(answer.unwrap_or_else(|panic| Err(broken(&*panic))));
        })?;
        let gone = |_| Error::Broken("an answer was lost".into());
        answer.await.map_err(gone)?
    }

    /// Hands work over, and whether it may take long. What it drops when it panics is its
    /// answer.
    pub(crate) fn hand(
        &self,
        is_long: bool,
        work: impl for<'w> FnOnce(&Sweep<'w>) + Send + 'static,
    ) -> Result<(), Error> {
        let work = Box::new(work);
        self.jobs
            .bring(Job { work, is_long })
            .map_err(|_| Error::Busy)
    }
}

fn serve(sweep: &Sweep<'_>, waiting: &Queue<Job>, workers: usize) {
    let work = || {
        waiting.come();
        while let Some(Job { work, is_long }) = waiting.next() {
            // A panic is told by what it drops; the others' questions go on.
            let answer = || drop(catch_unwind(AssertUnwindSafe(|| work(sweep))));
            if is_long {
                waiting.away(answer);
            } else {
                answer();
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..workers.max(1) {
            scope.spawn(work);
        }
        work();
    });
}

/// What a panic said. It goes into the log, never into an answer.
pub(crate) fn broken(panic: &(dyn Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Error::Broken(text.unwrap_or_else(|| "a panic".into()))
}
