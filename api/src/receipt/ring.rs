//! The keys that sign receipts: the one in use, and the public halves of those
//! before it, in the file `receipt-key` (mode 0600) beside the data.
//!
//! The file is JSON, or, as first written, the 64 hexadecimal digits of a secret
//! alone. It is replaced whole: written beside, synced, renamed. Whoever rotates
//! holds the store for writing, so nobody signs with a key that is being retired.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use graph::id::Hex;
use graph::time::Moment;
use serde::{Deserialize, Serialize};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm3::{Digest, Sm3};

use super::unhex;
use crate::Error;

/// The identifier that SM2 binds a signature to: the standard's default.
const SIGNER: &str = "1234567812345678";
const NAME: &str = "receipt-key";

/// A public key with the time of its use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicKey {
    /// The head of SM3 over the key: 16 hexadecimal digits.
    pub id: String,
    /// SEC1, uncompressed, hexadecimal.
    pub public: String,
    /// In use from, RFC 3339; none for a key of the first kind of file.
    pub since: Option<String>,
    /// In use until; none for the present key.
    pub until: Option<String>,
}

impl PublicKey {
    /// A signature (r ‖ s, hexadecimal) is this key's over a text.
    pub fn verifies(&self, text: &[u8], signature: &str) -> bool {
        let parse = || {
            let key = VerifyingKey::from_sec1_bytes(SIGNER, &unhex(&self.public)?).ok()?;
            let signature = Signature::from_slice(&unhex(signature)?).ok()?;
            key.verify(text, &signature).ok()
        };
        parse().is_some()
    }
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Stored {
    secret: String,
    since: Option<String>,
    older: Vec<PublicKey>,
}

/// The key in use and the older public keys.
pub struct KeyRing {
    path: PathBuf,
    current: SigningKey,
    since: Option<String>,
    older: Vec<PublicKey>,
    /// The file that was read: inode and time of its last change.
    read: Option<FileState>,
}

type FileState = (u64, i64, i64);

fn state(metadata: &fs::Metadata) -> FileState {
    (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("path", &self.path)
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

impl KeyRing {
    /// Reads the keys of a data folder, making the first one when there is none.
    pub fn of(dir: &Path, at: Moment) -> Result<Self, Error> {
        if let Some(ring) = Self::existing(dir)? {
            return Ok(ring);
        }
        let ring = Self {
            path: dir.join(NAME),
            current: fresh()?,
            since: Some(at.to_string()),
            older: Vec::new(),
            read: None,
        };
        ring.save()?;
        Ok(ring)
    }

    /// Reads the keys of a data folder, if it has any.
    pub fn existing(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join(NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io(&path, error)),
        };
        let metadata = fs::metadata(&path).map_err(|error| Error::io(&path, error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            let what = format!("others may read {}: chmod 600 it", path.display());
            return Err(Error::Refused(what));
        }
        let stored = serde_json::from_str(&text).unwrap_or_else(|_| Stored {
            secret: text.trim().to_owned(),
            since: None,
            older: Vec::new(),
        });
        let secret = unhex(&stored.secret).unwrap_or_default();
        let current = SigningKey::from_slice(SIGNER, &secret)
            .map_err(|_| Error::Refused(format!("{} holds no SM2 key", path.display())))?;
        Ok(Some(Self {
            path,
            current,
            since: stored.since,
            older: stored.older,
            read: Some(state(&metadata)),
        }))
    }

    /// Reads the keys again if the file is not the one that was read: it is replaced
    /// whole, never written in place.
    pub fn renew(&mut self) -> Result<(), Error> {
        let metadata = fs::metadata(&self.path).map_err(|error| Error::io(&self.path, error))?;
        if self.read != Some(state(&metadata))
            && let Some(dir) = self.path.parent()
            && let Some(ring) = Self::existing(dir)?
        {
            *self = ring;
        }
        Ok(())
    }

    /// Retires the key in use and makes another; what the old one signed stays
    /// verifiable.
    pub fn rotate(&mut self, at: Moment) -> Result<(), Error> {
        let mut older = self.older.clone();
        let mut retired = self.public_key();
        retired.until = Some(at.to_string());
        older.insert(0, retired);
        let next = Self {
            path: self.path.clone(),
            current: fresh()?,
            since: Some(at.to_string()),
            older,
            read: None,
        };
        next.save()?;
        *self = next;
        Ok(())
    }

    /// The present key's id.
    pub fn id(&self) -> String {
        key_id(&self.current)
    }

    /// The present public key.
    pub fn public_key(&self) -> PublicKey {
        PublicKey {
            id: self.id(),
            public: Hex(&self.current.verifying_key().to_sec1_bytes()).to_string(),
            since: self.since.clone(),
            until: None,
        }
    }

    /// All public keys, the present one first: what is to be published.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        let mut keys = vec![self.public_key()];
        keys.extend(self.older.iter().cloned());
        keys
    }

    /// Signs a text; the same text gives the same signature.
    pub fn sign(&self, text: &[u8]) -> String {
        let signature: Signature = self.current.sign(text);
        Hex(&signature.to_bytes()).to_string()
    }

    fn save(&self) -> Result<(), Error> {
        let secret = self.current.to_bytes();
        let stored = Stored {
            secret: Hex(&secret).to_string(),
            since: self.since.clone(),
            older: self.older.clone(),
        };
        replace(&self.path, &serde_json::to_vec_pretty(&stored)?)
    }
}

/// Writes a file of mode 0600 whole: after a crash it is the old one or the new.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let write = || {
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(folder) => fs::File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|error| Error::io(path, error))
}

fn key_id(key: &SigningKey) -> String {
    let digest = Sm3::digest(key.verifying_key().to_sec1_bytes());
    Hex(&digest).to_string().chars().take(16).collect()
}

fn fresh() -> Result<SigningKey, Error> {
    let mut secret = [0; 32];
    // Almost every 32 bytes are a key; draw again when they are not.
    loop {
        getrandom::fill(&mut secret)
            .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
        if let Ok(key) = SigningKey::from_slice(SIGNER, &secret) {
            return Ok(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_kind_of_file_is_read_and_rotated() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NAME);
        assert!(KeyRing::existing(dir.path()).unwrap().is_none());
        replace(&path, format!("{}\n", "17".repeat(32)).as_bytes()).unwrap();
        let mut ring = KeyRing::of(dir.path(), Moment(0)).unwrap();
        let old = ring.public_key();
        let signature = ring.sign(b"restricted: false");
        assert!(old.verifies(b"restricted: false", &signature));
        assert!(!old.verifies(b"restricted: true", &signature));
        ring.rotate(Moment(5)).unwrap();
        let again = KeyRing::of(dir.path(), Moment(9)).unwrap();
        let keys = again.public_keys();
        assert_eq!(keys.len(), 2);
        assert_eq!((&keys[1].id, &keys[1].public), (&old.id, &old.public));
        assert_eq!(keys[1].until, Some(Moment(5).to_string()));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        KeyRing::of(dir.path(), Moment(0)).unwrap();
        let path = dir.path().join(NAME);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = KeyRing::of(dir.path(), Moment(0)).unwrap_err();
        assert!(error.to_string().contains("chmod 600"));
        fs::write(&path, "no key").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(KeyRing::of(dir.path(), Moment(0)).is_err());
    }
}
