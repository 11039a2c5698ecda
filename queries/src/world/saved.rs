//! A world as pieces of bytes, to be kept beside the store and taken up again in a
//! fraction of the time that reading the store takes (`taken.rs`).
//!
//! The first piece is the head; each of the others holds some leaves of one table, the order of
//! its links, or cases. What has a fixed width lies in a piece as it lies in memory, in the
//! machine's byte order, so that it is used where it lies; each array begins at a multiple of 8:
//!
//! ```text
//! table    holds(4) leaves(4) (homes(4) rows(4))*   then of each leaf: homes, ends, rows
//! order    holds(4) ranks(4)                        then the ranks, then every eighth entity
//! texts    holds(4) length(4) what lies open        then what is sealed
//! ```
//!
//! Pieces with texts are sealed, each to its place: so no case number, word or identity number
//! lies open, and none can be put elsewhere. Dates and ids are as open as in the store. Whoever
//! keeps the pieces vouches that an open one comes back as it was.

use std::io;

use graph::id::EntityId;
use graph::seal::Keys;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use zerocopy::IntoBytes;

use super::cases::CHUNK;
use super::fixed::Fixed;
use super::leaf::{Key, place_of};
use super::links::Order;
use super::saved_case::SavedCase;
use super::slab::ALIGNED;
use super::{Case, Table, World};

/// How many leaves a piece holds: few enough that a piece stays near the processor.
const LEAVES: usize = 16;
/// How many cases: these fill chunks that are shared.
const CASES: usize = CHUNK << 7;
/// Raised whenever a piece would be read otherwise: so whenever a row of fixed width, a code's
/// place among its like, or the digest of a text becomes another.
pub(super) const FORM: u32 = 3;
/// As these bytes lie, so does every number: another machine's are passed over.
const MARK: usize = 0x0102_0304;

/// What is not in tables.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    form: u32,
    mark: Vec<u8>,
    pub(super) batch: u32,
    pub(super) words: Vec<String>,
    /// How many rows each table has: none of their pieces may be missing.
    pub(super) rows: Vec<usize>,
    pub(super) cases: usize,
    pub(super) identifiers: Vec<(EntityId, String)>,
    pub(super) superiors: Vec<(EntityId, EntityId)>,
    pub(super) parents: Vec<(EntityId, EntityId)>,
}

impl Head {
    /// What comes behind is of this form and byte order.
    pub(super) fn is_ours(&self) -> bool {
        self.form == FORM && self.mark == MARK.as_bytes()
    }
}

/// What a piece holds: its first number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Organisations,
    Names,
    Roles,
    RolesInOrder,
    Holdings,
    HoldingsInOrder,
    Agreements,
    AgreementsInOrder,
    Matters,
    Checks,
    Enforcements,
    Citing,
    Cases,
    CasesOf,
    ByNumber,
    ByBasis,
}

impl Holds {
    const ALL: [Self; 16] = [
        Self::Organisations,
        Self::Names,
        Self::Roles,
        Self::RolesInOrder,
        Self::Holdings,
        Self::HoldingsInOrder,
        Self::Agreements,
        Self::AgreementsInOrder,
        Self::Matters,
        Self::Checks,
        Self::Enforcements,
        Self::Citing,
        Self::Cases,
        Self::CasesOf,
        Self::ByNumber,
        Self::ByBasis,
    ];

    fn number(self) -> u32 {
        let place = Self::ALL.iter().position(|one| *one == self);
        place.map_or(u32::MAX, place_of)
    }

