//! A bare axum handler that reads and answers JSON: what HTTP alone costs. The bench of
//! the service (`make bench-api`) measures itself against it.

use std::net::SocketAddr;

use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Asked {
    subject: String,
    item: Option<String>,
}

#[derive(Serialize)]
struct Answered {
    subject: String,
    item: Option<String>,
    restricted: bool,
}

async fn verify(Json(asked): Json<Asked>) -> Json<Answered> {
    Json(Answered {
        subject: asked.subject,
        item: asked.item,
        restricted: false,
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let asked = std::env::args().nth(1);
    let address = asked.as_deref().unwrap_or("127.0.0.1:8790");
    let address: SocketAddr = address
        .parse()
        .map_err(|error| std::io::Error::other(format!("{address}: {error}")))?;
    let app = Router::new().route("/v1/verifications", post(verify));
    axum::serve(tokio::net::TcpListener::bind(address).await?, app).await
}
