//! A synthetic city in the input formats, with the truth about what was planted in it.
//!
//! [`Plan::new`] takes a size in rows and a seed, [`write()`] makes the files. The city is a pure
//! function of the two: the same on every machine and with any number of threads, because every
//! organisation is drawn from dice of its own (`dice`). Memory does not grow with the size:
//! threads make blocks of organisations, and one writes them in order.
//!
//! `shape` says what the city is like, `law` which codes of the shipped catalogue it uses,
//! `planted` which stories have a known answer. Nobody in it is real, and nothing here reads the
//! clock, the environment or the catalogue.
//!
//! ```
//! let folder = std::env::temp_dir().join(format!("synthetic-{}", std::process::id()));
//! let plan = synthetic::Plan::new(1_000, 7)?;
//! let summary = synthetic::write(&plan, &folder, 2, &mut |_| {})?;
//! assert_eq!(summary.rows(), 1_000);
//! assert!(folder.join("truth.json").is_file());
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok::<(), synthetic::Error>(())
//! ```

mod block;
mod dice;
mod files;
mod flaws;
mod foundation;
mod groups;
mod identity;
pub mod law;
mod listings;
mod matters;
mod organisation;
mod page;
mod penalties;
mod plan;
mod planted;
mod rows;
mod shape;
mod sheet;
mod tally;
mod truth;
mod write;

use std::path::{Path, PathBuf};

pub use files::WrittenFile;
pub use plan::{LEAST, MOST, PRESETS, Plan, size_named};
pub use write::{Summary, write};

/// Why no city was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Too small for the planted stories, or too large for the invented codes.
    #[error("a city of {size} rows cannot be made: between {LEAST} and {MOST}")]
    Size {
        /// What was asked for.
        size: u64,
    },
    /// Files of another run would be mixed with those of this one.
    #[error("{folder} is not empty: name a new folder, or remove what is in it")]
    NotEmpty {
        /// Which.
        folder: PathBuf,
    },
    /// A file or folder.
    #[error("{place}: {source}")]
    Io {
        /// Which.
        place: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A thread stopped before its block was made.
    #[error("block {block} was not made")]
    Stopped {
        /// Which.
        block: u64,
    },
}

impl Error {
    fn io(place: &Path, source: std::io::Error) -> Self {
        Self::Io {
            place: place.to_owned(),
            source,
        }
    }
}
