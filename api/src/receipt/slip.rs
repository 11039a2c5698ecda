//! Receipts on their way: an answer as text, signed together with others, and what the
//! store keeps of it.
//!
//! Receipts that are signed together are kept together, in the book of receipts:
//!
//! ```text
//! <receipt id>   root(32) place(4), big-endian
//! group/<root>   sealed, Zstandard: {"public_key", "key", "signed_at", "signature",
//!                "leaves": "<digest><digest>…", "sources": {"<data version>": […], …},
//!                "receipts": [the receipts, each with an empty list of sources and without
//!                key, signature and proof]}
//! ```
//!
//! [`restored`] puts a receipt together again, field for field as it was handed out.

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::id::Hex;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot};
use graph::time::Moment;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::tree::{Digest, Leaf, Tree, beside};
use super::{Group, KeyRing, count, digest};
use crate::Error;
use crate::answer::{ConsultedSource, Verification};
use crate::pack::{packed, unpacked};

const SOURCES: &str = "\"sources\":";
const NO_KEY: &str = ",\"public_key\":\"\"}";

/// The consulted sources as text; many answers share one.
pub(crate) type Sources = Arc<RawValue>;

/// Sources as text.
pub(crate) fn sources_text(sources: &[ConsultedSource]) -> Result<Sources, Error> {
    Ok(serde_json::value::to_raw_value(sources)?.into())
}

/// An answer as text, but for what is known only when it is signed.
#[derive(Debug)]
pub(crate) struct Slip {
    /// The receipt's id.
    pub(crate) id: String,
    data_version: u32,
    /// The object up to its sources.
    head: String,
    sources: Sources,
    /// From behind them to the public key.
    tail: String,
    leaf: Leaf,
}

impl Slip {
    /// An answer that states no sources yet, with identity numbers in its texts masked:
    /// what is signed is what is shown.
    pub(crate) fn of(answer: &Verification, sources: Sources) -> Result<Self, Error> {
        let text = crate::output::masked_json(answer)?;
        let cut = || {
            let text = text.strip_suffix(NO_KEY)?;
            let (head, tail) = text.split_at_checked(text.rfind(SOURCES)? + SOURCES.len())?;
            Some((head.to_owned(), tail.strip_prefix("[]")?.to_owned()))
        };
        let broken = || Error::Broken("a verification is not written as expected".into());
        let (head, tail) = cut().ok_or_else(broken)?;
        let leaf = Leaf::new().and(head.as_bytes());
        let leaf = leaf.and(sources.get().as_bytes());
        Ok(Self {
            id: answer.receipt.clone(),
            data_version: answer.data_version,
            leaf: leaf.and(tail.as_bytes()),
            head,
            sources,
            tail,
        })
    }
}

/// What is kept of a group.
#[derive(Deserialize)]
struct Kept {
    public_key: String,
    key: String,
    signed_at: String,
    signature: String,
    leaves: String,
    sources: BTreeMap<u32, Box<RawValue>>,
    receipts: Vec<Value>,
}

impl Group {
    /// Signs slips, in their order.
    pub(crate) fn of(ring: &KeyRing, slips: &[&Slip], at: Moment) -> Self {
        let end = format!(",\"public_key\":\"{}\"}}", ring.public_key().public);
        let leaves = slips
            .iter()
            .map(|slip| slip.leaf.clone().and(end.as_bytes()).digest());
        Self::signed(ring, leaves.collect(), at)
    }

