//! Cases by their numbers: those of this batch, and those of the store that it leaves alone.

use graph::change::{BatchNo, Change};
use graph::id::{EntityId, RecordId};
use graph::record::Record;
use rustc_hash::{FxHashMap, FxHashSet};

use super::judge::Late;
use super::{Candidate, Work};
use crate::Error;
use crate::set::Reference;

/// A penalty or a listing.
pub(super) struct Case {
    authority: Option<String>,
    pub(super) subject: EntityId,
}

/// The cases with the numbers that rows name.
pub(super) struct Cases(FxHashMap<String, Vec<Case>>);

impl Cases {
    /// Finds the cases with these numbers.
    pub(super) fn find(
        work: &Work<'_>,
        candidates: &[Candidate],
        late: &Late,
        numbers: FxHashSet<String>,
    ) -> Result<Self, Error> {
        let mut found: FxHashMap<String, Vec<Case>> = numbers
            .into_iter()
            .map(|number| (number, Vec::new()))
            .collect();
        let mut spoken_of: FxHashSet<RecordId> = FxHashSet::default();
        for (_, candidate) in late.standing(candidates) {
            let Change::Put { record, .. } = &candidate.change else {
                spoken_of.insert(candidate.id);
                continue;
            };
            let Some(cases) = record.case_no().and_then(|number| found.get_mut(number)) else {
                continue;
            };
            // The same row twice is one case.
            if spoken_of.insert(candidate.id) {
                cases.extend(case(record));
            }
        }
        for (number, cases) in &mut found {
            for version in work.snapshot.numbered(number, BatchNo::MAX)? {
                if !spoken_of.contains(&version.id) {
                    cases.extend(case(&version.record));
                }
            }
        }
        Ok(Self(found))
    }

    /// The cases that a reference fits.
    pub(super) fn fitting<'a>(&'a self, reference: &'a Reference) -> Vec<&'a Case> {
        let numbered = self.0.get(&reference.number).into_iter().flatten();
        let fitting: Vec<&Case> = numbered
            .filter(|case| reference.authority.is_none() || case.authority == reference.authority)
            .collect();
        if fitting.len() < 2 {
            return fitting;
        }
        let on = |subject: EntityId| -> Vec<&Case> {
            fitting
                .iter()
                .filter(|case| case.subject == subject)
                .copied()
                .collect()
        };
        if let Some(subject) = reference.subject {
            return on(subject);
        }
        let first = fitting.first().map(|case| &case.authority);
        let one_document = fitting.iter().all(|case| Some(&case.authority) == first);
        match reference.own_subject.map(on) {
            Some(own) if one_document && own.len() == 1 => own,
            _ => fitting,
        }
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
