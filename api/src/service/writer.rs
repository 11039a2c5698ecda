//! The one writer: a thread that commits what everybody else hands to it.
//!
//! Verifications that wait together are committed together: their checks and
//! receipts in one batch, made durable once, and each is told only then.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use graph::change::{BatchNo, Change, Draft};
use graph::store::{BatchInfo, Book, BookEntry, Store};
use graph::time::Moment;
use graph_rocks::RocksStore;
use tokio::sync::oneshot;

use super::Sizes;
use super::gate::Gate;
use super::tense::Present;
use super::timeline::VERIFY;
use super::verification::{Question, check};
use crate::answer::Verification;
use crate::audit::{Chain, Event, Reserve, answer_digest};
use crate::receipt::{self, KeyRing};
use crate::{Error, clock};

/// At most so many verifications are committed together.
const GROUP: usize = 512;
/// At most so many writes wait.
const WAITING: usize = 8192;

/// What is to be written, and whom to tell.
enum Write {
    Verified(
        Vec<(Question, Verification)>,
        Event,
        Tell<Vec<Verification>>,
    ),
    Event(Event, Tell<()>),
    Entries(Vec<BookEntry>, Tell<()>),
}

type Tell<T> = oneshot::Sender<Result<T, Error>>;

/// The way to the writer's thread. It ends when this goes.
#[derive(Debug)]
pub(crate) struct Writer {
    sender: SyncSender<Write>,
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
        gate: &Arc<Gate>,
        sizes: &Sizes,
    ) -> Result<Self, Error> {
        let (sender, receiver) = sync_channel(WAITING);
        let (chain, reserve) = {
            let snapshot = store.snapshot()?;
            let chain = Chain::open(&*snapshot, store.keys())?;
            let size = sizes.audit_reserve;
            let reserve = Reserve::open(store.dir(), &*snapshot, store.keys(), size)?;
            (chain, reserve)
        };
        // Making the key now, not at the first verification, shows what is wrong with it.
        KeyRing::of(store.dir(), clock::now())?;
        let mut scribe = Scribe {
            store: Arc::clone(store),
            present: Arc::clone(present),
            gate: Arc::clone(gate),
            chain,
            reserve,
            wait: sizes.group_wait,
        };
        let thread = thread::Builder::new().name("writer".into());
        let thread = thread
            .spawn(move || scribe.live(&receiver))
            .map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        Ok(Self {
            sender,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Commits what was verified; when this returns it is durable.
    pub(crate) async fn verified(
        &self,
        answers: Vec<(Question, Verification)>,
        event: Event,
    ) -> Result<Vec<Verification>, Error> {
        let (tell, told) = oneshot::channel();
        self.hand(Write::Verified(answers, event, tell))?;
        told.await.map_err(|_| lost())?
    }

    /// Writes an event into the audit log.
    pub(crate) async fn audit(&self, event: Event) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        self.hand(Write::Event(event, tell))?;
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

/// Who sits in the writer's thread.
struct Scribe {
    store: Arc<RocksStore>,
    present: Arc<Present>,
    gate: Arc<Gate>,
    chain: Chain,
    /// Where events wait while the disk is full.
    reserve: Reserve,
    wait: Duration,
}

/// Verifications of one request, with what the audit log says of it.
struct Answered {
    answers: Vec<(Question, Verification)>,
    event: Event,
    tell: Tell<Vec<Verification>>,
}

/// What is committed together.
#[derive(Default)]
struct Group {
    verified: Vec<Answered>,
    entries: Vec<BookEntry>,
    whom: Vec<Tell<()>>,
    events: Vec<(Event, Tell<()>)>,
    count: usize,
}

impl Group {
    fn take(&mut self, write: Write) {
        self.count += 1;
        match write {
            Write::Verified(answers, event, tell) => {
                self.count += answers.len();
                self.verified.push(Answered {
                    answers,
                    event,
                    tell,
                });
            }
            Write::Entries(entries, tell) => {
                self.entries.extend(entries);
                self.whom.push(tell);
            }
            Write::Event(event, tell) => self.events.push((event, tell)),
        }
    }
}

/// A group, signed and ready to be written.
#[derive(Default)]
struct Ready {
    changes: Vec<Change>,
    entries: Vec<BookEntry>,
    signed: Vec<Vec<Verification>>,
}

impl Scribe {
    fn live(&mut self, waiting: &Receiver<Write>) {
        while let Ok(first) = waiting.recv() {
            let mut next = Some(first);
            let mut group = Group::default();
            let until = Instant::now() + self.wait;
            while let Some(write) = next.take() {
                group.take(write);
                if group.count < GROUP {
                    next = soon(waiting, until);
                }
            }
            self.write_group(group);
        }
    }

    fn note(&self, no: BatchNo, (recorded_at, files, report): (Moment, Vec<String>, String)) {
        self.present.committed(&BatchInfo {
            no,
            recorded_at,
            files,
            report,
        });
    }

    fn write_group(&mut self, mut group: Group) {
        if group.count == 0 {
            return;
        }
        let _pass = self.gate.pass();
        let recorded_at = self.present.begin(None, false);
        // What is not written must not be counted in the audit log.
        let before = self.chain.clone();
        let ready = self.prepare(&mut group, recorded_at);
        let written = ready.and_then(|ready| {
            self.commit(recorded_at, ready.changes, ready.entries)?;
            Ok(ready.signed)
        });
        match written {
            Ok(signed) => {
                if let Err(error) = self.reserve.clear() {
                    // They would be written twice after a restart, no worse.
                    tracing::error!(%error, "the reserve of the audit log");
                }
                told(group, signed);
            }
            Err(error) => {
                self.chain = before;
                self.present.nothing_came(false);
                self.failed(group, &error);
            }
        }
    }

    /// Tells everybody that nothing was written. Events that found no room wait in
    /// the reserve: whoever only looks is not held up by a full disk.
    fn failed(&mut self, group: Group, error: &Error) {
        let is_full = error.is_full();
        let failed = || match is_full {
            true => Error::Full,
            false => Error::Broken(error.to_string()),
        };
        // Who asked may have gone: that nobody listens is no failure.
        for (event, tell) in group.events {
            let kept = match is_full {
                true => self.reserve.keep(clock::now(), event),
                false => Err(failed()),
            };
            let _ = tell.send(kept);
        }
        for tell in group.whom {
            let _ = tell.send(Err(failed()));
        }
        for of in group.verified {
            let _ = of.tell.send(Err(failed()));
        }
    }

    /// Signs the answers of a group under one root, and links the events into the
    /// audit log.
    fn prepare(&mut self, group: &mut Group, at: Moment) -> Result<Ready, Error> {
        let mut ready = Ready {
            entries: std::mem::take(&mut group.entries),
            ..Ready::default()
        };
        // Read anew each time: the key may have been changed meanwhile.
        let ring = KeyRing::of(self.store.dir(), at)?;
        for (at, event) in self.reserve.waiting().to_vec() {
            ready.entries.extend(self.chain.append(&ring, at, event)?);
        }
        let public = ring.public_key().public;
        let mut texts = Vec::new();
        for of in &mut group.verified {
            for (_, answer) in &mut of.answers {
                answer.public_key.clone_from(&public);
                texts.push(serde_json::to_vec(answer)?);
            }
        }
        let now = clock::now();
        let mut signatures = receipt::sign_group(&ring, &texts, now).into_iter();
        for of in &mut group.verified {
            let mut signed = Vec::with_capacity(of.answers.len());
            for (question, mut answer) in std::mem::take(&mut of.answers) {
                if let Some(one) = signatures.next() {
                    answer.signature = one.signature;
                    answer.proof = Some(one.proof);
                }
                let line = u32::try_from(ready.changes.len() + 1).unwrap_or(u32::MAX);
                ready
                    .changes
                    .push(check(&question, &answer.receipt, at, line));
                let text = serde_json::to_vec(&answer)?;
                let event = Event {
                    department: question.department.or(of.event.department.clone()),
                    purpose: question.purpose.or(of.event.purpose.clone()),
                    subject: Some(question.subject.to_string()),
                    persons: (!question.subject.is_organisation()).then_some(1),
                    answer: Some(answer_digest(&text)),
                    ..of.event.clone()
                };
                ready.entries.extend(self.chain.append(&ring, now, event)?);
                let key = answer.receipt.as_bytes().to_vec();
                let sealed = self.store.keys().seal(&key, &text);
                ready.entries.push((Book::Receipt, key, sealed));
                signed.push(answer);
            }
            ready.signed.push(signed);
        }
        for (event, _) in &group.events {
            let entries = self.chain.append(&ring, now, event.clone())?;
            ready.entries.extend(entries);
        }
        Ok(ready)
    }

    fn commit(
        &self,
        recorded_at: Moment,
        changes: Vec<Change>,
        entries: Vec<BookEntry>,
    ) -> Result<(), Error> {
        let count = changes.len();
        if count == 0 {
            self.store.write(&entries)?;
            self.present.nothing_came(false);
            return Ok(());
        }
        let files = vec![VERIFY.to_owned()];
        let report = format!(r#"{{"sets":{{"checks":{{"read":{count},"new":{count}}}}}}}"#);
        let committed = self.store.commit(Draft {
            recorded_at,
            files: files.clone(),
            changes,
            quarantine: Vec::new(),
            resolved: Vec::new(),
            report: report.clone(),
            entries,
        })?;
        match committed {
            Some(no) => self.note(no, (recorded_at, files, report)),
            None => self.present.nothing_came(false),
        }
        Ok(())
    }
}

/// Tells everybody that theirs is written.
fn told(group: Group, signed: Vec<Vec<Verification>>) {
    // Who asked may have gone: that nobody listens is no failure.
    for tell in group
        .whom
        .into_iter()
        .chain(group.events.into_iter().map(|one| one.1))
    {
        let _ = tell.send(Ok(()));
    }
    for (answers, of) in signed.into_iter().zip(group.verified) {
        let _ = of.tell.send(Ok(answers));
    }
}

/// What is handed over before the group closes.
fn soon(waiting: &Receiver<Write>, until: Instant) -> Option<Write> {
    let left = until.saturating_duration_since(Instant::now());
    waiting.recv_timeout(left).ok()
}
