//! The heart of the service: one writer, many readers.
//!
//! What is known now is held in memory and swapped when a batch has come; a
//! question about an earlier state builds it beside and keeps it for a while.
//! Readers are never held up by a load. Nothing here knows HTTP.

mod gate;
mod keeper;
pub(crate) mod known;
pub(crate) mod load;
pub(crate) mod names;
mod queue;
mod quiet;
mod scribe;
mod telling;
mod tense;
pub(crate) mod timeline;
pub(crate) mod verification;
mod writer;

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ::ingest::Options;
use ::ingest::report::Report;
use ::ingest::source::Input;
use graph::change::BatchNo;
use graph::id::Set;
use graph::store::{BookEntry, Store};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::sweep::Sweep;
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit, oneshot};

use crate::Error;
use crate::audit::Event;
use crate::feed::Words;
use crate::receipt::Slip;
use crate::seen::Seen;
use crate::session::Session;
use gate::{Gate, Gated};
use known::{Found, Known};
use names::Names;
pub(crate) use queue::rest;
use quiet::Quiet;
use tense::Present;
pub(crate) use tense::Tense;
use timeline::Timeline;
use verification::Question;
pub(crate) use writer::Keep;
use writer::{Verified, Writer};

/// How the service is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// Threads that answer questions of one state of knowledge.
    pub(crate) workers: usize,
    /// Questions answered or waiting at once; more are refused.
    pub(crate) questions: usize,
    /// States of knowledge kept beside the present one.
    pub(crate) past: usize,
    /// About how many bytes a load keeps in memory.
    pub(crate) load_memory: usize,
    /// How long a verification waits for others to be committed with.
    pub(crate) group_wait: Duration,
    /// Bytes kept ready for the audit log when the disk is full.
    pub(crate) audit_reserve: u64,
}

/// How much of a state of knowledge a question depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Needs {
    /// Restrictions, control, relations: the checks of verifications change nothing.
    Substance,
    /// Gaps and indicators: every batch counts.
    Everything,
}

/// No load takes longer than a year.
const LONGEST_LOAD_MS: i64 = 366 * 86_400_000;

type Slot = (BatchNo, Arc<OnceCell<Arc<Known>>>);

/// The service.
#[derive(Debug)]
pub(crate) struct Service {
    store: Arc<RocksStore>,
    catalogue: Arc<Catalogue>,
    present: Arc<Present>,
    gate: Arc<Gate>,
    writer: Writer,
    past: Mutex<Vec<Slot>>,
    /// Names as known in the past that were searched last.
    names: Mutex<Option<Arc<Names>>>,
    loading: tokio::sync::Mutex<()>,
    telling: tokio::sync::Mutex<telling::Telling>,
    /// What was said of gaps; one says something at a time.
    words: RwLock<Arc<Words>>,
    speaking: tokio::sync::Mutex<()>,
    quiet: Quiet,
    admission: Semaphore,
    sizes: Sizes,
}

impl Service {
    /// Takes over a store and builds the present state of knowledge.
    pub(crate) fn start(
        store: Arc<RocksStore>,
        catalogue: Arc<Catalogue>,
        sizes: Sizes,
    ) -> Result<Self, Error> {
        let timeline = Timeline::of(&store.snapshot()?.batches()?);
        let newest = timeline.known(crate::clock::now());
        let found = Found::at(&store, &catalogue, newest)?;
        let current = Known::of(found, sizes.workers)?;
        let present = Arc::new(Present::new(timeline, current));
        let gate = Arc::new(Gate::default());
        let telling = telling::Telling::open(&*store)?;
        let words = Words::read(&*store.snapshot()?, store.keys())?;
        let writer = Writer::start(&store, &present, &gate, &sizes)?;
        Ok(Self {
            store,
            catalogue,
            present,
            gate,
            writer,
            past: Mutex::default(),
            names: Mutex::default(),
            loading: tokio::sync::Mutex::new(()),
            telling: tokio::sync::Mutex::new(telling),
            words: RwLock::new(Arc::new(words)),
            speaking: tokio::sync::Mutex::new(()),
            quiet: Quiet::new(sizes.workers)?,
            admission: Semaphore::new(sizes.questions.max(1)),
            sizes,
        })
    }

    /// The store, for reading.
    pub(crate) fn store(&self) -> &Arc<RocksStore> {
        &self.store
    }

    /// The rules.
    pub(crate) fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The newest batch.
    pub(crate) fn newest(&self) -> BatchNo {
        self.present.newest()
    }

    /// Each record set with how fresh it is.
    pub(crate) fn sources(&self, no: BatchNo) -> Vec<(Set, Option<Moment>)> {
        self.present.sources(no)
    }

