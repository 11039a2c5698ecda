//! Receipts: what was answered, signed with SM2 (GB/T 32918) so that it can be
//! filed and checked later.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use graph::id::Hex;
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};

use crate::Error;

/// The identifier that SM2 binds a signature to: the standard's default.
const SIGNER: &str = "1234567812345678";
const NAME: &str = "receipt-key";

/// The key that signs receipts: a file of mode 0600 beside the data.
pub(crate) struct ReceiptKey(SigningKey);

impl ReceiptKey {
    /// Reads the key of a data folder, making it on first use.
    pub(crate) fn of(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(NAME);
        let bytes = match fs::read_to_string(&path) {
            Ok(text) => {
                let metadata = fs::metadata(&path).map_err(|error| Error::io(&path, error))?;
                if metadata.permissions().mode() & 0o077 != 0 {
                    let what = format!("others may read {}: chmod 600 it", path.display());
                    return Err(Error::Refused(what));
                }
                unhex(text.trim()).unwrap_or_default()
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&path)?,
            Err(error) => return Err(Error::io(&path, error)),
        };
        let key = SigningKey::from_slice(SIGNER, &bytes);
        key.map(Self)
            .map_err(|_| Error::Refused(format!("{} holds no SM2 key", path.display())))
    }

    /// The public key, SEC1, as hexadecimal.
    pub(crate) fn public(&self) -> String {
        Hex(&self.0.verifying_key().to_sec1_bytes()).to_string()
    }

    /// Signs a text.
    pub(crate) fn sign(&self, text: &[u8]) -> String {
        let signature: Signature = self.0.sign(text);
        Hex(&signature.to_bytes()).to_string()
    }
}

/// A signature belongs to a text and a public key.
pub(crate) fn verifies(public: &str, text: &[u8], signature: &str) -> bool {
    let parse = || {
        let key = VerifyingKey::from_sec1_bytes(SIGNER, &unhex(public)?).ok()?;
        let signature = Signature::from_slice(&unhex(signature)?).ok()?;
        key.verify(text, &signature).ok()
    };
    parse().is_some()
}

fn create(path: &Path) -> Result<Vec<u8>, Error> {
    let mut secret = [0; 32];
    // Almost every 32 bytes are a key; draw again when they are not.
    loop {
        getrandom::fill(&mut secret)
            .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
        if SigningKey::from_slice(SIGNER, &secret).is_ok() {
            break;
        }
    }
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        writeln!(file, "{}", Hex(&secret))?;
        file.sync_all()
    };
    write().map_err(|error| Error::io(path, error))?;
    Ok(secret.to_vec())
}

/// The bytes of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_verifies_until_it_is_changed() {
        let dir = tempfile::tempdir().unwrap();
        let key = ReceiptKey::of(dir.path()).unwrap();
        let signature = key.sign(b"restricted: false");
        let again = ReceiptKey::of(dir.path()).unwrap();
        assert_eq!(again.public(), key.public());
        assert!(verifies(&key.public(), b"restricted: false", &signature));
        assert!(!verifies(&key.public(), b"restricted: true", &signature));
        assert!(!verifies(
            &key.public(),
            b"restricted: false",
            &signature.replace('a', "b")
        ));
        assert!(!verifies("zz", b"", ""));
    }
}
