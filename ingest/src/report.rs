//! What came of a batch: counts a record set, findings, files refused.

use std::collections::BTreeMap;

use graph::change::{BatchNo, Reason};
use graph::id::Set;
use serde::{Deserialize, Serialize};

/// Something odd about a row that is no reason to refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// 错码: a registered credit code fails its check character (GB 32100).
    WrongCode,
    /// The organisation code inside the credit code fails its check (GB 11714).
    InnerCheck,
    /// A company holds a share in itself: stored, left out of every calculation.
    SelfHolding,
    /// A holding gives no share of the capital.
    NoRatio,
    /// The interval has no day (`to = from`): stored, never in force.
    EmptyInterval,
    /// Two dates of one record are in an order that cannot be.
    DatesOutOfOrder,
    /// The item is not in the catalogue.
    UnknownItem,
    /// The measure is not in the catalogue.
    UnknownMeasure,
    /// The department is neither in the catalogue nor among the departments loaded.
    UnknownDepartment,
    /// A penalty's kind says "suspended or revoked" and nothing tells which: taken as suspended.
    UncertainKind,
    /// A determination on the case's own subject: it has no effect.
    DeterminationOnSubject,
    /// A row withdraws a record that is not there.
    NothingToWithdraw,
    /// Rows of one batch give one identity number different names: the most frequent is shown.
    SeveralNames,
}

/// The counts of one record set. `read` is the sum of the other five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Records not known before.
    pub new: u64,
    /// New versions of known records.
    pub changed: u64,
    /// Rows that say what is known already, and withdrawals of what is not there.
    pub unchanged: u64,
    /// Records withdrawn.
    pub withdrawn: u64,
    /// Rows that could not be understood.
    pub quarantined: u64,
    /// Rows of earlier batches that this batch took out of quarantine by itself, because it made
    /// them understood. Counted here only.
    pub taken_up: u64,
}

impl Counts {
    /// Adds other counts of the same set.
    pub(crate) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.withdrawn += other.withdrawn;
        self.quarantined += other.quarantined;
        self.taken_up += other.taken_up;
    }
}

/// A file that could not be loaded while the others were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedFile {
    /// The file, as given.
    pub file: String,
    /// Why, and what to do.
    pub message: String,
}

/// One example of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// What was found.
    pub finding: Finding,
    /// The record set.
    pub set: &'static str,
    /// The file.
    pub file: String,
    /// The line, or the row of the sheet.
    pub line: u32,
}

/// How many examples of findings a report lists.
pub const MAX_EXAMPLES: usize = 100;

/// What came of a batch, or would have come of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The batch; none when nothing changed or it was a dry run.
    pub batch: Option<BatchNo>,
    /// It was a dry run: nothing was written.
    pub dry_run: bool,
    /// Counts by the set's canonical name.
    pub sets: BTreeMap<&'static str, Counts>,
    /// How many rows each reason put into quarantine, by reason code.
    pub reasons: BTreeMap<&'static str, u64>,
    /// How often each thing was found.
    pub findings: BTreeMap<Finding, u64>,
    /// The first findings, by file and line.
    pub examples: Vec<Example>,
    /// Earlier quarantine entries that this batch resolves.
    pub resolved: u64,
    /// Files that fit no set or have no header.
    pub refused: Vec<RefusedFile>,
}

impl Report {
    /// The counts of `set`.
    pub(crate) fn counts(&mut self, set: Set) -> &mut Counts {
        self.sets.entry(set.name()).or_default()
    }

    /// Counts a quarantined row.
    pub(crate) fn quarantine(&mut self, set: Set, reason: Reason) {
        self.counts(set).quarantined += 1;
        *self.reasons.entry(reason.code()).or_default() += 1;
    }

    /// Rows read in all sets.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.sets.values().map(|counts| counts.read).sum()
    }

    /// Rows quarantined in all sets.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.sets.values().map(|counts| counts.quarantined).sum()
    }

    /// Whether anything is new, changed or withdrawn.
    #[must_use]
    pub fn changes_anything(&self) -> bool {
        self.sets
            .values()
            .any(|counts| counts.new + counts.changed + counts.withdrawn + counts.taken_up > 0)
    }
}
