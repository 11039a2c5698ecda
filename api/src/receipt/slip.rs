//! Receipts on their way: an answer as text, signed together with others, and what the
//! store keeps of it.
//!
//! A receipt begins with what all answers of one state of knowledge share, so that it is
//! written and digested once for all of them. Receipts that are signed together are kept
//! together, in the book of receipts:
//!
//! ```text
//! group/<root>   sealed, Zstandard: {"key", "signed_at", "signature", "parts": [
//!                {"shared": {"catalogue", "data_version", "sources"},
//!                 "receipts": [the receipts without these fields, signature and proof]}, …]}
//! ```
//!
//! Nothing else is kept of a receipt: the check that its verification left has its id as
//! number and stands in the batch that the group was written with, in the line of its place,
//! and the batch's report names the root ([`report`]). Receipts of before have an entry each:
//!
//! ```text
//! <receipt id>   root(32) place(4), big-endian
//! ```
//!
//! [`restored`] puts a receipt together again, byte for byte as it was handed out.

use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::{Hex, Set};
use graph::record::key;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot};
use graph::time::Moment;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::tree::{Digest, Leaf, Tree, beside};
use super::{Group, KeyRing};
use crate::Error;
use crate::answer::{ConsultedSource, Verification};
use crate::pack::{packed, unpacked};

/// What the answers of one state of knowledge share: the beginning of each.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `{"catalogue":…,"data_version":…,"sources":[…],`
    text: String,
    /// How an answer begins that states no sources yet.
    blank: String,
    /// The digest of the text.
    leaf: Leaf,
}

impl Shared {
    pub(crate) fn of(
        catalogue: &str,
        data_version: BatchNo,
        sources: &[ConsultedSource],
    ) -> Result<Self, Error> {
        let catalogue = serde_json::to_string(catalogue)?;
        let sources = serde_json::to_string(sources)?;
        let beginning = |sources: &str| {
            let version = data_version.0;
            format!("{{\"catalogue\":{catalogue},\"data_version\":{version},\"sources\":{sources},")
        };
        let text = beginning(&sources);
        Ok(Self {
            blank: beginning("[]"),
            leaf: Leaf::new().and(text.as_bytes()),
            text,
        })
    }
}

/// An answer as text, but for what is known only when it is signed.
#[derive(Debug)]
pub(crate) struct Slip {
    /// The receipt's id.
    pub(crate) id: String,
    shared: Arc<Shared>,
    /// The object, but that it states no sources.
    text: String,
    leaf: Digest,
}

impl Slip {
    /// An answer that states no sources yet, with identity numbers in its texts masked:
    /// what is signed is what is shown.
    pub(crate) fn of(answer: &Verification, shared: &Arc<Shared>) -> Result<Self, Error> {
        let text = crate::output::masked_json(answer)?;
        Self::with(answer.receipt.clone(), text, shared)
            .ok_or_else(|| Error::Broken("a verification is not written as expected".into()))
    }

    fn with(id: String, text: String, shared: &Arc<Shared>) -> Option<Self> {
        let own = text.strip_prefix(&*shared.blank)?;
        Some(Self {
            id,
            shared: Arc::clone(shared),
            leaf: shared.leaf.clone().and(own.as_bytes()).digest(),
            text,
        })
    }

    /// What it does not share: its fields, without the brace before them.
    fn own(&self) -> &str {
        self.text.get(self.shared.blank.len()..).unwrap_or_default()
    }
}

/// What is kept of a group.
#[derive(Deserialize)]
struct Kept<'a> {
    key: String,
    signed_at: String,
    signature: String,
    #[serde(borrow)]
    parts: Vec<Part<'a>>,
}

/// Receipts that share their beginning.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    shared: &'a RawValue,
    #[serde(borrow)]
    receipts: Vec<&'a RawValue>,
}

impl Group {
    /// Signs slips, in their order.
    pub(crate) fn of(ring: &KeyRing, slips: &[&Slip], at: Moment) -> Self {
        Self::signed(ring, slips.iter().map(|slip| slip.leaf).collect(), at)
    }

