//! API keys: `ct_<id>_<secret>`, for programs. The file `api-keys` (mode 0600)
//! keeps an argon2id hash of each secret, with what the key may do; the secret is
//! shown once, when it is made.
//!
//! A key is found by its id, so one hash is computed at most. A secret that was
//! just verified is known again by a keyed digest for a minute, so that a request
//! does not cost tens of milliseconds; expiry, addresses and revocation are looked
//! at every time. The file may be changed beside a running server: it is read
//! again when it is not as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};
use graph::id::Hex;
use graph::time::Moment;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sm3::Sm3;

use super::{AuthError, Caller, Role};
use crate::Error;
use crate::receipt::{replace, unhex};

/// The file's name in the data folder.
const NAME: &str = "api-keys";
/// How long a verified secret is known again without hashing.
const CACHED_MS: i64 = 60_000;
/// The cost of a hash: 19 MiB, two passes, as OWASP asks of argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// What a key or certificate may be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Grant {
    /// Who uses it, in words.
    pub client: String,
    /// In which roles.
    pub roles: BTreeSet<Role>,
    /// For which department.
    #[serde(default)]
    pub department: Option<String>,
}

impl Grant {
    pub(super) fn caller(&self, client: impl Into<Arc<str>>) -> Caller {
        Caller {
            client: client.into(),
            roles: self.roles.clone(),
            department: self.department.clone(),
            acr: None,
            purpose: None,
        }
    }
}

/// Addresses that share their first bits: `10.1.0.0/16`, `::1`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AddressRange {
    address: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// Reads `address` or `address/bits`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse::<IpAddr>().ok()?, None),
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        (bits <= most).then_some(Self { address, bits })
    }

    /// An address lies within. An IPv4 address written as IPv6 is the same address.
    pub fn holds(self, address: IpAddr) -> bool {
        let number = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, true),
            IpAddr::V6(v6) => (v6.to_bits(), false),
        };
        let (ours, four) = number(self.address.to_canonical());
        let (theirs, theirs_four) = number(address.to_canonical());
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let shift = if self.address.is_ipv6() && four {
            96
        } else {
            0
        };
        let bits = self.bits.saturating_sub(shift);
        let differing = (ours ^ theirs).checked_shr(128 - bits).unwrap_or(0);
        four == theirs_four && differing == 0
    }
}

impl TryFrom<String> for AddressRange {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("{text} is no address range"))
    }
}

impl From<AddressRange> for String {
    fn from(range: AddressRange) -> Self {
        format!("{}/{}", range.address, range.bits)
    }
}

/// A key as the file keeps it; nothing of it gives the secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StoredKey {
    /// The public part.
    pub id: String,
    /// What it may do.
    #[serde(flatten)]
    pub grant: Grant,
    /// From where; empty: from anywhere.
    #[serde(default)]
    pub addresses: Vec<AddressRange>,
    /// When it was made, milliseconds since 1970 UTC.
    pub made_at: i64,
    /// Not valid from this moment on.
    #[serde(default)]
    pub expires_at: Option<i64>,
    /// When it was revoked.
    #[serde(default)]
    pub revoked_at: Option<i64>,
    salt: String,
    hash: String,
    cost: (u32, u32, u32),
}

/// What a new key is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewKey {
    /// What it may do.
    pub grant: Grant,
    /// From where; empty: from anywhere.
    pub addresses: Vec<AddressRange>,
    /// Not valid from this moment on.
    pub expires_at: Option<Moment>,
}

#[derive(Clone, Default, Debug, PartialEq, Eq)]
struct Stamp(u64, i64, i64, u64);

#[derive(Default)]
struct State {
    stamp: Option<Stamp>,
    keys: Vec<StoredKey>,
    /// Keyed digest of a verified secret → until when it is known.
    known: BTreeMap<[u8; 32], Moment>,
}

/// The keys of a data folder.
pub struct ApiKeys {
    path: PathBuf,
    digest: Hmac<Sm3>,
    state: Mutex<State>,
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeys")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl ApiKeys {
    /// The keys of a data folder; there may be none yet.
    pub fn of(dir: &Path) -> Result<Self, Error> {
        let keys = Self {
            path: dir.join(NAME),
            digest: Hmac::new(&random::<64>()?.into()),
            state: Mutex::default(),
        };
        keys.with(|_| ())?;
        Ok(keys)
    }

    /// All keys, revoked ones too.
    pub fn list(&self) -> Result<Vec<StoredKey>, Error> {
        self.with(|state| state.keys.clone())
    }