    /// The receipts as they are handed out.
    pub(crate) fn texts(&self, slips: &[&Slip]) -> Vec<String> {
        // Their ends, but for the place and the path, are one text: a `Proof`, written out.
        let before = format!(
            ",\"public_key\":\"{}\",\"signature\":\"{}\",\
             \"proof\":{{\"key\":\"{}\",\"signed_at\":\"{}\",\"leaf\":",
            self.public_key, self.signature, self.key, self.signed_at,
        );
        let between = format!(",\"leaves\":{},\"path\":[", self.tree.leaves().len());
        let after = format!("],\"root\":\"{}\"}}}}", self.root());
        let path = self.texts.len() * 67;
        let text = |(place, slip): (usize, &&Slip)| {
            let (sources, leaf) = (slip.sources.get(), place.to_string());
            let parts = [&slip.head, sources, &slip.tail, &before, &leaf, &between];
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
    pub(crate) fn entries(&self, keys: &Keys, slips: &[&Slip]) -> Result<Vec<BookEntry>, Error> {
        let sources: BTreeMap<u32, &RawValue> = slips
            .iter()
            .map(|slip| (slip.data_version, &*slip.sources))
            .collect();
        let shared = [
            ("public_key", &self.public_key),
            ("key", &self.key),
            ("signed_at", &self.signed_at),
            ("signature", &self.signature),
            (
                "leaves",
                &Hex(self.tree.leaves().as_flattened()).to_string(),
            ),
        ];
        let lengths = slips.iter().map(|slip| slip.head.len() + slip.tail.len());
        let length: usize = lengths.sum();
        // Beside the receipts: 64 digits and some marks for each, the signature, the sources.
        let mut text = String::with_capacity(length + slips.len() * 72 + 4096);
        text.push('{');
        for (name, value) in shared {
            text.extend(["\"", name, "\":\"", value, "\","]);
        }
        let sources = serde_json::to_string(&sources)?;
        text.extend(["\"sources\":", &sources, ",\"receipts\":["]);
        for (place, slip) in slips.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            text.extend([&slip.head, "[]", &slip.tail, "}"]);
        }
        text.push_str("]}");
        let packed =
            packed(text.as_bytes()).map_err(|error| Error::Broken(format!("receipts: {error}")))?;
        let root = self.tree.root();
        let key = group_key(&root);
        let sealed = keys.seal(&key, &packed);
        let pointer = |(place, slip): (usize, &&Slip)| {
            let place = [root.as_slice(), &count(place).to_be_bytes()].concat();
            (Book::Receipt, slip.id.clone().into_bytes(), place)
        };
        let pointers = slips.iter().enumerate().map(pointer);
        Ok(pointers.chain([(Book::Receipt, key, sealed)]).collect())
    }
}

impl Kept {
    fn group(self) -> Option<Group> {
        let leaves = (0..self.leaves.len()).step_by(64);
        let leaves = leaves.map(|from| digest(self.leaves.get(from..from + 64)?));
        let leaves: Vec<Digest> = leaves.collect::<Option<_>>()?;
        Some(Group::put_together(
            (self.public_key, self.key),
            (self.signature, self.signed_at),
            Tree::over(leaves),
        ))
    }

    fn sources(&self, receipt: &Value) -> Option<Value> {
        let version = receipt.get("data_version")?.as_u64()?;
        let sources = self.sources.get(&u32::try_from(version).ok()?)?;
        serde_json::from_str(sources.get()).ok()
    }

    fn receipt(mut self, place: usize) -> Option<Value> {
        let mut receipt = self.receipts.get_mut(place)?.take();
        let sources = self.sources(&receipt)?;
        let group = self.group()?;
        let proof = serde_json::to_value(group.proof(place)?).ok()?;
        let fields = receipt.as_object_mut()?;
        fields.insert("sources".into(), sources);
        fields.insert("public_key".into(), group.public_key.into());
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
    // The book's groups are no receipts, whoever asks for one by its key.
    if id.starts_with("group/") {
        return Ok(None);
    }
    let Some(pointer) = snapshot.entry(Book::Receipt, id.as_bytes())? else {
        return Ok(None);
    };
    let broken = |what: &dyn std::fmt::Display| Error::Broken(format!("receipt {id}: {what}"));
    let lost = || broken(&"the book of receipts is damaged");
    let (root, place) = pointer.split_first_chunk::<32>().ok_or_else(lost)?;
    let place = u32::from_be_bytes(place.try_into().map_err(|_| lost())?);
    let key = group_key(root);
    let sealed = snapshot.entry(Book::Receipt, &key)?.ok_or_else(lost)?;
    let packed = keys.open(&key, &sealed).map_err(|error| broken(&error))?;
    let text = unpacked(&packed).map_err(|error| broken(&error))?;
    let kept: Kept = serde_json::from_slice(&text)?;
    let place = usize::try_from(place).map_err(|_| lost())?;
    kept.receipt(place).ok_or_else(lost).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::{Proof, verify_object};
    use graph::store::Store;

    #[test]
    fn what_is_handed_out_has_its_proof_and_comes_back_from_the_book() {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::of(dir.path(), Moment(1)).unwrap();
        let store = graph::memory::MemoryStore::new(&[3; 32]);
        for count in [1_usize, 2, 5, 8] {
            let sources: Sources = RawValue::from_string(r#"[{"set":"roles"}]"#.into())
                .unwrap()
                .into();
            let slip = |n: usize| {
                let (id, version) = (format!("receipt-{count}-{n}"), 7);
                let head = format!(r#"{{"receipt":"{id}","data_version":{version},"sources":"#);
                let tail = r#","answered_at":"2026-11-22T00:00:00+08:00""#.to_owned();
                let leaf = Leaf::new()
                    .and(head.as_bytes())
                    .and(sources.get().as_bytes());
                Slip {
                    id,
                    data_version: version,
                    leaf: leaf.and(tail.as_bytes()),
                    head,
                    sources: Arc::clone(&sources),
                    tail,
                }
            };
            let slips: Vec<Slip> = (0..count).map(slip).collect();
            let slips: Vec<&Slip> = slips.iter().collect();
            let group = Group::of(&ring, &slips, Moment(9));
            let entries = group.entries(store.keys(), &slips).unwrap();
            store.write(&entries).unwrap();
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
            }
        }
    }
}
