//! A [`World`]: the records that a question needs, as known at one batch, in
//! sorted columns. Kernels see slices of it and nothing else: no store, no
//! clock. A sweep loads everything, a point question only what it can touch.

mod case;
mod load;
mod source;
mod table;

use std::sync::OnceLock;

use graph::change::{BatchNo, Source};
use graph::id::{EntityId, RecordId, Set};
use graph::record::{
    Check, ControlAgreement, Department, Determination, Enforcement, Holding, Listing, Matter,
    Objection, Organisation, Penalty, Person, Repair, ResponsiblePerson, Role, RoleKind,
};
use graph::store::BatchInfo;
use graph::time::Date;
use rustc_hash::FxHashMap;

pub use case::{Case, CaseKind, CaseRecord, Ends};
pub use table::Table;

/// A record with where it came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Row<T> {
    /// The record's id.
    pub id: RecordId,
    /// The batch that brought this version.
    pub batch: BatchNo,
    /// File and line in that batch.
    pub source: Source,
    /// The content.
    pub record: T,
}

/// The records that a question sees.
#[derive(Debug, Default)]
pub struct World {
    /// All batches up to the one known.
    pub batches: Vec<BatchInfo>,
    /// Organisations by id.
    pub organisations: FxHashMap<EntityId, Row<Organisation>>,
    /// Persons by id, with their sealed detail.
    pub persons: FxHashMap<EntityId, (Row<Person>, Vec<u8>)>,
    /// Identity numbers of the persons in concert groups: control breaks their
    /// ties by the smaller identifier. In memory only.
    pub identifiers: FxHashMap<EntityId, String>,
    /// Departments by code.
    pub departments: FxHashMap<String, Row<Department>>,
    /// By organisation, then person.
    pub roles: Table<Role>,
    /// By company, then holder.
    pub holdings: Table<Holding>,
    /// By company, then controller.
    pub agreements: Table<ControlAgreement>,
    /// By applicant.
    pub matters: Table<Matter>,
    /// By subject.
    pub checks: Table<Check>,
    /// By subject.
    pub enforcements: Table<Enforcement>,
    /// Penalties and listings, each with what was said about it.
    pub cases: Vec<Case>,
    /// Cases by subject.
    pub cases_of: FxHashMap<EntityId, Vec<usize>>,
    /// Cases by number.
    pub cases_numbered: FxHashMap<String, Vec<usize>>,
    sources: OnceLock<FxHashMap<RecordId, (Set, BatchNo, Source)>>,
}

impl World {
    /// The organisation's registration, if it is loaded.
    pub fn organisation(&self, id: EntityId) -> Option<&Organisation> {
        self.organisations.get(&id).map(|row| &row.record)
    }

    /// The persons who hold `role` at `org` on `day`, with the row that says so.
    pub fn holders(
        &self,
        org: EntityId,
        role: RoleKind,
        day: Date,
    ) -> impl Iterator<Item = &Row<Role>> {
        let rows = self.roles.of(org).iter();
        rows.filter(move |row| row.record.role == role && row.record.interval.holds(day))
    }

    /// The cases that a reference by number means: those of that authority when
    /// one is named (or, when none is of it, those whose authority is unknown).
    pub fn cases_meant(&self, number: &str, authority: Option<&str>) -> Vec<usize> {
        let all = self
            .cases_numbered
            .get(number)
            .map(Vec::as_slice)
            .unwrap_or_default();
        meant(all, authority, |case| {
            self.cases.get(case).and_then(Case::authority)
        })
    }

    /// Where every record stands: set, batch, file and line. Made on first use.
    pub fn sources(&self) -> &FxHashMap<RecordId, (Set, BatchNo, Source)> {
        self.sources.get_or_init(|| source::all(self))
    }

    /// The date in Asia/Shanghai on which a batch was recorded.
    pub fn recorded_on(&self, batch: BatchNo) -> Date {
        let found = self.batches.iter().find(|info| info.no == batch);
        found.map_or(Date::MIN, |info| info.recorded_at.date())
    }
}

/// Which of the candidates a qualified reference means.
fn meant<'a>(
    all: &[usize],
    authority: Option<&str>,
    authority_of: impl Fn(usize) -> Option<&'a str>,
) -> Vec<usize> {
    let Some(authority) = authority else {
        return all.to_vec();
    };
    let of = |wanted: Option<&str>| -> Vec<usize> {
        all.iter()
            .copied()
            .filter(|case| authority_of(*case) == wanted)
            .collect()
    };
    let named = of(Some(authority));
    if named.is_empty() { of(None) } else { named }
}

/// Everything about cases before it is attached to them.
#[derive(Debug, Default)]
pub(crate) struct CaseParts {
    pub(crate) penalties: Vec<Row<Penalty>>,
    pub(crate) listings: Vec<Row<Listing>>,
    pub(crate) repairs: Vec<Row<Repair>>,
    pub(crate) objections: Vec<Row<Objection>>,
    pub(crate) named: Vec<Row<ResponsiblePerson>>,
    pub(crate) determinations: Vec<Row<Determination>>,
    /// Since when a record has been saying what it says (a revocation, a
    /// rejection): the recorded date of the batch that made it known.
    pub(crate) since: FxHashMap<RecordId, Date>,
}
