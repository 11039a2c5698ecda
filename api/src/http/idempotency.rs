//! Idempotency keys: a request that is sent again is answered as it was the first
//! time, also after a restart. Answers are kept in the store's book of requests
//! for so many hours (`idempotency_hours`); then the key is as one never used, and
//! the entry goes:
//!
//! ```text
//! key      SM3 of caller, 00 and idempotency key
//! value    moment(8), big-endian, milliseconds since 1970 UTC ‖ sealed answer
//! ```

use axum::body::{Body, to_bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graph::seal::Keys;
use graph::store::{Book, BookEntry, Store};
use serde::{Deserialize, Serialize};
use sm3::{Digest, Sm3};

use super::App;
use super::asker::Asker;
use super::problem::{Code, Problem};
use crate::service::{Keep, blocking};
use crate::{Error, clock};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// An answer larger than this is not kept.
const KEPT_BYTES: usize = 4 << 20;

#[derive(Serialize, Deserialize)]
struct Kept {
    request: String,
    status: u16,
    kind: String,
    location: Option<String>,
    body: String,
}

/// The key that a request names.
pub(crate) struct Key(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        key_of(&parts.headers).map(Self)
    }
}

/// The same, of a request's headers.
pub(crate) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(&KEY) else {
        return Ok(None);
    };
    let text = key.to_str().unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() <= 255 {
        return Ok(Some(text.to_owned()));
    }
    let what = "Idempotency-Key: 1 to 255 printable characters";
    Err(Problem::new(Code::BadParameter, what))
}

/// Does a request once. `what` is everything that makes it this request.
pub(crate) async fn once(
    asker: &Asker,
    key: Option<String>,
    what: &[&[u8]],
    work: impl Future<Output = Result<Response, Problem>>,
) -> Result<Response, Problem> {
    match begin(asker, key, what)? {
        Begun::Before(response) => Ok(response),
        Begun::Now(None) => work.await,
        Begun::Now(Some(held)) => held.keep(work.await?).await,
    }
}

/// The same for verifications that are answered with `status`: `work` has the answer
/// kept in the batch that it is in, so that no end between the two has them twice.
pub(crate) async fn once_with<W: Future<Output = Result<Response, Problem>>>(
    asker: &Asker,
    key: Option<String>,
    what: &[&[u8]],
    status: StatusCode,
    work: impl FnOnce(Option<Keep>) -> W,
) -> Result<Response, Problem> {
    let held = match begin(asker, key, what)? {
        Begun::Before(response) => return Ok(response),
        Begun::Now(held) => held,
    };
    work(held.as_ref().map(|held| held.keeper(status))).await
}

/// Where a request stands that named a key, or none.
enum Begun<'a> {
    /// It was done before: the answer of then.
    Before(Response),
    /// It is to be done, and the key is in use meanwhile.
    Now(Option<Held<'a>>),
}

fn begin<'a>(asker: &'a Asker, key: Option<String>, what: &[&[u8]]) -> Result<Begun<'a>, Problem> {
    let Some(key) = key else {
        return Ok(Begun::Now(None));
    };
    let mut digest = Sm3::new();
    for part in what {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let request = graph::id::Hex(&digest.finalize()).to_string();
    let place = Sm3::digest(format!("{}\0{key}", asker.caller.client)).to_vec();
    if !asker.app.begin(&place) {
        let what = "the first request with this key is not done yet / 同键请求处理中";
        return Err(Problem::new(Code::InProgress, what));
    }
    let held = Held {
        asker,
        place,
        request,
    };
    let Some(kept) = held.kept()? else {
        return Ok(Begun::Now(Some(held)));
    };
    if kept.request == held.request {
        return Ok(Begun::Before(replay(kept)));
    }
    let what = "this key was used for another request / 该键已用于别的请求";
    Err(Problem::new(Code::KeyReused, what))
}

