//! `GET /v1/gaps`, one of them, and answering it.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use graph::id::EntityId;
use graph::store::Store;
use queries::gaps::GapKind;
use queries::sweep::Sweep;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Error;
use crate::answer::GapAnswer;
use crate::auth::Action;
use crate::feed::{self, Attachment, Said, Saying, State, check_saying};
use crate::gapflow::{self, Wanted};
use crate::http::asker::{Asker, Shown, json, told};
use crate::http::caller::confined;
use crate::http::extract::{Ask, Json, Named, counted};
use crate::http::idempotency;
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::{dated, listed};
use crate::service::{Needs, Tense};
use crate::session::Session;

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
    /// `accepted`, `disputed`, or, by the credit office, `dismissed` or `reopened`.
    #[schema(pattern = "^(accepted|disputed|dismissed|reopened)$")]
    said: String,
    /// What was found; a dispute or dismissal needs it.
    #[serde(default)]
    reason: Option<String>,
    /// The papers that go with it.
    #[serde(default)]
    attachments: Vec<Paper>,
    /// The day on which the gap holds. Default: today.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    as_of: Option<String>,
}

/// A paper that goes with an answer; the paper itself stays with who gave it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paper {
    /// Its name.
    name: String,
    /// SM3 of its bytes, 64 hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    digest: String,
}

impl From<Paper> for Attachment {
    fn from(paper: Paper) -> Self {
        Self {
            name: paper.name,
            digest: paper.digest,
        }
    }
}

/// From where, and how many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FeedQuery {
    /// The `next` of the page before; 0 from the beginning. Default: 0.
    #[param(value_type = u64, required = false, minimum = 0, example = 0)]
    cursor: Option<u64>,
    /// Changes of a page. Default: 100.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 1000, example = 50)]
    limit: Option<u32>,
}

/// Changes of gaps, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeedAnswer {
    /// `seq`, `at`, `change` (`appeared`, `state`, `resolved`, `reopened`), `gap`, `kind`, `department`,
    /// `subject`, `before`, `state`, `batch`, `day`.
    changes: Vec<Value>,
    /// The cursor of the next page.
    next: u64,
    /// There are more already.
    more: bool,
}

/// 变化流 / Exactly the gaps that changed since the cursor, in order
#[utoipa::path(
    get, path = "/v1/gaps/feed", tag = "gaps", params(FeedQuery),
    responses((status = 200, description = "The changes.", body = FeedAnswer), Problems)
)]
pub(crate) async fn feed(asker: Asker, Ask(query): Ask<FeedQuery>) -> Result<Response, Problem> {
    let confined = confined(&asker.caller).map(str::to_owned);
    asker.may_for(Action::ReadGaps, confined.as_deref()).await?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Problem::new(Code::BadParameter, "limit is 1 to 1000"));
    }
    match asker.app.service.publish().await {
        // What was published before is told also while the disk is full.
        Err(error) if error.is_full() => tracing::error!(%error, "the feed"),
        published => published?,
    }
    let (cursor, limit) = (
        counted(query.cursor)?,
        usize::try_from(limit).unwrap_or(1000),
    );
    let tense = asker.app.service.tense(None, None);
    let look = move |session: &Session| {
        let snapshot = session.store.snapshot()?;
        let keys = session.store.keys();
        feed::since(&*snapshot, keys, cursor, limit, confined.as_deref())
    };
    let page = asker
        .app
        .service
        .read(tense, look)
        .await
        .map_err(|error| match error {
            Error::Refused(what) => Problem::new(Code::CursorExpired, what),
            other => other.into(),
        })?;
    let changes: Result<Vec<Value>, _> = page.changes.iter().map(serde_json::to_value).collect();
    let answer = FeedAnswer {
        changes: changes.map_err(Error::from)?,
        next: page.next,
        more: page.more,
    };
    let shown = Shown::of(&answer)?;
    asker.note((Action::ReadGaps, None), &shown).await?;
    Ok(json(StatusCode::OK, shown.body))
}

fn kind_of(text: Option<&str>) -> Result<Option<GapKind>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let found = GapKind::ALL.into_iter().find(|kind| kind.code() == text);
    let unknown = || Problem::new(Code::BadParameter, "no such kind of gap / 没有这一类");
    found.map(Some).ok_or_else(unknown)
}

fn state_of(text: Option<&str>) -> Result<Option<State>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let what = "state: open, notified, answered, resolved or dismissed";
    let unknown = || Problem::new(Code::BadParameter, what);
    State::parse(text).map(Some).ok_or_else(unknown)
}

