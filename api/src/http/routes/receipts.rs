//! `GET /v1/receipts/{id}`: a receipt, its signature, and whether today answers
//! otherwise.

use axum::http::StatusCode;
use axum::response::Response;
use graph::id::EntityId;
use serde_json::Value;

use crate::answer::proof;
use crate::auth::Action;
use crate::http::asker::{Asker, told};
use crate::http::extract::{Ask, Named};
use crate::http::problem::{Problem, Problems};
use crate::http::query::dated;
use crate::receipt::KeyRing;
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
    let tense = query.tense(&asker.app)?;
    let wanted = id.clone();
    let owner = move |session: &Session| {
        let receipt = kept(session, &wanted)?;
        let text = |path: &str| Some(receipt.pointer(path)?.as_str()?.to_owned());
        Ok((text("/department"), text("/subject/key")))
    };
    // Whose it is decides who may see it; that it is there is told to nobody else.
    let (department, subject) = match asker.app.service.read(tense, owner).await {
        Ok(found) => found,
        Err(error) => {
            asker.may(Action::ReadReceipt).await?;
            return Err(error.into());
        }
    };
    asker
        .may_for(Action::ReadReceipt, department.as_deref())
        .await?;
    let subject = subject.and_then(|key| EntityId::parse_key(&key));
    asker
        .show(
            (Action::ReadReceipt, subject),
            (tense, Needs::Substance),
            move |session, sweep| {
                let receipt = kept(session, &id)?;
                proof::of_receipt(session, sweep, &receipt)
            },
        )
        .await
}

fn kept(session: &Session, id: &str) -> Result<Value, Error> {
    let missing = || Error::Missing("no such receipt / 没有这个回执".into());
    proof::kept_receipt(session, id)?.ok_or_else(missing)
}

/// 公钥 / The public keys that receipts and seals are checked with, the present one first
#[utoipa::path(
    get, path = "/v1/public-keys", tag = "verify",
    responses((status = 200, description = "The keys.", body = Vec<Value>), Problems)
)]
pub(crate) async fn public_keys(asker: Asker) -> Result<Response, Problem> {
    asker.may(Action::ReadPublicKeys).await?;
    let dir = asker.app.service.store().dir().to_owned();
    let found = crate::service::blocking(move || KeyRing::of(&dir, crate::clock::now()));
    told(StatusCode::OK, &found.await?.public_keys())
}