    /// The receipts as they are handed out.
    pub(crate) fn texts(&self, slips: &[&Slip]) -> Vec<String> {
        // Their ends, but for the place and the path, are one text: a `Proof`, written out.
        let before = format!(
            ",\"signature\":\"{}\",\"proof\":{{\"key\":\"{}\",\"signed_at\":\"{}\",\"leaf\":",
            self.signature, self.key, self.signed_at,
        );
        let between = format!(",\"leaves\":{},\"path\":[", self.tree.leaves().len());
        let after = format!("],\"root\":\"{}\"}}}}", self.root());
        let path = self.texts.len() * 67;
        let text = |(place, slip): (usize, &&Slip)| {
            let own = slip.own().strip_suffix('}').unwrap_or_default();
            let leaf = place.to_string();
            let parts = [&slip.shared.text, own, &before, &leaf, &between];
            let length: usize = parts.iter().map(|part| part.len()).sum();
            let mut text = String::with_capacity(length + path + after.len());
            text.extend(parts);
            for (step, digest) in beside(&self.texts, place).enumerate() {
                text.push_str(if step > 0 { ",\"" } else { "\"" });
                text.extend([digest, "\""]);
            }
            text.push_str(&after);
            text
        };
        slips.iter().enumerate().map(text).collect()
    }

    /// What the book of receipts keeps of the whole group.
    pub(crate) fn entry(&self, keys: &Keys, slips: &[&Slip]) -> Result<BookEntry, Error> {
        let own = slips.iter().map(|slip| slip.own().len() + 2);
        let length: usize = own.sum();
        // Beside the receipts: the signature, and what they share.
        let mut text = String::with_capacity(length + 4096);
        text.push('{');
        let fields = [
            ("key", &self.key),
            ("signed_at", &self.signed_at),
            ("signature", &self.signature),
        ];
        for (name, value) in fields {
            text.extend(["\"", name, "\":\"", value, "\","]);
        }
        text.push_str("\"parts\":[");
        let parts = slips.chunk_by(|one, next| Arc::ptr_eq(&one.shared, &next.shared));
        for (place, part) in parts.enumerate() {
            let shared = part
                .first()
                .map(|slip| slip.shared.text.trim_end_matches(','));
            text.push_str(if place > 0 { "," } else { "" });
            text.extend([
                "{\"shared\":",
                shared.unwrap_or_default(),
                "},\"receipts\":[",
            ]);
            for (place, slip) in part.iter().enumerate() {
                text.extend([if place > 0 { ",{" } else { "{" }, slip.own()]);
            }
            text.push_str("]}");
        }
        text.push_str("]}");
        let packed =
            packed(text.as_bytes()).map_err(|error| Error::Broken(format!("receipts: {error}")))?;
        let root = self.tree.root();
        let key = group_key(&root);
        let sealed = keys.seal(&key, &packed);
        Ok((Book::Receipt, key, sealed))
    }

    /// The report of the batch that the group is written with.
    pub(crate) fn report(&self) -> String {
        report(self.tree.leaves().len(), &self.root())
    }
}

impl Kept<'_> {
    /// The receipts as they were signed.
    fn unsigned(&self) -> Option<Vec<String>> {
        let receipts = self.parts.iter().flat_map(|part| {
            let shared = part.shared.get().strip_suffix('}');
            let receipts = part.receipts.iter();
            receipts.map(move |own| Some([shared?, ",", own.get().strip_prefix('{')?].concat()))
        });
        receipts.collect()
    }

    /// The receipt at a place of the group with this root.
    fn receipt(self, root: &Digest, place: usize) -> Option<Value> {
        let unsigned = self.unsigned()?;
        let leaves = unsigned.iter();
        let leaves = leaves.map(|text| Leaf::new().and(text.as_bytes()).digest());
        let tree = Some(Tree::over(leaves.collect())).filter(|tree| tree.root() == *root)?;
        let group = Group::put_together(self.key, (self.signature, self.signed_at), tree);
        let proof = serde_json::to_value(group.proof(place)?).ok()?;
        let mut receipt: Value = serde_json::from_str(unsigned.get(place)?).ok()?;
        let fields = receipt.as_object_mut()?;
        fields.insert("signature".into(), group.signature.into());
        fields.insert("proof".into(), proof);
        Some(receipt)
    }
}

fn group_key(root: &Digest) -> Vec<u8> {
    format!("group/{}", Hex(root)).into_bytes()
}

/// A receipt as it was handed out, from the book of receipts.
pub(crate) fn restored(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    id: &str,
) -> Result<Option<Value>, Error> {
    let Some((root, place)) = found(snapshot, id)? else {
        return Ok(None);
    };
    let text = kept(snapshot, keys, (id, &root))?;
    let kept: Kept<'_> = serde_json::from_slice(&text)?;
    let receipt = kept.receipt(&root, place).ok_or_else(|| lost(id))?;
    let is_it = receipt.get("receipt").and_then(Value::as_str) == Some(id);
    is_it.then_some(Some(receipt)).ok_or_else(|| lost(id))
}

