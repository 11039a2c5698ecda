//! Settles the sets one by one against the store, and makes what is left of the batch.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use graph::change::{Draft, Effect};
use graph::id::Set;
use graph::store::Loader;
use pile::Pile;
use rustc_hash::{FxHashMap, FxHashSet};

use super::aside::{Late, set_aside};
use super::pending::Pending;
use super::persons::{KEY, Persons};
use super::registry::Known;
use super::set_settler::{Rows, SetSettler};
use super::{Extra, Gathered, Piles, Place, Work};
use crate::Error;
use crate::report::{Counts, Example, Finding, MAX_EXAMPLES, Report};

/// The sets that rows carry, those with the most rows first, so that two threads end together.
/// Departments are settled before them, persons after.
const SETS: [Set; 13] = [
    Set::Matters,
    Set::Checks,
    Set::Roles,
    Set::Holdings,
    Set::Organisations,
    Set::Penalties,
    Set::Enforcements,
    Set::Listings,
    Set::Repairs,
    Set::ResponsiblePersons,
    Set::Determinations,
    Set::Objections,
    Set::ControlAgreements,
];

/// What the threads that settle share.
pub(super) struct Settling<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) pending: &'a Pending,
    pub(super) known: &'a Known,
    pub(super) extras: Vec<Extra>,
    pub(super) piles: &'a Piles,
    pub(super) mentions: Pile<KEY>,
    /// Whether a department is in the catalogue or among the records.
    pub(super) departments: Mutex<FxHashMap<String, bool>>,
    /// Quarantine entries that rows of this batch correct.
    pub(super) resolved: Mutex<FxHashSet<[u8; 8]>>,
    /// The batch's files, with those that rows taken up stand in.
    pub(super) files: Mutex<Vec<String>>,
}

/// What came of one set.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) counts: Counts,
    pub(super) findings: std::collections::BTreeMap<Finding, u64>,
    /// Examples with what they are ordered by: rows taken up last, then their places.
    pub(super) examples: Vec<((bool, Place), Example)>,
    pub(super) late: Vec<Late>,
}

