//! One request's way to an answer: permission, trace in the audit book, page,
//! version, masked JSON.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graph::id::EntityId;
use graph::store::{Book, Store};
use queries::sweep::Sweep;
use serde::Serialize;
use serde_json::json;

use super::App;
use super::caller::{Action, Caller, permit};
use super::problem::{Code, Problem};
use crate::service::{Needs, Tense};
use crate::session::Session;
use crate::{Error, clock};

/// Who asks, and with what.
#[derive(Debug)]
pub(crate) struct Asker {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    if_none_match: Option<HeaderValue>,
}

impl FromRequestParts<App> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        Ok(Self {
            app: app.clone(),
            caller,
            if_none_match: parts.headers.get(header::IF_NONE_MATCH).cloned(),
        })
    }
}

impl OptionalFromRequestParts<App> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Infallible> {
        let asker = <Self as FromRequestParts<App>>::from_request_parts(parts, app).await;
        Ok(asker.ok())
    }
}

impl Asker {
    /// Refuses what is not permitted.
    pub(crate) fn may(&self, action: Action) -> Result<(), Problem> {
        permit(&self.caller, action, None)
    }

    /// Refuses what is not permitted for a department.
    pub(crate) fn may_for(&self, action: Action, department: &str) -> Result<(), Problem> {
        permit(&self.caller, action, Some(department))
    }

    /// The subject that a text names.
    pub(crate) fn subject(&self, text: &str) -> Result<EntityId, Problem> {
        let session = self.app.service.session(self.app.service.tense(None, None));
        let subject = session.subject(text);
        subject.map_err(|error| Problem::new(Code::BadSubject, error.to_string()))
    }

    /// The organisation that a text names.
    pub(crate) fn organisation(&self, text: &str) -> Result<EntityId, Problem> {
        let subject = self.subject(text)?;
        if subject.is_organisation() {
            return Ok(subject);
        }
        Err(Problem::new(
            Code::BadSubject,
            "this question is about an organisation: give its credit code / 请给出信用代码",
        ))
    }

    /// Writes the look into the audit book, before anything is told.
    pub(crate) async fn looked(
        &self,
        action: Action,
        subject: Option<EntityId>,
    ) -> Result<(), Problem> {
        let at = clock::now();
        let entry = json!({
            "at": at.to_string(),
            "act": action.code(),
            "client": self.caller.client,
            "department": self.caller.department,
            "subject": subject.map(|id| id.to_string()),
        });
        let mut serial = [0; 8];
        getrandom::fill(&mut serial)
            .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
        let key = [at.0.to_be_bytes().as_slice(), &serial].concat();
        let keys = self.app.service.store().keys();
        let text = keys.seal(&key, entry.to_string().as_bytes());
        let entries = vec![(Book::Audit, key, text)];
        Ok(self.app.service.write(entries).await?)
    }

    /// Answers a question that needs the sweep.
    pub(crate) async fn answer<T: Serialize>(
        &self,
        tense: Tense,
        needs: Needs,
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let version = self.version(tense);
        if self.has(&version) {
            return Ok(unchanged(version));
        }
        let asked = move |session: &Session, sweep: &Sweep<'_>| masked(&question(session, sweep)?);
        let body = self.app.service.ask((tense, needs), asked).await?;
        Ok(found(version, body))
    }

    /// Answers a question that the store alone answers.
    pub(crate) async fn read<T: Serialize>(
        &self,
        tense: Tense,
        question: impl FnOnce(&Session) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let version = self.version(tense);
        if self.has(&version) {
            return Ok(unchanged(version));
        }
        let asked = move |session: &Session| masked(&question(session)?);
        let body = self.app.service.read(tense, asked).await?;
        Ok(found(version, body))
    }

    fn version(&self, tense: Tense) -> HeaderValue {
        let (batch, day) = (tense.batch.0, tense.as_of);
        let tag = format!("W/\"{batch}-{day}-{}\"", self.app.edition());
        HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("W/\"0\""))
    }

    fn has(&self, version: &HeaderValue) -> bool {
        let given = self
            .if_none_match
            .as_ref()
            .and_then(|tag| tag.to_str().ok());
        let version = version.to_str().unwrap_or_default();
        given.is_some_and(|tags| {
            let mut tags = tags.split(',').map(str::trim);
            tags.any(|tag| tag == "*" || tag == version)
        })
    }
}

fn unchanged(version: HeaderValue) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, version)]).into_response()
}

fn found(version: HeaderValue, body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, kind), (header::ETAG, version)];
    (headers, body).into_response()
}

/// The JSON of an answer, identity numbers in its texts masked.
pub(crate) fn masked<T: Serialize>(answer: &T) -> Result<Vec<u8>, Error> {
    let mut value = serde_json::to_value(answer)?;
    crate::output::mask_texts(&mut value);
    Ok(serde_json::to_vec(&value)?)
}

/// A JSON answer with a status, not to be kept by anybody.
pub(crate) fn told<T: Serialize>(status: StatusCode, answer: &T) -> Result<Response, Problem> {
    let kind = HeaderValue::from_static("application/json");
    let body = masked(answer)?;
    Ok((status, [(header::CONTENT_TYPE, kind)], body).into_response())
}
