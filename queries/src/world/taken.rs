//! A world taken up from the pieces that `saved.rs` made of it.
//!
//! What has a fixed width is used where it lies; texts are opened, and cases made of them. All that a
//! piece claims is looked at, piece by piece on all cores: bytes may be whole, as their sum
//! tells, and yet not be a world's. Such a world is an error, and never a wrong answer.

use std::io;
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::EntityId;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};
use rayon::prelude::*;

use super::citing::Citing;
use super::fixed::{Bounds, Fixed};
use super::leaf::{Key, Leaf, Rows, to_index};
use super::links::Order;
use super::load::known_at;
use super::namesakes::{NameDigest, Namesakes};
use super::saved::{Head, Holds, bound, place};
use super::saved_case::SavedCase;
use super::slab::KeptPiece;
use super::symbol::Copies;
use super::{
    Agreement, Cases, Check, Enforcement, Holding, Matter, Organisation, Role, Symbols, Table,
    Ties, World,
};

/// Gives the piece of a number; to be asked side by side.
pub type Give<'a> = dyn Fn(usize) -> io::Result<KeptPiece> + Sync + 'a;

impl World {
    /// Takes up a world of `count` pieces. Pieces of another program, another machine or another
    /// store, damaged or senseless ones are an error: then read the store.
    pub fn saved_before(
        (snapshot, keys): (&dyn Snapshot, &Keys),
        count: usize,
        give: &Give<'_>,
    ) -> Result<Self, StoreError> {
        let head = give(0).map_err(unread)?;
        let head = keys.open(&place(0), head.rest()).map_err(unread)?;
        let head: Head = postcard::from_bytes(&head).map_err(unread)?;
        if !head.is_ours() {
            return Err(unread("another form"));
        }
        let symbols = Symbols::of_words(&head.words);
        let taking = Taking {
            keys,
            symbols: &symbols,
            bounds: Bounds {
                words: symbols.last(),
                cases: head.cases,
            },
        };
        let read = |number: usize| taking.piece(number, give(number).map_err(unread)?);
        let numbers = (1..count).into_par_iter();
        let pieces: Result<Vec<Piece>, StoreError> = numbers.map(read).collect();
        let mut parts = Parts::default();
        for piece in pieces? {
            if !parts.add(piece) {
                return Err(unread("a piece comes twice"));
            }
        }
        let mut world = known_at(snapshot, BatchNo(head.batch))?;
        let fit = parts.into_world(&mut world);
        if fit.is_none() || world.rows() != head.rows || world.cases.len() != head.cases {
            return Err(unread("its pieces do not fit together"));
        }
        world.whole = true;
        world.symbols = symbols;
        world.identifiers = head.identifiers.into_iter().collect();
        world.superiors = Ties::new(head.superiors);
        world.parents = Ties::new(head.parents);
        Ok(world)
    }
}

type Leaves<T, K = EntityId> = Vec<Arc<Leaf<T, K>>>;

/// A piece as it was taken up.
enum Piece {
    Organisations(Leaves<Organisation>),
    Names(Leaves<EntityId, NameDigest>),
    Roles(Leaves<Role>),
    RolesInOrder(Order),
    Holdings(Leaves<Holding>),
    HoldingsInOrder(Order),
    Agreements(Leaves<Agreement>),
    AgreementsInOrder(Order),
    Matters(Leaves<Matter>),
    Checks(Leaves<Check>),
    Enforcements(Leaves<Enforcement>),
    Citing(Leaves<EntityId, u64>),
    Cases(Cases),
    CasesOf(Leaves<usize>),
    ByNumber(Leaves<usize, u64>),
    ByBasis(Leaves<usize, u64>),
}

/// What pieces are taken up with.
struct Taking<'a> {
    keys: &'a Keys,
    symbols: &'a Symbols,
    bounds: Bounds,
}

impl Taking<'_> {
    fn piece(&self, number: usize, mut piece: KeptPiece) -> Result<Piece, StoreError> {
        let damaged = || unread("a piece is not what it should be");
        let head = piece.take::<u32>(2).ok_or_else(damaged)?;
        let &[holds, count] = &*head else {
            return Err(damaged());
        };
        let sealed = |piece: &KeptPiece| {
            let all = piece.rest();
            let (open, sealed) = all.split_at_checked(to_index(count)).ok_or_else(damaged)?;
            let texts = self.keys.open(&bound(number, open), sealed);
            texts.map_err(unread)
        };
        let read = match Holds::numbered(holds).ok_or_else(damaged)? {
            Holds::Organisations => self.leaves(piece, count).map(Piece::Organisations),
            Holds::Names => self.leaves(piece, count).map(Piece::Names),
            Holds::Roles => self.leaves(piece, count).map(Piece::Roles),
            Holds::RolesInOrder => self.order(piece, count).map(Piece::RolesInOrder),
            Holds::Holdings => self.leaves(piece, count).map(Piece::Holdings),
            Holds::HoldingsInOrder => self.order(piece, count).map(Piece::HoldingsInOrder),
            Holds::Agreements => self.leaves(piece, count).map(Piece::Agreements),
            Holds::AgreementsInOrder => self.order(piece, count).map(Piece::AgreementsInOrder),
            Holds::Matters => self.leaves(piece, count).map(Piece::Matters),
            Holds::Checks => self.leaves(piece, count).map(Piece::Checks),
            Holds::Enforcements => {
                return Ok(Piece::Enforcements(enforcements(&sealed(&piece)?)?));
            }
            Holds::Citing => self.leaves(piece, count).map(Piece::Citing),
            Holds::Cases => {
                let texts = sealed(&piece)?;
                let open = piece.rest().get(..to_index(count)).unwrap_or_default();
                return Ok(Piece::Cases(cases(open, &texts, self.symbols)?));
            }
            Holds::CasesOf => self.leaves(piece, count).map(Piece::CasesOf),
            Holds::ByNumber => self.leaves(piece, count).map(Piece::ByNumber),
            Holds::ByBasis => self.leaves(piece, count).map(Piece::ByBasis),
        };
        read.ok_or_else(damaged)
    }

    fn leaves<T: Fixed, K: Fixed + Key>(
        &self,
        mut piece: KeptPiece,
        count: u32,
    ) -> Option<Leaves<T, K>> {
        let counts = piece.take::<[u32; 2]>(to_index(count))?;
        let leaves = counts.iter();
        let leaves =
            leaves.map(|counts| Leaf::take(&mut piece, *counts, &self.bounds).map(Arc::new));
        let leaves = leaves.collect::<Option<_>>()?;
        piece.rest().is_empty().then_some(leaves)
    }

    fn order(&self, mut piece: KeptPiece, count: u32) -> Option<Order> {
        let order = Order::take(&mut piece, count, &self.bounds)?;
        piece.rest().is_empty().then_some(order)
    }
}

