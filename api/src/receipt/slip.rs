//! Receipts on their way: an answer as text, signed together with others, and what the
//! store keeps of it.
//!
//! A receipt begins with what all answers of one state of knowledge share, so that it is
//! written and digested once for all of them. Receipts that are signed together are kept
//! together, in the book of receipts:
//!
//! ```text
//! <receipt id>   root(32) place(4), big-endian
//! group/<root>   sealed, Zstandard: {"key", "signed_at", "signature", "parts": [
//!                {"shared": {"catalogue", "data_version", "sources"},
//!                 "receipts": [the receipts without these fields, signature and proof]}, …]}
//! ```
//!
//! [`restored`] puts a receipt together again, byte for byte as it was handed out.

use std::sync::Arc;

use graph::change::BatchNo;
use graph::id::Hex;
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Snapshot};
use graph::time::Moment;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::tree::{Digest, Leaf, Tree, beside};
use super::{Group, KeyRing, count};
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
    pub(crate) fn entries(&self, keys: &Keys, slips: &[&Slip]) -> Result<Vec<BookEntry>, Error> {
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
        let pointer = |(place, slip): (usize, &&Slip)| {
            let place = [root.as_slice(), &count(place).to_be_bytes()].concat();
            (Book::Receipt, slip.id.clone().into_bytes(), place)
        };
        let pointers = slips.iter().enumerate().map(pointer);
        Ok(pointers.chain([(Book::Receipt, key, sealed)]).collect())
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
    let kept: Kept<'_> = serde_json::from_slice(&text)?;
    let place = usize::try_from(place).map_err(|_| lost())?;
    kept.receipt(root, place).ok_or_else(lost).map(Some)
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
