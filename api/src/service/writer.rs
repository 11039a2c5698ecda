//! The one writer: a thread that commits what everybody else hands to it.
//!
//! Verifications that wait together are committed together: their checks and
//! receipts in one batch, made durable once, and each is told only then.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use graph::change::{BatchNo, Draft};
use graph::store::{BatchInfo, Book, BookEntry, Snapshot, Store, StoreError};
use graph::time::Moment;
use graph_rocks::RocksStore;
use tokio::sync::oneshot;

use super::tense::Present;
use super::timeline::VERIFY;
use super::verification::{Question, check};
use crate::Error;
use crate::answer::Verification;
use crate::receipt::ReceiptKey;

/// At most so many verifications are committed together.
const GROUP: usize = 512;
/// At most so many writes wait.
const WAITING: usize = 8192;

/// What is to be written, and whom to tell.
enum Write {
    Verified(Vec<(Question, Verification)>, Tell<Vec<Verification>>),
    Entries(Vec<BookEntry>, Tell<()>),
    Draft(
        Box<Draft>,
        Dated,
        SyncSender<Result<Option<BatchNo>, StoreError>>,
    ),
}

type Tell<T> = oneshot::Sender<Result<T, Error>>;

/// Who dates a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dated {
    /// The writer, when it commits.
    OnCommit,
    /// Whoever loads it.
    AsAsked,
}

/// The way to the writer's thread. It ends when this goes.
#[derive(Debug)]
pub(crate) struct Writer {
    sender: SyncSender<Write>,
    store: Arc<RocksStore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        store: &Arc<RocksStore>,
        present: &Arc<Present>,
        key: ReceiptKey,
        wait: Duration,
    ) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(WAITING);
        let scribe = Scribe {
            store: Arc::clone(store),
            present: Arc::clone(present),
            key,
            wait,
        };
        let thread = thread::Builder::new().name("writer".into());
        let thread = thread
            .spawn(move || scribe.live(&receiver))
            .map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        Ok(Self {
            sender,
            store: Arc::clone(store),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Commits what was verified; when this returns it is durable.
    pub(crate) async fn verified(
        &self,
        answers: Vec<(Question, Verification)>,
    ) -> Result<Vec<Verification>, Error> {
        let (tell, told) = oneshot::channel();
        self.hand(Write::Verified(answers, tell))?;
        told.await.map_err(|_| lost())?
    }

    /// Writes entries of books.
    pub(crate) async fn entries(&self, entries: Vec<BookEntry>) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        self.hand(Write::Entries(entries, tell))?;
        told.await.map_err(|_| lost())?
    }

    fn hand(&self, write: Write) -> Result<(), Error> {
        self.sender.try_send(write).map_err(|_| Error::Busy)
    }

    /// A store whose batches go through the writer.
    pub(crate) fn store(&self, dated: Dated) -> Through<'_> {
        Through {
            writer: self,
            dated,
        }
    }

    /// Waits until all that was handed over is written. Nothing can be handed
    /// over afterwards.
    pub(crate) fn finish(self) {
        let Self { sender, thread, .. } = self;
        drop(sender);
        let thread = thread.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread {
            // A panic in it was told to whoever waited.
            let _ = thread.join();
        }
    }
}

fn lost() -> Error {
    Error::Broken("the writer ended before it had written".into())
}

/// The store as a load sees it: reads go to the store, its batch to the writer.
#[derive(Debug)]
pub(crate) struct Through<'a> {
    writer: &'a Writer,
    dated: Dated,
}

impl Through<'_> {
    fn failed(&self, what: &'static str) -> StoreError {
        StoreError::Engine {
            place: self.writer.store.dir().display().to_string(),
            source: what.into(),
        }
    }
}

impl Store for Through<'_> {
    fn keys(&self) -> &graph::seal::Keys {
        self.writer.store.keys()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.writer.store.snapshot()
    }

    fn commit(&self, draft: Draft) -> Result<Option<BatchNo>, StoreError> {
        let (tell, told) = sync_channel(1);
        let write = Write::Draft(Box::new(draft), self.dated, tell);
        let sent = self.writer.sender.send(write);
        sent.map_err(|_| self.failed("the writer has ended"))?;
        told.recv()
            .map_err(|_| self.failed("the writer has ended"))?
    }

    fn write(&self, entries: &[BookEntry]) -> Result<(), StoreError> {
        self.writer.store.write(entries)
    }
}

/// Who sits in the writer's thread.
struct Scribe {
    store: Arc<RocksStore>,
    present: Arc<Present>,
    key: ReceiptKey,
    wait: Duration,
}

/// What is committed together.
#[derive(Default)]
struct Group {
    verified: Vec<(Vec<(Question, Verification)>, Tell<Vec<Verification>>)>,
    entries: Vec<(Vec<BookEntry>, Tell<()>)>,
    count: usize,
}

