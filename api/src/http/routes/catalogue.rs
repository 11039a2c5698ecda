//! `GET /v1/catalogue`: the rules that answers stand on, each with its law.

use axum::response::Response;

use crate::answer::CatalogueAnswer;
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::problem::{Problem, Problems};

/// 规则 / The lists, measures, rules and items in use
#[utoipa::path(
    get, path = "/v1/catalogue", tag = "operate",
    responses((status = 200, description = "The catalogue.", body = CatalogueAnswer), Problems)
)]
pub(crate) async fn show(asker: Asker) -> Result<Response, Problem> {
    asker.may(Action::ReadCatalogue).await?;
    let tense = asker.app.service.tense(None, None);
    asker
        .read(tense, |session| Ok(CatalogueAnswer::of(&session.catalogue)))
        .await
}
