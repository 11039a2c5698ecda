//! Files and streams to changes: what departments deliver, read, judged and made into one batch.
//!
//! Start with [`ingest()`]: it takes [`source::Input`]s (files found by [`source::walk`], or bytes
//! in memory), reads them row by row, and writes one batch into a store. A row that cannot be
//! understood is data, not an error: it is quarantined with a reason code, and the
//! [`report::Report`] counts it. Only a file that breaks off, a store that fails or a batch that
//! was to be strict is an [`Error`], and then nothing was written.
//!
//! Nothing here prints, reads a clock or draws random numbers. Nothing that may tell who a person
//! is leaves through a message or a `Debug`.
//!
//! ```
//! use graph::memory::MemoryStore;
//! use graph::time::{Date, Moment};
//! use ingest::source::Input;
//! use ingest::{Options, Vocabulary, ingest};
//!
//! let store = MemoryStore::new(&[1; 32]);
//! let csv = "uscc,name\n914403001922038216,某某公司\n";
//! let inputs = [Input::bytes("organizations.csv", csv.as_bytes().to_vec())];
//! let day = Date::parse("2025-01-06").ok_or("no date")?;
//! let options = Options::at(Moment::start_of(day));
//! let report = ingest(&store, &inputs, &Vocabulary::new(), &options, &mut ())?;
//! assert_eq!(report.sets["organizations"].new, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
extern crate self as ingest;

mod error;
#[cfg(test)]
mod fuzz_tests;
pub mod identity;
mod pipeline;
pub mod quarantine;
pub mod report;
mod set;
pub mod source;
pub mod value;

pub use error::Error;
pub use pipeline::{Options, Progress, ingest};
pub use set::{QUARANTINE_ID, Vocabulary, set_named, set_of_headers, set_of_stem};
