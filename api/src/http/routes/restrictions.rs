//! `GET /v1/restrictions`, `/v1/leads`, `/v1/explanations/{id}`.

use axum::response::Response;
use queries::sweep::Sweep;
use serde::Serialize;

use crate::Error;
use crate::answer::ask::{self, Which, Window};
use crate::answer::{Explanation, LeadAnswer, RestrictionAnswer, proof};
use crate::auth::Action;
use crate::http::asker::Asker;
use crate::http::extract::{Ask, Named};
use crate::http::page::{Page, Paged};
use crate::http::problem::{Problem, Problems};
use crate::http::query::{dated, listed};
use crate::service::Needs;
use crate::session::Session;

listed! {
    /// Which restrictions or leads.
    struct RestrictionsQuery {
        /// Only on this subject: a credit code, `person:KEY` or `id:TYPE:NUMBER`.
        #[param(value_type = String, required = false, example = "91371502YN731R9A56")]
        subject: Option<String>,
        /// Only because of the case with this number.
        #[param(value_type = String, required = false)]
        case: Option<String>,
    }
}

dated! {
    /// The two times.
    struct ExplainQuery {}
}

impl RestrictionsQuery {
    async fn which(&self, asker: &Asker) -> Result<Which, Problem> {
        let subject = self.subject.as_deref().map(|text| asker.subject(text));
        let subject = subject.transpose()?;
        match subject {
            Some(subject) => asker.may_about(Action::ReadRestrictions, subject).await?,
            None => asker.may(Action::ReadRestrictions).await?,
        }
        Ok(Which {
            subject,
            case: self.case.clone(),
        })
    }
}

type Finds<T> = fn(&Session, &Sweep<'_>, &Which, Window) -> Result<Vec<T>, Error>;

/// A page of what a question finds.
async fn listed<T: Serialize + 'static>(
    asker: &Asker,
    which: Which,
    page: Page,
    question: Finds<T>,
) -> Result<Response, Problem> {
    let look = (Action::ReadRestrictions, which.subject);
    let when = (page.tense, Needs::Substance);
    let find = move |session: &Session, sweep: &Sweep<'_>| {
        let found = question(session, sweep, &which, page.window())?;
        Ok(page.filled(found))
    };
    asker.show(look, when, find).await
}

/// 在效惩戒措施 / Restrictions in force on the day, with grounds
#[utoipa::path(
    get, path = "/v1/restrictions", tag = "findings", params(RestrictionsQuery),
    responses((status = 200, description = "The restrictions.", body = Paged<RestrictionAnswer>), Problems)
)]
pub(crate) async fn list(
    asker: Asker,
    Ask(query): Ask<RestrictionsQuery>,
) -> Result<Response, Problem> {
    let which = query.which(&asker).await?;
    let page = query.page(&asker.app)?;
    listed(&asker, which, page, ask::restrictions).await
}

/// 线索 / Leads: listed apart, they block nothing
#[utoipa::path(
    get, path = "/v1/leads", tag = "findings", params(RestrictionsQuery),
    responses((status = 200, description = "The leads.", body = Paged<LeadAnswer>), Problems)
)]
pub(crate) async fn leads(
    asker: Asker,
    Ask(query): Ask<RestrictionsQuery>,
) -> Result<Response, Problem> {
    let which = query.which(&asker).await?;
    let page = query.page(&asker.app)?;
    listed(&asker, which, page, ask::leads).await
}

/// 完整依据 / The whole proof of a restriction, lead or gap, down to the source row
#[utoipa::path(
    get, path = "/v1/explanations/{id}", tag = "findings",
    params(("id" = String, Path, description = "The id of a restriction, lead or gap."), ExplainQuery),
    responses((status = 200, description = "The proof.", body = Explanation), Problems)
)]
pub(crate) async fn explain(
    asker: Asker,
    Named(id): Named,
    Ask(query): Ask<ExplainQuery>,
) -> Result<Response, Problem> {
    asker.may(Action::ReadRestrictions).await?;
    let tense = query.tense(&asker.app)?;
    asker
        .show(
            (Action::ReadRestrictions, None),
            (tense, Needs::Everything),
            move |session, sweep| {
                let missing =
                    || Error::Missing("nothing is called so then / 当时没有此编号".into());
                proof::of_sweep(session, sweep, &id)?.ok_or_else(missing)
            },
        )
        .await
}
