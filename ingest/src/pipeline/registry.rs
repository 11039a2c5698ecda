//! What rows must be judged beside: the cases of this batch by number, and the
//! registrations of organisations whose codes have a wrong check character.

use graph::id::{EntityId, RecordId, Set};
use graph::record::{Record, key};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Work;
use crate::Error;

/// A record of this batch that other rows may be judged by.
struct Stated<T> {
    id: RecordId,
    /// Keyed digest of the content; none for a withdrawal.
    digest: Option<[u8; 8]>,
    taken_up: bool,
    of: Option<T>,
}

/// A penalty or a listing of this batch.
struct StatedCase {
    number: String,
    case: Case,
    doubtful: Vec<EntityId>,
}

/// A penalty or a listing, as a reference sees it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) authority: Option<String>,
    pub(super) subject: EntityId,
}

/// Gathered while rows are read.
#[derive(Default)]
pub(super) struct Registry {
    organisations: Vec<Stated<EntityId>>,
    cases: Vec<Stated<StatedCase>>,
    doubtful: FxHashSet<EntityId>,
}

impl Registry {
    /// Notes a row; `record` is none for a withdrawal.
    pub(super) fn note(
        &mut self,
        (set, id): (Set, RecordId),
        record: Option<&Record>,
        doubtful: &[EntityId],
        told: (Option<[u8; 8]>, bool),
    ) {
        let (digest, taken_up) = told;
        self.doubtful.extend(doubtful);
        match (set, record) {
            (Set::Organisations, Some(Record::Organisation(r))) if r.wrong_code => {
                self.organisations.push(Stated {
                    id,
                    digest,
                    taken_up,
                    of: Some(r.id),
                });
            }
            (Set::Organisations, None) => self.organisations.push(Stated {
                id,
                digest,
                taken_up,
                of: None,
            }),
            (Set::Penalties | Set::Listings, _) => {
                let of = record.and_then(|record| {
                    Some(StatedCase {
                        number: record.case_no()?.to_owned(),
                        case: case(record)?,
                        doubtful: doubtful.to_vec(),
                    })
                });
                self.cases.push(Stated {
                    id,
                    digest,
                    taken_up,
                    of,
                });
            }
            _ => {}
        }
    }

    /// Whether the digest of a row is needed.
    pub(super) fn wants(set: Set, record: Option<&Record>) -> bool {
        match set {
            Set::Penalties | Set::Listings => true,
            Set::Organisations => !matches!(record, Some(Record::Organisation(r)) if !r.wrong_code),
            _ => false,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.organisations.extend(other.organisations);
        self.cases.extend(other.cases);
        self.doubtful.extend(other.doubtful);
    }

    /// Judges what was gathered.
    pub(super) fn close(self, work: &Work<'_>) -> Result<Known, Error> {
        let unregistered = unregistered(work, &standing(self.organisations), &self.doubtful)?;
        let mut spoken_of = FxHashSet::default();
        let mut cases: FxHashMap<String, Vec<Case>> = FxHashMap::default();
        for stated in standing(self.cases) {
            let doubtful = stated.of.as_ref().map(|of| &of.doubtful);
            if doubtful.is_some_and(|codes| codes.iter().any(|code| unregistered.contains(code))) {
                continue;
            }
            spoken_of.insert(stated.id);
            if let Some(of) = stated.of {
                cases.entry(of.number).or_default().push(of.case);
            }
        }
        Ok(Known {
            unregistered,
            cases,
            spoken_of,
            stored: work.stored,
        })
    }
}

fn case(record: &Record) -> Option<Case> {
    match record {
        Record::Penalty(penalty) => Some(Case {
            authority: Some(penalty.authority.clone()),
            subject: penalty.subject,
        }),
        Record::Listing(listing) => Some(Case {
            authority: listing.authority.clone(),
            subject: listing.subject,
        }),
        _ => None,
    }
}

/// One statement a record: none when rows of this batch contradict each other;
/// rows of this batch before those taken up, of which the last counts.
fn standing<T>(mut all: Vec<Stated<T>>) -> Vec<Stated<T>> {
    all.sort_by_key(|stated| (stated.id, stated.taken_up));
    let mut standing: Vec<Stated<T>> = Vec::new();
    let mut clashing = FxHashSet::default();
    for stated in all {
        match standing.last_mut().filter(|last| last.id == stated.id) {
            None => standing.push(stated),
            Some(last) if last.taken_up => *last = stated,
            Some(last) => {
                if !stated.taken_up && last.digest != stated.digest {
                    clashing.insert(stated.id);
                }
            }
        }
    }
    standing.retain(|stated| !clashing.contains(&stated.id));
    standing
}

/// The doubtful codes under which nobody is registered, in this batch or before.
fn unregistered(
    work: &Work<'_>,
    organisations: &[Stated<EntityId>],
    doubtful: &FxHashSet<EntityId>,
) -> Result<FxHashSet<EntityId>, Error> {
    let here: FxHashSet<EntityId> = organisations
        .iter()
        .filter_map(|stated| stated.of)
        .collect();
    let withdrawn: FxHashSet<RecordId> = organisations
        .iter()
        .filter(|stated| stated.of.is_none())
        .map(|stated| stated.id)
        .collect();
    let asked: Vec<EntityId> = doubtful.difference(&here).copied().collect();
    let keys: Vec<RecordId> = asked.iter().map(|id| key::organisation(*id)).collect();
    let latest = work.snapshot.latest(Set::Organisations, &keys)?;
    let found = asked.into_iter().zip(&keys).zip(latest);
    Ok(found
        .filter(|((_, key), latest)| {
            latest.as_ref().is_none_or(|latest| latest.withdrawn) || withdrawn.contains(key)
        })
        .map(|((id, _), _)| id)
        .collect())
}

/// A reference by number.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) number: &'a str,
    pub(super) authority: Option<&'a str>,
    pub(super) subject: Option<EntityId>,
    pub(super) own_subject: Option<EntityId>,
}

/// What is known once all rows were read.
pub(super) struct Known {
    pub(super) unregistered: FxHashSet<EntityId>,
    cases: FxHashMap<String, Vec<Case>>,
    spoken_of: FxHashSet<RecordId>,
    stored: bool,
}

impl Known {
    /// The cases that a reference fits, of this batch and of the store.
    pub(super) fn fitting(&self, work: &Work<'_>, sought: Sought<'_>) -> Result<Vec<Case>, Error> {
        let mut numbered = self.cases.get(sought.number).cloned().unwrap_or_default();
        if self.stored {
            let versions = work
                .snapshot
                .numbered(sought.number, graph::change::BatchNo::MAX)?;
            let left_alone = versions
                .iter()
                .filter(|version| !self.spoken_of.contains(&version.id));
            numbered.extend(left_alone.filter_map(|version| case(&version.record)));
        }
        numbered.retain(|case| {
            sought.authority.is_none() || case.authority.as_deref() == sought.authority
        });
        if numbered.len() < 2 {
            return Ok(numbered);
        }
        let on = |subject: EntityId| -> Vec<Case> {
            let of = numbered.iter().filter(|case| case.subject == subject);
            of.cloned().collect()
        };
        if let Some(subject) = sought.subject {
            return Ok(on(subject));
        }
        let first = numbered.first().map(|case| &case.authority);
        let one_document = numbered.iter().all(|case| Some(&case.authority) == first);
        match sought.own_subject.map(on) {
            Some(own) if one_document && own.len() == 1 => Ok(own),
            _ => Ok(numbered),
        }
    }
}
