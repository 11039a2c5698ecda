//! `/v1/webhooks`: who is told of changes. Secrets stand in files on the server
//! and are named here, never sent.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Action;
use crate::feed::{ChangeKind, Subscription};
use crate::http::asker::{Asker, told};
use crate::http::extract::Json;
use crate::http::problem::{Code, Problem, Problems};

/// Who is told of what.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "credit-office", "url": "https://credit.example/hook",
    "secret": "credit-office", "kinds": ["appeared", "resolved"]}))]
pub(crate) struct WebhookRequest {
    /// Its id: letters, digits, `-`.
    #[schema(pattern = "^[A-Za-z0-9-]{1,64}$")]
    id: String,
    /// Where to; `https://`.
    #[schema(pattern = r"^https://[a-z0-9][a-z0-9.-]*[a-z0-9](/[A-Za-z0-9._/-]*)?$")]
    url: String,
    /// The name of the file with the secret, in the folder `webhook_secrets` of the configuration.
    #[schema(pattern = "^[A-Za-z0-9-]{1,64}$")]
    secret: String,
    /// `appeared`, `state`, `resolved`, `reopened`; none: all.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    kinds: BTreeSet<ChangeKind>,
    /// Only this department's gaps.
    #[serde(default)]
    department: Option<String>,
    /// Not told any more.
    #[serde(default)]
    ended: bool,
}

impl From<Subscription> for WebhookRequest {
    fn from(one: Subscription) -> Self {
        Self {
            id: one.id,
            url: one.url,
            secret: one.secret,
            kinds: one.kinds,
            department: one.department,
            ended: one.ended,
        }
    }
}

/// 订阅 / The subscriptions to changes of gaps
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "gaps",
    responses((status = 200, description = "The subscriptions.", body = Vec<WebhookRequest>), Problems)
)]
pub(crate) async fn list(asker: Asker) -> Result<Response, Problem> {
    let department = asker.caller.department.clone();
    asker
        .may_for(Action::ManageWebhooks, department.as_deref())
        .await?;
    let all = asker.app.service.subscriptions().await.into_iter();
    let own = all.filter(|one| department.is_none() || one.department == department);
    let answers: Vec<WebhookRequest> = own.map(WebhookRequest::from).collect();
    told(StatusCode::OK, &answers)
}

/// 设立或更改订阅 / Add or change a subscription
#[utoipa::path(
    put, path = "/v1/webhooks", tag = "gaps",
    request_body = WebhookRequest,
    responses((status = 200, description = "The subscription.", body = WebhookRequest), Problems)
)]
pub(crate) async fn put(
    asker: Asker,
    Json { asked, .. }: Json<WebhookRequest>,
) -> Result<Response, Problem> {
    let department = asked.department.clone();
    asker
        .may_for(Action::ManageWebhooks, department.as_deref())
        .await?;
    if asker.app.settings.webhook_secrets.is_none() {
        let what = "no folder `webhook_secrets` is configured / 未设置 webhook_secrets";
        return Err(Problem::new(Code::Conflict, what));
    }
    // Whoever may act for one department takes over none of another's.
    let all = asker.app.service.subscriptions().await;
    if let Some(own) = &asker.caller.department
        && all
            .iter()
            .any(|one| one.id == asked.id && one.department.as_ref() != Some(own))
    {
        return Err(Problem::new(Code::Forbidden, "not your subscription"));
    }
    let subscription = Subscription {
        id: asked.id,
        url: asked.url,
        secret: asked.secret,
        kinds: asked.kinds,
        department,
        ended: asked.ended,
    };
    asker.app.service.subscribe(subscription.clone()).await?;
    told(StatusCode::OK, &WebhookRequest::from(subscription))
}
