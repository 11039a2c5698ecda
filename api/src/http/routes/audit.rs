//! `GET /v1/audit`: who looked at whom. The look itself is logged too.

use axum::http::StatusCode;
use axum::response::Response;
use graph::id::EntityId;
use graph::store::Store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::Error;
use crate::audit::{Filter, Logged, What, answer_digest, page};
use crate::auth::Action;
use crate::http::asker::{Asker, masked, told};
use crate::http::extract::{Ask, counted, known};
use crate::http::problem::{Code, Problem, Problems};
use crate::session::Session;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Only looks at this subject, by its key or code.
    #[param(value_type = String, required = false)]
    subject: Option<String>,
    /// Only by this caller.
    #[param(value_type = String, required = false)]
    caller: Option<String>,
    /// Only this action.
    #[param(value_type = String, required = false, example = "verify")]
    action: Option<String>,
    /// From this moment on; a day means its first instant.
    #[param(value_type = String, required = false, format = Date)]
    from: Option<String>,
    /// Up to this moment; a day means its last instant.
    #[param(value_type = String, required = false, format = Date)]
    until: Option<String>,
    /// The `next` of the page before. Default: 0.
    #[param(value_type = u64, required = false, minimum = 0, example = 0)]
    cursor: Option<u64>,
    /// Entries of a page. Default: 100.
    #[param(value_type = u32, required = false, minimum = 1, maximum = 1000, example = 50)]
    limit: Option<u32>,
}

/// Entries of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditAnswer {
    /// `seq`, `at`, and the event or seal.
    items: Vec<Value>,
    /// The cursor of the next page; none when this page is not full.
    next: Option<u64>,
}

/// 审计 / The audit log, oldest first
#[utoipa::path(
    get, path = "/v1/audit", tag = "operate", params(AuditQuery),
    responses((status = 200, description = "The entries.", body = AuditAnswer), Problems)
)]
pub(crate) async fn list(asker: Asker, Ask(query): Ask<AuditQuery>) -> Result<Response, Problem> {
    asker.may(Action::ReadAudit).await?;
    let subject = query.subject.as_deref().map(|text| asker.subject(text));
    let subject = subject.transpose()?;
    let limit = query.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Problem::new(Code::BadParameter, "limit is 1 to 1000"));
    }
    let limit = usize::try_from(limit).unwrap_or(1000);
    let from = query.from.as_deref().map(|text| {
        crate::cli::parse_recorded(text).map_err(|what| Problem::new(Code::BadParameter, what))
    });
    let filter = Filter {
        from: from.transpose()?,
        to: known(query.until.as_deref())?,
        caller: query.caller,
        subject: subject.map(|id| id.to_string()),
        action: query.action,
    };
    let after = counted(query.cursor)?;
    let tense = asker.app.service.tense(None, None);
    let look = move |session: &Session| {
        let snapshot = session.store.snapshot()?;
        let found = page(&*snapshot, session.store.keys(), &filter, after, limit)?;
        Ok(found)
    };
    let found = asker.app.service.read(tense, look).await?;
    let answer = AuditAnswer {
        next: found
            .last()
            .filter(|_| found.len() == limit)
            .map(|entry| entry.seq),
        items: found.iter().map(row).collect(),
    };
    let mut event = asker.event(Action::ReadAudit, subject);
    event.answer = Some(answer_digest(&masked(&answer)?));
    asker.app.service.audit(event).await?;
    told(StatusCode::OK, &answer)
}

/// An entry as one flat object.
fn row(entry: &Logged) -> Value {
    let mut row = json!({"seq": entry.seq, "at": graph::time::Moment(entry.at).to_string()});
    let said = match &entry.what {
        What::Event(event) => json!(event),
        What::Seal(seal) => json!({"action": "seal", "seal": seal}),
    };
    if let (Some(row), Value::Object(said)) = (row.as_object_mut(), said) {
        row.extend(said);
    }
    row
}

/// Who looked at a subject.
pub(crate) fn looks_at(session: &Session, subject: EntityId) -> Result<Vec<Value>, Error> {
    let filter = Filter {
        subject: Some(subject.to_string()),
        ..Filter::default()
    };
    let snapshot = session.store.snapshot()?;
    let found = page(&*snapshot, session.store.keys(), &filter, 0, usize::MAX)?;
    Ok(found.iter().map(row).collect())
}
