//! `GET /v1/entities`: finding one, what is registered of it, its timeline.

use axum::response::Response;

use crate::answer::Subject;
use crate::answer::entity::{self, EntityAnswer, TimelineAnswer, Wanted};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::{Ask, Named};
use crate::http::page::Paged;
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::{dated, listed};
use crate::service::Needs;
use crate::session::Session;

listed! {
    /// Whom to find.
    struct FindQuery {
        /// An exact identifier (credit code, `person:KEY`, `id:TYPE:NUMBER`), or a part of an
        /// organisation's name. Persons are never found by name.
        #[param(min_length = 1, max_length = 200, example = "霁岫")]
        q: String,
    }
}

dated! {
    /// The two times.
    struct EntityQuery {}
}

/// 查找主体 / Find an entity
///
/// By exact identifier, or an organisation by a part of its name. Persons are found by exact
/// identifier only.
#[utoipa::path(
    get, path = "/v1/entities", tag = "entities", params(FindQuery),
    responses((status = 200, description = "The entities.", body = Paged<Subject>), Problems)
)]
pub(crate) async fn find(asker: Asker, Ask(query): Ask<FindQuery>) -> Result<Response, Problem> {
    if !(1..=200).contains(&query.q.chars().count()) {
        let what = "q: 1 to 200 characters / 查找内容为 1 至 200 个字符";
        return Err(Problem::new(Code::BadParameter, what));
    }
    let page = query.page(&asker.app)?;
    let exact = asker.subject(&query.q).ok();
    let tense = page.tense;
    match exact {
        // A number or key names one entity: nobody is searched for.
        Some(exact) => asker.may_about(Action::ReadEntity, exact).await?,
        None => asker.may(Action::FindEntities).await?,
    }
    let wanted = match exact {
        Some(exact) => Wanted::Exact(exact),
        None => Wanted::Named(asker.app.service.names(page.tense).await?, query.q),
    };
    let find = move |session: &Session| {
        let found = entity::find(session, &wanted, page.window())?;
        Ok(page.filled(found))
    };
    let look = (Action::FindEntities, exact);
    asker.show_stored(look, tense, find).await
}

/// 主体概况 / An entity
///
/// What is registered, who holds which role in it or which it holds, and the restrictions in force.
#[utoipa::path(
    get, path = "/v1/entities/{key}", tag = "entities",
    params(("key" = String, Path, description = "A credit code, `person:KEY` or `id:TYPE:NUMBER`.", example = "91371502YN731R9A56"), EntityQuery),
    responses((status = 200, description = "The entity.", body = EntityAnswer), Problems)
)]
pub(crate) async fn show(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<EntityQuery>,
) -> Result<Response, Problem> {
    let subject = asker.subject(&key)?;
    asker.may_about(Action::ReadEntity, subject).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .show(
            (Action::ReadEntity, Some(subject)),
            (tense, Needs::Substance),
            move |session, sweep| entity::entity(session, sweep, subject),
        )
        .await
}

/// 主体沿革 / Everything recorded of an entity, version by version
#[utoipa::path(
    get, path = "/v1/entities/{key}/timeline", tag = "entities",
    params(("key" = String, Path, description = "A credit code, `person:KEY` or `id:TYPE:NUMBER`.", example = "91371502YN731R9A56"), EntityQuery),
    responses((status = 200, description = "The timeline.", body = TimelineAnswer), Problems)
)]
pub(crate) async fn timeline(
    asker: Asker,
    Named(key): Named,
    Ask(query): Ask<EntityQuery>,
) -> Result<Response, Problem> {
    let subject = asker.subject(&key)?;
    asker.may_about(Action::ReadTimeline, subject).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .show_stored(
            (Action::ReadTimeline, Some(subject)),
            tense,
            move |session| entity::timeline(session, subject),
        )
        .await
}
