//! The one writer: a thread that commits what everybody else hands to it.
//!
//! Verifications that wait together are committed together: their checks and
//! receipts in one batch, made durable once, and each is told only then.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use graph::change::{BatchNo, Change, Draft};
use graph::store::{BatchInfo, BookEntry, Store};
use graph::time::Moment;
use graph_rocks::RocksStore;
use tokio::sync::oneshot;

use super::Sizes;
use super::gate::Gate;
use super::queue::Queue;
use super::tense::Present;
use super::timeline::VERIFY;
use super::verification::{Question, check};
use crate::audit::{Chain, Event, Reserve};
use crate::receipt::{self, KeyRing, Slip};
use crate::{Error, clock};

/// At most so many verifications are committed together.
const GROUP: usize = 512;
/// At most so many writes wait.
const WAITING: usize = 8192;

/// What is to be written, and whom to tell.
enum Write {
    Verified(Answered),
    Event(Event, Tell<()>),
    Entries(Vec<BookEntry>, Tell<()>),
}

/// What to write with answers once they are signed.
pub(crate) type Keep = Box<dyn FnOnce(&[String]) -> Result<BookEntry, Error> + Send>;

type Tell<T> = oneshot::Sender<Result<T, Error>>;

/// The way to the writer's thread. It ends when this goes.
#[derive(Debug)]
pub(crate) struct Writer {
    inbox: Arc<Queue<Write>>,
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
        let inbox = Arc::new(Queue::new(WAITING));
        let waiting = Arc::clone(&inbox);
        let (chain, reserve) = {
            let snapshot = store.snapshot()?;
            let chain = Chain::open(&*snapshot, store.keys())?;
            let size = sizes.audit_reserve;
            let reserve = Reserve::open(store.dir(), &*snapshot, store.keys(), size)?;
            (chain, reserve)
        };
        // Making the key now, not at the first verification, shows what is wrong with it.
        let ring = KeyRing::of(store.dir(), clock::now())?;
        let mut scribe = Scribe {
            store: Arc::clone(store),
            present: Arc::clone(present),
            gate: Arc::clone(gate),
            chain,
            ring,
            reserve,
            wait: sizes.group_wait,
        };
        let thread = thread::Builder::new().name("writer".into());
        let thread = thread
            .spawn(move || scribe.live(&waiting))
            .map_err(|error| Error::Broken(format!("no thread: {error}")))?;
        Ok(Self {
            inbox,
            thread: Mutex::new(Some(thread)),
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
        let Self { inbox, thread } = self;
        inbox.close();
        let thread = thread.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread {
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
        let write = Write::Verified(Answered {
            answers,
            event,
            keep,
            tell,
        });
        if let Err(Write::Verified(of)) = self.0.push(write) {
            drop(of.tell.send(Err(Error::Busy)));
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
    ring: KeyRing,
    /// Where events wait while the disk is full.
    reserve: Reserve,
    wait: Duration,
}

/// A question with its answer.
pub(crate) struct Verified {
    pub(crate) question: Question,
    pub(crate) slip: Slip,
}

/// Verifications of one request, with what the audit log says of it.
struct Answered {
    answers: Vec<Verified>,
    event: Event,
    keep: Option<Keep>,
    tell: Tell<Vec<String>>,
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
            Write::Verified(of) => {
                self.count += of.answers.len();
                self.verified.push(of);
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
    signed: Vec<Vec<String>>,
}

impl Scribe {
    fn live(&mut self, inbox: &Queue<Write>) {
        inbox.come();
        while let Some(waiting) = inbox.group(GROUP, self.wait) {
            let mut group = Group::default();
            for write in waiting {
                group.take(write);
                if group.count >= GROUP {
                    self.write_group(std::mem::take(&mut group));
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
        let failed = || {
            if is_full {
                Error::Full
            } else {
                Error::Broken(error.to_string())
            }
        };
        // Who asked may have gone: that nobody listens is no failure.
        for (event, tell) in group.events {
            let kept = if is_full {
                self.reserve.keep(clock::now(), event)
            } else {
                Err(failed())
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
        // The key may have been changed meanwhile.
        self.ring.renew()?;
        let now = clock::now();
        let mut events = self.reserve.waiting().to_vec();
        if !group.verified.is_empty() {
            events.extend(self.sign(group, (at, now), &mut ready)?);
        }
        let asked = group.events.iter();
        events.extend(asked.map(|(event, _)| (now, event.clone())));
        ready
            .entries
            .extend(self.chain.append_all(&self.ring, events)?);
        Ok(ready)
    }

    /// Signs the answers of a group under one root; gives what the audit log says of them.
    fn sign(
        &mut self,
        group: &mut Group,
        (at, now): (Moment, Moment),
        ready: &mut Ready,
    ) -> Result<Vec<(Moment, Event)>, Error> {
        let answers = group.verified.iter().flat_map(|of| &of.answers);
        let slips: Vec<&Slip> = answers.map(|answer| &answer.slip).collect();
        let signed = receipt::Group::of(&self.ring, &slips, now);
        ready
            .entries
            .extend(signed.entries(self.store.keys(), &slips)?);
        let mut texts = signed.texts(&slips).into_iter();
        let (mut places, mut events) = (0.., Vec::with_capacity(slips.len()));
        for of in &mut group.verified {
            let answers = std::mem::take(&mut of.answers);
            let signed_texts: Vec<String> = texts.by_ref().take(answers.len()).collect();
            let kept = of.keep.take().map(|keep| keep(&signed_texts));
            ready.entries.extend(kept.transpose()?);
            ready.signed.push(signed_texts);
            let said = std::iter::repeat_n(of.event.clone(), answers.len());
            for ((Verified { question, slip }, place), said) in
                answers.into_iter().zip(&mut places).zip(said)
            {
                let line = u32::try_from(place + 1).unwrap_or(u32::MAX);
                ready.changes.push(check(&question, &slip.id, at, line));
                let event = Event {
                    department: question.department.or(said.department),
                    purpose: question.purpose.or(said.purpose),
                    subject: Some(question.subject.to_string()),
                    persons: (!question.subject.is_organisation()).then_some(1),
                    answer: signed.digest(place),
                    ..said
                };
                events.push((now, event));
            }
        }
        Ok(events)
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
fn told(group: Group, signed: Vec<Vec<String>>) {
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
