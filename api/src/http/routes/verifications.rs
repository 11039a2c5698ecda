//! `POST /v1/verifications`: is this subject restricted, and why; with a receipt.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::answer::Verification;
use crate::auth::Action;
use crate::http::asker::{Asker, about};
use crate::http::caller::Matter;
use crate::http::extract::{Json, day, known};
use crate::http::idempotency::{self, Key};
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::service::Tense;
use crate::service::verification::Question;

/// The most subjects of one request.
const MOST: usize = 10_000;
/// So many are answered and committed together.
const STEP: usize = 500;

/// What is asked about a subject.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"subject": "91371502YN731R9A56", "department": "D-HUC",
    "purpose": "办件审查", "as_of": "2026-06-30"}))]
pub(crate) struct VerificationRequest {
    /// A credit code, `org:CODE`, `person:KEY`, `provisional:KEY` or `id:TYPE:NUMBER`.
    subject: String,
    /// An item of the catalogue: does a restriction block it.
    #[serde(default)]
    item: Option<String>,
    /// The department that asks; without it, the caller's.
    #[serde(default)]
    department: Option<String>,
    /// For which matter.
    #[serde(default)]
    matter_no: Option<String>,
    /// Why.
    #[serde(default)]
    purpose: Option<String>,
    /// Valid time, `YYYY-MM-DD`. Default: today.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Recorded time. Default: now.
    #[serde(default)]
    #[schema(
        value_type = Option<String>,
        pattern = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+]08:00))?$"
    )]
    known_at: Option<String>,
}

/// What is asked about many subjects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"subjects": ["91371502YN731R9A56", "91371522YXC4GAL28C"],
    "department": "D-HUC", "purpose": "批量核查", "as_of": "2026-06-30"}))]
pub(crate) struct VerificationBatchRequest {
    /// The subjects, at most 10 000.
    #[schema(min_items = 1, max_items = 10000)]
    subjects: Vec<String>,
    /// An item of the catalogue: does a restriction block it.
    #[serde(default)]
    item: Option<String>,
    /// The department that asks; without it, the caller's.
    #[serde(default)]
    department: Option<String>,
    /// For which matter.
    #[serde(default)]
    matter_no: Option<String>,
    /// Why.
    #[serde(default)]
    purpose: Option<String>,
    /// Valid time, `YYYY-MM-DD`. Default: today.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
    /// Recorded time. Default: now.
    #[serde(default)]
    #[schema(
        value_type = Option<String>,
        pattern = r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,3})?(Z|[+]08:00))?$"
    )]
    known_at: Option<String>,
}

impl VerificationRequest {
    fn question(self, asker: &Asker) -> Result<Question, Problem> {
        let of = &asker.caller;
        Ok(Question {
            subject: asker.subject(&self.subject)?,
            item: self.item,
            department: self.department.or_else(|| of.department.clone()),
            matter_no: self.matter_no,
            purpose: self.purpose.or_else(|| of.purpose.clone()),
        })
    }
}

/// 核查一个主体 / Is this subject restricted, and why
///
/// The answer is kept as a receipt, and the look as a check record. "No record" names the sources
/// consulted and is not a clearance.
#[utoipa::path(
    post, path = "/v1/verifications", tag = "verify",
    params(("Idempotency-Key" = inline(Option<String>), Header, description = "Sent again with the same key, a request is answered as the first time.")),
    request_body = VerificationRequest,
    responses((status = 201, description = "The answer with its receipt.", body = Verification), Problems)
)]
pub(crate) async fn verify(
    asker: Asker,
    Key(key): Key,
    mut body: Json<VerificationRequest>,
) -> Result<Response, Problem> {
    let (as_of, known_at) = (body.asked.as_of.take(), body.asked.known_at.take());
    let question = body.asked.question(&asker)?;
    may_verify(&asker, Action::Verify, &question).await?;
    let times = (day(as_of.as_deref())?, known(known_at.as_deref())?);
    let tense = asker.app.service.tense(times.0, times.1);
    some_data(tense)?;
    let what: &[&[u8]] = &[b"verifications", &body.bytes];
    let (asker, status) = (&asker, StatusCode::CREATED);
    idempotency::once_with(asker, key, what, status, |keep| async move {
        count(asker, Action::Verify, std::slice::from_ref(&question)).await?;
        let event = (asker.event(Action::Verify, None), keep);
        let done = asker.app.service.verify(tense, vec![question], event);
        match done.await?.pop() {
            Some(answer) => Ok(written(status, answer)),
            None => Err(Problem::new(Code::Internal, "no answer")),
        }
    })
    .await
}

async fn may_verify(asker: &Asker, action: Action, question: &Question) -> Result<(), Problem> {
    let matter = Matter {
        action,
        department: question.department.as_deref(),
        about: about(question.subject),
        item: question.item.as_deref(),
        purpose: question.purpose.as_deref(),
        matter_no: question.matter_no.as_deref(),
    };
    asker.may_do(&matter).await
}

/// Counts the persons asked about: they are looked at, whatever is found.
async fn count(asker: &Asker, action: Action, questions: &[Question]) -> Result<(), Problem> {
    let persons = questions.iter().map(|question| question.subject);
    let persons: BTreeSet<_> = persons.filter(|id| !id.is_organisation()).collect();
    let count = u32::try_from(persons.len()).unwrap_or(u32::MAX);
    let one = persons.first().filter(|_| count == 1).copied();
    if count == 0 {
        return Ok(());
    }
    Box::pin(asker.count((action, one), count)).await
}

