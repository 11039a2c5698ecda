//! Benches and the sample city's generator. `cargo bench -p benches` runs the
//! benches in `benches/`, each of which says what it measures.
