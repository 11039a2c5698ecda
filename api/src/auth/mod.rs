//! Who asks, and what they may do.
//!
//! A [`Caller`] comes from a bearer token (`oidc`), an API key (`api_key`) or the
//! certificate of a connection (`certificate`). What a caller may do is said by
//! the Cedar files in `policies/` (`policy`), and nothing else: what no file
//! permits is refused. `limits` counts and warns. Nothing here reads the clock,
//! knows HTTP, or opens a store.

mod action;
mod api_key;
mod certificate;
mod jwks;
mod limits;
mod oidc;
mod policy;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use graph::record::Person;
use serde::{Deserialize, Serialize};

pub use action::Action;
pub use api_key::{AddressRange, ApiKeys, Grant, NewKey, StoredKey};
pub use certificate::CertificateMap;
pub use jwks::{Fetch, FileSource, KeyCache, UrlSource};
pub use limits::{Alert, AlertKind, Bucket, DailyQuota, RateLimit, Watch, WatchSettings};
pub use oidc::{Oidc, OidcSettings};
pub use policy::{About, Decision, Policy, Request};

/// What a caller is to the system.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 办事部门：a department that verifies and answers its gaps.
    Department,
    /// 信用办：watches all gaps, indicators and notifications.
    CreditOffice,
    /// 分析：looks at relations; persons stay masked.
    Analyst,
    /// 审计：reads the audit log and receipts.
    Auditor,
    /// 运维：loads data, keeps the catalogue and the backups.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Department,
        Self::CreditOffice,
        Self::Analyst,
        Self::Auditor,
        Self::Operator,
    ];

    /// The name in tokens, keys and policies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::CreditOffice => "credit_office",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == text)
    }
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The client: a token's subject, `key:<id>`, or a certificate's client.
    pub client: Arc<str>,
    /// Its roles; with none it may do nothing.
    pub roles: BTreeSet<Role>,
    /// The department it acts for.
    pub department: Option<String>,
    /// How strongly it was authenticated, as its token says.
    pub acr: Option<String>,
    /// Why it asks, as stated with the request.
    pub purpose: Option<String>,
}

impl Caller {
    /// The roles, as the audit log keeps them.
    pub fn role_codes(&self) -> Cow<'static, str> {
        let mut codes = self.roles.iter().map(|role| role.code());
        match (codes.next(), codes.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            _ => {
                let codes: Vec<&str> = self.roles.iter().map(|role| role.code()).collect();
                Cow::Owned(codes.join(","))
            }
        }
    }
}

/// Why a caller was not recognised. The face answers 401 and tells no more than
/// this; nothing of a secret or token is in it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuthError {
    /// The token, key or certificate is not one that is known.
    #[error("not recognised: {0}")]
    Unknown(&'static str),
    /// It was, but its time is over or has not come.
    #[error("not valid now: {0}")]
    NotNow(&'static str),
    /// It is genuine and not enough for this system.
    #[error("not sufficient: {0}")]
    Insufficient(&'static str),
    /// The keys to check it with could not be had.
    #[error("cannot be checked now: {0}")]
    Unavailable(String),
}

/// How much of a person a caller sees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Mask {
    /// Name and number whole.
    Nothing,
    /// The name whole, the number as `341502********0018`.
    Number,
    /// The name as `王*` as well.
    NameAndNumber,
}

impl Mask {
    /// A name as this caller sees it.
    pub fn name(self, name: &str) -> String {
        match self {
            Self::NameAndNumber => Person::mask_name(name),
            Self::Number | Self::Nothing => name.to_owned(),
        }
    }

    /// A number as this caller sees it.
    pub fn number(self, number: &str) -> String {
        match self {
            Self::Nothing => number.to_owned(),
            Self::Number | Self::NameAndNumber => Person::mask_number(number),
        }
    }
}

/// How much of a person a caller sees: of several roles the one that sees least
/// counts, and without a role nothing is seen.
pub fn masking(caller: &Caller) -> Mask {
    let of = |role: &Role| match role {
        // The operator answers a person's request for their own record.
        Role::Operator => Mask::Nothing,
        // The credit office writes to departments about named people.
        Role::CreditOffice => Mask::Number,
        Role::Department | Role::Analyst | Role::Auditor => Mask::NameAndNumber,
    };
    let masks = caller.roles.iter().map(of);
    masks.max().unwrap_or(Mask::NameAndNumber)
}

#[cfg(test)]
mod matrix_tests;
#[cfg(test)]
mod oidc_tests;
