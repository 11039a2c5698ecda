//! Who asks, and what they may do: default deny.
//!
//! Where authentication is set up, a bearer token or API key says who asks, and
//! the policies of `auth` say what they may do. Where it is not, the server
//! listens on loopback alone, everybody on this machine is the local caller, and
//! the local roles say what that caller may do.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::App;
use super::problem::{Code, Problem};
use crate::auth::{
    Action, ApiKeys, AuthError, Bucket, Caller, CertificateMap, Decision, FileSource, KeyCache,
    Oidc, Policy, RateLimit, Role, UrlSource,
};
use crate::service::blocking;
use crate::{Error, clock};

use super::settings::Authentication;

/// What a request is about, as the policies see it.
pub(crate) type Matter<'a> = crate::auth::Request<'a>;

/// What is known of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Where it came from.
    pub(crate) address: IpAddr,
    /// The subject of the certificate that its client has shown.
    pub(crate) subject: Option<std::sync::Arc<str>>,
}

/// Paths for whoever runs the service, and its document; they tell nothing of anybody.
const OPEN: [&str; 5] = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"];

/// How callers are recognised, and what they may do.
#[derive(Debug)]
pub(crate) enum Gate {
    /// Everybody on this machine is this caller.
    Local(Arc<Caller>),
    /// Tokens and keys, and the policies.
    Guarded(Box<Guard>),
}

/// Tokens, keys and policies.
pub(crate) struct Guard {
    oidc: Option<Oidc>,
    keys: ApiKeys,
    policy: Policy,
    certificates: CertificateMap,
    rate: Option<std::sync::Mutex<Bucket>>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl Guard {
    /// As the settings say; API keys stand in the data folder.
    pub(crate) fn new(data: &std::path::Path, settings: &Authentication) -> Result<Self, Error> {
        let oidc = match (&settings.oidc, &settings.jwks_file, &settings.jwks_url) {
            (None, ..) => None,
            (Some(oidc), Some(file), _) => {
                let cache = KeyCache::new(Box::new(FileSource(file.clone())));
                Some(Oidc::new(oidc.clone(), cache))
            }
            (Some(oidc), None, Some(url)) => {
                let source = UrlSource::new(url, settings.roots.as_deref())?;
                Some(Oidc::new(oidc.clone(), KeyCache::new(Box::new(source))))
            }
            (Some(_), None, None) => {
                let what = "auth.oidc needs auth.jwks_file or auth.jwks_url";
                return Err(Error::Refused(what.into()));
            }
        };
        let policy = match &settings.policies {
            Some(folder) => Policy::from_folder(folder)?,
            None => Policy::shipped()?,
        };
        let rate = settings.per_minute.map(|per_minute| {
            let burst = per_minute.max(1);
            std::sync::Mutex::new(Bucket::new(RateLimit { burst, per_minute }))
        });
        Ok(Self {
            oidc,
            keys: ApiKeys::of(data)?,
            policy,
            certificates: settings.certificates.clone(),
            rate,
        })
    }

    /// The caller with this token; without one, with the certificate of the connection.
    fn recognise(&self, token: Option<&str>, peer: Option<&Peer>) -> Result<Caller, AuthError> {
        let now = clock::now();
        let Some(token) = token else {
            let subject = peer.and_then(|peer| peer.subject.as_deref());
            let nothing = AuthError::Unknown("send `Authorization: Bearer …`");
            return self.certificates.caller(subject.ok_or(nothing)?);
        };
        let from = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.address);
        if token.starts_with("ct_") {
            return self.keys.caller(token, from, now);
        }
        match &self.oidc {
            Some(oidc) => oidc.caller(token, now),
            None => Err(AuthError::Unknown("the token: only API keys are accepted")),
        }
    }

    fn in_measure(&self, client: &str) -> Result<(), Problem> {
        let Some(rate) = &self.rate else {
            return Ok(());
        };
        let mut bucket = rate
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let taken = bucket.take(client, clock::now());
        taken.map_err(|_| Problem::new(Code::TooMany, "slow down / 请求过于频繁"))
    }
}

impl Gate {
    fn permits(&self, caller: &Caller, matter: &Matter<'_>) -> bool {
        match self {
            Self::Guarded(guard) => guard.policy.decide(caller, matter) == Decision::Allowed,
            Self::Local(_) => {
                let allowed = local_roles(matter.action);
                caller.roles.iter().any(|role| allowed.contains(role))
            }
        }
    }
}