/// What a receipt says beside what it shares with others; it is not checked.
pub(crate) fn stated(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    id: &str,
) -> Result<Option<Value>, Error> {
    let Some((root, place)) = found(snapshot, id)? else {
        return Ok(None);
    };
    let text = kept(snapshot, keys, (id, &root))?;
    let kept: Kept<'_> = serde_json::from_slice(&text)?;
    let mut receipts = kept.parts.iter().flat_map(|part| &part.receipts);
    let own = receipts.nth(place).ok_or_else(|| lost(id))?;
    Ok(Some(serde_json::from_str(own.get())?))
}

fn broken(id: &str, what: impl std::fmt::Display) -> Error {
    Error::Broken(format!("receipt {id}: {what}"))
}

fn lost(id: &str) -> Error {
    broken(id, "the book of receipts is damaged")
}

/// What is kept of a receipt's group.
fn kept(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    (id, root): (&str, &Digest),
) -> Result<Vec<u8>, Error> {
    let key = group_key(root);
    let sealed = snapshot.entry(Book::Receipt, &key)?;
    let sealed = sealed.ok_or_else(|| lost(id))?;
    let packed = keys.open(&key, &sealed);
    let packed = packed.map_err(|error| broken(id, error))?;
    unpacked(&packed).map_err(|error| broken(id, error))
}

/// The group of a receipt, by its root, and the place in it.
fn found(snapshot: &dyn Snapshot, id: &str) -> Result<Option<(Digest, usize)>, Error> {
    // The book's groups are no receipts, whoever asks for one by its key.
    if id.starts_with("group/") {
        return Ok(None);
    }
    match snapshot.entry(Book::Receipt, id.as_bytes())? {
        Some(pointer) => pointed(&pointer).ok_or_else(|| lost(id)).map(Some),
        None => checked(snapshot, id),
    }
}

/// The group and the place in it that an entry of before leads to.
fn pointed(pointer: &[u8]) -> Option<(Digest, usize)> {
    let (root, place) = pointer.split_first_chunk::<32>()?;
    let place = u32::from_be_bytes(place.try_into().ok()?);
    Some((*root, usize::try_from(place).ok()?))
}

/// The same by the check that the verification left, as it was written first.
fn checked(snapshot: &dyn Snapshot, id: &str) -> Result<Option<(Digest, usize)>, Error> {
    let history = snapshot.history(Set::Checks, key::check(id))?;
    let Some(first) = history.into_iter().next() else {
        return Ok(None);
    };
    let Some(batch) = snapshot.batch(first.batch)? else {
        return Ok(None);
    };
    // A check of this number that came with a file is no verification of ours.
    let report: Value = serde_json::from_str(&batch.report).unwrap_or_default();
    let root = report.get(RECEIPTS).and_then(Value::as_str);
    let root = root.and_then(super::digest);
    let line = first.version.map(|version| version.source.line);
    let place = line.and_then(|line| usize::try_from(line).ok()?.checked_sub(1));
    Ok(root.zip(place))
}

/// Where a batch's report names the root of the receipts written with it.
const RECEIPTS: &str = "receipts";

