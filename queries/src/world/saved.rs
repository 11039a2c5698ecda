//! A world as pieces of bytes, to be kept beside the store and taken up again in a
//! fraction of the time that reading the store takes.
//!
//! The first piece is the head; each of the others holds rows of one table, or cases. Pieces
//! with texts are sealed, each to its place: so no case number, word or identity number lies
//! open, and none can be put elsewhere. Dates and ids are as open as in the store.

use std::io;

use graph::change::BatchNo;
use graph::id::{EntityId, RecordId};
use graph::record::{PenaltyStatus, RemovalReason};
use graph::seal::Keys;
use graph::store::{Snapshot, StoreError};
use graph::time::{Date, Interval};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::assemble::index;
use super::citing::Citing;
use super::load::known_at;
use super::namesakes::{Named, Namesakes};
use super::record::{CaseRecord, Kinds, Listing, Penalty, SaidOfCase};
use super::table::Rows;
use super::{
    Agreement, Case, Check, Enforcement, Holding, Matter, Organisation, Role, Symbol, Symbols,
    Table, Ties, World,
};

/// About how many rows or cases a piece holds.
const ROWS: usize = 1 << 16;
/// Raised whenever a piece would be read otherwise.
const FORM: u32 = 1;

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

/// One of the other pieces.
#[derive(Serialize, Deserialize)]
enum Piece {
    Organisations(Rows<Organisation>),
    Names(Vec<Named>),
    Roles(Rows<Role>),
    RolesInOrder(Vec<u32>),
    Holdings(Rows<Holding>),
    HoldingsInOrder(Vec<u32>),
    Agreements(Rows<Agreement>),
    AgreementsInOrder(Vec<u32>),
    Matters(Rows<Matter>),
    Checks(Rows<Check>),
    Enforcements(Rows<Enforcement>),
    Cases(Vec<SavedCase>),
}

impl Piece {
    /// It holds texts.
    fn is_sealed(&self) -> bool {
        matches!(self, Self::Enforcements(_) | Self::Cases(_))
    }
}

