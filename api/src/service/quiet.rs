//! Threads for work that nobody at a counter may feel: loading files, and reading what is
//! known anew. The system runs them behind all others.

use std::sync::Arc;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::blocking;
use crate::Error;

/// How far behind: a thread of the usual niceness gets about ten times as much.
const NICE: i32 = 10;

/// The threads.
#[derive(Debug)]
pub(super) struct Quiet(Arc<ThreadPool>);

impl Quiet {
    pub(super) fn new(threads: usize) -> Result<Self, Error> {
        let pool = ThreadPoolBuilder::new()
            // A load holds one of them as long as it takes.
            .num_threads(threads + 1)
            .thread_name(|_| "quiet".into())
            // Of the calling thread, and of those that it begins. Where that is not
            // permitted the work is as loud as any.
            .start_handler(|_| {
                let _ = rustix::process::setpriority_process(None, NICE);
            });
        let pool = pool
            .build()
            .map_err(|error| Error::Broken(format!("no threads: {error}")))?;
        Ok(Self(Arc::new(pool)))
    }

    /// Runs it there, with all that it does side by side.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let pool = Arc::clone(&self.0);
        blocking(move || pool.install(work)).await
    }
}
