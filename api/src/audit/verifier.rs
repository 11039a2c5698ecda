//! Whether the log is what was written: any change, removal or reordering, and
//! any cut behind a seal, is found and named.

use graph::seal::Keys;
use graph::store::{Book, Entry, Snapshot, StoreError};
use graph::time::Moment;
use serde::Serialize;

use super::chain::read_head;
use super::{HEAD, Head, Leaf, Logged, Seal, What, exactly, first_hash, hash_of};
use crate::receipt::PublicKey;

/// Entries share the first six bytes of their number with 65 535 others: what is
/// read at a time.
const STRETCH_BITS: u32 = 16;

/// Something that is not as it was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// At which entry, as far as that can be told.
    pub seq: u64,
    /// What is wrong.
    pub what: &'static str,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Report {
    /// Entries that were read.
    pub entries: u64,
    /// Genuine seals.
    pub seals: u64,
    /// Entries since the last seal: only the store's key protects them.
    pub unsealed: u64,
    /// The last genuine seal.
    pub last_seal: Option<Seal>,
    /// What is wrong; empty: the log is whole.
    pub faults: Vec<Fault>,
}

/// Walks the log entry by entry, in order of key.
#[derive(Debug)]
pub struct Verifier<'a> {
    keys: &'a Keys,
    public_keys: &'a [PublicKey],
    /// Seals that somebody kept elsewhere.
    kept: &'a [Seal],
    found: Vec<bool>,
    next: u64,
    before: String,
    last: Option<(i64, bool)>,
    head: Option<Head>,
    report: Report,
}

impl<'a> Verifier<'a> {
    /// Begins at the first entry; `kept` are seals kept elsewhere, which must be there.
    pub fn new(keys: &'a Keys, public_keys: &'a [PublicKey], kept: &'a [Seal]) -> Self {
        Self {
            keys,
            public_keys,
            kept,
            found: vec![false; kept.len()],
            next: 1,
            before: first_hash(),
            last: None,
            head: None,
            report: Report::default(),
        }
    }

    /// Takes the next entry of the book.
    pub fn take(&mut self, (key, value): &Entry) {
        if key == HEAD {
            let opened = self.keys.open(key, value).ok();
            self.head = opened.and_then(|text| exactly(&text));
            if self.head.is_none() {
                self.fault(self.next, "the note of the last entry is damaged");
            }
            return;
        }
        let Ok(number) = <[u8; 8]>::try_from(key.as_slice()) else {
            return self.fault(self.next, "something that is no entry lies in the book");
        };
        let seq = u64::from_be_bytes(number);
        if seq < self.next {
            self.fault(seq, "out of order");
        } else if seq > self.next {
            self.fault(self.next, "an entry is missing");
        }
        self.next = seq.saturating_add(1);
        let opened = self.keys.open(key, value).ok();
        let leaf = opened.and_then(|opened| Leaf::read(&opened));
        let Some(leaf) = leaf.filter(|leaf| !leaf.entries.is_empty()) else {
            // The next hash cannot fit either: the chain is broken here.
            self.before.clear();
            return self.fault(seq, "the entry is damaged");
        };
        for (seq, entry) in (seq..).zip(&leaf.entries) {
            self.next = seq.saturating_add(1);
            self.report.entries += 1;
            self.check(seq, entry);
        }
        if self.before != leaf.hash {
            let what = "the hash does not fit entry and predecessor";
            self.fault(self.next - 1, what);
        }
        self.before = leaf.hash;
    }

    /// Looks at an entry; the chain ends with it then.
    fn check(&mut self, seq: u64, entry: &Logged) {
        if entry.seq != seq {
            self.fault(seq, "the entry bears another number");
        }
        let before = self.last.unwrap_or((i64::MIN, true));
        if entry.at < before.0 {
            self.fault(seq, "the time falls");
        }
        match &entry.what {
            What::Seal(seal) => self.check_seal(entry, seal),
            What::Event(_) => {
                let (at, was_seal) = before;
                if !was_seal && Moment(at).date() < Moment(entry.at).date() {
                    self.fault(seq, "the day before is not sealed");
                }
                self.report.unsealed += 1;
            }
        }
        // Behind a broken chain no hash fits.
        if !self.before.is_empty() {
            let text = serde_json::to_vec(entry).unwrap_or_default();
            self.before = hash_of(&self.before, &text);
        }
        self.last = Some((entry.at, matches!(entry.what, What::Seal(_))));
    }

    fn check_seal(&mut self, entry: &Logged, seal: &Seal) {
        let seq = entry.seq;
        let day = self.last.map(|(at, _)| Moment(at).date().to_string());
        let fits = seal.last.checked_add(1) == Some(seq)
            && seal.hash == self.before
            && day.as_ref() == Some(&seal.day)
            && Moment(entry.at).to_string() == seal.signed_at;
        if !fits {
            return self.fault(seq, "the seal is of something else");
        }
        if !seal.is_genuine(self.public_keys) {
            return self.fault(seq, "the seal's signature does not fit");
        }
        for (kept, found) in self.kept.iter().zip(&mut self.found) {
            *found |= kept == seal;
        }
        self.report.seals += 1;
        self.report.unsealed = 0;
        self.report.last_seal = Some(seal.clone());
    }

    /// Ends the walk.
    pub fn finish(mut self) -> Report {
        let last = self.next - 1;
        let fits = match &self.head {
            Some(head) => head.seq == last && head.hash == self.before,
            None => last == 0,
        };
        if !fits {
            self.fault(last, "the log does not end where it was noted to end");
        }
        for (seal, found) in self.kept.iter().zip(self.found.clone()) {
            if !seal.is_genuine(self.public_keys) {
                self.fault(seal.last, "the seal kept elsewhere is not genuine");
            } else if !found {
                self.fault(seal.last, "what a seal kept elsewhere covers is not there");
            }
        }
        self.report
    }

    fn fault(&mut self, seq: u64, what: &'static str) {
        self.report.faults.push(Fault { seq, what });
    }
}

/// Checks the whole log of a store, a stretch at a time. `kept` are seals kept
/// elsewhere.
pub fn verify_book(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    public_keys: &[PublicKey],
    kept: &[Seal],
) -> Result<Report, StoreError> {
    let mut verifier = Verifier::new(keys, public_keys, kept);
    // A damaged note is told by the verifier; only its reach is wanted here.
    let noted = read_head(snapshot, keys).ok().flatten();
    let noted = noted.map_or(0, |head| head.seq);
    let mut stretch: u64 = 0;
    loop {
        let first = stretch << STRETCH_BITS;
        let prefix: Vec<u8> = first.to_be_bytes().into_iter().take(6).collect();
        let entries = snapshot.entries(Book::Audit, &prefix)?;
        if entries.is_empty() && first > noted {
            break;
        }
        for entry in &entries {
            verifier.take(entry);
        }
        stretch += 1;
    }
    if let Some(value) = snapshot.entry(Book::Audit, HEAD)? {
        verifier.take(&(HEAD.to_vec(), value));
    }
    Ok(verifier.finish())
}
