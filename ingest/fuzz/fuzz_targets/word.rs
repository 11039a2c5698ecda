//! Fuzzes `ingest_fuzz::word`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::word(data));