/// The report of a batch of so many checks, whose receipts have this root.
fn report(checks: usize, root: &str) -> String {
    let sets = format!(r#"{{"checks":{{"read":{checks},"new":{checks}}}}}"#);
    format!(r#"{{"sets":{sets},"{RECEIPTS}":"{root}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::{Proof, verify_object};
    use graph::change::{Change, Draft, Source};
    use graph::id::{EntityId, Uscc};
    use graph::memory::MemoryStore;
    use graph::record::{Detail, Record};
    use graph::store::Store;

    fn put(number: &str, line: u32, department: &str) -> Change {
        let check = graph::record::Check {
            check_no: number.into(),
            department: Some(department.into()),
            subject: EntityId::organisation(Uscc::parse("914403001922038216").unwrap()),
            checked_on: Moment(9).date(),
            matter_no: None,
        };
        Change::Put {
            record: Record::Check(check),
            detail: Detail::new(),
            source: Source { file: 0, line },
        }
    }

    fn commit(store: &MemoryStore, changes: Vec<Change>, report: String, entries: Vec<BookEntry>) {
        let draft = Draft {
            recorded_at: Moment(9),
            files: vec!["verify".into()],
            changes,
            quarantine: Vec::new(),
            resolved: Vec::new(),
            report,
            entries,
        };
        store.commit(draft).unwrap().unwrap();
    }

    /// As the service does; one group as it was done before.
    fn write(store: &MemoryStore, group: &Group, slips: &[&Slip], count: u32) {
        let mut entries = vec![group.entry(store.keys(), slips).unwrap()];
        let mut report = group.report();
        if count == 5 {
            report = r#"{"sets":{}}"#.into();
            let pointers = slips.iter().zip(0_u32..).map(|(slip, place)| {
                let place = [group.tree.root().as_slice(), &place.to_be_bytes()].concat();
                (Book::Receipt, slip.id.clone().into_bytes(), place)
            });
            entries.extend(pointers);
        }
        let checks = slips.iter().zip(1..);
        let checks = checks.map(|(slip, line)| put(&slip.id, line, "D-A"));
        commit(store, checks.collect(), report, entries);
        // Somebody loads what was exported, and corrects one.
        let again = put(&slips[0].id, 77, "D-B");
        commit(store, vec![again], r#"{"sets":{}}"#.into(), Vec::new());
    }

    #[test]
    fn a_check_that_is_no_verification_has_no_receipt() {
        let store = MemoryStore::new(&[3; 32]);
        let report = || r#"{"sets":{"checks":{"read":1}}}"#.to_owned();
        commit(&store, vec![put("C-1", 1, "D-A")], report(), Vec::new());
        let snapshot = store.snapshot().unwrap();
        for id in ["C-1", "C-2", "group/00"] {
            let found = restored(&*snapshot, store.keys(), id).unwrap();
            assert_eq!(found, None, "{id}");
        }
        drop(snapshot);
        // It names a root and no group is there.
        let report = super::report(1, &Hex(&[7; 32]).to_string());
        commit(&store, vec![put("C-3", 1, "D-A")], report, Vec::new());
        let snapshot = store.snapshot().unwrap();
        restored(&*snapshot, store.keys(), "C-3").unwrap_err();
    }

    #[test]
    fn what_is_handed_out_has_its_proof_and_comes_back_from_the_book() {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::of(dir.path(), Moment(1)).unwrap();
        let store = MemoryStore::new(&[3; 32]);
        for count in [1_usize, 2, 5, 8] {
            let known = |version: u32| {
                let source = ConsultedSource {
                    sets: vec!["roles"],
                    fresh_as_of: None,
                };
                Arc::new(Shared::of("rules", BatchNo(version), &[source]).unwrap())
            };
            let known = [known(7), known(8)];
            let slip = |n: usize| {
                // Some in the middle were answered from the next state of knowledge.
                let shared = &known[n % 5 / 2 % 2];
                let id = format!("receipt-{count}-{n}");
                let own =
                    format!(r#""receipt":"{id}","answered_at":"2026-11-22T00:00:00+08:00"}}"#);
                let text = [&*shared.blank, &own].concat();
                Slip::with(id, text, shared).unwrap()
            };
            let slips: Vec<Slip> = (0..count).map(slip).collect();
            let slips: Vec<&Slip> = slips.iter().collect();
            let group = Group::of(&ring, &slips, Moment(9));
            let no = u32::try_from(count).unwrap();
            write(&store, &group, &slips, no);
            let texts = group.texts(&slips);
            assert_eq!(texts.len(), count);
            for (place, (text, slip)) in texts.iter().zip(slips).enumerate() {
                let told: Value = serde_json::from_str(text).unwrap();
                assert_eq!(
                    told.to_string(),
                    *text,
                    "compact, in the order of its fields"
                );
                let proof: Proof = serde_json::from_value(told["proof"].clone()).unwrap();
                assert_eq!(Some(proof), group.proof(place));
                assert_eq!(verify_object(&told, &ring.public_keys()), Ok(()));
                let snapshot = store.snapshot().unwrap();
                let keys = store.keys();
                let kept = restored(&*snapshot, keys, &slip.id).unwrap().unwrap();
                assert_eq!(kept, told);
                let stated = stated(&*snapshot, keys, &slip.id).unwrap().unwrap();
                assert_eq!(stated["receipt"], told["receipt"]);
                assert_eq!(stated["answered_at"], told["answered_at"]);
            }
        }
    }
}
