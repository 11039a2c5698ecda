//! Fuzzes `ingest_fuzz::sheet`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::sheet(data));
