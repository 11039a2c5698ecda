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
    /// What was asked for is not there.
    #[error("{0}")]
    Missing(String),
    /// Something with this number is there already, or the request does not fit what is.
    #[error("{0}")]
    Conflict(String),
    /// The server is busy; try again.
    #[error("too many questions at once: try again")]
    Busy,
    /// The disk is full: nothing was written.
    #[error("the disk is full: nothing was recorded; make room and try again")]
    Full,
    /// A fault of the program.
    #[error("a fault of the program: {0}")]
    Broken(String),
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

    /// It failed for want of room, and may succeed when there is some.
    pub fn is_full(&self) -> bool {
        use graph::store::StoreError;
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let is_disk =
            |source: &std::io::Error| matches!(source.kind(), StorageFull | QuotaExceeded);
        match self {
            Self::Full
            | Self::Store(StoreError::Full { .. })
            | Self::Ingest(ingest::Error::Store(StoreError::Full { .. })) => true,
            Self::Ingest(ingest::Error::Read { source, .. }) | Self::Io { source, .. } => {
                is_disk(source)
            }
            _ => false,
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
