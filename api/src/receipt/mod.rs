//! Receipts: what was answered, signed with SM2 (GB/T 32918) so that it can be
//! filed and checked later, by anybody who has the public keys.
//!
//! Receipts that are written together are signed together: their bytes are the
//! leaves of an SM3 tree (`tree`), and one signature covers its root. Each
//! receipt carries its own way to the root, so it stands alone. A single answer
//! is a group of one.
//!
//! What is signed is this text, lines ended by a line feed:
//!
//! ```text
//! chuantou receipt root v1
//! <root, hexadecimal>
//! <number of leaves>
//! <key id>
//! <time of signing, RFC 3339>
//! ```
//!
//! The bytes of a receipt are its object as compact JSON, in the order of its
//! fields, without `signature` and `proof`. Nothing here reads the clock.

mod ring;
mod slip;
mod tree;

use graph::id::Hex;
use graph::time::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub(crate) use ring::replace;
pub use ring::{KeyRing, PublicKey};
pub(crate) use slip::{Shared, Slip, restored, stated};

/// How the ids of receipts begin.
pub(crate) const BEGINS: &str = "receipt-";

/// What leads from a receipt's bytes to the signature.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Proof {
    /// The id of the public key.
    pub key: String,
    /// When the root was signed, RFC 3339.
    pub signed_at: String,
    /// The receipt's place among those signed together, from 0.
    pub leaf: u32,
    /// How many were signed together.
    pub leaves: u32,
    /// The digests beside the way to the root, from the leaf up.
    pub path: Vec<String>,
    /// The root, hexadecimal.
    pub root: String,
}

/// Receipts that one signature covers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// SM2 over the root's text, r ‖ s, hexadecimal.
    pub signature: String,
    key: String,
    signed_at: String,
    tree: tree::Tree,
    /// The tree's digests, hexadecimal.
    texts: Vec<Vec<String>>,
}

impl Group {
    fn signed(ring: &KeyRing, leaves: Vec<tree::Digest>, at: Moment) -> Self {
        let (key, signed_at) = (ring.id(), at.to_string());
        let tree = tree::Tree::over(leaves);
        let (root, leaves) = (Hex(&tree.root()).to_string(), count(tree.leaves().len()));
        let signature = ring.sign(root_text(&root, leaves, &key, &signed_at).as_bytes());
        Self::put_together(key, (signature, signed_at), tree)
    }

    fn put_together(
        key: String,
        (signature, signed_at): (String, String),
        tree: tree::Tree,
    ) -> Self {
        let hex = |digest: &tree::Digest| Hex(digest).to_string();
        let levels = tree.levels().iter();
        let texts = levels
            .map(|level| level.iter().map(hex).collect())
            .collect();
        Self {
            signature,
            key,
            signed_at,
            tree,
            texts,
        }
    }

    fn root(&self) -> String {
        Hex(&self.tree.root()).to_string()
    }

    /// The way of the receipt at a place to the signature.
    pub fn proof(&self, place: usize) -> Option<Proof> {
        self.tree.leaves().get(place)?;
        Some(Proof {
            key: self.key.clone(),
            signed_at: self.signed_at.clone(),
            leaf: count(place),
            leaves: count(self.tree.leaves().len()),
            path: tree::beside(&self.texts, place).cloned().collect(),
            root: self.root(),
        })
    }

