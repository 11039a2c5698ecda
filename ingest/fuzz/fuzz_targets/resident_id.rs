//! Fuzzes `ingest_fuzz::resident_id`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ingest_fuzz::resident_id(data));