/// Answers given at this moment or before are kept no more.
fn oldest(app: &App) -> i64 {
    let hours = i64::from(app.settings.limits.idempotency_hours);
    clock::now().0.saturating_sub(hours * 3_600_000)
}

/// What is sealed in an entry that is young enough.
fn young(value: &[u8], oldest: i64) -> Option<&[u8]> {
    let (at, sealed) = value.split_first_chunk::<8>()?;
    (i64::from_be_bytes(*at) > oldest).then_some(sealed)
}

/// Removes the answers that are too old.
pub(crate) async fn forget(app: &App) -> Result<usize, Error> {
    let (store, oldest) = (std::sync::Arc::clone(app.service.store()), oldest(app));
    let old = blocking(move || {
        let mut all = store.snapshot()?.entries(Book::Request, &[])?;
        all.retain(|(_, value)| young(value, oldest).is_none());
        Ok(all)
    });
    // An entry written without a value is removed.
    let gone = |(key, _)| (Book::Request, key, Vec::new());
    let gone: Vec<_> = old.await?.into_iter().map(gone).collect();
    let count = gone.len();
    if count > 0 {
        app.service.write(gone).await?;
    }
    Ok(count)
}

/// A key that is in use until this goes.
struct Held<'a> {
    asker: &'a Asker,
    place: Vec<u8>,
    /// Digest of the request.
    request: String,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.asker.app.end(&self.place);
    }
}

impl Held<'_> {
    fn kept(&self) -> Result<Option<Kept>, Error> {
        let store = self.asker.app.service.store();
        let entry = store.snapshot()?.entry(Book::Request, &self.place)?;
        let Some(value) = entry else { return Ok(None) };
        let Some(sealed) = young(&value, oldest(&self.asker.app)) else {
            return Ok(None);
        };
        let text = store.keys().open(&self.place, sealed);
        let text = text.map_err(|error| Error::Broken(format!("the book of requests: {error}")))?;
        Ok(Some(serde_json::from_slice(&text)?))
    }

    /// Keeps the answers of verifications, once they are signed.
    fn keeper(&self, status: StatusCode) -> Keep {
        let (place, request) = (self.place.clone(), self.request.clone());
        let keys = self.asker.app.service.store().keys().clone();
        Box::new(move |answers| {
            let kept = Kept {
                request,
                status: status.as_u16(),
                kind: "application/json".into(),
                location: None,
                body: answers.concat(),
            };
            entry(&keys, place, &kept)
        })
    }

    async fn keep(&self, response: Response) -> Result<Response, Problem> {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await;
        let body = body.map_err(|error| Error::Broken(error.to_string()))?;
        let text = |name: &HeaderName| {
            let value = parts.headers.get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        if body.len() <= KEPT_BYTES && parts.status.is_success() {
            let kept = Kept {
                request: self.request.clone(),
                status: parts.status.as_u16(),
                kind: text(&header::CONTENT_TYPE).unwrap_or_default(),
                location: text(&header::LOCATION),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            let service = &self.asker.app.service;
            let entry = entry(service.store().keys(), self.place.clone(), &kept)?;
            match service.write(vec![entry]).await {
                // It is done, and is told; only its answer is not kept for a second asking.
                Err(error) if error.is_full() => tracing::error!(%error, "the book of requests"),
                written => written?,
            }
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

fn entry(keys: &Keys, place: Vec<u8>, kept: &Kept) -> Result<BookEntry, Error> {
    let mut value = clock::now().0.to_be_bytes().to_vec();
    value.extend(keys.seal(&place, &serde_json::to_vec(kept)?));
    Ok((Book::Request, place, value))
}

fn replay(kept: Kept) -> Response {
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let mut response = (status, kept.body).into_response();
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    let texts = [
        (header::CONTENT_TYPE, Some(kept.kind)),
        (header::LOCATION, kept.location),
    ];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(name, value);
        }
    }
    response
}