    /// The digest of the receipt at a place: what the audit log says was answered.
    pub fn digest(&self, place: usize) -> Option<String> {
        self.texts.first()?.get(place).cloned()
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Why a receipt is not genuine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// The signing key is not one of those given.
    #[error("no public key has the receipt's key id")]
    UnknownKey,
    /// The bytes do not lead to the root.
    #[error("the receipt is not one of those that were signed")]
    NotIncluded,
    /// The signature is not the key's over this root.
    #[error("the signature does not fit")]
    BadSignature,
}

/// Whether these bytes were signed by one of these keys.
pub fn verify(
    receipt: &[u8],
    signature: &str,
    proof: &Proof,
    public_keys: &[PublicKey],
) -> Result<(), Fault> {
    let key = public_keys.iter().find(|key| key.id == proof.key);
    let key = key.ok_or(Fault::UnknownKey)?;
    let path: Option<Vec<tree::Digest>> = proof.path.iter().map(|text| digest(text)).collect();
    let root = digest(&proof.root).ok_or(Fault::NotIncluded)?;
    let reached = path.and_then(|path| tree::root_from(receipt, proof.leaf, proof.leaves, &path));
    if reached != Some(root) {
        return Err(Fault::NotIncluded);
    }
    let text = root_text(&proof.root, proof.leaves, &proof.key, &proof.signed_at);
    if key.verifies(text.as_bytes(), signature) {
        return Ok(());
    }
    Err(Fault::BadSignature)
}

/// Checks a receipt as it was handed out: an object with `signature` and `proof`.
/// One without `proof` was signed alone, over its bytes.
pub fn verify_object(receipt: &Value, public_keys: &[PublicKey]) -> Result<(), Fault> {
    let mut unsigned = receipt.clone();
    let fields = unsigned.as_object_mut().ok_or(Fault::NotIncluded)?;
    let signature = fields.shift_remove("signature");
    let signature = signature.as_ref().and_then(Value::as_str);
    let signature = signature.ok_or(Fault::BadSignature)?;
    let proof = fields.shift_remove("proof");
    let bytes = serde_json::to_vec(&unsigned).map_err(|_| Fault::NotIncluded)?;
    if let Some(proof) = proof {
        let proof: Proof = serde_json::from_value(proof).map_err(|_| Fault::NotIncluded)?;
        return verify(&bytes, signature, &proof, public_keys);
    }
    if public_keys
        .iter()
        .any(|key| key.verifies(&bytes, signature))
    {
        return Ok(());
    }
    Err(Fault::BadSignature)
}

fn root_text(root: &str, leaves: u32, key: &str, signed_at: &str) -> String {
    format!("chuantou receipt root v1\n{root}\n{leaves}\n{key}\n{signed_at}\n")
}

fn digest(text: &str) -> Option<tree::Digest> {
    unhex(text)?.try_into().ok()
}

/// Reads lower-case hexadecimal, and nothing else: one text, one meaning.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Moment = Moment(1_790_000_000_000);

    fn group(sizes: &[u8]) -> Vec<Vec<u8>> {
        let receipt = |(n, size): (usize, &u8)| format!("{n}:{}", "x".repeat((*size).into()));
        sizes
            .iter()
            .enumerate()
            .map(|one| receipt(one).into_bytes())
            .collect()
    }

    /// Each receipt's signature and proof, signed as one group.
    fn sign_group(ring: &KeyRing, receipts: &[Vec<u8>], at: Moment) -> Vec<Signed> {
        let leaves = receipts.iter();
        let leaves = leaves.map(|bytes| tree::Leaf::new().and(bytes).digest());
        let group = Group::signed(ring, leaves.collect(), at);
        let signed = |place| Signed {
            signature: group.signature.clone(),
            proof: group.proof(place).unwrap(),
        };
        (0..receipts.len()).map(signed).collect()
    }

    #[derive(PartialEq)]
    struct Signed {
        signature: String,
        proof: Proof,
    }

    fn ring() -> (tempfile::TempDir, KeyRing) {
        let dir = tempfile::tempdir().unwrap();
        let ring = KeyRing::of(dir.path(), AT).unwrap();
        (dir, ring)
    }

