//! `GET /v1/receipts/{id}`: a receipt, its signature, and whether today answers
//! otherwise.

use axum::response::Response;
use serde_json::Value;

use crate::answer::proof;
use crate::http::asker::Asker;
use crate::http::caller::Action;
use crate::http::extract::{Ask, Named};
use crate::http::problem::{Problem, Problems};
use crate::http::query::dated;
use crate::service::Needs;
use crate::{Error, session::Session};

dated! {
    /// The state of knowledge to compare with.
    struct ReceiptQuery {}
}

/// 回执 / A receipt
///
/// The answer as it was signed, whether its signature fits, and what has changed since.
#[utoipa::path(
    get, path = "/v1/receipts/{id}", tag = "verify",
    params(("id" = String, Path, description = "The receipt's id."), ReceiptQuery),
    responses((status = 200, description = "The receipt.", body = Value), Problems)
)]
pub(crate) async fn show(
    asker: Asker,
    Named(id): Named,
    Ask(query): Ask<ReceiptQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::SeeReceipt)?;
    asker.looked(Action::SeeReceipt, None).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .answer(tense, Needs::Substance, move |session, sweep| {
            let receipt = kept(session, &id)?;
            proof::of_receipt(session, sweep, &receipt)
        })
        .await
}

fn kept(session: &Session, id: &str) -> Result<Value, Error> {
    let missing = || Error::Missing("no such receipt / 没有这个回执".into());
    proof::receipt(session, id)?.ok_or_else(missing)
}
