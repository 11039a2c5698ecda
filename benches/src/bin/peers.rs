//! Our side of `make bench-peers`: writes what a store holds as plain rows, and our
//! answers to the questions with their times.
//!
//! `peers STORE ROWS ANSWERS` prints the times as JSON.

use std::path::Path;

use graph_rocks::RocksStore;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [store, rows, out] = arguments.as_slice() else {
        anyhow::bail!("usage: peers STORE ROWS ANSWERS");
    };
    let store = RocksStore::open_read_only(Path::new(store))?;
    let times = benches::peers::answer::answer(&store, Path::new(rows), Path::new(out))?;
    println!("{times:#}");
    Ok(())
}
