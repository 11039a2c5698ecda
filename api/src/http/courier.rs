//! Telling subscribers of changes: every few seconds what is due is sent, and what
//! became of it is written. Nothing runs while nobody has subscribed.

use std::time::Duration;

use super::App;
use crate::clock;
use crate::feed::{Deliver, HttpDeliver};
use crate::service::blocking;

/// Messages of one look.
const MOST: usize = 64;

/// Runs until the server stops.
pub(crate) async fn run(app: App) {
    let Some(secrets) = app.settings.webhook_secrets.clone() else {
        return;
    };
    let delivering = app.settings.delivery.clone();
    loop {
        tokio::time::sleep(Duration::from_millis(delivering.every_ms)).await;
        if let Err(error) = app.service.publish_to_subscribers().await {
            tracing::error!(%error, "the feed");
        }
        for message in app.service.due(clock::now(), MOST).await {
            let sender = HttpDeliver {
                secrets: secrets.clone(),
                roots: delivering.roots.clone(),
                timeout: Duration::from_secs(10),
            };
            let place = (message.subscription.clone(), message.seq);
            let sent = blocking(move || Ok(sender.deliver(&message))).await;
            let sent = sent.unwrap_or_else(|error| Err(error.to_string()));
            if let Err(error) = app.service.attempted(place, sent, delivering.pace()).await {
                tracing::error!(%error, "the deliveries");
            }
        }
    }
}
