//! Signs what is to be committed together, and dates it.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use graph::change::Change;
use graph::store::{BookEntry, Store};
use graph::time::Moment;
use graph_rocks::RocksStore;

use super::gate::{Gate, Passing};
use super::queue::Queue;
use super::tense::{Coming, Present};
use super::verification::check;
use super::writer::{Asked, Tell, Verified, Write};
use crate::audit::Event;
use crate::receipt::{self, KeyRing, Slip};
use crate::{Error, clock};

/// At most so many verifications are committed together.
const GROUP: usize = 512;

/// Who sits in the thread that signs.
pub(super) struct Scribe {
    store: Arc<RocksStore>,
    present: Arc<Present>,
    gate: Arc<Gate>,
    ring: KeyRing,
}

/// What is committed together, and whom to tell.
#[derive(Default)]
pub(super) struct Group {
    verified: Vec<Asked>,
    /// Who asked for them, in their order.
    pub(super) askers: Vec<Tell<Vec<String>>>,
    pub(super) entries: Vec<BookEntry>,
    pub(super) whom: Vec<Tell<()>>,
    pub(super) events: Vec<(Event, Tell<()>)>,
    count: usize,
}

impl Group {
    fn take(&mut self, write: Write) {
        self.count += 1;
        match write {
            Write::Verified(of) => {
                self.count += of.asked.answers.len();
                self.verified.push(of.asked);
                self.askers.push(of.tell);
            }
            Write::Entries(entries, tell) => {
                self.entries.extend(entries);
                self.whom.push(tell);
            }
            Write::Event(event, tell) => self.events.push((event, tell)),
        }
    }
}

/// A group on its way to who commits it.
pub(super) struct Dated {
    pub(super) group: Group,
    /// When it counts as recorded.
    pub(super) coming: Coming,
    /// When it was signed: the time of its events.
    pub(super) now: Moment,
    pub(super) signed: Result<Signed, Error>,
    /// No load comes between this group's date and its commit.
    pub(super) passing: Passing,
}

/// What the answers of a group come to once they are signed.
#[derive(Default)]
pub(super) struct Signed {
    pub(super) changes: Vec<Change>,
    /// The report of their batch.
    pub(super) report: String,
    pub(super) entries: Vec<BookEntry>,
    /// What the audit log says of them.
    pub(super) events: Vec<(Moment, Event)>,
    /// The answers as they are handed out, by request.
    pub(super) texts: Vec<Vec<String>>,
}

impl Scribe {
    pub(super) fn new(
        store: &Arc<RocksStore>,
        present: &Arc<Present>,
        gate: &Arc<Gate>,
    ) -> Result<Self, Error> {
        Ok(Self {
            store: Arc::clone(store),
            present: Arc::clone(present),
            gate: Arc::clone(gate),
            // Making the key now, not at the first verification, shows what is wrong with it.
            ring: KeyRing::of(store.dir(), clock::now())?,
        })
    }

    /// Signs group after group, until nothing more can come.
    pub(super) fn live(
        &mut self,
        inbox: &Queue<Write>,
        wait: Duration,
        keeper: &SyncSender<Dated>,
    ) {
        inbox.come();
        while let Some(waiting) = inbox.group(GROUP, wait) {
            let mut group = Group::default();
            for write in waiting {
                group.take(write);
                if group.count >= GROUP {
                    self.give(std::mem::take(&mut group), keeper);
                }
            }
            if group.count > 0 {
                self.give(group, keeper);
            }
        }
    }

    fn give(&mut self, mut group: Group, keeper: &SyncSender<Dated>) {
        let passing = self.gate.passing();
        let coming = self.present.begin(None, false);
        let now = clock::now();
        let dated = Dated {
            signed: self.sign(&mut group, (coming.at, now)),
            group,
            coming,
            now,
            passing,
        };
        // Without a keeper all who wait are told so when what they wait for goes.
        if keeper.send(dated).is_err() {
            self.present.came(coming, None);
        }
    }

    /// Signs the answers of a group under one root.
    fn sign(&mut self, group: &mut Group, (at, now): (Moment, Moment)) -> Result<Signed, Error> {
        // The key may have been changed meanwhile.
        self.ring.renew()?;
        if group.verified.is_empty() {
            return Ok(Signed::default());
        }
        let answers = group.verified.iter().flat_map(|of| &of.answers);
        let slips: Vec<&Slip> = answers.map(|answer| &answer.slip).collect();
        let under = receipt::Group::of(&self.ring, &slips, now);
        let mut signed = Signed {
            entries: vec![under.entry(self.store.keys(), &slips)?],
            report: under.report(),
            ..Signed::default()
        };
        let mut texts = under.texts(&slips).into_iter();
        let mut places = 0..;
        drop(slips);
        for Asked {
            answers,
            event,
            keep,
        } in std::mem::take(&mut group.verified)
        {
            let own: Vec<String> = texts.by_ref().take(answers.len()).collect();
            let kept = keep.map(|keep| keep(&own));
            signed.entries.extend(kept.transpose()?);
            signed.texts.push(own);
            let said = std::iter::repeat_n(event, answers.len());
            for ((Verified { question, slip }, place), said) in
                answers.into_iter().zip(&mut places).zip(said)
            {
                let line = u32::try_from(place + 1).unwrap_or(u32::MAX);
                signed.changes.push(check(&question, slip.id, at, line));
                let event = Event {
                    department: question.department.or(said.department),
                    purpose: question.purpose.or(said.purpose),
                    subject: Some(question.subject.to_string()),
                    persons: (!question.subject.is_organisation()).then_some(1),
                    answer: under.digest(place),
                    ..said
                };
                signed.events.push((now, event));
            }
        }
        Ok(signed)
    }
}
