//! Fuzzes `ingest_fuzz::uscc`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::uscc(data));
