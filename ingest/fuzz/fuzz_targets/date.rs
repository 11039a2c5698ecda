//! Fuzzes `ingest_fuzz::date`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::date(data));
