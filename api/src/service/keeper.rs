//! Commits what was signed: links it into the audit log, makes it durable, and only
//! then tells whoever waits.

use std::sync::Arc;

use graph::change::{Change, Draft};
use graph::store::{BatchInfo, BookEntry, Store};
use graph::time::Moment;
use graph_rocks::RocksStore;

use super::scribe::{Dated, Group, Signed};
use super::tense::Present;
use super::timeline::VERIFY;
use crate::audit::{Chain, Reserve};
use crate::receipt::KeyRing;
use crate::{Error, clock};

/// Who sits in the thread that commits.
pub(super) struct Keeper {
    store: Arc<RocksStore>,
    present: Arc<Present>,
    chain: Chain,
    ring: KeyRing,
    /// Where events wait while the disk is full.
    reserve: Reserve,
}

impl Keeper {
    pub(super) fn new(
        store: &Arc<RocksStore>,
        present: &Arc<Present>,
        reserve: u64,
    ) -> Result<Self, Error> {
        let snapshot = store.snapshot()?;
        let chain = Chain::open(&*snapshot, store.keys())?;
        let reserve = Reserve::open(store.dir(), &*snapshot, store.keys(), reserve)?;
        drop(snapshot);
        Ok(Self {
            store: Arc::clone(store),
            present: Arc::clone(present),
            chain,
            ring: KeyRing::of(store.dir(), clock::now())?,
            reserve,
        })
    }

    pub(super) fn keep(&mut self, dated: Dated) {
        let Dated {
            mut group,
            coming,
            now,
            signed,
            passing,
        } = dated;
        // What is not written must not be counted in the audit log.
        let before = self.chain.clone();
        let written = signed.and_then(|signed| self.write(&mut group, (coming.at, now), signed));
        match written {
            Ok((batch, texts)) => {
                self.present.came(coming, batch);
                drop(passing);
                if let Err(error) = self.reserve.clear() {
                    // They would be written twice after a restart, no worse.
                    tracing::error!(%error, "the reserve of the audit log");
                }
                told(group, texts);
            }
            Err(error) => {
                self.chain = before;
                self.present.came(coming, None);
                drop(passing);
                self.failed(group, &error);
            }
        }
    }

    /// Links the events into the audit log and commits everything; gives the batch and the
    /// answers.
    fn write(
        &mut self,
        group: &mut Group,
        (recorded_at, now): (Moment, Moment),
        signed: Signed,
    ) -> Result<(Option<BatchInfo>, Vec<Vec<String>>), Error> {
        let Signed {
            changes,
            report,
            entries: receipts,
            events: said,
            texts,
        } = signed;
        let mut events = self.reserve.waiting().to_vec();
        events.extend(said);
        let asked = group.events.iter();
        events.extend(asked.map(|(event, _)| (now, event.clone())));
        let mut entries = std::mem::take(&mut group.entries);
        entries.extend(receipts);
        // The key may have been changed meanwhile.
        self.ring.renew()?;
        entries.extend(self.chain.append_all(&self.ring, events)?);
        let batch = self.commit(recorded_at, (changes, report), entries)?;
        Ok((batch, texts))
    }

    fn commit(
        &self,
        recorded_at: Moment,
        (changes, report): (Vec<Change>, String),
        entries: Vec<BookEntry>,
    ) -> Result<Option<BatchInfo>, Error> {
        if changes.is_empty() {
            self.store.write(&entries)?;
            return Ok(None);
        }
        let files = vec![VERIFY.to_owned()];
        let committed = self.store.commit(Draft {
            recorded_at,
            files: files.clone(),
            changes,
            quarantine: Vec::new(),
            resolved: Vec::new(),
            report: report.clone(),
            entries,
        })?;
        Ok(committed.map(|no| BatchInfo {
            no,
            recorded_at,
            files,
            report,
        }))
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
        for tell in group.askers {
            let _ = tell.send(Err(failed()));
        }
    }
}

/// Tells everybody that theirs is written.
fn told(group: Group, texts: Vec<Vec<String>>) {
    // Who asked may have gone: that nobody listens is no failure.
    for tell in group
        .whom
        .into_iter()
        .chain(group.events.into_iter().map(|one| one.1))
    {
        let _ = tell.send(Ok(()));
    }
    for (answers, tell) in texts.into_iter().zip(group.askers) {
        let _ = tell.send(Ok(answers));
    }
}
