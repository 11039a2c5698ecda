//! Fuzzes `ingest_fuzz::percent`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::percent(data));
