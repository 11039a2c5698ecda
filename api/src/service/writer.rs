//! The way to the store: what everybody hands over to be committed.
//!
//! Verifications that wait together are committed together: their checks and receipts
//! in one batch, made durable once, and each is told only then. Two threads do it: one
//! signs a group ([`Scribe`]) while the other commits the group before it ([`Keeper`]),
//! so that the machine has work while the disk is waited for.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use graph::store::BookEntry;
use graph_rocks::RocksStore;
use tokio::sync::oneshot;

use super::Sizes;
use super::gate::Gate;
use super::keeper::Keeper;
use super::queue::Queue;
use super::scribe::Scribe;
use super::tense::Present;
use super::verification::Question;
use crate::Error;
use crate::audit::Event;
use crate::receipt::Slip;

/// At most so many writes wait.
const WAITING: usize = 8192;

/// What is to be written, and whom to tell.
pub(super) enum Write {
    Verified(Answered),
    Event(Event, Tell<()>),
    Entries(Vec<BookEntry>, Tell<()>),
}

/// What to write with answers once they are signed.
pub(crate) type Keep = Box<dyn FnOnce(&[String]) -> Result<BookEntry, Error> + Send>;

pub(super) type Tell<T> = oneshot::Sender<Result<T, Error>>;

/// The way to the threads that write. They end when this goes.
#[derive(Debug)]
pub(crate) struct Writer {
    inbox: Arc<Queue<Write>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Writer {
    /// Starts the threads.
    pub(crate) fn start(
        store: &Arc<RocksStore>,
        present: &Arc<Present>,
        gate: &Arc<Gate>,
        sizes: &Sizes,
    ) -> Result<Self, Error> {
        let inbox = Arc::new(Queue::new(WAITING));
        let mut keeper = Keeper::new(store, present, sizes.audit_reserve)?;
        let mut scribe = Scribe::new(store, present, gate)?;
        let (waiting, wait) = (Arc::clone(&inbox), sizes.group_wait);
        // Nothing lies between the two: while one is busy, groups grow.
        let (give, take) = sync_channel(0);
        let begin = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let thread = thread::Builder::new().name(name.into()).spawn(work);
            thread.map_err(|error| Error::Broken(format!("no thread: {error}")))
        };
        let keeping = begin(
            "keeper",
            Box::new(move || take.iter().for_each(|group| keeper.keep(group))),
        )?;
        let signing = begin(
            "scribe",
            Box::new(move || scribe.live(&waiting, wait, &give)),
        )?;
        Ok(Self {
            inbox,
            threads: Mutex::new(vec![signing, keeping]),
        })
    }

    /// A hand on the writer for who answers.
    pub(crate) fn hand(&self) -> Hand {
        Hand(Arc::clone(&self.inbox))
    }

    /// Writes an event into the audit log.
    pub(crate) async fn audit(&self, event: Event) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        self.give(Write::Event(event, tell))?;
        told.await.map_err(|_| lost())?
    }

    /// Writes entries of books.
    pub(crate) async fn entries(&self, entries: Vec<BookEntry>) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        self.give(Write::Entries(entries, tell))?;
        told.await.map_err(|_| lost())?
    }

    fn give(&self, write: Write) -> Result<(), Error> {
        self.inbox.push(write).map_err(|_| Error::Busy)
    }

    /// Waits until all that was handed over is written. Nothing can be handed
    /// over afterwards.
    pub(crate) fn finish(self) {
        let Self { inbox, threads } = self;
        inbox.close();
        let threads = threads.into_inner();
        for thread in threads.unwrap_or_else(PoisonError::into_inner) {
            // A panic in it was told to whoever waited.
            let _ = thread.join();
        }
    }
}

/// Hands answers over to be committed.
pub(crate) struct Hand(Arc<Queue<Write>>);

impl Hand {
    /// Has answers committed; who asked is told when they are durable, or why not.
    pub(crate) fn verified(
        &self,
        answers: Result<Vec<Verified>, Error>,
        (event, keep): (Event, Option<Keep>),
        tell: Tell<Vec<String>>,
    ) {
        // Who asked may have gone.
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => return drop(tell.send(Err(error))),
        };
        let asked = Asked {
            answers,
            event,
            keep,
        };
        let write = Write::Verified(Answered { asked, tell });
        if let Err(Write::Verified(of)) = self.0.push(write) {
            drop(of.tell.send(Err(Error::Busy)));
        }
    }
}

fn lost() -> Error {
    Error::Broken("the writer ended before it had written".into())
}

/// A question with its answer.
pub(crate) struct Verified {
    pub(crate) question: Question,
    pub(crate) slip: Slip,
}

/// Verifications of one request, with what the audit log says of it.
pub(super) struct Asked {
    pub(super) answers: Vec<Verified>,
    pub(super) event: Event,
    pub(super) keep: Option<Keep>,
}

/// The same with who waits for them.
pub(super) struct Answered {
    pub(super) asked: Asked,
    pub(super) tell: Tell<Vec<String>>,
}
