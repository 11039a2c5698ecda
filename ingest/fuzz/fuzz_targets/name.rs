//! Fuzzes `ingest_fuzz::name`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::name(data));
