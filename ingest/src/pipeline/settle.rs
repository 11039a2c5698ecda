//! Compares what is left with the store, counts it, and makes the draft of the batch.

use graph::change::{Change, Draft, Source};
use graph::id::{RecordId, Set};
use graph::record::{Record, key};
use graph::store::Latest;
use rustc_hash::{FxHashMap, FxHashSet};

use super::pending::Pending;
use super::persons::Persons;
use super::{Candidate, Gathered, Work};
use crate::Error;
use crate::report::{Example, Finding, MAX_EXAMPLES, Report};

/// What a candidate would do to the store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    New,
    Changed,
    Unchanged,
    Withdrawn,
}

pub(super) fn settle(
    work: &Work<'_>,
    pending: &Pending,
    mut gathered: Gathered,
) -> Result<(Draft, Report), Error> {
    let mut candidates = std::mem::take(&mut gathered.candidates);
    candidates.sort_by_key(|candidate| (candidate.taken_up.is_some(), candidate.place));
    unknown_departments(work, &mut candidates)?;
    let ids: Vec<RecordId> = candidates.iter().map(|candidate| candidate.id).collect();
    let latest = work.snapshot.latest(&ids)?;
    let mut settled = Settled::new(pending, &mut gathered);
    for (candidate, latest) in candidates.into_iter().zip(latest) {
        settled.take(candidate, latest);
    }
    let Settled {
        mut changes,
        persons,
        resolved,
        ..
    } = settled;
    changes.extend(persons.changes(work, &mut gathered.report)?);
    gathered.resolved.extend(resolved);
    let Gathered {
        files,
        quarantine,
        quarantine_ids,
        mut resolved,
        mut report,
        ..
    } = gathered;
    resolved.sort_unstable();
    resolved.dedup();
    resolved.retain(|id| !quarantine_ids.contains(id));
    report.resolved = u64::try_from(resolved.len()).unwrap_or(u64::MAX);
    report.dry_run = work.options.dry_run;
    let text = serde_json::to_string(&report).unwrap_or_default();
    let recorded_at = work.options.recorded_at;
    Ok((
        Draft {
            recorded_at,
            files,
            changes,
            quarantine,
            resolved,
            report: text,
            entries: Vec::new(),
        },
        report,
    ))
}

/// What has been settled so far.
struct Settled<'a> {
    pending: &'a Pending,
    gathered: &'a mut Gathered,
    seen: FxHashSet<RecordId>,
    changes: Vec<Change>,
    persons: Persons,
    resolved: FxHashSet<[u8; 8]>,
}

impl<'a> Settled<'a> {
    fn new(pending: &'a Pending, gathered: &'a mut Gathered) -> Self {
        Self {
            pending,
            gathered,
            seen: FxHashSet::default(),
            changes: Vec::new(),
            persons: Persons::default(),
            resolved: FxHashSet::default(),
        }
    }

    fn take(&mut self, mut candidate: Candidate, latest: Option<Latest>) {
        let outcome = outcome(&candidate, latest.as_ref());
        // The same row a second time says nothing new.
        let first = self.seen.insert(candidate.id);
        let outcome = if first { outcome } else { Outcome::Unchanged };
        // A row from an earlier batch stands in a file of that batch.
        if let Some(file) = candidate.taken_up.and_then(|id| self.pending.file_of(id)) {
            source_of(&mut candidate.change).file = self.gathered.file_number(file);
        }
        let source = *source_of(&mut candidate.change);
        self.count(
            &candidate,
            outcome,
            source,
            first && latest.is_none_or(|l| l.withdrawn),
        );
        self.resolve(&candidate, outcome != Outcome::Unchanged);
        if outcome == Outcome::Unchanged {
            return;
        }
        if let (Some(mention), Some(_)) = (candidate.notes.person, candidate.digest) {
            self.persons.add(mention, source);
        }
        self.changes.push(candidate.change);
    }

    fn count(&mut self, candidate: &Candidate, outcome: Outcome, source: Source, absent: bool) {
        let report = &mut self.gathered.report;
        let counts = report.counts(candidate.set);
        match outcome {
            _ if candidate.taken_up.is_some() => counts.taken_up += 1,
            Outcome::New => counts.new += 1,
            Outcome::Changed => counts.changed += 1,
            Outcome::Unchanged => counts.unchanged += 1,
            Outcome::Withdrawn => counts.withdrawn += 1,
        }
        let nothing = (candidate.digest.is_none() && absent).then_some(Finding::NothingToWithdraw);
        for finding in candidate.notes.findings.iter().copied().chain(nothing) {
            *report.findings.entry(finding).or_default() += 1;
            if report.examples.len() < MAX_EXAMPLES {
                let number = usize::try_from(source.file).unwrap_or(usize::MAX);
                let file = self.gathered.files.get(number).cloned().unwrap_or_default();
                let (set, line) = (candidate.set.name(), source.line);
                report.examples.push(Example {
                    finding,
                    set,
                    file,
                    line,
                });
            }
        }
    }

    /// Resolves the entries that this row corrects: the one it names or was made from, and, when
    /// it brings something new, those with its key and the likeliest of those it resembles.
    fn resolve(&mut self, candidate: &Candidate, fresh: bool) {
        self.resolved.extend(candidate.named_entry);
        self.resolved.extend(candidate.taken_up);
        if fresh {
            self.resolved.extend(self.pending.with_key(candidate.id));
            let unspent = candidate
                .corrects
                .iter()
                .find(|id| !self.resolved.contains(*id));
            self.resolved.extend(unspent);
        }
    }
}

fn source_of(change: &mut Change) -> &mut Source {
    match change {
        Change::Put { source, .. } | Change::Withdraw { source, .. } => source,
    }
}

fn outcome(candidate: &Candidate, latest: Option<&Latest>) -> Outcome {
    let present = latest.filter(|latest| !latest.withdrawn);
    match (candidate.digest, present) {
        (None, None) => Outcome::Unchanged,
        (None, Some(_)) => Outcome::Withdrawn,
        (Some(_), None) => Outcome::New,
        (Some(digest), Some(latest)) if latest.digest == digest => Outcome::Unchanged,
        (Some(_), Some(_)) => Outcome::Changed,
    }
}

/// Notes the rows whose department is neither in the catalogue nor among the records.
fn unknown_departments(work: &Work<'_>, candidates: &mut [Candidate]) -> Result<(), Error> {
    let mut known: FxHashMap<String, bool> = FxHashMap::default();
    for candidate in &*candidates {
        if let Change::Put {
            record: Record::Department(department),
            ..
        } = &candidate.change
        {
            known.insert(department.code.clone(), true);
        }
    }
    let named = candidates
        .iter()
        .filter_map(|candidate| candidate.notes.department.as_ref());
    let mut asked: Vec<String> = named
        .filter(|code| !known.contains_key(*code))
        .cloned()
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let keys: Vec<RecordId> = asked.iter().map(|code| key::department(code)).collect();
    for (code, latest) in asked.into_iter().zip(work.snapshot.latest(&keys)?) {
        let recorded = latest.is_some_and(|latest| !latest.withdrawn);
        let listed = work.vocabulary.knows_department(&code);
        known.insert(code, recorded || listed);
    }
    for candidate in candidates
        .iter_mut()
        .filter(|candidate| candidate.set != Set::Departments)
    {
        let department = candidate.notes.department.as_ref();
        if department.is_some_and(|code| known.get(code) == Some(&false)) {
            candidate.notes.findings.push(Finding::UnknownDepartment);
        }
    }
    Ok(())
}