/// 缺口 / The gaps that hold on the day
#[utoipa::path(
    get, path = "/v1/gaps", tag = "gaps", params(GapsQuery),
    responses((status = 200, description = "The gaps.", body = Paged<GapAnswer>), Problems)
)]
pub(crate) async fn list(asker: Asker, Ask(query): Ask<GapsQuery>) -> Result<Response, Problem> {
    let department = query.department.as_deref().or(confined(&asker.caller));
    let department = department.map(str::to_owned);
    let whose = department.as_deref();
    asker.may_for(Action::ReadGaps, whose).await?;
    let wanted = Wanted {
        id: None,
        kind: kind_of(query.kind.as_deref())?,
        department,
        state: state_of(query.state.as_deref())?,
        settled: query.all,
    };
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadGaps, None),
            (page.tense, Needs::Everything),
            move |session, sweep| {
                let found = gapflow::gaps(session, sweep, &wanted, page.window())?;
                Ok(page.filled(found))
            },
        )
        .await
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
    let confined = confined(&asker.caller).map(str::to_owned);
    asker.may_for(Action::ReadGaps, confined.as_deref()).await?;
    let tense = query.tense(&asker.app)?;
    let answer = asker
        .show(
            (Action::ReadGaps, None),
            (tense, Needs::Everything),
            move |session, sweep| one_of(session, sweep, (&id, confined.as_deref())),
        )
        .await;
    not_told(&asker, Action::ReadGaps, answer).await
}

/// One gap, of a department when one is named.
fn one_of(
    session: &Session,
    sweep: &Sweep<'_>,
    (id, department): (&str, Option<&str>),
) -> Result<GapAnswer, Error> {
    let gap = gapflow::one(session, sweep, id)?;
    gap.filter(|gap| department.is_none() || gap.department.as_deref() == department)
        .ok_or_else(|| Error::Missing("no such gap is known / 没有这个缺口".into()))
}

/// Whoever sees one department's gaps alone is refused alike for a gap of another and
/// for none: an id can be worked out, and would tell that somebody has a gap.
async fn not_told<T>(
    asker: &Asker,
    action: Action,
    found: Result<T, Problem>,
) -> Result<T, Problem> {
    if found
        .as_ref()
        .is_err_and(|problem| problem.code == "not_found")
    {
        asker.may(action).await?;
    }
    found
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
    let unknown = |()| {
        let what = "said: accepted, disputed, dismissed or reopened";
        Problem::new(Code::BadBody, what)
    };
    let said: Said = asked.said.parse().map_err(unknown)?;
    let action = match said {
        Said::Accepted | Said::Disputed => Action::AnswerGap,
        Said::Dismissed | Said::Reopened => Action::DismissGap,
        Said::Notified => return Err(unknown(())),
    };
    let confined = confined(&asker.caller).map(str::to_owned);
    asker.may_for(action, confined.as_deref()).await?;
    let reason = asked.reason.as_deref().map(str::trim);
    let saying = Saying {
        at: crate::clock::now().0,
        said,
        by: Some(asker.caller.client.to_string()),
        reason: reason.filter(|text| !text.is_empty()).map(str::to_owned),
        attachments: asked
            .attachments
            .clone()
            .into_iter()
            .map(Attachment::from)
            .collect(),
    };
    let day = crate::http::extract::day(asked.as_of.as_deref())?;
    let key = idempotency::key_of(&headers)?;
    idempotency::once(&asker, key, &[b"responses", id.as_bytes(), &bytes], async {
        let tense = asker.app.service.tense(day, None);
        let gap = found(&asker, tense, &id).await;
        let gap = not_told(&asker, action, gap).await?;
        asker.may_for(action, gap.department.as_deref()).await?;
        let state = State::parse(&gap.state).unwrap_or(State::Open);
        check_saying(state, &saying).map_err(|why| Problem::new(Code::Conflict, why))?;
        asker.app.service.say(&[gap.id.as_str()], saying).await?;
        asker.app.spoke();
        asker
            .looked(action, EntityId::parse_key(&gap.subject.key))
            .await?;
        // What was just said is known from now on.
        let tense = asker.app.service.tense(day, None);
        told(StatusCode::CREATED, &found(&asker, tense, &id).await?)
    })
    .await
}

async fn found(asker: &Asker, tense: Tense, id: &str) -> Result<GapAnswer, Problem> {
    let id = id.to_owned();
    let confined = confined(&asker.caller).map(str::to_owned);
    let answer = asker
        .app
        .service
        .ask((tense, Needs::Everything), move |session, sweep| {
            one_of(session, sweep, (&id, confined.as_deref()))
        });
    Ok(answer.await?)
}
