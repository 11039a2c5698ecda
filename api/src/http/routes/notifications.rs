//! `/v1/notifications/{file}`: a department's notification (通报), as a workbook or
//! to be printed. Looking marks nothing; `POST` marks the gaps as notified.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::Action;
use crate::feed::Saying;
use crate::http::asker::{Asker, Shown};
use crate::http::extract::{Ask, Named};
use crate::http::problem::{Code, Problem, Problems};
use crate::http::query::dated;
use crate::notify::Notice;
use crate::service::Needs;

dated! {
    /// What stands in the notification.
    struct NotificationQuery {
        /// Working days to answer. Default: 5.
        #[param(value_type = u32, required = false, minimum = 1, maximum = 250, example = 5)]
        workdays: Option<u32>,
        /// Whom to ask.
        #[param(value_type = String, required = false, max_length = 200)]
        contact: Option<String>,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Form {
    Workbook,
    Page,
}

const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// 部门通报 / A department's notification, without marking anything
#[utoipa::path(
    get, path = "/v1/notifications/{file}", tag = "gaps",
    params(("file" = String, Path, description = "`DEPARTMENT.xlsx` or, to be printed, `DEPARTMENT.html`.", pattern = r"^[A-Za-z0-9_-]{1,40}\.(xlsx|html)$", example = "D-APV.xlsx"), NotificationQuery),
    responses((status = 200, description = "The notification.",
        content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/html"))), Problems)
)]
pub(crate) async fn show(
    asker: Asker,
    Named(file): Named,
    Ask(query): Ask<NotificationQuery>,
) -> Result<Response, Problem> {
    let made = made(&asker, Action::ReadNotification, (&file, &query));
    made.await.map(|(response, _)| response)
}

/// 发出通报 / A department's notification; its gaps are notified from now on
#[utoipa::path(
    post, path = "/v1/notifications/{file}", tag = "gaps",
    params(("file" = String, Path, description = "`DEPARTMENT.xlsx` or, to be printed, `DEPARTMENT.html`.", pattern = r"^[A-Za-z0-9_-]{1,40}\.(xlsx|html)$", example = "D-APV.html"), NotificationQuery),
    responses((status = 200, description = "The notification.",
        content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (String = "text/html"))), Problems)
)]
pub(crate) async fn send(
    asker: Asker,
    Named(file): Named,
    Ask(query): Ask<NotificationQuery>,
) -> Result<Response, Problem> {
    let (response, gaps) = made(&asker, Action::Notify, (&file, &query)).await?;
    let ids: Vec<&str> = gaps.iter().map(String::as_str).collect();
    let saying = Saying {
        by: Some(asker.caller.client.to_string()),
        ..Saying::notified(crate::clock::now())
    };
    asker.app.service.say(&ids, saying).await?;
    asker.app.spoke();
    Ok(response)
}

async fn made(
    asker: &Asker,
    action: Action,
    (file, query): (&str, &NotificationQuery),
) -> Result<(Response, Vec<String>), Problem> {
    let (department, form) = match file.rsplit_once('.') {
        Some((department, "xlsx")) if !department.is_empty() => (department, Form::Workbook),
        Some((department, "html")) if !department.is_empty() => (department, Form::Page),
        _ => {
            let what = "ask for DEPARTMENT.xlsx or DEPARTMENT.html";
            return Err(Problem::new(Code::NotFound, what));
        }
    };
    asker.may_for(action, Some(department)).await?;
    if crate::output::masked_text(department).is_some() {
        let what = "that is a person's number, not a department / 这是身份证号，不是部门";
        return Err(Problem::new(Code::NotFound, what));
    }
    let workdays = query.workdays.unwrap_or(5);
    if !(1..=250).contains(&workdays) {
        return Err(Problem::new(Code::BadParameter, "workdays: 1 to 250"));
    }
    let contact = query.contact.as_deref().unwrap_or_default();
    if contact.chars().count() > 200 {
        return Err(Problem::new(Code::BadParameter, "contact: at most 200"));
    }
    let contact = query.contact.as_ref();
    let contact =
        contact.map(|text| crate::output::masked_text(text).unwrap_or_else(|| text.clone()));
    let tense = query.tense(&asker.app)?;
    let (department, contact) = (department.to_owned(), contact);
    let look = move |session: &crate::session::Session, sweep: &queries::sweep::Sweep<'_>| {
        let notice = Notice::of(session, sweep, &department, (workdays, contact.as_deref()))?;
        let body = match form {
            Form::Workbook => notice.workbook()?,
            Form::Page => notice.page().into_bytes(),
        };
        let persons = crate::output::persons(&serde_json::to_value(&notice.gaps)?);
        let gaps: Vec<String> = notice.gaps.iter().map(|gap| gap.id.clone()).collect();
        Ok((Shown { body, persons }, gaps))
    };
    let (shown, gaps) = asker
        .app
        .service
        .ask((tense, Needs::Everything), look)
        .await?;
    asker.note((action, None), &shown).await?;
    let kind = match form {
        Form::Workbook => HeaderValue::from_static(WORKBOOK),
        Form::Page => HeaderValue::from_static("text/html; charset=utf-8"),
    };
    Ok((
        ([(header::CONTENT_TYPE, kind)], shown.body).into_response(),
        gaps,
    ))
}
