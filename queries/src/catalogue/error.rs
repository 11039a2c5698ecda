//! What is wrong with a catalogue: every fault with its place and its remedy.
//!
//! Loading does not stop at the first fault: whoever maintains the rules sees
//! all of them at once. A catalogue with any fault is refused as a whole,
//! because half a catalogue would answer that somebody is not restricted.

use std::fmt;

/// One fault of one file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}: {advice}")]
pub struct CatalogueError {
    /// The file's name in the catalogue's folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

/// Every fault of a catalogue, in order of file and line; never empty.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct CatalogueErrors {
    /// The faults.
    pub errors: Vec<CatalogueError>,
}

impl fmt::Display for CatalogueErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors.len();
        let noun = if count == 1 { "fault" } else { "faults" };
        write!(f, "the catalogue is refused, {count} {noun}:")?;
        self.errors
            .iter()
            .try_for_each(|error| write!(f, "\n{error}"))
    }
}