    /// How many more questions would be taken.
    pub(crate) fn room(&self) -> usize {
        self.admission.available_permits()
    }

    /// The times of a question.
    pub(crate) fn tense(&self, as_of: Option<Date>, known_at: Option<Moment>) -> Tense {
        self.present.tense(as_of, known_at)
    }

    /// A session at some times; persons are masked.
    pub(crate) fn session(&self, tense: Tense) -> Session {
        Session {
            store: Arc::clone(&self.store),
            catalogue: Arc::clone(&self.catalogue),
            as_of: tense.as_of,
            known_at: tense.known_at,
            reveal: false,
            batch: Some(tense.batch),
            names: None,
            words: Some(self.words()),
            seen: Seen::default(),
        }
    }

    fn admit(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.admission.try_acquire().map_err(|_| Error::Busy)
    }

    /// Asks a question that needs the sweep.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        (tense, needs): (Tense, Needs),
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.ask_of(self.session(tense), (tense, needs), question)
            .await
    }

    /// The same with names and numbers whole: for a person's own record.
    pub(crate) async fn ask_revealing<T: Send + 'static>(
        &self,
        (tense, needs): (Tense, Needs),
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let mut session = self.session(tense);
        session.reveal = true;
        self.ask_of(session, (tense, needs), question).await
    }

    async fn ask_of<T: Send + 'static>(
        &self,
        session: Session,
        (tense, needs): (Tense, Needs),
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _admitted = self.admit()?;
        let known = self.known(tense, needs).await?;
        known.ask(move |sweep| question(&session, sweep)).await
    }

    /// Asks a question that the store alone answers.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        tense: Tense,
        question: impl FnOnce(&Session) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let _admitted = self.admit()?;
        let session = self.session(tense);
        blocking(move || question(&session)).await
    }

    /// The state of knowledge that fits a question: the present one, one that is
    /// kept, or one built now.
    async fn known(&self, tense: Tense, needs: Needs) -> Result<Arc<Known>, Error> {
        let fits = |batch: BatchNo| match needs {
            Needs::Everything => batch == tense.batch,
            Needs::Substance => self.present.alike(batch, tense.batch),
        };
        let current = self.present.current();
        if fits(current.batch) {
            return Ok(current);
        }
        // Seldom: who asks about the present need not hold the room for it.
        Box::pin(self.known_anew(tense, current, fits)).await
    }

    async fn known_anew(
        &self,
        tense: Tense,
        current: Arc<Known>,
        fits: impl Fn(BatchNo) -> bool,
    ) -> Result<Arc<Known>, Error> {
        let slot = self.slot(tense.batch, fits);
        let (store, catalogue) = (Arc::clone(&self.store), Arc::clone(&self.catalogue));
        let earlier = (current.batch < tense.batch).then(|| Arc::clone(&current));
        let build = async || {
            let found = self.quiet.read(move || {
                let next = earlier.map(|known| known.after(&store, tense.batch));
                match next.transpose()?.flatten() {
                    Some(found) => Ok(found),
                    None => Found::at(&store, &catalogue, tense.batch),
                }
            });
            // The threads that answer are no quiet ones.
            Known::of(found.await?, self.sizes.workers)
        };
        let known = Arc::clone(slot.get_or_try_init(build).await?);
        if known.batch > current.batch {
            self.present.promote(&known);
            self.past().retain(|(batch, _)| *batch != tense.batch);
        }
        Ok(known)
    }

    /// The place of a state of knowledge among the kept ones, the latest asked last.
    fn slot(&self, batch: BatchNo, fits: impl Fn(BatchNo) -> bool) -> Arc<OnceCell<Arc<Known>>> {
        let mut past = self.past();
        let place = past.iter().position(|(batch, _)| fits(*batch));
        let slot = match place {
            Some(place) => past.remove(place),
            None => (batch, Arc::default()),
        };
        let cell = Arc::clone(&slot.1);
        past.push(slot);
        let surplus = past.len().saturating_sub(self.sizes.past.max(1));
        past.drain(..surplus);
        cell
    }

    fn past(&self) -> std::sync::MutexGuard<'_, Vec<Slot>> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Verifies subjects: the signed answers as text, committed with their checks and
    /// receipts, and with what is to be kept beside them.
    pub(crate) async fn verify(
        &self,
        tense: Tense,
        questions: Vec<Question>,
        beside: (Event, Option<Keep>),
    ) -> Result<Vec<String>, Error> {
        let _admitted = self.admit()?;
        let known = self.known(tense, Needs::Substance).await?;
        let shared = self.present.shared(tense.batch, &self.catalogue)?;
        let mut session = self.session(tense);
        session.names = Some(Arc::clone(&known.names));
        let writer = self.writer.hand();
        let (tell, told) = oneshot::channel();
        known.hand(questions.len() > 1, move |sweep| {
            let one = |question: Question| {
                let answer = verification::answer(&session, sweep, &question)?;
                let slip = Slip::of(&answer, &shared)?;
                Ok(Verified { question, slip })
            };
            let answers: Result<Vec<_>, Error> = questions.into_iter().map(one).collect();
            writer.verified(answers, beside, tell);
        })?;
        told.await
            .map_err(|_| Error::Broken("an answer was lost".into()))?
    }

    /// Writes an event into the audit log; durable when this returns.
    pub(crate) async fn audit(&self, event: Event) -> Result<(), Error> {
        self.writer.audit(event).await
    }

    /// Writes entries of books; durable when this returns.
    pub(crate) async fn write(&self, entries: Vec<BookEntry>) -> Result<(), Error> {
        self.writer.entries(entries).await
    }

    /// Loads files as one batch and brings the present up to it. One load at a
    /// time; questions go on meanwhile.
    pub(crate) async fn load(
        self: Arc<Self>,
        inputs: Vec<Input>,
        recorded_at: Option<Moment>,
        options: Options,
    ) -> Result<Report, Error> {
        let service = Arc::clone(&self);
        // A client that goes away does not stop a load half-way.
        let task =
            tokio::spawn(async move { service.load_whole(inputs, recorded_at, options).await });
        let gone = |error: tokio::task::JoinError| Error::Broken(error.to_string());
        task.await.map_err(gone)?
    }

    async fn load_whole(
        &self,
        inputs: Vec<Input>,
        recorded_at: Option<Moment>,
        mut options: Options,
    ) -> Result<Report, Error> {
        let _one_at_a_time = self.loading.lock().await;
        // The batch is dated when it is written, after all that come meanwhile: until
        // then a moment that lies before none of them.
        let now = crate::clock::now().max(self.present.newest_at());
        options.recorded_at = recorded_at.unwrap_or(Moment(now.0.saturating_add(LONGEST_LOAD_MS)));
        options.memory = self.sizes.load_memory;
        options.folder = self.store.dir().to_owned();
        options.threads = self.quiet.threads;
        let gated = Gated {
            store: Arc::clone(&self.store),
            gate: Arc::clone(&self.gate),
            present: Arc::clone(&self.present),
            recorded_at,
        };
        let catalogue = Arc::clone(&self.catalogue);
        let loaded = self.quiet.load(move || {
            let report = load::load(&gated, &catalogue, &inputs, &options, &mut ());
            report.map_err(Error::from)
        });
        let report = loaded.await?;
        if let Some(batch) = report.batch {
            let built = self.catch_up(batch).await;
            self.present.built();
            built?;
        }
        Ok(report)
    }

    /// The names of organisations as known at the moment of a question; read from the
    /// store when neither the present ones nor those read last tell of it.
    pub(crate) async fn names(&self, tense: Tense) -> Result<Arc<Names>, Error> {
        let current = self.present.current();
        if self.present.alike(current.batch, tense.batch) {
            return Ok(Arc::clone(&current.names));
        }
        let locked = || self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = locked().clone();
        let fits = |names: &Arc<Names>| self.present.alike(names.batch, tense.batch);
        if let Some(kept) = kept.filter(fits) {
            return Ok(kept);
        }
        let _admitted = self.admit()?;
        let store = Arc::clone(&self.store);
        let read = move || Ok(Arc::new(Names::at(&*store.snapshot()?, tense.batch)?));
        let names = blocking(read).await?;
        // A question about the past does not put the present out.
        let mut kept = locked();
        if kept.as_ref().is_none_or(|kept| kept.batch < names.batch) {
            *kept = Some(Arc::clone(&names));
        }
        Ok(names)
    }

    async fn catch_up(&self, batch: BatchNo) -> Result<(), Error> {
        let tense = Tense {
            as_of: crate::clock::today(),
            known_at: self.present.newest_at().max(crate::clock::now()),
            batch,
        };
        self.known(tense, Needs::Substance).await.map(drop)
    }

    /// Waits until all that was handed over is written, and keeps the present state for
    /// whoever starts next.
    pub(crate) fn finish(self) {
        self.writer.finish();
        if let Err(error) = self.present.current().keep(&self.store) {
            tracing::warn!(%error, "the world could not be kept: the next start reads the store");
        }
    }
}

/// Runs what takes time where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| match error.try_into_panic() {
        Ok(panic) => known::broken(&*panic),
        Err(error) => Error::Broken(error.to_string()),
    })?
}
