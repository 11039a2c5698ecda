//! Fuzzes `ingest_fuzz::encoding`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::encoding(data));
