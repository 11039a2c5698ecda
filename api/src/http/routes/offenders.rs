//! `GET /v1/offenders`: high-frequency offenders.

use axum::response::Response;

use crate::answer::{OffenderAnswer, ask};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::Ask;
use crate::http::page::Paged;
use crate::http::problem::{Problem, Problems};
use crate::http::query::listed;
use crate::service::Needs;

listed! {
    /// Which offenders.
    struct OffendersQuery {
        /// The persons behind several organisations.
        #[serde(default)]
        #[param(value_type = bool, required = false)]
        persons: bool,
        /// With cleared and warning ones.
        #[serde(default)]
        #[param(value_type = bool, required = false, example = true)]
        all: bool,
    }
}

/// 高频失信主体 / High-frequency offenders
#[utoipa::path(
    get, path = "/v1/offenders", tag = "findings", params(OffendersQuery),
    responses((status = 200, description = "The offenders.", body = Paged<OffenderAnswer>), Problems)
)]
pub(crate) async fn list(
    asker: Asker,
    Ask(query): Ask<OffendersQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadOffenders).await?;
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadOffenders, None),
            (page.tense, Needs::Substance),
            move |session, sweep| {
                let found = ask::offenders(session, sweep, query.persons, query.all)?;
                Ok(page.filled(page.window().of(found)))
            },
        )
        .await
}
