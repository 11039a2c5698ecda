//! The store on RocksDB: append-only versions, filed by subject, with the
//! indexes that questions need. `FORMAT.md` beside this crate draws the bytes.
//!
//! The only crate that names `rocksdb`.

mod bytes;
mod checkpoint;
mod column;
mod key_file;
mod load;
mod numbers;
mod open;
mod read;
mod verify;
mod write;

pub use open::RocksStore;
pub use verify::Fault;

#[cfg(test)]
mod tests;
