//! Who looked at whom, and why: a log that can only grow, in the store's audit
//! book, and that shows when somebody has touched it.
//!
//! Entries are numbered from 1 and chained:
//!
//! ```text
//! entry         {"seq", "at", "event": {…}} or {"seq", "at", "seal": {…}}, compact JSON
//! hash          SM3("chuantou audit v1" ‖ hash before(32) ‖ entry); before the first: zeros
//! key           number(8), big-endian; `head` names the last one
//! value         sealed {"hash": …, "entry": …}
//! ```
//!
//! Entries that are written together lie together, under the number of the first:
//!
//! ```text
//! value         sealed, Zstandard: {"entries": [entry, …], "hash": that of the last}
//! ```
//!
//! Before the first entry of a new day (Asia/Shanghai) stands a seal: the last
//! number and hash of the days before it, signed with SM2 by the key of the
//! receipts. Whoever holds the store's key but not that one can change nothing
//! that was sealed; whoever holds a copy of a seal finds that it is missing.
//!
//! Entries come as [`graph::store::BookEntry`] values, for the same durable write as the thing
//! they tell of. Nothing here writes, deletes, or reads the clock.

mod chain;
mod page;
mod reserve;
mod verifier;

use std::borrow::Cow;
use std::sync::Arc;

use graph::id::Hex;
use graph::time::{Date, Moment};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use crate::pack::unpacked;
use crate::receipt::PublicKey;

pub use chain::Chain;
pub use page::{Filter, page, seals, shown_since};
pub use reserve::Reserve;
pub use verifier::{Fault, Report, Verifier, verify_book};

/// The key of the entry that names the last one.
const HEAD: &[u8] = b"head";

/// What came of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was answered.
    Allowed,
    /// The policy forbade it.
    Denied,
    /// It was permitted and failed.
    Failed,
}

/// Something that somebody did or asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// Who: a client's id, or `cli:<user>`.
    pub caller: Arc<str>,
    /// In which roles, joined by commas.
    pub role: Cow<'static, str>,
    /// For which department.
    pub department: Option<String>,
    /// Why, with the matter if there is one.
    pub purpose: Option<String>,
    /// What: an action's name.
    pub action: Cow<'static, str>,
    /// About whom, by key; never a name or number.
    pub subject: Option<String>,
    /// SM3 of the answer's bytes, hexadecimal; of a verification, the leaf that its receipt was signed as.
    pub answer: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// How many persons the answer showed; left out when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<u32>,
}

/// The signed end of one or more days.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seal {
    /// The last day it covers.
    pub day: String,
    /// The number of the last entry it covers.
    pub last: u64,
    /// That entry's hash.
    pub hash: String,
    /// The id of the signing key.
    pub key: String,
    /// When it was signed, RFC 3339.
    pub signed_at: String,
    /// SM2 over the text of the seal.
    pub signature: String,
}

impl Seal {
    /// What is signed.
    fn text(&self) -> String {
        format!(
            "chuantou audit seal v1\n{}\n{}\n{}\n{}\n{}\n",
            self.day, self.last, self.hash, self.key, self.signed_at
        )
    }

    /// The seal was made by one of these keys.
    pub fn is_genuine(&self, public_keys: &[PublicKey]) -> bool {
        let text = self.text();
        let own = public_keys.iter().find(|key| key.id == self.key);
        own.is_some_and(|key| key.verifies(text.as_bytes(), &self.signature))
    }
}

/// An entry of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Logged {
    /// Its number, from 1, without holes.
    pub seq: u64,
    /// When, in milliseconds since 1970 UTC; never falls.
    pub at: i64,
    /// What it says.
    #[serde(flatten)]
    pub what: What,
}

/// An event or a seal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Something that was done.
    Event(Event),
    /// The signed end of the days before.
    Seal(Seal),
}

/// What the book holds under the number of an entry that was written alone.
#[derive(Serialize, Deserialize)]
struct Kept {
    hash: String,
    entry: Logged,
}

/// What the book holds under the number of the first of entries written together.
#[derive(Serialize, Deserialize)]
struct Leaf {
    entries: Vec<Logged>,
    /// Of the last.
    hash: String,
}

impl From<Kept> for Leaf {
    fn from(Kept { hash, entry }: Kept) -> Self {
        let entries = vec![entry];
        Self { entries, hash }
    }
}

/// How what Zstandard packed begins.
const PACKED: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Leaf {
    /// Reads the opened value of an entry of the book; none unless it is byte for byte
    /// what would be written.
    fn read(opened: &[u8]) -> Option<Self> {
        if opened.starts_with(&PACKED) {
            let text = unpacked(opened).ok()?;
            return exactly(&text);
        }
        exactly::<Kept>(opened).map(Self::from)
    }
}

/// The value that a JSON text says, if it is written so.
fn exactly<T: Serialize + serde::de::DeserializeOwned>(text: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(text).ok()?;
    (serde_json::to_vec(&read).ok()? == text).then_some(read)
}

/// What the book holds under `head`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Head {
    /// The last entry's number.
    seq: u64,
    /// Its hash.
    hash: String,
    /// Its time.
    at: i64,
    /// The number of the last seal's entry, 0 when there is none.
    sealed: u64,
}

/// The hash of an entry, as text.
fn hash_of(before: &str, entry: &[u8]) -> String {
    let before = crate::receipt::unhex(before).unwrap_or_else(|| vec![0; 32]);
    let parts = Sm3::new().chain_update(b"chuantou audit v1");
    Hex(&parts.chain_update(before).chain_update(entry).finalize()).to_string()
}

fn first_hash() -> String {
    "0".repeat(64)
}

/// SM3 of an answer's bytes, as the log keeps it.
pub fn answer_digest(bytes: &[u8]) -> String {
    Hex(&Sm3::digest(bytes)).to_string()
}

/// How long entries are kept. Nothing deletes them today; whoever adds that asks
/// here first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Whole years.
    pub years: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { years: 10 }
    }
}

impl Retention {
    /// An entry of this moment is too young to be deleted.
    pub fn keeps(self, at: Moment, today: Date) -> bool {
        at.date() > today.minus_years(self.years)
    }

    /// The newest seal up to which all is old enough to go: a log may be cut at a
    /// seal only, since the rest must still show where it began.
    pub fn may_end(self, seals: &[Seal], today: Date) -> Option<&Seal> {
        let old = |seal: &&Seal| {
            let day = Date::parse(&seal.day);
            day.is_some_and(|day| !self.keeps(Moment::end_of(day), today))
        };
        seals.iter().filter(old).max_by_key(|seal| seal.last)
    }
}

#[cfg(test)]
mod audit_tests;
