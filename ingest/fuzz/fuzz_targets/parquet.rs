//! Fuzzes `ingest_fuzz::parquet`.
#![no_main]

// The library may panic on a torn file, and is caught; only what nobody catches is a find.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| ingest_fuzz::parquet(data)
);
