//! Why a command failed: what, where, and what to do.

use std::path::Path;

/// A request that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] graph::store::StoreError),
    /// The catalogue.
    #[error(transparent)]
    Catalogue(#[from] queries::catalogue::CatalogueErrors),
    /// Loading.
    #[error(transparent)]
    Ingest(#[from] ingest::Error),
    /// Generating.
    #[error(transparent)]
    Synthetic(#[from] synthetic::Error),
    /// A file or folder.
    #[error("{place}: {source}")]
    Io {
        /// Which.
        place: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The request cannot be answered; says what to do.
    #[error("{0}")]
    Refused(String),
    /// An answer could not be written.
    #[error("the answer could not be written: {0}")]
    Output(String),
}

impl Error {
    /// An error at a path.
    pub(crate) fn io(place: &Path, source: std::io::Error) -> Self {
        Self::Io {
            place: place.display().to_string(),
            source,
        }
    }

    /// The pipe that read the answer was closed: no failure.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.to_string())
    }
}