impl Scribe {
    fn live(&self, waiting: &Receiver<Write>) {
        while let Ok(first) = waiting.recv() {
            let mut next = Some(first);
            let mut group = Group::default();
            let until = Instant::now() + self.wait;
            while let Some(write) = next.take() {
                match write {
                    Write::Draft(draft, dated, tell) => {
                        self.write_group(std::mem::take(&mut group));
                        // Who loads waits for it.
                        let _ = tell.send(self.draft(*draft, dated));
                        break;
                    }
                    Write::Verified(answers, tell) => {
                        group.count += answers.len();
                        group.verified.push((answers, tell));
                    }
                    Write::Entries(entries, tell) => {
                        group.count += 1;
                        group.entries.push((entries, tell));
                    }
                }
                if group.count < GROUP {
                    next = soon(waiting, until);
                }
            }
            self.write_group(group);
        }
    }

    fn draft(&self, mut draft: Draft, dated: Dated) -> Result<Option<BatchNo>, StoreError> {
        let asked = (dated == Dated::AsAsked).then_some(draft.recorded_at);
        draft.recorded_at = self.present.begin(asked, true);
        let told = (draft.recorded_at, draft.files.clone(), draft.report.clone());
        let committed = self.store.commit(draft);
        match &committed {
            Ok(Some(no)) => self.note(*no, told),
            _ => self.present.nothing_came(true),
        }
        committed
    }

    fn note(&self, no: BatchNo, (recorded_at, files, report): (Moment, Vec<String>, String)) {
        self.present.committed(&BatchInfo {
            no,
            recorded_at,
            files,
            report,
        });
    }

    fn write_group(&self, group: Group) {
        let Group {
            verified, entries, ..
        } = group;
        let mut all: Vec<BookEntry> = Vec::new();
        let mut whom = Vec::new();
        for (entries, tell) in entries {
            all.extend(entries);
            whom.push(tell);
        }
        let mut changes = Vec::new();
        let mut signed = Vec::new();
        let recorded_at = self.present.begin(None, false);
        for (answers, tell) in verified {
            let done = self.sign(answers, recorded_at, &mut all, &mut changes);
            signed.push((done, tell));
        }
        let result = self.commit(recorded_at, changes, all);
        let failure = || match &result {
            Ok(()) => Ok(()),
            Err(error) => Err(Error::Broken(error.to_string())),
        };
        // Who asked may have gone.
        for tell in whom {
            let _ = tell.send(failure());
        }
        for (done, tell) in signed {
            let _ = tell.send(failure().and(done));
        }
    }

    fn sign(
        &self,
        answers: Vec<(Question, Verification)>,
        at: Moment,
        entries: &mut Vec<BookEntry>,
        changes: &mut Vec<graph::change::Change>,
    ) -> Result<Vec<Verification>, Error> {
        let mut signed = Vec::with_capacity(answers.len());
        for (question, mut answer) in answers {
            answer.public_key = self.key.public();
            answer.signature = self.key.sign(&serde_json::to_vec(&answer)?);
            let key = answer.receipt.as_bytes().to_vec();
            let text = self.store.keys().seal(&key, &serde_json::to_vec(&answer)?);
            entries.push((Book::Receipt, key, text));
            let line = u32::try_from(changes.len() + 1).unwrap_or(u32::MAX);
            changes.push(check(&question, &answer.receipt, at, line));
            signed.push(answer);
        }
        Ok(signed)
    }

    fn commit(
        &self,
        recorded_at: Moment,
        changes: Vec<graph::change::Change>,
        entries: Vec<BookEntry>,
    ) -> Result<(), StoreError> {
        let files = vec![VERIFY.to_owned()];
        let count = changes.len();
        let report = format!(r#"{{"sets":{{"checks":{{"read":{count},"new":{count}}}}}}}"#);
        let write = || {
            if count == 0 {
                return self.store.write(&entries).map(|()| None);
            }
            self.store.commit(Draft {
                recorded_at,
                files: files.clone(),
                changes,
                quarantine: Vec::new(),
                resolved: Vec::new(),
                report: report.clone(),
                entries,
            })
        };
        match write() {
            Ok(Some(no)) => {
                self.note(no, (recorded_at, files.clone(), report.clone()));
                Ok(())
            }
            Ok(None) => {
                self.present.nothing_came(false);
                Ok(())
            }
            Err(error) => {
                self.present.nothing_came(false);
                Err(error)
            }
        }
    }
}

/// What is handed over before the group closes.
fn soon(waiting: &Receiver<Write>, until: Instant) -> Option<Write> {
    let left = until.saturating_duration_since(Instant::now());
    match waiting.recv_timeout(left) {
        Ok(write) => Some(write),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
    }
}