impl<'a> Settling<'a> {
    pub(super) fn new(
        work: &'a Work<'a>,
        pending: &'a Pending,
        (known, extras): (&'a Known, Vec<Extra>),
        piles: &'a Piles,
    ) -> Self {
        let most = (work.options.memory / 8).min(1 << 30);
        Self {
            work,
            pending,
            known,
            extras,
            piles,
            mentions: Pile::new(&Arc::clone(&piles.ground), most),
            departments: Mutex::default(),
            resolved: Mutex::default(),
            files: Mutex::default(),
        }
    }

    /// Settles everything. Effects go to the loader, if there is one.
    pub(super) fn settle(
        self,
        mut gathered: Gathered,
        loader: Option<&dyn Loader>,
    ) -> Result<(Draft, Report), Error> {
        *lock(&self.files) = std::mem::take(&mut gathered.files);
        let mut outcomes = vec![(Set::Departments, self.settle_set(Set::Departments, loader)?)];
        outcomes.extend(self.settle_sets(loader)?);
        let late = tell(&mut gathered.report, outcomes);
        let several = self.settle_persons(loader, (&mut gathered, late))?;
        if several > 0 {
            let findings = &mut gathered.report.findings;
            *findings.entry(Finding::SeveralNames).or_default() += several;
        }
        Ok(self.draft(gathered))
    }

    /// Settles the persons, and meanwhile does what else is left once all other sets are settled.
    /// Tells how many persons have several names.
    fn settle_persons(
        &self,
        loader: Option<&dyn Loader>,
        (gathered, late): (&mut Gathered, Vec<Late>),
    ) -> Result<u64, Error> {
        let rest = || -> Result<(), Error> {
            loader.map_or(Ok(()), Loader::index)?;
            set_aside(self.work, gathered, late)
        };
        let persons = || -> Result<u64, Error> {
            let several = AtomicU64::new(0);
            if !self.mentions.is_empty() {
                let made = Persons::new(self.work, &self.mentions, &several)?;
                self.settle_rows(Set::Persons, Rows::Made(made), loader)?;
            }
            Ok(several.into_inner())
        };
        if self.work.options.threads < 2 {
            rest()?;
            return persons();
        }
        thread::scope(|scope| {
            let rest = scope.spawn(rest);
            let several = persons();
            let done = rest.join();
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            several
        })
    }

    /// Settles the sets side by side. Rows that have to do with quarantine may resolve the same
    /// entry: then one set comes after the other, so that the same rows do it every time.
    fn settle_sets(&self, loader: Option<&dyn Loader>) -> Result<Vec<(Set, Outcome)>, Error> {
        let threads = if self.extras.is_empty() && self.pending.entries.is_empty() {
            self.work.options.threads.max(1)
        } else {
            1
        };
        let next = AtomicUsize::new(0);
        let settle = || {
            let mut outcomes = Vec::new();
            while let Some(set) = SETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                outcomes.push((*set, self.settle_set(*set, loader)?));
            }
            Ok(outcomes)
        };
        let all = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(settle)).collect();
            let done = workers.into_iter().map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            done.collect::<Result<Vec<_>, Error>>()
        })?;
        Ok(all.into_iter().flatten().collect())
    }

    fn settle_set(&self, set: Set, loader: Option<&dyn Loader>) -> Result<Outcome, Error> {
        let Some(pile) = self.piles.of(set).filter(|pile| !pile.is_empty()) else {
            return Ok(Outcome::default());
        };
        let sorted = pile.sorted().map_err(|error| self.work.spilling(error))?;
        self.settle_rows(set, Rows::Read(sorted), loader)
    }

    fn settle_rows<'r>(
        &'r self,
        set: Set,
        rows: Rows<'r>,
        loader: Option<&dyn Loader>,
    ) -> Result<Outcome, Error> {
        let mut settler = SetSettler::new(self, set, rows);
        let mut failed = None;
        // The loader speaks of the store's errors only: others wait here.
        let mut next = || match settler.effects() {
            Ok(effects) => Ok(effects),
            Err(error) => {
                failed = Some(error);
                Ok(Vec::<Effect>::new())
            }
        };
        match loader {
            Some(loader) => loader.take(set, &mut next)?,
            None => while !next()?.is_empty() {},
        }
        match failed {
            Some(error) => Err(error),
            None => settler.outcome(),
        }
    }

    fn draft(self, gathered: Gathered) -> (Draft, Report) {
        let Gathered {
            quarantine,
            quarantine_ids,
            mut resolved,
            mut report,
            ..
        } = gathered;
        let corrected = self.resolved.into_inner();
        resolved.extend(corrected.unwrap_or_else(PoisonError::into_inner));
        resolved.sort_unstable();
        resolved.dedup();
        resolved.retain(|id| !quarantine_ids.contains(id));
        report.resolved = u64::try_from(resolved.len()).unwrap_or(u64::MAX);
        report.dry_run = self.work.options.dry_run;
        let text = serde_json::to_string(&report).unwrap_or_default();
        let files = self.files.into_inner();
        let draft = Draft {
            recorded_at: self.work.options.recorded_at,
            files: files.unwrap_or_else(PoisonError::into_inner),
            changes: Vec::new(),
            quarantine,
            resolved,
            report: text,
            entries: Vec::new(),
        };
        (draft, report)
    }
}

/// Brings what came of the sets into the report; gives the rows at fault.
fn tell(report: &mut Report, outcomes: Vec<(Set, Outcome)>) -> Vec<Late> {
    let mut late = Vec::new();
    let mut examples = Vec::new();
    for (set, outcome) in outcomes {
        if outcome.counts != Counts::default() {
            report.counts(set).add(outcome.counts);
        }
        for (finding, count) in outcome.findings {
            *report.findings.entry(finding).or_default() += count;
        }
        examples.extend(outcome.examples);
        late.extend(outcome.late);
    }
    examples.sort_by_key(|(order, _)| *order);
    examples.truncate(MAX_EXAMPLES);
    report.examples = examples.into_iter().map(|(_, example)| example).collect();
    late
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