    /// Makes a key and gives it, secret and all, this once.
    pub fn add(&self, new: NewKey, now: Moment) -> Result<String, Error> {
        if new.grant.roles.is_empty() {
            return Err(Error::Refused("a key without a role can do nothing".into()));
        }
        let (id, secret) = (Hex(&random::<8>()?).to_string(), random::<32>()?);
        let (salt, secret) = (random::<16>()?, Hex(&secret).to_string());
        let hash = hash(secret.as_bytes(), &salt, COST)
            .ok_or_else(|| Error::Refused("the secret could not be hashed".into()))?;
        let key = StoredKey {
            id: id.clone(),
            grant: new.grant,
            addresses: new.addresses,
            made_at: now.0,
            expires_at: new.expires_at.map(|at| at.0),
            revoked_at: None,
            salt: Hex(&salt).to_string(),
            hash: Hex(&hash).to_string(),
            cost: COST,
        };
        let mut keys = self.list()?;
        keys.push(key);
        self.save(&keys)?;
        Ok(format!("ct_{id}_{secret}"))
    }

    /// Revokes a key; it stays in the list.
    pub fn revoke(&self, id: &str, now: Moment) -> Result<(), Error> {
        let mut keys = self.list()?;
        let found = keys.iter_mut().find(|key| key.id == id);
        let found = found.ok_or_else(|| Error::Refused(format!("no key is called {id}")))?;
        found.revoked_at.get_or_insert(now.0);
        self.save(&keys)
    }

    /// The caller with this key, asking from this address.
    pub fn caller(&self, text: &str, from: IpAddr, now: Moment) -> Result<Caller, AuthError> {
        const UNKNOWN: AuthError = AuthError::Unknown("the API key");
        let parts = text
            .strip_prefix("ct_")
            .and_then(|rest| rest.split_once('_'));
        let (id, secret) = parts.ok_or(UNKNOWN)?;
        let digest = self.keyed(text);
        let found = self.with(|state| {
            let key = state.keys.iter().find(|key| key.id == id).cloned();
            let known = state.known.get(&digest).is_some_and(|until| now < *until);
            (key, known)
        });
        let (key, known) = found.map_err(|error| AuthError::Unavailable(error.to_string()))?;
        let key = key.ok_or(UNKNOWN)?;
        if !known && !key.is_secret(secret) {
            return Err(UNKNOWN);
        }
        if key.revoked_at.is_some() {
            return Err(AuthError::NotNow("the API key was revoked"));
        }
        if key.expires_at.is_some_and(|at| now.0 >= at) {
            return Err(AuthError::NotNow("the API key has expired"));
        }
        if !key.addresses.is_empty() && !key.addresses.iter().any(|range| range.holds(from)) {
            return Err(AuthError::Insufficient(
                "the address is not one of the key's",
            ));
        }
        if !known {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.known.retain(|_, until| now < *until);
            state.known.insert(digest, Moment(now.0 + CACHED_MS));
        }
        Ok(key.grant.caller(format!("key:{id}")))
    }

    fn keyed(&self, text: &str) -> [u8; 32] {
        let mut mac = self.digest.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Looks at the keys as the file has them now.
    fn with<T>(&self, look: impl FnOnce(&State) -> T) -> Result<T, Error> {
        let failed = |error| Error::io(&self.path, error);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = match fs::metadata(&self.path) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                let what = format!("others may read {}: chmod 600 it", self.path.display());
                return Err(Error::Refused(what));
            }
            Ok(found) => Some(Stamp(
                found.ino(),
                found.mtime(),
                found.mtime_nsec(),
                found.len(),
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if stamp != state.stamp {
            state.keys = if stamp.is_none() {
                Vec::new()
            } else {
                let text = fs::read(&self.path).map_err(failed)?;
                serde_json::from_slice(&text).map_err(|error| {
                    Error::Refused(format!("{}: no API keys: {error}", self.path.display()))
                })?
            };
            // A secret that was replaced is not known any more.
            state.known.clear();
            state.stamp = stamp;
        }
        Ok(look(&state))
    }

    fn save(&self, keys: &[StoredKey]) -> Result<(), Error> {
        replace(&self.path, &serde_json::to_vec_pretty(keys)?)
    }
}

impl StoredKey {
    fn is_secret(&self, secret: &str) -> bool {
        let salt = unhex(&self.salt).unwrap_or_default();
        let expected = unhex(&self.hash).unwrap_or_default();
        hash(secret.as_bytes(), &salt, self.cost).is_some_and(|found| {
            // All bytes are compared, whichever differs.
            let differing = found
                .iter()
                .zip(&expected)
                .fold(0, |sum, (a, b)| sum | (a ^ b));
            found.len() == expected.len() && differing == 0
        })
    }
}

fn hash(secret: &[u8], salt: &[u8], (memory, passes, lanes): (u32, u32, u32)) -> Option<[u8; 32]> {
    let params = Params::new(memory, passes, lanes, Some(32)).ok()?;
    let mut out = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret, salt, &mut out)
        .ok()?;
    Some(out)
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Refused(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment(1_790_000_000_000);
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

    fn new(addresses: &[&str], expires_at: Option<i64>) -> NewKey {
        let ranges = addresses
            .iter()
            .map(|text| AddressRange::parse(text).unwrap());
        NewKey {
            grant: Grant {
                client: "大厅系统".into(),
                roles: BTreeSet::from([Role::Department]),
                department: Some("D1".into()),
            },
            addresses: ranges.collect(),
            expires_at: expires_at.map(|ms| Moment(NOW.0 + ms)),
        }
    }

    #[test]
    fn a_key_is_its_callers_until_it_is_revoked() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::of(dir.path()).unwrap();
        let text = keys.add(new(&[], None), NOW).unwrap();
        let id = keys.list().unwrap()[0].id.clone();
        // Another process sees it, and what it does is seen here.
        let beside = ApiKeys::of(dir.path()).unwrap();
        for _ in 0..2 {
            let caller = beside.caller(&text, HERE, NOW).unwrap();
            assert_eq!(*caller.client, *format!("key:{id}"));
            assert_eq!(caller.department.as_deref(), Some("D1"));
        }
        let other = keys.add(new(&[], None), NOW).unwrap();
        let swapped = format!("ct_{id}_{}", other.rsplit_once('_').unwrap().1);
        for wrong in [
            &text[..text.len() - 1],
            &swapped,
            "ct_",
            "ct__",
            "",
            &text[3..],
        ] {
            assert!(beside.caller(wrong, HERE, NOW).is_err(), "{wrong}");
        }
        keys.revoke(&id, NOW).unwrap();
        assert!(matches!(
            beside.caller(&text, HERE, NOW),
            Err(AuthError::NotNow(_))
        ));
        assert!(beside.caller(&other, HERE, NOW).is_ok());
        assert!(keys.revoke("none", NOW).is_err());
    }

    #[test]
    fn the_file_is_its_owners_and_holds_no_secret() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::of(dir.path()).unwrap();
        let text = keys.add(new(&[], None), NOW).unwrap();
        let path = dir.path().join(NAME);
        let secret = text.rsplit_once('_').unwrap().1;
        assert!(!fs::read_to_string(&path).unwrap().contains(secret));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        assert!(matches!(
            keys.caller(&text, HERE, NOW),
            Err(AuthError::Unavailable(_))
        ));
    }

