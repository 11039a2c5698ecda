//! One state of knowledge, held in memory: the world, who controls whom, and all
//! restrictions, as they were at one batch.
//!
//! The sweep borrows from the world, so it lives on the stack of a thread of its own,
//! with a few workers beside it. Questions come as closures and are
//! answered there: work that takes time never runs where requests are served.
//! When nobody holds a [`Known`] any more its threads end and its memory goes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use graph::change::BatchNo;
use graph::store::Store;
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::standing::Standing;
use queries::sweep::Sweep;
use tokio::sync::oneshot;

use crate::Error;

type Job = Box<dyn for<'w> FnOnce(&Sweep<'w>) + Send>;

/// How many questions may wait before whoever asks next waits too. The faces
/// refuse long before.
const WAITING: usize = 4096;

/// A state of knowledge that answers questions.
#[derive(Debug)]
pub(crate) struct Known {
    /// The newest batch in it.
    pub(crate) batch: BatchNo,
    standing: Arc<Standing>,
    jobs: SyncSender<Job>,
}

impl Known {
    /// Reads what the store held after a batch. Takes as long as a sweep does.
    pub(crate) fn at(
        store: &RocksStore,
        catalogue: &Arc<Catalogue>,
        batch: BatchNo,
        workers: usize,
    ) -> Result<Arc<Self>, Error> {
        let snapshot = store.snapshot()?;
        let place = (&*snapshot, store.keys());
        let standing = Standing::whole(place, Arc::clone(catalogue), batch)?;
        Self::of(standing, workers)
    }

    /// What the store held after a later batch, by what the batches since brought: as
    /// quick as they are small. None when they are large.
    pub(crate) fn after(
        &self,
        store: &RocksStore,
        batch: BatchNo,
        workers: usize,
    ) -> Result<Option<Arc<Self>>, Error> {
        let snapshot = store.snapshot()?;
        let next = self.standing.after((&*snapshot, store.keys()), batch)?;
        next.map(|standing| Self::of(standing, workers)).transpose()
    }

    fn of(standing: Standing, workers: usize) -> Result<Arc<Self>, Error> {
        let (standing, (jobs, waiting)) = (Arc::new(standing), sync_channel(WAITING));
        let batch = standing.world().known;
        let kept = Arc::clone(&standing);
        let live = move || {
            let control = ControlOverTime::new(kept.world());
            serve(&kept.sweep(&control), &Mutex::new(waiting), workers);
        };
        let thread = thread::Builder::new().name("known".into()).spawn(live);
        thread.map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        Ok(Arc::new(Self {
            batch,
            standing,
            jobs,
        }))
    }

    /// Asks, and waits without holding a thread.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl for<'w> FnOnce(&Sweep<'w>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (tell, answer) = oneshot::channel();
        self.give(move |sweep| {
            let answer = catch_unwind(AssertUnwindSafe(|| question(sweep)));
            // Who asked may have gone.
            let _ = tell.send(answer.unwrap_or_else(|panic| Err(broken(&*panic))));
        })?;
        let gone = |_| Error::Broken("an answer was lost".into());
        answer.await.map_err(gone)?
    }

    /// Hands work over. What it drops when it panics is its answer.
    pub(crate) fn give(
        &self,
        job: impl for<'w> FnOnce(&Sweep<'w>) + Send + 'static,
    ) -> Result<(), Error> {
        self.jobs.try_send(Box::new(job)).map_err(|_| Error::Busy)
    }
}

fn serve(sweep: &Sweep<'_>, waiting: &Mutex<Receiver<Job>>, workers: usize) {
    let work = || {
        loop {
            let next = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            match next {
                // A panic is told by what it drops; the others' questions go on.
                Ok(job) => drop(catch_unwind(AssertUnwindSafe(|| job(sweep)))),
                Err(_) => return,
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
