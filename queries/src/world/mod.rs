//! A [`World`]: the records that a question needs, as known at one batch, in
//! sorted columns. Kernels see slices of it and nothing else: no store, no
//! clock.
//!
//! A row keeps what questions match and count by. Names, numbers and texts that
//! only people read stay in the store: an answer names its records ([`Cited`]), and whoever
//! shows it reads them there. Where a record stands (batch, file, line) likewise.

mod around;
mod assemble;
mod by_text;
mod case;
mod cases;
mod cited;
mod citing;
mod duties;
mod fixed;
mod leaf;
mod links;
mod load;
mod namesakes;
mod record;
mod row;
mod sampled;
mod saved;
mod saved_case;
mod since;
mod slab;
mod symbol;
mod table;
mod take;
mod taken;
mod texts;
mod ties;
mod update;

use by_text::{ByText, digest};
use graph::change::BatchNo;
use graph::id::EntityId;
use graph::record::RoleKind;
use graph::store::BatchInfo;
use graph::time::Date;
use rustc_hash::FxHashMap;

pub use case::{Case, CaseKind};
pub use cases::Cases;
pub use cited::Cited;
use citing::Citing;
use namesakes::Namesakes;
pub use record::{CaseRecord, Determination, Kinds, Listing, Naming, Objection, Penalty, Repair};
pub use row::{Agreement, Check, Enforcement, Holding, Linked, Matter, Organisation, Role};
pub use saved::Keep;
pub use slab::{KeptBytes, KeptPiece};
pub use symbol::{Symbol, Symbols};
pub use table::Table;
pub use taken::Give;
pub(crate) use texts::Tag;
pub use texts::Texts;
pub use ties::Ties;
pub use update::Came;

/// The records that a question sees. A copy shares them.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// All batches up to the one known.
    pub batches: Vec<BatchInfo>,
    /// The newest of them: as of which the store is read for what is shown.
    pub known: BatchNo,
    /// It holds all that the store holds: it can be brought up to date.
    whole: bool,
    /// The words that rows name by number.
    pub symbols: Symbols,
    /// Identity numbers of the persons in concert groups: control breaks their
    /// ties by the smaller identifier. In memory only.
    pub identifiers: FxHashMap<EntityId, String>,
    /// Registrations, one a home.
    pub organisations: Table<Organisation>,
    /// Organisations that bear one name.
    namesakes: Namesakes,
    /// Organisations with their superiors.
    pub superiors: Ties,
    /// Branches with their enterprises.
    pub parents: Ties,
    /// By organisation, then person.
    pub roles: Table<Role>,
    /// By company, then holder.
    pub holdings: Table<Holding>,
    /// By company, then controller.
    pub agreements: Table<Agreement>,
    /// By applicant.
    pub matters: Table<Matter>,
    /// By subject.
    pub checks: Table<Check>,
    /// By subject.
    pub enforcements: Table<Enforcement>,
    /// Penalties and listings, each with what was said about it.
    pub cases: Cases,
    /// The places of the cases, by subject.
    pub cases_of: Table<usize>,
    /// The places of the cases, by number.
    by_number: ByText<usize>,
    /// The places of the listings that name a basis decision, by its number.
    by_basis: ByText<usize>,
    /// Whose enforcements cite a case.
    citing: Citing,
}

impl World {
    /// The organisation's registration, if it is loaded.
    pub fn organisation(&self, id: EntityId) -> Option<&Organisation> {
        self.organisations.of(id).first()
    }

    /// The word of a symbol.
    pub fn text(&self, symbol: Option<Symbol>) -> Option<&str> {
        symbol.map(|symbol| self.symbols.text(symbol))
    }

    /// The rows that say who holds `role` at `org` on `day`.
    pub fn holders(&self, org: EntityId, role: RoleKind, day: Date) -> impl Iterator<Item = &Role> {
        let rows = self.roles.of(org).iter();
        rows.filter(move |row| row.role == role && row.interval.holds(day))
    }

    /// Another organisation is registered under the same name.
    pub fn shares_name(&self, org: EntityId) -> bool {
        self.namesakes.shares(org)
    }

    /// Subjects of enforcements that cite a case of this number; perhaps others too.
    pub fn citing(&self, number: &str) -> impl Iterator<Item = EntityId> {
        self.citing.subjects(number)
    }

    /// The places of the cases with this number, whoever's.
    pub fn cases_numbered(&self, number: &str) -> impl Iterator<Item = usize> {
        self.where_text(&self.by_number, number, |case| Some(case.number()))
    }

    /// The places of the listings based on the decision of this number, whoever's.
    fn listings_based_on(&self, number: &str) -> impl Iterator<Item = usize> {
        self.where_text(&self.by_basis, number, Case::basis)
    }

    /// Of the places found by a text's digest, those of the text.
    fn where_text(
        &self,
        found: &ByText<usize>,
        text: &str,
        of: fn(&Case) -> Option<&str>,
    ) -> impl Iterator<Item = usize> {
        let places = found.of(digest(text)).iter().copied();
        let is_it = move |place: &usize| self.cases.get(*place).and_then(of) == Some(text);
        places.filter(is_it)
    }

    /// The cases that a reference by number means: those of that authority when
    /// one is named (or, when none is of it, those whose authority is unknown).
    pub fn cases_meant(&self, number: &str, authority: Option<&str>) -> Vec<usize> {
        let all: Vec<usize> = self.cases_numbered(number).collect();
        meant(&all, authority, |case| {
            self.cases.get(case).and_then(Case::authority)
        })
    }

    /// The date in Asia/Shanghai on which a batch was recorded.
    pub fn recorded_on(&self, batch: BatchNo) -> Date {
        let found = self.batches.binary_search_by_key(&batch, |info| info.no);
        let info = found.ok().and_then(|place| self.batches.get(place));
        info.map_or(Date::MIN, |info| info.recorded_at.date())
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
