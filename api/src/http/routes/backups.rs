//! `POST /v1/backups`: a consistent copy beside the data, for `chuantou backup`.

use axum::http::StatusCode;
use axum::response::Response;
use graph::id::Hex;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Error;
use crate::auth::Action;
use crate::http::asker::{Asker, told};
use crate::http::problem::{Problem, Problems};
use crate::service::blocking;

/// Where the copy is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupAnswer {
    /// The folder's name in the data folder; it holds `db`, and no keys.
    folder: String,
    /// The newest batch in it.
    data_version: u32,
}

/// 备份 / A consistent copy of the store in a new folder beside it; without keys
///
/// The command `chuantou backup DIR` asks for it and moves it to its place.
#[utoipa::path(
    post, path = "/v1/backups", tag = "operate",
    responses((status = 201, description = "The copy.", body = BackupAnswer), Problems)
)]
pub(crate) async fn make(asker: Asker) -> Result<Response, Problem> {
    asker.may(Action::Backup).await?;
    asker.looked(Action::Backup, None).await?;
    let mut serial = [0; 6];
    getrandom::fill(&mut serial)
        .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
    let folder = format!("backup-{}", Hex(&serial));
    let store = std::sync::Arc::clone(asker.app.service.store());
    let version = asker.app.service.newest();
    let dir = store.dir().join(&folder);
    blocking(move || {
        std::fs::create_dir(&dir).map_err(|error| Error::io(&dir, error))?;
        Ok(store.checkpoint(&dir.join("db"))?)
    })
    .await?;
    let answer = BackupAnswer {
        folder,
        data_version: version.0,
    };
    told(StatusCode::CREATED, &answer)
}