/// What the local roles may do. There is no department to act for, and nobody
/// states an item: whoever sits at this machine may read its disk as well.
fn local_roles(action: Action) -> &'static [Role] {
    use Action as A;
    use Role as R;
    match action {
        A::Verify | A::VerifyBatch | A::AnswerGap | A::ReadGaps => {
            &[R::Department, R::CreditOffice]
        }
        A::ReadReceipt => &[R::Department, R::CreditOffice, R::Auditor],
        A::ReadPublicKeys | A::ReadCatalogue => &Role::ALL,
        A::FindEntities | A::ReadEntity | A::ReadTimeline => {
            &[R::Department, R::CreditOffice, R::Analyst]
        }
        A::ReadControl | A::ReadNetwork | A::ReadPaths | A::ReadGroup | A::ReadSignals => {
            &[R::Analyst]
        }
        A::ReadRestrictions => &[R::Department, R::CreditOffice, R::Analyst],
        A::ReadOffenders | A::ReadReferrals => &[R::CreditOffice, R::Analyst],
        A::DismissGap | A::Notify | A::ReadNotification | A::ReadIndicators => &[R::CreditOffice],
        A::ManageWebhooks | A::ReadBatches => &[R::CreditOffice, R::Operator],
        A::Ingest
        | A::ReadQuarantine
        | A::ExportQuarantine
        | A::Backup
        | A::ReadPersonRecord
        | A::ManageKeys => &[R::Operator],
        A::ReadAudit => &[R::Auditor],
    }
}

/// Whether something may be done.
pub(crate) fn permit(app: &App, caller: &Caller, matter: &Matter<'_>) -> Result<(), Problem> {
    if app.gate.permits(caller, matter) {
        return Ok(());
    }
    let what = format!(
        "`{}` is not permitted to {} here; a department acts for itself alone and states an item or \
         a purpose / 无此权限",
        matter.action.code(),
        if caller.roles.is_empty() {
            std::borrow::Cow::Borrowed("a caller without a role")
        } else {
            caller.role_codes()
        }
    );
    Err(Problem::new(Code::Forbidden, what))
}

/// Finds out who asks, and notes it in the request.
pub(crate) async fn resolve(app: &App, request: &mut Request) -> Result<(), Problem> {
    let route = request.extensions().get::<MatchedPath>();
    if route.is_some_and(|route| OPEN.contains(&route.as_str())) {
        return Ok(());
    }
    let peer = request.extensions().get::<Peer>().cloned();
    let caller = caller(app, request.headers(), peer).await?;
    request.extensions_mut().insert(caller);
    Ok(())
}

async fn caller(
    app: &App,
    headers: &HeaderMap,
    peer: Option<Peer>,
) -> Result<Arc<Caller>, Problem> {
    let purpose = headers.get("x-purpose");
    let purpose = purpose.and_then(|text| std::str::from_utf8(text.as_bytes()).ok());
    let purpose = purpose.map(str::to_owned);
    if let Gate::Local(caller) = &*app.gate {
        if purpose == caller.purpose {
            return Ok(Arc::clone(caller));
        }
        let caller = Caller::clone(caller);
        return Ok(Arc::new(Caller { purpose, ..caller }));
    }
    let text = headers.get(header::AUTHORIZATION);
    let token = text
        .and_then(|text| text.to_str().ok())
        .and_then(|text| text.strip_prefix("Bearer "))
        .map(|token| token.trim().to_owned());
    if text.is_some() && token.is_none() {
        let what = "send `Authorization: Bearer …`";
        return Err(Problem::new(Code::Unauthenticated, what));
    }
    let gate = Arc::clone(&app.gate);
    // Keys are stretched and key sets fetched: not where requests are served.
    let found = blocking(move || match &*gate {
        Gate::Guarded(guard) => Ok(guard.recognise(token.as_deref(), peer.as_ref())),
        Gate::Local(caller) => Ok(Ok(Caller::clone(caller))),
    });
    let caller = found.await?.map_err(|error| match error {
        AuthError::Unavailable(what) => {
            tracing::error!(what, "authentication");
            Problem::new(Code::Busy, "callers cannot be recognised now")
        }
        other => Problem::new(Code::Unauthenticated, other.to_string()),
    })?;
    if let Gate::Guarded(guard) = &*app.gate {
        guard.in_measure(&caller.client)?;
    }
    Ok(Arc::new(Caller { purpose, ..caller }))
}

/// The only department whose gaps the caller may see; none: all.
pub(crate) fn confined(caller: &Caller) -> Option<&str> {
    if caller.roles.contains(&Role::CreditOffice) {
        return None;
    }
    caller.department.as_deref()
}

/// Who was found to ask.
pub(crate) fn resolved(parts: &Parts) -> Result<Arc<Caller>, Problem> {
    let caller = parts.extensions.get::<Arc<Caller>>().cloned();
    caller.ok_or_else(|| Problem::new(Code::Unauthenticated, "nobody was named"))
}
