//! One request's way to an answer: permission, trace in the audit book, page,
//! version, masked JSON.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graph::id::EntityId;
use queries::sweep::Sweep;
use serde::Serialize;

use super::App;
use super::caller::{Matter, permit, resolved};
use super::problem::{Code, Problem};
use crate::Error;
use crate::audit::{Event, Outcome};
use crate::auth::{About, Action, Caller};
use crate::service::{Needs, Tense};
use crate::session::Session;

/// Who asks, and with what.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    if_none_match: Option<HeaderValue>,
}

impl FromRequestParts<App> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = resolved(parts)?;
        Ok(Self {
            app: app.clone(),
            caller,
            if_none_match: parts.headers.get(header::IF_NONE_MATCH).cloned(),
        })
    }
}

impl Asker {
    /// Refuses what is not permitted for all departments.
    pub(crate) async fn may(&self, action: Action) -> Result<(), Problem> {
        self.may_for(action, None).await
    }

    /// Refuses what is not permitted for a department.
    pub(crate) async fn may_for(
        &self,
        action: Action,
        department: Option<&str>,
    ) -> Result<(), Problem> {
        let matter = Matter {
            action,
            department,
            about: About::Nothing,
            item: None,
            matter_no: None,
        };
        self.may_do(&matter).await
    }

    /// Refuses what is not permitted about a subject.
    pub(crate) async fn may_about(&self, action: Action, subject: EntityId) -> Result<(), Problem> {
        let matter = Matter {
            action,
            department: None,
            about: about(subject),
            item: None,
            matter_no: None,
        };
        self.may_do(&matter).await
    }

    /// Refuses what is not permitted; the refusal goes into the audit log.
    pub(crate) async fn may_do(&self, matter: &Matter<'_>) -> Result<(), Problem> {
        let refused = permit(&self.app, &self.caller, matter);
        if refused.is_err() {
            let event = Event {
                outcome: Outcome::Denied,
                ..self.event(matter.action, None)
            };
            self.app.service.audit(event).await?;
        }
        refused
    }

    /// What the audit log says of this request.
    pub(crate) fn event(&self, action: Action, subject: Option<EntityId>) -> Event {
        Event {
            caller: self.caller.client.clone(),
            role: self.caller.role_codes(),
            department: self.caller.department.clone(),
            purpose: self.caller.purpose.clone(),
            action: action.code().to_owned(),
            subject: subject.map(|id| id.to_string()),
            answer: None,
            outcome: Outcome::Allowed,
        }
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

    /// Writes the look into the audit log, before anything is told.
    pub(crate) async fn looked(
        &self,
        action: Action,
        subject: Option<EntityId>,
    ) -> Result<(), Problem> {
        Ok(self.app.service.audit(self.event(action, subject)).await?)
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

/// What kind of subject, as the policies see it.
pub(crate) fn about(subject: EntityId) -> About {
    if subject.is_organisation() {
        About::Organisation
    } else {
        About::Person
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
    Ok(crate::output::masked_json(answer)?.into_bytes())
}

/// A JSON answer with a status, not to be kept by anybody.
pub(crate) fn told<T: Serialize>(status: StatusCode, answer: &T) -> Result<Response, Problem> {
    let kind = HeaderValue::from_static("application/json");
    let body = masked(answer)?;
    Ok((status, [(header::CONTENT_TYPE, kind)], body).into_response())
}
