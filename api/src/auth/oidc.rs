//! Bearer tokens of an OpenID provider: signed JWTs, checked against its keys.
//!
//! Only signatures with a private key are accepted: `none` and the shared-secret
//! algorithms are refused whatever the configuration says. Issuer, audience and
//! times are checked; the clock is passed in.

use std::collections::{BTreeMap, BTreeSet};

use graph::time::Moment;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AuthError, Caller, KeyCache, Role};

/// What a token must be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSettings {
    /// The provider, exactly as its tokens write it.
    pub issuer: String,
    /// This system, as the provider knows it.
    pub audience: String,
    /// Of RS256, PS256, ES256, EdDSA those that are accepted; empty: all four.
    #[serde(default)]
    pub algorithms: BTreeSet<String>,
    /// One of these authentication levels is required; empty: any.
    #[serde(default)]
    pub acr: BTreeSet<String>,
    /// The claim with the roles: a text or a list; `a.b` goes into `a`.
    #[serde(default = "role_claim")]
    pub role_claim: String,
    /// The claim with the department.
    #[serde(default = "department_claim")]
    pub department_claim: String,
    /// The provider's names of roles; empty: this system's own names.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// How far clocks may differ, at most 120 seconds.
    #[serde(default = "leeway")]
    pub leeway_seconds: u32,
}

fn role_claim() -> String {
    "roles".into()
}

fn department_claim() -> String {
    "department".into()
}

fn leeway() -> u32 {
    30
}

const MOST_LEEWAY_SECONDS: u32 = 120;
const ALGORITHMS: [(&str, Algorithm); 4] = [
    ("RS256", Algorithm::RS256),
    ("PS256", Algorithm::PS256),
    ("ES256", Algorithm::ES256),
    ("EdDSA", Algorithm::EdDSA),
];

/// Checks tokens.
#[derive(Debug)]
pub struct Oidc {
    settings: OidcSettings,
    keys: KeyCache,
}

impl Oidc {
    /// Tokens of these settings, signed with these keys.
    pub fn new(settings: OidcSettings, keys: KeyCache) -> Self {
        Self { settings, keys }
    }

    /// The caller with this token.
    pub fn caller(&self, token: &str, now: Moment) -> Result<Caller, AuthError> {
        let claims = self.claims(token, now)?;
        let acr = claims.get("acr").and_then(Value::as_str);
        let required = &self.settings.acr;
        if !required.is_empty() && !acr.is_some_and(|acr| required.contains(acr)) {
            return Err(AuthError::Insufficient("the authentication level (acr)"));
        }
        let subject = claims.get("sub").and_then(Value::as_str);
        let subject = subject.filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(AuthError::Unknown("the token has no subject"))?;
        let department = at(&claims, &self.settings.department_claim).and_then(Value::as_str);
        Ok(Caller {
            client: format!("oidc:{subject}").into(),
            roles: self.roles(&claims),
            department: department
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
            acr: acr.map(str::to_owned),
            purpose: None,
        })
    }

    fn roles(&self, claims: &Value) -> BTreeSet<Role> {
        let claim = at(claims, &self.settings.role_claim);
        let names: Vec<&str> = match claim {
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let known = &self.settings.roles;
        let role = |name: &str| {
            if known.is_empty() {
                Role::parse(name)
            } else {
                known.get(name).copied()
            }
        };
        names.into_iter().filter_map(role).collect()
    }

    /// The claims of a genuine token that is for us and for now.
    fn claims(&self, token: &str, now: Moment) -> Result<Value, AuthError> {
        const NO_TOKEN: AuthError = AuthError::Unknown("not a signed token");
        // The header is not proved yet: it only says what to prove.
        let header = decode_header(token).map_err(|_| NO_TOKEN)?;
        let accepted = &self.settings.algorithms;
        let algorithm = ALGORITHMS.into_iter().find(|(name, algorithm)| {
            *algorithm == header.alg && (accepted.is_empty() || accepted.contains(*name))
        });
        let (name, algorithm) = algorithm.ok_or(AuthError::Unknown("the token's algorithm"))?;
        if header.crit.is_some() {
            return Err(AuthError::Unknown("the token asks for an extension"));
        }
        let key = self.keys.key(header.kid.as_deref(), now)?;
        let key = decoding_key(&key, name)?;
        let mut rules = Validation::new(algorithm);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud"]);
        // Times are checked below, by the clock that was passed in.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let token = decode::<Value>(token, &key, &rules);
        let claims = token
            .map_err(|error| AuthError::Unknown(reason(&error)))?
            .claims;
        self.is_for_now(&claims, now)?;
        Ok(claims)
    }

    fn is_for_now(&self, claims: &Value, now: Moment) -> Result<(), AuthError> {
        let seconds = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => {
                let whole = value.as_i64().or_else(|| whole_seconds(value.as_f64()?));
                whole
                    .map(Some)
                    .ok_or(AuthError::Unknown("a time of the token is no number"))
            }
        };
        let leeway = i64::from(self.settings.leeway_seconds.min(MOST_LEEWAY_SECONDS));
        let now = now.0.div_euclid(1000);
        let ends = seconds("exp")?.ok_or(AuthError::Unknown("the token has no end"))?;
        if now >= ends.saturating_add(leeway) {
            return Err(AuthError::NotNow("the token has expired"));
        }
        for name in ["nbf", "iat"] {
            if seconds(name)?.is_some_and(|begins| now < begins.saturating_sub(leeway)) {
                return Err(AuthError::NotNow("the token's time has not come"));
            }
        }
        Ok(())
    }
}

/// A time with a fraction, rounded down.
fn whole_seconds(value: f64) -> Option<i64> {
    let text = format!("{:.0}", value.floor());
    text.parse().ok()
}

/// The claim at a name; `a.b` goes into `a`, unless there is one called `a.b`.
fn at<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut names = name.split('.');
        names.try_fold(claims, |claims, name| claims.get(name))
    })
}

/// The key, if it is for this algorithm.
fn decoding_key(key: &Jwk, algorithm: &str) -> Result<DecodingKey, AuthError> {
    const OTHER: AuthError = AuthError::Unknown("the token's key is for something else");
    let meant = key.common.key_algorithm.map(|meant| meant.to_string());
    if meant.is_some_and(|meant| meant != algorithm) {
        return Err(OTHER);
    }
    DecodingKey::from_jwk(key).map_err(|_| OTHER)
}

fn reason(error: &jsonwebtoken::errors::Error) -> &'static str {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature => "the token's signature",
        ErrorKind::InvalidIssuer => "the token's issuer",
        ErrorKind::InvalidAudience => "the token is for somebody else",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks a claim",
        _ => "the token",
    }
}
