//! Keys: the keyed digest that names persons and the seal over personal data.
//!
//! One 32-byte secret a store. From it come an HMAC-SM3 key for person ids and
//! content digests, and an SM4-GCM key (GB/T 32907, GB/T 32905) for everything
//! that may tell who a person is. The nonce is a keyed digest of the text and
//! its place, so the same version sealed twice gives the same bytes and no
//! randomness is needed below the program's face. Reading and writing the key
//! file is the store's work.

use std::fmt;

use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm::{AesGcm, Nonce};
use hmac::{Hmac, Mac};
use sm3::Sm3;
use sm4::Sm4;

use crate::framed::framed;
use crate::id::{EntityId, Uscc};
use crate::record::IdType;

type Sm4Gcm = AesGcm<Sm4, sm4::cipher::consts::U12>;
/// Bytes of the nonce before what is sealed.
pub const NONCE: usize = 12;
const TAG: usize = 16;

/// The secret of one store. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Keys {
    digest: Hmac<Sm3>,
    cipher: Sm4Gcm,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Sealed bytes that do not open: damaged, or another store's key.
#[derive(Debug, thiserror::Error)]
#[error("sealed data does not open: it is damaged or was sealed with another key")]
pub struct SealError;

impl Keys {
    /// The keys that belong to a store's 32-byte secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let derive = |label: &[u8]| {
            let mut mac = keyed(secret);
            mac.update(label);
            mac.finalize().into_bytes()
        };
        let sealing = derive(b"chuantou seal v1");
        let mut key = [0; 16];
        key.iter_mut()
            .zip(sealing.iter())
            .for_each(|(place, byte)| *place = *byte);
        Self {
            digest: keyed(&derive(b"chuantou digest v1")),
            cipher: Sm4Gcm::new(&key.into()),
        }
    }

    /// The person with this identity; `number` is already normalised.
    pub fn person(&self, id_type: IdType, number: &str) -> EntityId {
        EntityId::person(first(
            &self.mac(b'p', &[id_type.code().as_bytes(), number.as_bytes()]),
        ))
    }

    /// The provisional person of this normalised name at one organisation.
    pub fn provisional(&self, org: Uscc, name: &str) -> EntityId {
        EntityId::provisional(first(
            &self.mac(b'v', &[org.as_str().as_bytes(), name.as_bytes()]),
        ))
    }

    /// A keyed digest of a version's content: equal content, equal digest.
    pub fn content(&self, parts: &[&[u8]]) -> [u8; 8] {
        first(&self.mac(b'c', parts))
    }

    /// Seals `text`, bound to `place` (which must be given again to open it).
    /// Empty text seals to nothing.
    pub fn seal(&self, place: &[u8], text: &[u8]) -> Vec<u8> {
        if text.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::with_capacity(NONCE + text.len() + TAG);
        out.extend([0; NONCE]);
        out.extend(text);
        self.seal_in(place, &mut out, 0);
        out
    }

    /// The same for a text that lies in `out` from `from` on, behind room for the nonce
    /// ([`NONCE`]), to the end: it is sealed where it lies.
    pub fn seal_in(&self, place: &[u8], out: &mut Vec<u8>, from: usize) {
        let rest = out.get_mut(from..).unwrap_or_default();
        let Some((room, text)) = rest.split_first_chunk_mut::<NONCE>() else {
            return;
        };
        *room = first(&self.mac(b'n', &[place, text]));
        let nonce = Nonce::from(*room);
        let cipher = &self.cipher;
        match cipher.encrypt_inout_detached(&nonce, place, text.into()) {
            Ok(tag) => out.extend(tag),
            // Only past 64 GiB of text, far above any record; it does not stay readable.
            Err(_) => out.truncate(from + NONCE),
        }
    }

    /// Opens what [`Self::seal`] made for the same place.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(SealError)?;
        let payload = Payload {
            msg: text,
            aad: place,
        };
        self.cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| SealError)
    }

    /// Veils a person's tag at rest, and unveils it: without the key it says
    /// nothing about name or number.
    #[must_use]
    pub fn veil(&self, person: EntityId, tag: [u8; 8]) -> [u8; 8] {
        let mut veiled: [u8; 8] = first(&self.mac(b't', &[person.bytes()]));
        veiled
            .iter_mut()
            .zip(tag)
            .for_each(|(place, byte)| *place ^= byte);
        veiled
    }

    /// A secret for what is written beside the store for a while, by its purpose.
    #[must_use]
    pub fn passing(&self, purpose: &[u8]) -> [u8; 32] {
        self.mac(b's', &[purpose])
    }

    fn mac(&self, tag: u8, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.digest.clone();
        framed(tag, parts, |text| mac.update(text));
        mac.finalize().into_bytes().into()
    }
}

fn keyed(key: &[u8]) -> Hmac<Sm3> {
    let mut block = [0; 64];
    block
        .iter_mut()
        .zip(key)
        .for_each(|(place, byte)| *place = *byte);
    // HMAC pads a short key with zeros to the block: giving the block is the same key.
    Hmac::<Sm3>::new(&block.into())
}

fn first<const N: usize>(digest: &[u8; 32]) -> [u8; N] {
    let mut out = [0; N];
    out.iter_mut()
        .zip(digest)
        .for_each(|(place, byte)| *place = *byte);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_at_its_place_and_with_its_key() {
        let keys = Keys::new(&[7; 32]);
        let sealed = keys.seal(b"place", "张三 341502190001010018".as_bytes());
        assert_eq!(
            keys.open(b"place", &sealed).unwrap(),
            "张三 341502190001010018".as_bytes()
        );
        assert!(keys.open(b"elsewhere", &sealed).is_err());
        assert!(Keys::new(&[8; 32]).open(b"place", &sealed).is_err());
        assert!(keys.open(b"place", &sealed[..5]).is_err());
        let mut torn = sealed.clone();
        *torn.last_mut().unwrap() ^= 1;
        assert!(keys.open(b"place", &torn).is_err());
        assert_eq!(keys.seal(b"p", b""), b"");
        assert!(!sealed.windows(6).any(|w| w == b"341502"));
    }

    #[test]
    fn persons_are_keyed() {
        let (a, b) = (Keys::new(&[1; 32]), Keys::new(&[2; 32]));
        let of = |k: &Keys| k.person(IdType::ResidentId, "341502190001010018");
        assert_eq!(of(&a), of(&a.clone()));
        assert_ne!(of(&a), of(&b));
        assert_ne!(of(&a), a.person(IdType::Passport, "341502190001010018"));
    }
}