    #[test]
    fn expiry_and_addresses_count_even_when_the_secret_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::of(dir.path()).unwrap();
        let text = keys.add(new(&["10.1.0.0/16"], Some(1000)), NOW).unwrap();
        assert!(keys.caller(&text, HERE, NOW).is_ok());
        let elsewhere = "10.2.0.1".parse().unwrap();
        assert!(matches!(
            keys.caller(&text, elsewhere, NOW),
            Err(AuthError::Insufficient(_))
        ));
        let later = Moment(NOW.0 + 1000);
        assert!(matches!(
            keys.caller(&text, HERE, later),
            Err(AuthError::NotNow(_))
        ));
        assert!(
            keys.add(
                NewKey {
                    grant: Grant {
                        roles: BTreeSet::new(),
                        ..new(&[], None).grant
                    },
                    ..new(&[], None)
                },
                NOW
            )
            .is_err()
        );
    }

    #[test]
    fn a_known_secret_is_known_for_a_minute() {
        let dir = tempfile::tempdir().unwrap();
        let keys = ApiKeys::of(dir.path()).unwrap();
        let text = keys.add(new(&[], None), NOW).unwrap();
        keys.caller(&text, HERE, NOW).unwrap();
        let known = |keys: &ApiKeys| keys.state.lock().unwrap().known.clone();
        let first = known(&keys);
        assert_eq!(
            first.values().copied().collect::<Vec<_>>(),
            [Moment(NOW.0 + CACHED_MS)]
        );
        keys.caller(&text, HERE, Moment(NOW.0 + CACHED_MS - 1))
            .unwrap();
        assert_eq!(known(&keys), first);
        keys.caller(&text, HERE, Moment(NOW.0 + CACHED_MS)).unwrap();
        assert_ne!(known(&keys), first);
    }

    #[test]
    fn ranges_hold_what_shares_their_bits() {
        let check = |range: &str, address: &str, expected: bool| {
            let range = AddressRange::parse(range).unwrap();
            assert_eq!(
                range.holds(address.parse().unwrap()),
                expected,
                "{range:?} {address}"
            );
        };
        check("10.1.0.0/16", "10.1.255.9", true);
        check("10.1.0.0/16", "10.2.0.0", false);
        check("10.1.0.0/16", "::ffff:10.1.0.9", true);
        check("::ffff:10.0.0.0/104", "10.9.9.9", true);
        check("::ffff:10.0.0.0/104", "11.9.9.9", false);
        check("10.1.2.3", "10.1.2.3", true);
        check("10.1.2.3", "10.1.2.2", false);
        check("0.0.0.0/0", "10.1.2.3", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        for wrong in ["", "10.1.0.0/33", "::/129", "10.1/16", "x", "1.2.3.4/"] {
            assert_eq!(AddressRange::parse(wrong), None, "{wrong}");
        }
    }
}