#[derive(Serialize, Deserialize)]
struct SavedCase {
    id: RecordId,
    subject: EntityId,
    number: Box<str>,
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
        basis: Option<Box<str>>,
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

/// Takes the pieces one after the other.
pub type Keep<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;
/// Gives a piece by its number; to be asked side by side.
pub type Give<'a> = dyn Fn(usize) -> io::Result<Vec<u8>> + Sync + 'a;

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
        let mut number = 1;
        let mut put = |piece: Piece| -> io::Result<()> {
            let mut encoded = vec![u8::from(piece.is_sealed())];
            let plain = bytes(&piece)?;
            if piece.is_sealed() {
                encoded.extend(keys.seal(&place(number), &plain));
            } else {
                encoded.extend(plain);
            }
            number += 1;
            keep(&encoded)
        };
        let organisations = self.organisations.parts(ROWS);
        organisations
            .map(Piece::Organisations)
            .try_for_each(&mut put)?;
        let names = self.namesakes.names().chunks(ROWS);
        names
            .map(|part| Piece::Names(part.to_vec()))
            .try_for_each(&mut put)?;
        self.roles
            .parts(ROWS)
            .map(Piece::Roles)
            .try_for_each(&mut put)?;
        in_order(&self.roles.order(), Piece::RolesInOrder, &mut put)?;
        self.holdings
            .parts(ROWS)
            .map(Piece::Holdings)
            .try_for_each(&mut put)?;
        in_order(&self.holdings.order(), Piece::HoldingsInOrder, &mut put)?;
        self.agreements
            .parts(ROWS)
            .map(Piece::Agreements)
            .try_for_each(&mut put)?;
        in_order(&self.agreements.order(), Piece::AgreementsInOrder, &mut put)?;
        self.matters
            .parts(ROWS)
            .map(Piece::Matters)
            .try_for_each(&mut put)?;
        self.checks
            .parts(ROWS)
            .map(Piece::Checks)
            .try_for_each(&mut put)?;
        let enforcements = self.enforcements.parts(ROWS);
        enforcements
            .map(Piece::Enforcements)
            .try_for_each(&mut put)?;
        self.save_cases(&mut put)
    }

    /// In the order in which a world made at once has them.
    fn save_cases(&self, put: &mut dyn FnMut(Piece) -> io::Result<()>) -> io::Result<()> {
        let mut cases: Vec<&Case> = self.cases.all().map(|(_, case)| case).collect();
        cases.par_sort_unstable_by_key(|case| (case.kind(), case.id));
        for part in cases.chunks(ROWS) {
            let part = part.iter().filter_map(|case| self.saved(case));
            put(Piece::Cases(part.collect()))?;
        }
        Ok(())
    }

    fn saved(&self, case: &Case) -> Option<SavedCase> {
        let find = |word: &str| self.symbols.find(word);
        let maybe = |word: Option<&str>| word.and_then(find);
        let record = match &case.record {
            CaseRecord::Listing(listing) => SavedRecord::Listing {
                list: find(&listing.list)?,
                authority: maybe(listing.authority.as_deref()),
                listed_on: listing.listed_on,
                expires_on: listing.expires_on,
                removed_on: listing.removed_on,
                removal_reason: listing.removal_reason,
                basis: listing.basis.clone(),
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
        Some(SavedCase {
            id: case.id,
            subject: case.subject(),
            number: case.number.clone(),
            violation: case.violation,
            record,
            said: case.said.clone(),
        })
    }

    /// Takes up a world of `count` pieces. Pieces of another program, of another store or
    /// damaged ones are an error: then read the store.
    pub fn saved_before(
        (snapshot, keys): (&dyn Snapshot, &Keys),
        count: usize,
        give: &Give<'_>,
    ) -> Result<Self, StoreError> {
        let head = give(0).map_err(unread)?;
        let head = keys.open(&place(0), &head).map_err(unread)?;
        let head: Head = postcard::from_bytes(&head).map_err(unread)?;
        if head.form != FORM {
            return Err(unread("another form"));
        }
        let symbols = Symbols::of_words(&head.words);
        let mut parts = Parts::default();
        let read = |number: usize| read_piece(keys, number, give);
        // Some at a time, so that only those are held twice.
        let numbers: Vec<usize> = (1..count).collect();
        for numbers in numbers.chunks(rayon::current_num_threads() * 4) {
            let pieces: Result<Vec<Piece>, StoreError> =
                numbers.par_iter().map(|number| read(*number)).collect();
            for piece in pieces? {
                parts.add(piece, &symbols)?;
            }
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

/// The pieces of each table so far.
#[derive(Default)]
struct Parts {
    organisations: Vec<Rows<Organisation>>,
    names: Vec<Named>,
    roles: (Vec<Rows<Role>>, Vec<u32>),
    holdings: (Vec<Rows<Holding>>, Vec<u32>),
    agreements: (Vec<Rows<Agreement>>, Vec<u32>),
    matters: Vec<Rows<Matter>>,
    checks: Vec<Rows<Check>>,
    enforcements: Vec<Rows<Enforcement>>,
    cases: Vec<Case>,
}

impl Parts {
    fn add(&mut self, piece: Piece, symbols: &Symbols) -> Result<(), StoreError> {
        match piece {
            Piece::Organisations(rows) => self.organisations.push(rows),
            Piece::Names(names) => self.names.extend(names),
            Piece::Roles(rows) => self.roles.0.push(rows),
            Piece::RolesInOrder(order) => self.roles.1.extend(order),
            Piece::Holdings(rows) => self.holdings.0.push(rows),
            Piece::HoldingsInOrder(order) => self.holdings.1.extend(order),
            Piece::Agreements(rows) => self.agreements.0.push(rows),
            Piece::AgreementsInOrder(order) => self.agreements.1.extend(order),
            Piece::Matters(rows) => self.matters.push(rows),
            Piece::Checks(rows) => self.checks.push(rows),
            Piece::Enforcements(rows) => self.enforcements.push(rows),
            Piece::Cases(cases) => {
                let cases = cases.into_iter().map(|saved| case(saved, symbols));
                let cases: Option<Vec<Case>> = cases.collect();
                let missing = || unread("a word is missing");
                self.cases.extend(cases.ok_or_else(missing)?);
            }
        }
        Ok(())
    }

    fn into_world(self, world: &mut World) {
        let (checks, matters) = (self.checks, self.matters);
        let duties = || {
            let checks = Table::of_rows(Rows::concat(checks));
            (checks, Table::of_rows(Rows::concat(matters)))
        };
        let ((), duties) = rayon::join(
            || {
                world.organisations = Table::of_rows(Rows::concat(self.organisations));
                world.namesakes = Namesakes::new(self.names);
                world.roles = Table::ordered(Rows::concat(self.roles.0), self.roles.1);
                world.holdings = Table::ordered(Rows::concat(self.holdings.0), self.holdings.1);
                let agreements = Rows::concat(self.agreements.0);
                world.agreements = Table::ordered(agreements, self.agreements.1);
                world.enforcements = Table::of_rows(Rows::concat(self.enforcements));
                world.citing = Citing::new(&world.enforcements);
                for case in self.cases {
                    world.cases.push(case);
                }
                index(world);
            },
            duties,
        );
        (world.checks, world.matters) = duties;
    }
}

fn case(saved: SavedCase, symbols: &Symbols) -> Option<Case> {
    let word = |symbol: Symbol| symbols.shared(symbol);
    let record = match saved.record {
        SavedRecord::Listing {
            list,
            authority,
            listed_on,
            expires_on,
            removed_on,
            removal_reason,
            basis,
        } => CaseRecord::Listing(Listing {
            list: word(list)?,
            authority: authority.and_then(word),
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
            authority: word(authority)?,
            decision_on,
            violation_type: violation_type.and_then(word),
            kinds,
            summary_procedure,
            publication,
            reported_on,
            status,
        }),
    };
    Some(Case {
        id: saved.id,
        record,
        subject: saved.subject,
        number: saved.number,
        violation: saved.violation,
        said: saved.said,
    })
}

fn in_order(
    order: &[u32],
    piece: fn(Vec<u32>) -> Piece,
    put: &mut dyn FnMut(Piece) -> io::Result<()>,
) -> io::Result<()> {
    let mut parts = order.chunks(ROWS * 16);
    parts.try_for_each(|part| put(piece(part.to_vec())))
}

fn read_piece(keys: &Keys, number: usize, give: &Give<'_>) -> Result<Piece, StoreError> {
    let piece = give(number).map_err(unread)?;
    match piece.split_first() {
        Some((0, plain)) => postcard::from_bytes(plain).map_err(unread),
        Some((1, sealed)) => {
            let plain = keys.open(&place(number), sealed).map_err(unread)?;
            postcard::from_bytes(&plain).map_err(unread)
        }
        _ => Err(unread("an empty piece")),
    }
}

fn bytes(value: &impl Serialize) -> io::Result<Vec<u8>> {
    postcard::to_allocvec(value).map_err(io::Error::other)
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
