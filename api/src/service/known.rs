//! One state of knowledge, held in memory: the world, who controls whom, and all
//! restrictions, as they were at one batch.
//!
//! The sweep borrows from the world, so both live on the stack of a thread of
//! their own, with a few workers beside it. Questions come as closures and are
//! answered there: work that takes time never runs where requests are served.
//! When nobody holds a [`Known`] any more its threads end and its memory goes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use graph::change::BatchNo;
use graph::store::Store;
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::sweep::Sweep;
use queries::world::World;
use tokio::sync::oneshot;

use super::gently::gently;
use super::names::Names;
use super::queue::Queue;
use crate::Error;

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
    jobs: Arc<Queue<Job>>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known")
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}

impl Drop for Known {
    fn drop(&mut self) {
        self.jobs.close();
    }
}

impl Known {
    /// Reads what the store held after a batch. Takes as long as a sweep does.
    pub(crate) fn at(
        store: &Arc<RocksStore>,
        catalogue: &Arc<Catalogue>,
        batch: BatchNo,
        workers: usize,
    ) -> Result<Arc<Self>, Error> {
        let (store, catalogue) = (Arc::clone(store), Arc::clone(catalogue));
        let jobs = Arc::new(Queue::new(WAITING));
        let waiting = Arc::clone(&jobs);
        let (ready, made) = sync_channel(1);
        let live = move || {
            let built = catch_unwind(AssertUnwindSafe(|| gently(|| whole(&store, batch))));
            let (world, names) = match built.unwrap_or_else(|panic| Err(broken(&*panic))) {
                Ok(built) => built,
                Err(error) => {
                    // Who asked may have gone.
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            drop(store);
            let control = ControlOverTime::new(&world);
            let sweep = gently(|| Sweep::new(&world, &catalogue, &control));
            if ready.send(Ok(Arc::new(names))).is_ok() {
                serve(&sweep, &waiting, workers);
            }
        };
        let thread = thread::Builder::new().name("known".into()).spawn(live);
        thread.map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        let names = made
            .recv()
            .map_err(|_| Error::Broken("the sweep failed".into()))??;
        Ok(Arc::new(Self { batch, names, jobs }))
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
            .push(Job { work, is_long })
            .map_err(|_| Error::Busy)
    }
}

fn whole(store: &RocksStore, batch: BatchNo) -> Result<(World, Names), Error> {
    thread::scope(|scope| {
        let named = scope.spawn(|| Names::at(&*store.snapshot()?, batch));
        let world = World::at(&*store.snapshot()?, store.keys(), batch)?;
        let names = named.join().map_err(|panic| broken(&*panic))??;
        Ok((world, names))
    })
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
