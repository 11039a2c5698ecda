//! Threads for work that nobody at a counter may feel: loading files, and reading what is
//! known anew. The system runs them behind all others, and they take half of the cores: with
//! all of them busy even what goes before waits for its turn.

use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::blocking;
use crate::Error;

/// How far behind: a thread of the usual niceness gets about ten times as much.
const NICE: i32 = 10;

/// The threads.
#[derive(Debug)]
pub(super) struct Quiet {
    /// How many work at once.
    pub(super) threads: usize,
    loads: Arc<ThreadPool>,
    reads: Arc<ThreadPool>,
}

impl Quiet {
    /// For a machine on which so many threads answer.
    pub(super) fn new(workers: usize) -> Result<Self, Error> {
        let threads = (workers / 2).max(1);
        Ok(Self {
            threads,
            // A load holds its own as long as it takes.
            loads: pool(threads)?,
            reads: pool(threads)?,
        })
    }

    /// Loads there, with all that it does side by side.
    pub(super) async fn load<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let pool = Arc::clone(&self.loads);
        blocking(move || pool.install(work)).await
    }

    /// Reads there what is known.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let pool = Arc::clone(&self.reads);
        blocking(move || pool.install(work)).await
    }
}

fn pool(threads: usize) -> Result<Arc<ThreadPool>, Error> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|_| "quiet".into())
        // Of the calling thread, and of those that it begins. Where that is not permitted
        // the work is as loud as any.
        .start_handler(|_| {
            let _ = rustix::process::setpriority_process(None, NICE);
        });
    let pool = pool.build();
    let pool = pool.map_err(|error| Error::Broken(format!("no threads: {error}")))?;
    Ok(Arc::new(pool))
}
