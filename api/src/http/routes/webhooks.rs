//! `/v1/webhooks`: who is told of changes. Secrets stand in files on the server
//! and are named here, never sent. What could not be delivered is shown, and sent
//! again on request.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Action;
use crate::feed::{ChangeKind, Delivery, DeliveryState, Subscription};
use crate::http::asker::{Asker, told};
use crate::http::caller::confined;
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
    let own = own(&asker).await?;
    let all = asker.app.service.subscriptions().await.into_iter();
    let shown = all.filter(|one| own.contains(&one.id));
    let answers: Vec<WebhookRequest> = shown.map(WebhookRequest::from).collect();
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
    if let Some(own) = confined(&asker.caller)
        && all
            .iter()
            .any(|one| one.id == asked.id && one.department.as_deref() != Some(own))
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

/// A change that is not delivered yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryAnswer {
    /// To whom.
    subscription: String,
    /// The number of the change.
    seq: u64,
    /// The event's id, the same at every attempt.
    event: String,
    /// `waiting`, or `dead` when it was given up.
    state: &'static str,
    /// Attempts made.
    attempts: u32,
    /// Not tried before.
    due_at: String,
    /// What the last failure was.
    fault: Option<String>,
}

impl From<&Delivery> for DeliveryAnswer {
    fn from(one: &Delivery) -> Self {
        Self {
            subscription: one.subscription.clone(),
            seq: one.seq,
            event: one.event(),
            state: match one.state {
                DeliveryState::Waiting => "waiting",
                DeliveryState::Delivered => "delivered",
                DeliveryState::Dead => "dead",
            },
            attempts: one.attempts,
            due_at: graph::time::Moment(one.due_at).to_string(),
            fault: one.fault.clone(),
        }
    }
}

/// Which delivery to send again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"subscription": "credit-office", "seq": 1}))]
pub(crate) struct SendAgain {
    /// To whom.
    subscription: String,
    /// The number of the change.
    seq: u64,
}

/// 未送达的变化 / Changes that are not delivered: waiting, or given up
#[utoipa::path(
    get, path = "/v1/webhooks/deliveries", tag = "gaps",
    responses((status = 200, description = "The deliveries, at most 1000 of them.", body = Vec<DeliveryAnswer>), Problems)
)]
pub(crate) async fn deliveries(asker: Asker) -> Result<Response, Problem> {
    let own = own(&asker).await?;
    let all = asker.app.service.open_deliveries().await;
    let shown = all.iter().filter(|one| own.contains(&one.subscription));
    let answers: Vec<DeliveryAnswer> = shown.take(1000).map(DeliveryAnswer::from).collect();
    told(StatusCode::OK, &answers)
}

/// 重新发送 / Send again what was given up
#[utoipa::path(
    post, path = "/v1/webhooks/deliveries", tag = "gaps",
    request_body = SendAgain,
    responses((status = 202, description = "It waits to be sent.", body = DeliveryAnswer), Problems)
)]
pub(crate) async fn send_again(
    asker: Asker,
    Json { asked, .. }: Json<SendAgain>,
) -> Result<Response, Problem> {
    let own = own(&asker).await?;
    let missing = || Problem::new(Code::NotFound, "no such delivery was given up / 没有这一条");
    if !own.contains(&asked.subscription) {
        return Err(missing());
    }
    let place = (asked.subscription.as_str(), asked.seq);
    let found = asker.app.service.send_again(place).await?;
    told(
        StatusCode::ACCEPTED,
        &DeliveryAnswer::from(&found.ok_or_else(missing)?),
    )
}

/// The subscriptions that are the caller's to see.
async fn own(asker: &Asker) -> Result<BTreeSet<String>, Problem> {
    let department = confined(&asker.caller).map(str::to_owned);
    asker
        .may_for(Action::ManageWebhooks, department.as_deref())
        .await?;
    let all = asker.app.service.subscriptions().await.into_iter();
    let own = all.filter(|one| department.is_none() || one.department == department);
    Ok(own.map(|one| one.id).collect())
}