    /// Flips one bit of a text, kept as bytes that need not be UTF-8.
    fn flipped(text: &str, at: usize) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let place = at / 8 % bytes.len();
        bytes[place] ^= 1 << (at % 8);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_leaf_verifies_and_no_flipped_bit_does(
            sizes in prop::collection::vec(any::<u8>(), 1..24),
            at in any::<prop::sample::Index>(),
            bit in any::<usize>(),
        ) {
            let (_dir, ring) = ring();
            let receipts = group(&sizes);
            let signed = sign_group(&ring, &receipts, AT);
            let keys = ring.public_keys();
            for (receipt, one) in receipts.iter().zip(&signed) {
                prop_assert_eq!(verify(receipt, &one.signature, &one.proof, &keys), Ok(()));
            }
            let place = at.index(receipts.len());
            let (receipt, one) = (&receipts[place], &signed[place]);
            let mut torn = receipt.clone();
            let byte = bit / 8 % torn.len();
            torn[byte] ^= 1 << (bit % 8);
            prop_assert!(verify(&torn, &one.signature, &one.proof, &keys).is_err());
            let signature = flipped(&one.signature, bit);
            prop_assert!(verify(receipt, &signature, &one.proof, &keys).is_err());
            for step in 0..one.proof.path.len() {
                let mut proof = one.proof.clone();
                proof.path[step] = flipped(&proof.path[step], bit);
                prop_assert!(verify(receipt, &one.signature, &proof, &keys).is_err());
            }
            let wrong: [fn(&mut Proof, usize); 7] = [
                |proof, bit| proof.root = flipped(&proof.root, bit),
                |proof, bit| proof.key = flipped(&proof.key, bit),
                |proof, bit| proof.signed_at = flipped(&proof.signed_at, bit),
                |proof, bit| proof.leaf ^= 1 << (bit % 32),
                |proof, bit| proof.leaves ^= 1 << (bit % 32),
                |proof, _| proof.path.push(proof.root.clone()),
                |proof, _| { if proof.path.pop().is_none() { proof.leaves += 1; } },
            ];
            for change in wrong {
                let mut proof = one.proof.clone();
                change(&mut proof, bit);
                prop_assert!(verify(receipt, &one.signature, &proof, &keys).is_err());
            }
            // A sibling's proof is not this receipt's.
            let other = &signed[(place + 1) % signed.len()];
            let same = other == one;
            prop_assert_eq!(verify(receipt, &one.signature, &other.proof, &keys).is_ok(), same);
        }
    }

    #[test]
    fn old_receipts_outlive_a_rotation() {
        let (dir, mut ring) = ring();
        let receipts = group(&[3, 4]);
        let before = sign_group(&ring, &receipts, AT);
        let old = ring.id();
        ring.rotate(Moment(AT.0 + 1)).unwrap();
        assert_ne!(ring.id(), old);
        let again = KeyRing::of(dir.path(), AT).unwrap();
        assert_eq!(
            (again.id(), again.public_keys()),
            (ring.id(), ring.public_keys())
        );
        let after = sign_group(&again, &receipts, AT);
        for one in [&before[0], &after[0]] {
            let keys = again.public_keys();
            assert_eq!(
                verify(&receipts[0], &one.signature, &one.proof, &keys),
                Ok(())
            );
        }
        let current = &again.public_keys()[..1];
        let found = verify(
            &receipts[0],
            &before[0].signature,
            &before[0].proof,
            current,
        );
        assert_eq!(found, Err(Fault::UnknownKey));
    }

    #[test]
    fn an_object_is_checked_as_it_was_handed_out() {
        let (_dir, ring) = ring();
        let mut receipt = serde_json::json!({"receipt": "receipt-1", "restricted": false});
        let bytes = serde_json::to_vec(&receipt).unwrap();
        let signed = sign_group(&ring, std::slice::from_ref(&bytes), AT).remove(0);
        receipt["proof"] = serde_json::to_value(&signed.proof).unwrap();
        receipt["signature"] = signed.signature.into();
        assert_eq!(verify_object(&receipt, &ring.public_keys()), Ok(()));
        receipt["restricted"] = true.into();
        assert_eq!(
            verify_object(&receipt, &ring.public_keys()),
            Err(Fault::NotIncluded)
        );
        // Signed alone, as the first receipts were.
        let alone = ring.sign(&bytes);
        let first = serde_json::json!({
            "receipt": "receipt-1", "restricted": false, "signature": alone,
        });
        assert_eq!(verify_object(&first, &ring.public_keys()), Ok(()));
        assert_eq!(verify_object(&first, &[]), Err(Fault::BadSignature));
    }

    #[test]
    fn hexadecimal_has_one_form() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        for wrong in ["0", "0F", "+1", "zz", "é1"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
    }
}