fn enforcements(bytes: &[u8]) -> Result<Leaves<Enforcement>, StoreError> {
    let homes: Vec<(EntityId, Vec<Enforcement>)> = postcard::from_bytes(bytes).map_err(unread)?;
    let mut all = Rows::default();
    for (home, rows) in homes {
        for row in rows {
            all.push(home, row);
        }
    }
    Ok(all.finish())
}

fn cases(open: &[u8], texts: &[u8], symbols: &Symbols) -> Result<Cases, StoreError> {
    let saved: Vec<SavedCase> = postcard::from_bytes(open).map_err(unread)?;
    let texts: Vec<(&str, Option<&str>)> = postcard::from_bytes(texts).map_err(unread)?;
    if saved.len() != texts.len() {
        return Err(unread("cases and their numbers are not as many"));
    }
    let (mut cases, mut words) = (Cases::default(), Copies::of(symbols));
    for (saved, (number, basis)) in saved.into_iter().zip(texts) {
        let case = saved.case(&mut words, number.into(), basis.map(Into::into));
        cases.push(case.ok_or_else(|| unread("a word is missing"))?);
    }
    Ok(cases)
}

/// The pieces of each table so far.
#[derive(Default)]
struct Parts {
    organisations: Leaves<Organisation>,
    names: Leaves<EntityId, NameDigest>,
    roles: (Leaves<Role>, Option<Order>),
    holdings: (Leaves<Holding>, Option<Order>),
    agreements: (Leaves<Agreement>, Option<Order>),
    matters: Leaves<Matter>,
    checks: Leaves<Check>,
    enforcements: Leaves<Enforcement>,
    citing: Leaves<EntityId, u64>,
    cases: Cases,
    cases_of: Leaves<usize>,
    by_number: Leaves<usize, u64>,
    by_basis: Leaves<usize, u64>,
}

impl Parts {
    /// Adds one; tells whether it may come, as an order may once.
    fn add(&mut self, piece: Piece) -> bool {
        match piece {
            Piece::RolesInOrder(order) => return self.roles.1.replace(order).is_none(),
            Piece::HoldingsInOrder(order) => return self.holdings.1.replace(order).is_none(),
            Piece::AgreementsInOrder(order) => return self.agreements.1.replace(order).is_none(),
            Piece::Organisations(leaves) => self.organisations.extend(leaves),
            Piece::Names(leaves) => self.names.extend(leaves),
            Piece::Roles(leaves) => self.roles.0.extend(leaves),
            Piece::Holdings(leaves) => self.holdings.0.extend(leaves),
            Piece::Agreements(leaves) => self.agreements.0.extend(leaves),
            Piece::Matters(leaves) => self.matters.extend(leaves),
            Piece::Checks(leaves) => self.checks.extend(leaves),
            Piece::Enforcements(leaves) => self.enforcements.extend(leaves),
            Piece::Citing(leaves) => self.citing.extend(leaves),
            Piece::Cases(cases) => self.cases.append(cases),
            Piece::CasesOf(leaves) => self.cases_of.extend(leaves),
            Piece::ByNumber(leaves) => self.by_number.extend(leaves),
            Piece::ByBasis(leaves) => self.by_basis.extend(leaves),
        }
        true
    }

    /// None if what they hold does not follow each other.
    fn into_world(self, world: &mut World) -> Option<()> {
        world.organisations = Table::of_kept(self.organisations)?;
        world.namesakes = Namesakes::of(Table::of_kept(self.names)?);
        world.roles = Table::of_kept(self.roles.0)?.ordered(self.roles.1?)?;
        world.holdings = Table::of_kept(self.holdings.0)?.ordered(self.holdings.1?)?;
        world.agreements = Table::of_kept(self.agreements.0)?.ordered(self.agreements.1?)?;
        world.matters = Table::of_kept(self.matters)?;
        world.checks = Table::of_kept(self.checks)?;
        world.enforcements = Table::of_kept(self.enforcements)?;
        world.citing = Citing::of(Table::of_kept(self.citing)?);
        world.cases = self.cases;
        world.cases_of = Table::of_kept(self.cases_of)?;
        world.by_number = Table::of_kept(self.by_number)?;
        world.by_basis = Table::of_kept(self.by_basis)?;
        Some(())
    }
}

fn unread(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        place: "the world kept beside it",
        what: error.to_string(),
    }
}
