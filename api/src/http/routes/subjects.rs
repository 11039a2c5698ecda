//! `GET /v1/subjects/{key}/record`: for an operator who serves a person's own
//! request: what is held on them, why, until when, how to object or be repaired.
//! Their own name and number are whole here, and nowhere else.

use axum::response::Response;

use super::audit;
use crate::answer::entity::{self, RecordAnswer};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::{Ask, Named};
use crate::http::problem::{Problem, Problems};
use crate::http::query::dated;
use crate::service::Needs;

dated! {
    /// The two times.
    struct RecordQuery {}
}

/// 本人查询 / What is held on a subject
///
/// For a person's own request, made to an operator who has seen the person's document.
#[utoipa::path(
    get, path = "/v1/subjects/{key}/record", tag = "operate",
    params(("key" = String, Path, description = "A credit code, `person:KEY` or `id:TYPE:NUMBER`.", example = "91371502YN731R9A56"), RecordQuery),
    responses((status = 200, description = "The record.", body = RecordAnswer), Problems)
)]
pub(crate) async fn record(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<RecordQuery>,
) -> Result<Response, Problem> {
    let subject = asker.subject(&key)?;
    asker.may_about(Action::ReadPersonRecord, subject).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .show_whole(
            (Action::ReadPersonRecord, Some(subject)),
            (tense, Needs::Substance),
            move |session, sweep| {
                let looks = audit::looks_at(session, subject)?;
                entity::record(session, sweep, subject, looks)
            },
        )
        .await
}
