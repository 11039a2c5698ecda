//! `GET /v1/audit`: who looked at whom.

use axum::response::Response;
use graph::store::{Book, Store};
use serde_json::Value;

use crate::Error;
use crate::http::asker::Asker;
use crate::http::caller::Action;
use crate::http::extract::Ask;
use crate::http::page::Paged;
use crate::http::problem::{Problem, Problems};
use crate::http::query::listed;

listed! {
    /// Which entries.
    struct AuditQuery {
        /// Only looks at this subject, by its key.
        #[param(value_type = String, required = false)]
        subject: Option<String>,
    }
}

/// 审计 / The audit book, oldest first
#[utoipa::path(
    get, path = "/v1/audit", tag = "operate", params(AuditQuery),
    responses((status = 200, description = "The entries.", body = Paged<Value>), Problems)
)]
pub(crate) async fn list(asker: Asker, Ask(query): Ask<AuditQuery>) -> Result<Response, Problem> {
    asker.may(Action::SeeAudit)?;
    let subject = query.subject.as_deref().map(|text| asker.subject(text));
    let subject = subject.transpose()?.map(|id| id.to_string());
    let page = query.page(&asker.app)?;
    asker
        .read(page.tense, move |session| {
            let wanted = |entry: &Value| {
                let about = entry.get("subject").and_then(Value::as_str);
                subject
                    .as_deref()
                    .is_none_or(|subject| about == Some(subject))
            };
            let entries = entries(session)?.into_iter().filter(wanted);
            Ok(page.filled(page.window().of(entries)))
        })
        .await
}

/// The entries of the audit book, oldest first.
pub(crate) fn entries(session: &crate::session::Session) -> Result<Vec<Value>, Error> {
    let mut entries = Vec::new();
    for (key, sealed) in session.store.snapshot()?.entries(Book::Audit, &[])? {
        let text = session.store.keys().open(&key, &sealed);
        let text = text.map_err(|error| Error::Broken(format!("the audit book: {error}")))?;
        entries.push(serde_json::from_slice(&text)?);
    }
    Ok(entries)
}
