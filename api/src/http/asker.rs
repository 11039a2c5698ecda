//! One request's way to an answer: permission, trace in the audit book, page,
//! version, masked JSON.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use graph::id::EntityId;
use graph::store::Store;
use graph::time::Moment;
use ingest::identity::is_resident_id;
use queries::sweep::Sweep;
use serde::Serialize;

use super::App;
use super::caller::{Matter, permit, resolved};
use super::problem::{Code, Problem};
use crate::audit::{Event, Outcome, answer_digest};
use crate::auth::{About, Action, Alert, Caller};
use crate::service::{Needs, Tense};
use crate::session::{Session, subject_of};
use crate::{Error, clock};

/// Who asks, and with what.
#[derive(Clone, Debug)]
pub(crate) struct Asker {
    pub(crate) app: App,
    pub(crate) caller: Arc<Caller>,
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
            purpose: self.caller.purpose.as_deref(),
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
            purpose: self.caller.purpose.as_deref(),
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
                purpose: matter.purpose.map(str::to_owned),
                ..self.event(matter.action, None)
            };
            // Seldom: who is permitted need not hold the room for it.
            Box::pin(self.app.service.audit(event)).await?;
        }
        refused
    }

    /// What the audit log says of this request.
    pub(crate) fn event(&self, action: Action, subject: Option<EntityId>) -> Event {
        Event {
            caller: Arc::clone(&self.caller.client),
            role: self.caller.role_codes(),
            department: self.caller.department.clone(),
            purpose: self.caller.purpose.clone(),
            action: action.code().into(),
            subject: subject.map(|id| id.to_string()),
            answer: None,
            outcome: Outcome::Allowed,
            persons: None,
        }
    }

    /// The subject that a text names.
    pub(crate) fn subject(&self, text: &str) -> Result<EntityId, Problem> {
        let wrong = |what: &str| Err(Problem::new(Code::BadSubject, what));
        if text.chars().any(char::is_control) {
            return wrong("control characters are no part of a subject / 含控制字符");
        }
        let subject = subject_of(self.app.service.store().keys(), text);
        // By chance a resident's number may also read as a credit code, and would be told again
        // as one; the code of a registered organisation is what it seems.
        if is_resident_id(&text.trim().to_ascii_uppercase()) {
            let registered = match &subject {
                Ok(id) => {
                    let tense = self.app.service.tense(None, None);
                    self.app.service.session(tense).is_registered(*id)?
                }
                Err(_) => false,
            };
            if !registered {
                return wrong(
                    "write a resident's number as id:resident_id:NUMBER, a credit code that looks like one \
                     as org:CODE / 身份证号请写作 id:resident_id:号码",
                );
            }
        }
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

    /// Answers a question that needs the sweep. What was shown, and of how many
    /// persons, goes into the audit log before anything is told.
    pub(crate) async fn show<T: Serialize>(
        &self,
        look: Look,
        (tense, needs): (Tense, Needs),
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let asked =
            move |session: &Session, sweep: &Sweep<'_>| Shown::of(&question(session, sweep)?);
        let work = self.app.service.ask((tense, needs), asked);
        self.shown(look, tense, work).await
    }

    /// The same with the name and number of its `subject` whole: for a person's own
    /// record. Numbers of others, in texts, stay masked.
    pub(crate) async fn show_whole<T: Serialize>(
        &self,
        look: Look,
        (tense, needs): (Tense, Needs),
        question: impl FnOnce(&Session, &Sweep<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let asked = move |session: &Session, sweep: &Sweep<'_>| {
            let mut value = serde_json::to_value(question(session, sweep)?)?;
            let own = value.get("subject").cloned();
            crate::output::mask_texts(&mut value);
            if let (Some(place), Some(own)) = (value.get_mut("subject"), own) {
                *place = own;
            }
            let persons = crate::output::persons(&value);
            let body = serde_json::to_vec(&value)?;
            Ok(Shown { body, persons })
        };
        let work = self.app.service.ask_revealing((tense, needs), asked);
        self.shown(look, tense, work).await
    }

    /// The same for a question that the store alone answers.
    pub(crate) async fn show_stored<T: Serialize>(
        &self,
        look: Look,
        tense: Tense,
        question: impl FnOnce(&Session) -> Result<T, Error> + Send + 'static,
    ) -> Result<Response, Problem> {
        let asked = move |session: &Session| Shown::of(&question(session)?);
        let work = self.app.service.read(tense, asked);
        self.shown(look, tense, work).await
    }

    async fn shown(
        &self,
        look: Look,
        tense: Tense,
        work: impl Future<Output = Result<Shown, Error>>,
    ) -> Result<Response, Problem> {
        let version = self.version(tense);
        if self.has(&version) {
            self.looked(look.0, look.1).await?;
            return Ok(unchanged(version));
        }
        match work.await {
            Ok(shown) => {
                self.note(look, &shown).await?;
                Ok(found(version, shown.body))
            }
            Err(Error::Busy) => Err(Error::Busy.into()),
            Err(error) => {
                let event = Event {
                    outcome: Outcome::Failed,
                    ..self.event(look.0, look.1)
                };
                self.app.service.audit(event).await?;
                Err(error.into())
            }
        }
    }

    /// Counts the persons of an answer and writes the look into the audit log.
    pub(crate) async fn note(&self, look: Look, shown: &Shown) -> Result<(), Problem> {
        self.count(look, shown.persons).await?;
        let event = Event {
            answer: Some(answer_digest(&shown.body)),
            persons: Some(shown.persons).filter(|persons| *persons > 0),
            ..self.event(look.0, look.1)
        };
        Ok(self.app.service.audit(event).await?)
    }

    /// Counts persons about to be shown: refuses when today's quota is spent, and
    /// warns when there are many.
    pub(crate) async fn count(&self, look: Look, persons: u32) -> Result<(), Problem> {
        if persons == 0 {
            return Ok(());
        }
        let now = clock::now();
        let calendar = &self.app.service.catalogue().calendar;
        let is_workday = calendar.is_working_day(now.date());
        match self.app.looks.take(&self.caller, persons, now, is_workday) {
            Ok(alerts) => {
                for alert in alerts {
                    self.warn(&alert).await?;
                }
                Ok(())
            }
            Err(left) => {
                let event = Event {
                    outcome: Outcome::Denied,
                    persons: Some(persons),
                    ..self.event(look.0, look.1)
                };
                self.app.service.audit(event).await?;
                let tomorrow = Moment::start_of(now.date().plus_days(1));
                let wait = tomorrow.0.saturating_sub(now.0).max(0) / 1000 + 1;
                let what = format!(
                    "this would show {persons} persons, and {left} are left today / 本次将显示 {persons} 人，今日余 {left} 人"
                );
                let problem = Problem::new(Code::QuotaSpent, what);
                Err(problem.after(u64::try_from(wait).unwrap_or(1)))
            }
        }
    }

    async fn warn(&self, alert: &Alert) -> Result<(), Problem> {
        let (kind, count) = (alert.kind.code(), alert.count);
        tracing::warn!(kind, caller = alert.client, count, "many looks at persons");
        self.app.metrics.alerted();
        let event = Event {
            action: kind.into(),
            purpose: Some(format!("{count} persons")),
            ..self.event(Action::ReadAudit, None)
        };
        Ok(self.app.service.audit(event).await?)
    }

    /// Answers a question that the store alone answers, and that is about nobody.
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

/// What is done, and to whom, as the audit log says it.
pub(crate) type Look = (Action, Option<EntityId>);

/// An answer's bytes, and how many persons it shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) body: Vec<u8>,
    pub(crate) persons: u32,
}

impl Shown {
    /// An answer, identity numbers in its texts masked.
    pub(crate) fn of<T: Serialize>(answer: &T) -> Result<Self, Error> {
        let mut value = serde_json::to_value(answer)?;
        crate::output::mask_texts(&mut value);
        Ok(Self {
            persons: crate::output::persons(&value),
            body: serde_json::to_vec(&value)?,
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
    Ok(json(status, masked(answer)?))
}

/// JSON that is written already.
pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
