//! A case as it is kept: its words as symbols, its texts elsewhere, the rest as it is.

use graph::id::{EntityId, RecordId};
use graph::record::{PenaltyStatus, RemovalReason};
use graph::time::{Date, Interval};
use serde::{Deserialize, Serialize};

use super::record::{CaseRecord, Kinds, Listing, Penalty, SaidOfCase};
use super::symbol::Copies;
use super::{Case, Symbol, Symbols};

#[derive(Serialize, Deserialize)]
pub(super) struct SavedCase {
    id: RecordId,
    subject: EntityId,
    violation: Option<Interval>,
    record: SavedRecord,
    said: Option<Box<SaidOfCase>>,
}

#[derive(Serialize, Deserialize)]
enum SavedRecord {
    Listing {
        list: Symbol,
        authority: Option<Symbol>,
        listed_on: Date,
        expires_on: Option<Date>,
        removed_on: Option<Date>,
        removal_reason: Option<RemovalReason>,
    },
    Penalty {
        authority: Symbol,
        decision_on: Date,
        violation_type: Option<Symbol>,
        kinds: Kinds,
        summary_procedure: bool,
        publication: Interval,
        reported_on: Option<Date>,
        status: PenaltyStatus,
    },
}

impl SavedCase {
    pub(super) fn of(case: &Case, symbols: &Symbols) -> Option<Self> {
        let find = |word: &str| symbols.find(word);
        let maybe = |word: Option<&str>| word.and_then(find);
        let record = match &case.record {
            CaseRecord::Listing(listing) => SavedRecord::Listing {
                list: find(&listing.list)?,
                authority: maybe(listing.authority.as_deref()),
                listed_on: listing.listed_on,
                expires_on: listing.expires_on,
                removed_on: listing.removed_on,
                removal_reason: listing.removal_reason,
            },
            CaseRecord::Penalty(penalty) => SavedRecord::Penalty {
                authority: find(&penalty.authority)?,
                decision_on: penalty.decision_on,
                violation_type: maybe(penalty.violation_type.as_deref()),
                kinds: penalty.kinds,
                summary_procedure: penalty.summary_procedure,
                publication: penalty.publication,
                reported_on: penalty.reported_on,
                status: penalty.status,
            },
        };
        Some(Self {
            id: case.id,
            subject: case.subject(),
            violation: case.violation,
            record,
            said: case.said.clone(),
        })
    }

    /// The case that it was, of this number and basis; none when a word is missing.
    pub(super) fn case(
        self,
        words: &mut Copies<'_>,
        number: Box<str>,
        basis: Option<Box<str>>,
    ) -> Option<Case> {
        let record = match self.record {
            SavedRecord::Listing {
                list,
                authority,
                listed_on,
                expires_on,
                removed_on,
                removal_reason,
            } => CaseRecord::Listing(Listing {
                list: words.word(list)?,
                authority: words.maybe(authority)?,
                listed_on,
                expires_on,
                removed_on,
                removal_reason,
                basis,
            }),
            SavedRecord::Penalty {
                authority,
                decision_on,
                violation_type,
                kinds,
                summary_procedure,
                publication,
                reported_on,
                status,
            } => CaseRecord::Penalty(Penalty {
                authority: words.word(authority)?,
                decision_on,
                violation_type: words.maybe(violation_type)?,
                kinds,
                summary_procedure,
                publication,
                reported_on,
                status,
            }),
        };
        Some(Case {
            id: self.id,
            record,
            subject: self.subject,
            number,
            violation: self.violation,
            said: self.said,
        })
    }
}
