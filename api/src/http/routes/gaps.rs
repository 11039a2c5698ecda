//! `GET /v1/gaps`, one of them, and answering it.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use queries::gaps::GapKind;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Error;
use crate::answer::GapAnswer;
use crate::gapflow::{self, Said};
use crate::http::asker::{Asker, told};
use crate::http::caller::{Action, confined};
use crate::http::extract::{Ask, Json, Named};
use crate::http::idempotency;
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::{dated, listed};
use crate::service::{Needs, Tense};

listed! {
    /// Which gaps.
    struct GapsQuery {
        /// Only this kind.
        #[param(value_type = String, required = false, pattern = "^(missed_check|missed_restriction|barred_appointment|unenforced|overdue_lift|wrongful_refusal|overreach|unlinked_person|late_publication)$", example = "missed_restriction")]
        kind: Option<String>,
        /// Only of this department.
        #[param(value_type = String, required = false)]
        department: Option<String>,
        /// Only in this state.
        #[param(value_type = String, required = false, pattern = "^(open|notified|answered|resolved|dismissed)$")]
        state: Option<String>,
        /// With those that no longer hold.
        #[serde(default)]
        #[param(value_type = bool, required = false)]
        all: bool,
    }
}

dated! {
    /// The two times.
    struct GapQuery {}
}

/// What is said of a gap.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"said": "disputed", "reason": "已于当日核查，记录补报中", "as_of": "2026-06-30"}))]
pub(crate) struct GapResponse {
    /// `accepted`, `disputed`, or, by the credit office, `dismissed`.
    #[schema(pattern = "^(accepted|disputed|dismissed)$")]
    said: String,
    /// What was found; a dispute or dismissal needs it.
    #[serde(default)]
    reason: Option<String>,
    /// The day on which the gap holds. Default: today.
    #[serde(default)]
    as_of: Option<String>,
}

fn kind_of(text: Option<&str>) -> Result<Option<&'static str>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let found = GapKind::ALL
        .into_iter()
        .map(GapKind::code)
        .find(|code| *code == text);
    let unknown = || Problem::new(Code::BadParameter, "no such kind of gap / 没有这一类");
    found.map(Some).ok_or_else(unknown)
}

/// 缺口 / The gaps that hold on the day
#[utoipa::path(
    get, path = "/v1/gaps", tag = "gaps", params(GapsQuery),
    responses((status = 200, description = "The gaps.", body = Paged<GapAnswer>), Problems)
)]
pub(crate) async fn list(asker: Asker, Ask(query): Ask<GapsQuery>) -> Result<Response, Problem> {
    let department = query.department.as_deref().or(confined(&asker.caller));
    let department = department.map(str::to_owned);
    match department.as_deref() {
        Some(department) => asker.may_for(Action::SeeGaps, department)?,
        None => asker.may(Action::SeeGaps)?,
    }
    let kind = kind_of(query.kind.as_deref())?;
    let page = query.page(&asker.app)?;
    asker.looked(Action::SeeGaps, None).await?;
    asker
        .answer(page.tense, Needs::Everything, move |session, sweep| {
            let mut found = gapflow::gaps(session, sweep, query.all)?;
            found.retain(|gap| {
                kind.is_none_or(|kind| kind == gap.kind)
                    && department.is_none_or_eq(gap.department.as_deref())
                    && query.state.as_ref().is_none_or(|state| *state == gap.state)
            });
            Ok(page.filled(page.window().of(found)))
        })
        .await
}

/// A filter that lets everything pass when it is not set.
trait Filter {
    fn is_none_or_eq(&self, value: Option<&str>) -> bool;
}

impl Filter for Option<String> {
    fn is_none_or_eq(&self, value: Option<&str>) -> bool {
        self.as_deref().is_none_or(|wanted| value == Some(wanted))
    }
}

/// 一个缺口 / One gap, in whatever state
#[utoipa::path(
    get, path = "/v1/gaps/{id}", tag = "gaps",
    params(("id" = String, Path, description = "The gap's id."), GapQuery),
    responses((status = 200, description = "The gap.", body = GapAnswer), Problems)
)]
pub(crate) async fn show(
    asker: Asker,
    Named(id): Named,
    Ask(query): Ask<GapQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::SeeGaps)?;
    let confined = confined(&asker.caller).map(str::to_owned);
    asker.looked(Action::SeeGaps, None).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .answer(tense, Needs::Everything, move |session, sweep| {
            let gap = gapflow::one(session, sweep, &id)?;
            gap.filter(|gap| confined.is_none_or_eq(gap.department.as_deref()))
                .ok_or_else(missing)
        })
        .await
}

fn missing() -> Error {
    Error::Missing("no such gap is known / 没有这个缺口".into())
}

/// 答复一个缺口 / Answer a gap
#[utoipa::path(
    post, path = "/v1/gaps/{id}/responses", tag = "gaps",
    params(("id" = String, Path, description = "The gap's id."),
        ("Idempotency-Key" = inline(Option<String>), Header, description = "Sent again with the same key, a request is answered as the first time.")),
    request_body = GapResponse,
    responses((status = 201, description = "The gap in its new state.", body = GapAnswer), Problems)
)]
pub(crate) async fn respond(
    asker: Asker,
    Named(id): Named,
    headers: HeaderMap,
    Json { asked, bytes }: Json<GapResponse>,
) -> Result<Response, Problem> {
    let said = match asked.said.as_str() {
        "accepted" => Said::Accepted,
        "disputed" => Said::Disputed,
        "dismissed" => Said::Dismissed,
        _ => {
            let what = "said: accepted, disputed or dismissed";
            return Err(Problem::new(Code::BadBody, what));
        }
    };
    let reason = asked
        .reason
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    if said != Said::Accepted && reason.is_none() {
        let what = "a dispute or dismissal needs its reason / 异议或撤销须写明理由";
        return Err(Problem::new(Code::BadBody, what));
    }
    let action = if said == Said::Dismissed {
        Action::DismissGap
    } else {
        Action::AnswerGap
    };
    asker.may(action)?;
    let day = crate::http::extract::day(asked.as_of.as_deref())?;
    let key = idempotency::key_of(&headers)?;
    idempotency::once(&asker, key, &[b"responses", id.as_bytes(), &bytes], async {
        let tense = asker.app.service.tense(day, None);
        let gap = found(&asker, tense, &id).await?;
        if let Some(department) = &gap.department {
            asker.may_for(action, department)?;
        }
        let by = asker.caller.client.as_str();
        let store = asker.app.service.store();
        let entries = gapflow::entries(
            graph::store::Store::keys(&**store),
            &[gap.id.as_str()],
            said,
            (Some(by), reason),
        )?;
        asker.app.service.write(entries).await?;
        asker.app.spoke();
        // What was just said is known from now on.
        let tense = asker.app.service.tense(day, None);
        told(StatusCode::CREATED, &found(&asker, tense, &id).await?)
    })
    .await
}

async fn found(asker: &Asker, tense: Tense, id: &str) -> Result<GapAnswer, Problem> {
    let id = id.to_owned();
    let confined = confined(&asker.caller).map(str::to_owned);
    let asked = asker
        .app
        .service
        .ask((tense, Needs::Everything), move |session, sweep| {
            let gap = gapflow::one(session, sweep, &id)?;
            gap.filter(|gap| confined.is_none_or_eq(gap.department.as_deref()))
                .ok_or_else(missing)
        });
    Ok(asked.await?)
}