    /// What [`Holds::number`] told.
    pub(super) fn numbered(number: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// Takes the pieces one after the other, each in parts that follow each other.
pub type Keep<'a> = dyn FnMut(&[&[u8]]) -> io::Result<()> + 'a;

impl World {
    /// Gives the world away in pieces. It must be whole.
    pub fn save(&self, keys: &Keys, keep: &mut Keep<'_>) -> io::Result<()> {
        // In the order in which a world made at once has them.
        let mut cases: Vec<(usize, &Case)> = self.cases.all().collect();
        cases.par_sort_unstable_by_key(|(_, case)| (case.subject, case.kind(), case.id));
        let head = Head {
            form: FORM,
            mark: MARK.as_bytes().to_vec(),
            batch: self.known.0,
            words: self.symbols.words(),
            rows: self.rows(),
            cases: cases.len(),
            identifiers: self.identifiers.clone().into_iter().collect(),
            superiors: self.superiors.pairs(),
            parents: self.parents.pairs(),
        };
        keep(&[&keys.seal(&place(0), &bytes(&head)?)])?;
        let mut out = Out {
            keys,
            keep,
            number: 1,
        };
        out.table(Holds::Organisations, &self.organisations)?;
        out.table(Holds::Names, self.namesakes.by_name())?;
        out.table(Holds::Roles, &self.roles)?;
        out.order(Holds::RolesInOrder, self.roles.order())?;
        out.table(Holds::Holdings, &self.holdings)?;
        out.order(Holds::HoldingsInOrder, self.holdings.order())?;
        out.table(Holds::Agreements, &self.agreements)?;
        out.order(Holds::AgreementsInOrder, self.agreements.order())?;
        out.table(Holds::Matters, &self.matters)?;
        out.table(Holds::Checks, &self.checks)?;
        for leaves in self.enforcements.leaves().chunks(LEAVES) {
            let homes = leaves.iter().flat_map(|leaf| leaf.by_home());
            out.sealed(Holds::Enforcements, &(), &homes.collect::<Vec<_>>())?;
        }
        out.table(Holds::Citing, self.citing.by_number())?;
        out.cases(self, &cases)
    }

    /// How many rows each table has.
    pub(super) fn rows(&self) -> Vec<usize> {
        vec![
            self.organisations.len(),
            self.namesakes.by_name().len(),
            self.roles.len(),
            self.holdings.len(),
            self.agreements.len(),
            self.matters.len(),
            self.checks.len(),
            self.enforcements.len(),
            self.citing.by_number().len(),
            self.cases.len(),
            self.cases_of.len(),
            self.by_number.len(),
            self.by_basis.len(),
        ]
    }
}

/// The pieces on their way out.
struct Out<'a, 'k> {
    keys: &'a Keys,
    keep: &'a mut Keep<'k>,
    number: usize,
}

impl Out<'_, '_> {
    fn piece(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.number += 1;
        (self.keep)(parts)
    }

    /// Parts that each begin at a multiple of [`ALIGNED`].
    fn aligned<'p>(&mut self, parts: impl Iterator<Item = &'p [u8]>) -> io::Result<()> {
        const BETWEEN: [u8; ALIGNED] = [0; ALIGNED];
        let parts = parts.flat_map(|part| {
            let between = part.len().next_multiple_of(ALIGNED) - part.len();
            [part, BETWEEN.get(..between).unwrap_or_default()]
        });
        self.piece(&parts.collect::<Vec<&[u8]>>())
    }

    fn table<T: Fixed, K: Fixed + Key>(
        &mut self,
        holds: Holds,
        table: &Table<T, K>,
    ) -> io::Result<()> {
        for leaves in table.leaves().chunks(LEAVES) {
            let mut head = vec![holds.number(), place_of(leaves.len())];
            head.extend(leaves.iter().flat_map(|leaf| leaf.counts()));
            let parts = leaves.iter().flat_map(|leaf| leaf.parts());
            self.aligned([head.as_bytes()].into_iter().chain(parts))?;
        }
        Ok(())
    }

    fn order(&mut self, holds: Holds, order: &Order) -> io::Result<()> {
        let head = [holds.number(), order.count()];
        self.aligned([head.as_bytes()].into_iter().chain(order.parts()))
    }

    /// Cases, each with the place that it has in this world, and by what they are found.
    fn cases(&mut self, world: &World, cases: &[(usize, &Case)]) -> io::Result<()> {
        for part in cases.chunks(CASES) {
            let part = || part.iter().map(|(_, case)| *case);
            let saved = part().map(|case| SavedCase::of(case, &world.symbols));
            // Numbers and cases are told by their places: none may be left out.
            let saved: Option<Vec<SavedCase>> = saved.collect();
            let saved = saved.ok_or_else(|| io::Error::other("a case names an unknown word"))?;
            let texts = part().map(|case| (case.number(), case.basis()));
            let texts: Vec<(&str, Option<&str>)> = texts.collect();
            self.sealed(Holds::Cases, &saved, &texts)?;
        }
        let last = cases.iter().map(|(place, _)| *place).max();
        let mut now = vec![usize::MAX; last.map_or(0, |last| last + 1)];
        for (new, (place, _)) in cases.iter().enumerate() {
            if let Some(now) = now.get_mut(*place) {
                *now = new;
            }
        }
        self.placed(Holds::CasesOf, &world.cases_of, &now)?;
        self.placed(Holds::ByNumber, &world.by_number, &now)?;
        self.placed(Holds::ByBasis, &world.by_basis, &now)
    }

    /// Places of cases, each as it is now.
    fn placed<K: Fixed + Key>(
        &mut self,
        holds: Holds,
        table: &Table<usize, K>,
        now: &[usize],
    ) -> io::Result<()> {
        let place = |place: &usize| now.get(*place).copied().unwrap_or(usize::MAX);
        let all = table.all().map(|(key, case)| (key, place(case)));
        self.table(holds, &Table::of_sorted(all))
    }

    /// What may lie open, with its length before it, and what may not: sealed to the piece's
    /// place and to the other.
    fn sealed(
        &mut self,
        holds: Holds,
        open: &impl Serialize,
        texts: &impl Serialize,
    ) -> io::Result<()> {
        let open = bytes(open)?;
        let head = [holds.number(), place_of(open.len())];
        let sealed = self.keys.seal(&bound(self.number, &open), &bytes(texts)?);
        self.piece(&[head.as_bytes(), &open, &sealed])
    }
}

fn bytes(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(io::Error::other)
}

/// Where a sealed piece belongs, and beside what.
pub(super) fn bound(number: usize, open: &[u8]) -> Vec<u8> {
    [&place(number), open].concat()
}

/// Where a sealed piece belongs.
pub(super) fn place(number: usize) -> Vec<u8> {
    format!("world piece {number}").into_bytes()
}
