//! A world as pieces of bytes, to be kept beside the store and taken up again in a
//! fraction of the time that reading the store takes.
//!
//! The first piece is the head; each of the others holds some leaves of one table, or cases.
//! Rows of fixed width are taken up as they lie, each into memory that is made once. Pieces
//! with texts are sealed, each to its place: so no case number, word or identity number lies
//! open, and none can be put elsewhere. Dates and ids are as open as in the store. Whoever
//! keeps the pieces vouches that an open one comes back as it was.

use std::io;
use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::EntityId;
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::assemble::index;
use super::cases::CHUNK;
use super::citing::Citing;
use super::fixed::Fixed;
use super::leaf::{Leaf, Rows, place_of, to_index};
use super::load::known_at;
use super::namesakes::{NameDigest, Namesakes};
use super::saved_case::SavedCase;
use super::{
    Agreement, Case, Cases, Check, Enforcement, Holding, Matter, Organisation, Role, Symbols,
    Table, Ties, World,
};

/// How many leaves a piece holds: few enough that a piece stays near the processor.
const LEAVES: usize = 16;
/// How many ranks a piece holds, and how many cases: these fill chunks that are shared.
const RANKS: usize = 1 << 16;
const CASES: usize = CHUNK << 7;
/// Raised whenever a piece would be read otherwise.
const FORM: u32 = 2;

/// What is not in tables.
#[derive(Serialize, Deserialize)]
struct Head {
    form: u32,
    batch: u32,
    words: Vec<String>,
    identifiers: Vec<(EntityId, String)>,
    superiors: Vec<(EntityId, EntityId)>,
    parents: Vec<(EntityId, EntityId)>,
}

/// What a piece holds: its first byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
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
    Cases,
}

impl Holds {
    const ALL: [Self; 12] = [
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
        Self::Cases,
    ];

    fn byte(self) -> u8 {
        let place = Self::ALL.iter().position(|one| *one == self);
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX)
    }
}

/// Takes the pieces one after the other.
pub type Keep<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;
/// Puts the piece of a number into a buffer, in the place of what was there; to be asked side
/// by side.
pub type Give<'a> = dyn Fn(usize, &mut Vec<u8>) -> io::Result<()> + Sync + 'a;

impl World {
    /// Gives the world away in pieces. It must be whole.
    pub fn save(&self, keys: &Keys, keep: &mut Keep<'_>) -> io::Result<()> {
        let head = Head {
            form: FORM,
            batch: self.known.0,
            words: self.symbols.words(),
            identifiers: self.identifiers.clone().into_iter().collect(),
            superiors: self.superiors.pairs(),
            parents: self.parents.pairs(),
        };
        keep(&keys.seal(&place(0), &bytes(&head)?))?;
        let mut out = Out {
            keys,
            keep,
            number: 1,
            piece: Vec::new(),
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
        // In the order in which a world made at once has them.
        let mut cases: Vec<&Case> = self.cases.all().map(|(_, case)| case).collect();
        cases.par_sort_unstable_by_key(|case| (case.subject, case.kind(), case.id));
        for part in cases.chunks(CASES) {
            let saved = part.iter().map(|case| SavedCase::of(case, &self.symbols));
            // Numbers and cases are told by their places: none may be left out.
            let saved: Option<Vec<SavedCase>> = saved.collect();
            let saved = saved.ok_or_else(|| io::Error::other("a case names an unknown word"))?;
            let texts: Vec<(&str, Option<&str>)> = part
                .iter()
                .map(|case| (case.number(), case.basis()))
                .collect();
            out.sealed(Holds::Cases, &saved, &texts)?;
        }
        Ok(())
    }

    /// Takes up a world of `count` pieces. Pieces of another program, of another store or
    /// damaged ones are an error: then read the store.
    pub fn saved_before(
        (snapshot, keys): (&dyn Snapshot, &Keys),
        count: usize,
        give: &Give<'_>,
    ) -> Result<Self, StoreError> {
        let mut head = Vec::new();
        give(0, &mut head).map_err(unread)?;
        let head = keys.open(&place(0), &head).map_err(unread)?;
        let head: Head = postcard::from_bytes(&head).map_err(unread)?;
        if head.form != FORM {
            return Err(unread("another form"));
        }
        let symbols = Symbols::of_words(&head.words);
        let read = |buffer: &mut Vec<u8>, number: usize| {
            give(number, buffer).map_err(unread)?;
            Piece::read((keys, &symbols), number, buffer)
        };
        let numbers = (1..count).into_par_iter();
        let pieces: Result<Vec<Piece>, StoreError> = numbers.map_init(Vec::new, read).collect();
        let mut parts = Parts::default();
        for piece in pieces? {
            parts.add(piece);
        }
        let mut world = known_at(snapshot, BatchNo(head.batch))?;
        world.whole = true;
        world.symbols = symbols;
        world.identifiers = head.identifiers.into_iter().collect();
        world.superiors = Ties::new(head.superiors);
        world.parents = Ties::new(head.parents);
        parts.into_world(&mut world);
        Ok(world)
    }
}

/// The pieces on their way out.
struct Out<'a, 'k> {
    keys: &'a Keys,
    keep: &'a mut Keep<'k>,
    number: usize,
    /// The same room for all of them.
    piece: Vec<u8>,
}

impl Out<'_, '_> {
    fn begin(&mut self, holds: Holds) {
        self.piece.clear();
        self.piece.push(holds.byte());
    }

