//! The public keys of the identity provider: read from a file or fetched from its
//! address, kept for a while, and read again when a token names a key that is not
//! among them, as after a rotation.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use graph::time::Moment;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};

use super::AuthError;
use crate::Error;

/// Where a set of keys comes from.
pub trait Fetch: Send + Sync {
    /// The set, as JSON.
    fn fetch(&self) -> Result<String, String>;
}

/// A file.
#[derive(Clone, Debug)]
pub struct FileSource(pub PathBuf);

impl Fetch for FileSource {
    fn fetch(&self) -> Result<String, String> {
        std::fs::read_to_string(&self.0).map_err(|error| format!("{}: {error}", self.0.display()))
    }
}

/// More than any provider's set of keys.
const MOST_BYTES: u64 = 1 << 20;

/// An address. Waits at most five seconds, follows nothing elsewhere.
#[derive(Clone, Debug)]
pub struct UrlSource {
    url: String,
    agent: ureq::Agent,
}

impl UrlSource {
    /// `roots`: the PEM file of the authorities to trust; none: the system's.
    pub fn new(url: &str, roots: Option<&std::path::Path>) -> Result<Self, Error> {
        Ok(Self {
            url: url.to_owned(),
            agent: crate::outbound::agent(url, roots, Duration::from_secs(5))?,
        })
    }
}

impl Fetch for UrlSource {
    fn fetch(&self) -> Result<String, String> {
        let asked = self.agent.get(&self.url).call();
        let mut answer = asked.map_err(|error| format!("{}: {error}", self.url))?;
        let body = answer.body_mut().with_config().limit(MOST_BYTES);
        body.read_to_string()
            .map_err(|error| format!("{}: {error}", self.url))
    }
}

/// After this the keys are read again.
const FRESH_MS: i64 = 3_600_000;
/// Without the source, keys are used no longer than this.
const STALE_MS: i64 = 24 * 3_600_000;
/// So often at most is the source asked: an unknown key id is cheap to invent.
const PAUSE_MS: i64 = 30_000;

#[derive(Default)]
struct State {
    keys: Vec<Jwk>,
    read_at: Option<Moment>,
    tried_at: Option<Moment>,
    fault: String,
}

/// The keys, kept.
pub struct KeyCache {
    source: Box<dyn Fetch>,
    state: Mutex<State>,
}

impl std::fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyCache(…)")
    }
}

impl KeyCache {
    /// Nothing is read before the first token comes.
    pub fn new(source: Box<dyn Fetch>) -> Self {
        Self {
            source,
            state: Mutex::default(),
        }
    }

    /// The key with this id; without an id, the only one there is.
    pub fn key(&self, kid: Option<&str>, now: Moment) -> Result<Jwk, AuthError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let older = |than: i64, at: Option<Moment>| {
            at.is_none_or(|at| now.0.saturating_sub(at.0) >= than || at > now)
        };
        let wanted = older(FRESH_MS, state.read_at) || state.find(kid).is_none();
        if wanted && older(PAUSE_MS, state.tried_at) {
            state.tried_at = Some(now);
            match self.source.fetch().and_then(|text| read(&text)) {
                Ok(keys) => (state.keys, state.read_at) = (keys, Some(now)),
                Err(fault) => state.fault = fault,
            }
        }
        if older(STALE_MS, state.read_at) {
            return Err(AuthError::Unavailable(state.fault.clone()));
        }
        let found = state.find(kid).cloned();
        found.ok_or(AuthError::Unknown("the token's key"))
    }
}

impl State {
    fn find(&self, kid: Option<&str>) -> Option<&Jwk> {
        match (kid, self.keys.as_slice()) {
            (Some(kid), keys) => {
                let has_id = |key: &&Jwk| key.common.key_id.as_deref() == Some(kid);
                keys.iter().find(has_id)
            }
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// The keys of a set that are for signatures. A key that is not understood is
/// passed over: a provider may offer some for other programs.
fn read(text: &str) -> Result<Vec<Jwk>, String> {
    let set: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let keys = set.get("keys").and_then(|keys| keys.as_array());
    let keys = keys.ok_or("no set of keys: there is no list `keys`")?;
    let known = keys
        .iter()
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
    let signs = |key: &Jwk| {
        let usage = key.common.public_key_use.as_ref();
        usage.is_none_or(|usage| *usage == PublicKeyUse::Signature)
    };
    Ok(known.filter(signs).collect())
}
