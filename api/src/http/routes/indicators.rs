//! `GET /v1/indicators`: the policy's figures, and the records behind them.

use axum::response::Response;
use serde_json::Value;

use crate::Error;
use crate::answer::{IndicatorAnswer, ask};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::{Ask, Named};
use crate::http::page::Paged;
use crate::http::problem::{Problem, Problems};
use crate::http::query::listed;
use crate::service::Needs;

listed! {
    /// Which page.
    struct IndicatorsQuery {}
}

/// 评估指标 / The policy's indicators
#[utoipa::path(
    get, path = "/v1/indicators", tag = "findings", params(IndicatorsQuery),
    responses((status = 200, description = "The indicators.", body = Paged<IndicatorAnswer>), Problems)
)]
pub(crate) async fn list(
    asker: Asker,
    Ask(query): Ask<IndicatorsQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadIndicators).await?;
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadIndicators, None),
            (page.tense, Needs::Everything),
            move |session, sweep| {
                let found = ask::indicators(session, sweep);
                Ok(page.filled(page.window().of(found)))
            },
        )
        .await
}

/// 指标所含记录 / What an indicator's numerator counts
#[utoipa::path(
    get, path = "/v1/indicators/{code}/records", tag = "findings",
    params(("code" = String, Path, description = "The indicator's code.", example = "penetration"), IndicatorsQuery),
    responses((status = 200, description = "Source rows, or subjects.", body = Paged<Value>), Problems)
)]
pub(crate) async fn records(
    asker: Asker,
    Named(code): Named,
    Ask(query): Ask<IndicatorsQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadIndicators).await?;
    let page = query.page(&asker.app)?;
    asker
        .show(
            (Action::ReadIndicators, None),
            (page.tense, Needs::Everything),
            move |session, sweep| {
                let found = ask::indicator_records(session, sweep, &code);
                let found = found.map_err(|error| match error {
                    Error::Refused(what) => Error::Missing(what),
                    other => other,
                })?;
                Ok(page.filled(page.window().of(found)))
            },
        )
        .await
}