/// An answer from an empty store would be "not restricted", signed.
fn some_data(tense: Tense) -> Result<(), Problem> {
    if tense.batch.0 > 0 {
        return Ok(());
    }
    let what = "nothing is known at that time: load some files first / 当时尚无数据，请先装入";
    Err(Problem::new(Code::NoData, what))
}

/// 批量核查 / Verify up to 10 000 subjects
///
/// One object a line with `Accept: application/x-ndjson`, as they are done; else one list when all
/// are done. All are answered at the same two times.
#[utoipa::path(
    post, path = "/v1/verifications/batch", tag = "verify",
    params(("Idempotency-Key" = inline(Option<String>), Header, description = "For the JSON answer: sent again with the same key, a request is answered as the first time.")),
    request_body = VerificationBatchRequest,
    responses((status = 200, description = "The answers, in the order of the subjects.",
        content((Paged<Verification> = "application/json"), (Verification = "application/x-ndjson"))), Problems)
)]
pub(crate) async fn verify_many(
    asker: Asker,
    headers: HeaderMap,
    Json { asked, bytes }: Json<VerificationBatchRequest>,
) -> Result<Response, Problem> {
    let questions = questions(&asker, &asked)?;
    if let Some(first) = questions.first() {
        may_verify(&asker, Action::VerifyBatch, first).await?;
    }
    let times = (
        day(asked.as_of.as_deref())?,
        known(asked.known_at.as_deref())?,
    );
    let tense = asker.app.service.tense(times.0, times.1);
    some_data(tense)?;
    let wanted = headers
        .get(header::ACCEPT)
        .and_then(|kind| kind.to_str().ok());
    if wanted.is_some_and(|kind| kind.contains("ndjson")) {
        count(&asker, Action::VerifyBatch, &questions).await?;
        return Ok(streamed(asker, tense, &questions));
    }
    let key = idempotency::key_of(&headers)?;
    idempotency::once(&asker, key, &[b"verifications/batch", &bytes], async {
        count(&asker, Action::VerifyBatch, &questions).await?;
        let mut items = Vec::new();
        for step in questions.chunks(STEP) {
            let event = (asker.event(Action::VerifyBatch, None), None);
            let done = asker.app.service.verify(tense, step.to_vec(), event);
            for answer in done.await? {
                items.push(RawValue::from_string(answer).map_err(crate::Error::from)?);
            }
        }
        let page = Paged {
            as_of: tense.as_of.to_string(),
            known_at: tense.known_at.to_string(),
            data_version: tense.batch.0,
            items,
            next: None,
        };
        let text = serde_json::to_string(&page).map_err(crate::Error::from)?;
        Ok(written(StatusCode::OK, text))
    })
    .await
}

fn questions(asker: &Asker, batch: &VerificationBatchRequest) -> Result<Vec<Question>, Problem> {
    if batch.subjects.len() > MOST {
        let what = format!("at most {MOST} subjects / 至多 {MOST} 个主体");
        return Err(Problem::new(Code::TooLarge, what));
    }
    if batch.subjects.is_empty() {
        return Err(Problem::new(Code::BadBody, "no subjects / 没有主体"));
    }
    let department = batch.department.clone().or(asker.caller.department.clone());
    let mut questions = Vec::with_capacity(batch.subjects.len());
    let mut wrong = Vec::new();
    for (place, subject) in batch.subjects.iter().enumerate() {
        match asker.subject(subject) {
            Ok(subject) => questions.push(Question {
                subject,
                item: batch.item.clone(),
                department: department.clone(),
                matter_no: batch.matter_no.clone(),
                purpose: batch.purpose.clone().or(asker.caller.purpose.clone()),
            }),
            Err(_) => wrong.push(place),
        }
    }
    if wrong.is_empty() {
        return Ok(questions);
    }
    let what = "some subjects are written in no known way; `more` has their places, from 0";
    Err(Problem::new(Code::BadSubject, what).with(json!({"subjects": wrong})))
}

/// A line an answer. When something fails the last line is the problem.
fn streamed(asker: Asker, tense: Tense, questions: &[Question]) -> Response {
    let steps: Vec<Vec<Question>> = questions.chunks(STEP).map(<[_]>::to_vec).collect();
    let state = (asker, steps.into_iter(), false);
    let lines = futures_util::stream::unfold(state, move |(asker, mut steps, ended)| async move {
        let step = if ended { None } else { steps.next() }?;
        let event = (asker.event(Action::VerifyBatch, None), None);
        let done = asker.app.service.verify(tense, step, event).await;
        let (text, ended) = match done {
            Ok(answers) => (lines(&answers), false),
            Err(error) => {
                let problem = Problem::from(error);
                let mut text = serde_json::to_string(&problem).unwrap_or_default();
                text.push('\n');
                (text, true)
            }
        };
        let part = Ok::<_, std::convert::Infallible>(axum::body::Bytes::from(text));
        Some((part, (asker, steps, ended)))
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (kind, axum::body::Body::from_stream(lines)).into_response()
}

fn lines(answers: &[String]) -> String {
    let lines = answers.iter().flat_map(|answer| [answer, "\n"]);
    lines.collect()
}

/// A signed answer as it was signed: its texts were masked before.
fn written(status: StatusCode, answer: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer).into_response()
}