    fn end(&mut self) -> io::Result<()> {
        self.number += 1;
        (self.keep)(&self.piece)
    }

    fn table<T: Fixed, K: Fixed + Copy + Ord>(
        &mut self,
        holds: Holds,
        table: &Table<T, K>,
    ) -> io::Result<()> {
        for leaves in table.leaves().chunks(LEAVES) {
            self.begin(holds);
            for leaf in leaves {
                leaf.put(&mut self.piece);
            }
            self.end()?;
        }
        Ok(())
    }

    fn order(&mut self, holds: Holds, order: &[u32]) -> io::Result<()> {
        for ranks in order.chunks(RANKS) {
            self.begin(holds);
            for rank in ranks {
                rank.put(&mut self.piece);
            }
            self.end()?;
        }
        Ok(())
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
        self.begin(holds);
        place_of(open.len()).put(&mut self.piece);
        self.piece.extend_from_slice(&open);
        let sealed = self.keys.seal(&bound(self.number, &open), &bytes(texts)?);
        self.piece.extend(sealed);
        self.end()
    }
}

type Leaves<T, K = EntityId> = Vec<Arc<Leaf<T, K>>>;

/// A piece as it was taken up.
enum Piece {
    Organisations(Leaves<Organisation>),
    Names(Leaves<EntityId, NameDigest>),
    Roles(Leaves<Role>),
    RolesInOrder(Vec<u32>),
    Holdings(Leaves<Holding>),
    HoldingsInOrder(Vec<u32>),
    Agreements(Leaves<Agreement>),
    AgreementsInOrder(Vec<u32>),
    Matters(Leaves<Matter>),
    Checks(Leaves<Check>),
    Enforcements(Leaves<Enforcement>),
    Cases(Cases),
}

impl Piece {
    fn read(
        (keys, symbols): (&Keys, &Symbols),
        number: usize,
        piece: &[u8],
    ) -> Result<Self, StoreError> {
        let damaged = || unread("a piece is not what it should be");
        let (byte, bytes) = piece.split_first().ok_or_else(damaged)?;
        let holds = Holds::ALL.get(usize::from(*byte)).ok_or_else(damaged)?;
        let opened = || {
            let mut bytes = bytes;
            let length = u32::take(&mut bytes).ok_or_else(damaged)?;
            let (open, sealed) = bytes
                .split_at_checked(to_index(length))
                .ok_or_else(damaged)?;
            let texts = keys.open(&bound(number, open), sealed).map_err(unread)?;
            Ok::<_, StoreError>((open, texts))
        };
        let read = match holds {
            Holds::Organisations => leaves(bytes).map(Self::Organisations),
            Holds::Names => leaves(bytes).map(Self::Names),
            Holds::Roles => leaves(bytes).map(Self::Roles),
            Holds::RolesInOrder => ranks(bytes).map(Self::RolesInOrder),
            Holds::Holdings => leaves(bytes).map(Self::Holdings),
            Holds::HoldingsInOrder => ranks(bytes).map(Self::HoldingsInOrder),
            Holds::Agreements => leaves(bytes).map(Self::Agreements),
            Holds::AgreementsInOrder => ranks(bytes).map(Self::AgreementsInOrder),
            Holds::Matters => leaves(bytes).map(Self::Matters),
            Holds::Checks => leaves(bytes).map(Self::Checks),
            Holds::Enforcements => Some(Self::Enforcements(enforcements(&opened()?.1)?)),
            Holds::Cases => Some(Self::Cases(cases(opened()?, symbols)?)),
        };
        read.ok_or_else(damaged)
    }
}

fn leaves<T: Fixed, K: Fixed + Copy + Ord>(mut bytes: &[u8]) -> Option<Leaves<T, K>> {
    let mut leaves = Vec::with_capacity(LEAVES);
    while !bytes.is_empty() {
        leaves.push(Arc::new(Leaf::take(&mut bytes)?));
    }
    Some(leaves)
}

fn ranks(mut bytes: &[u8]) -> Option<Vec<u32>> {
    let mut ranks = Vec::with_capacity(bytes.len() / u32::WIDTH);
    while !bytes.is_empty() {
        ranks.push(u32::take(&mut bytes)?);
    }
    Some(ranks)
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

fn cases((open, texts): (&[u8], Vec<u8>), symbols: &Symbols) -> Result<Cases, StoreError> {
    let saved: Vec<SavedCase> = postcard::from_bytes(open).map_err(unread)?;
    let texts: Vec<(&str, Option<&str>)> = postcard::from_bytes(&texts).map_err(unread)?;
    if saved.len() != texts.len() {
        return Err(unread("cases and their numbers are not as many"));
    }
    let mut cases = Cases::default();
    for (saved, (number, basis)) in saved.into_iter().zip(texts) {
        let case = saved.case(symbols, number.into(), basis.map(Into::into));
        cases.push(case.ok_or_else(|| unread("a word is missing"))?);
    }
    Ok(cases)
}

/// The pieces of each table so far.
#[derive(Default)]
struct Parts {
    organisations: Leaves<Organisation>,
    names: Leaves<EntityId, NameDigest>,
    roles: (Leaves<Role>, Vec<u32>),
    holdings: (Leaves<Holding>, Vec<u32>),
    agreements: (Leaves<Agreement>, Vec<u32>),
    matters: Leaves<Matter>,
    checks: Leaves<Check>,
    enforcements: Leaves<Enforcement>,
    cases: Cases,
}

impl Parts {
    fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Organisations(leaves) => self.organisations.extend(leaves),
            Piece::Names(leaves) => self.names.extend(leaves),
            Piece::Roles(leaves) => self.roles.0.extend(leaves),
            Piece::RolesInOrder(order) => self.roles.1.extend(order),
            Piece::Holdings(leaves) => self.holdings.0.extend(leaves),
            Piece::HoldingsInOrder(order) => self.holdings.1.extend(order),
            Piece::Agreements(leaves) => self.agreements.0.extend(leaves),
            Piece::AgreementsInOrder(order) => self.agreements.1.extend(order),
            Piece::Matters(leaves) => self.matters.extend(leaves),
            Piece::Checks(leaves) => self.checks.extend(leaves),
            Piece::Enforcements(leaves) => self.enforcements.extend(leaves),
            Piece::Cases(cases) => self.cases.append(cases),
        }
    }

    fn into_world(self, world: &mut World) {
        world.organisations = Table::of_leaves(self.organisations);
        world.namesakes = Namesakes::of(Table::of_leaves(self.names));
        world.roles = Table::of_leaves(self.roles.0).ordered(self.roles.1);
        world.holdings = Table::of_leaves(self.holdings.0).ordered(self.holdings.1);
        world.agreements = Table::of_leaves(self.agreements.0).ordered(self.agreements.1);
        world.matters = Table::of_leaves(self.matters);
        world.checks = Table::of_leaves(self.checks);
        world.enforcements = Table::of_leaves(self.enforcements);
        world.citing = Citing::new(&world.enforcements);
        world.cases = self.cases;
        index(world);
    }
}

fn bytes(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(io::Error::other)
}

/// Where a sealed piece belongs, and beside what.
fn bound(number: usize, open: &[u8]) -> Vec<u8> {
    [&place(number), open].concat()
}

/// Where a sealed piece belongs.
fn place(number: usize) -> Vec<u8> {
    format!("world piece {number}").into_bytes()
}

fn unread(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        place: "the world kept beside it",
        what: error.to_string(),
    }
}
