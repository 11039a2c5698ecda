//! Taking up the world that is kept beside a store, in a process that did nothing before.
//!
//! `start DATA` prints what was measured as JSON; the first time it reads the store and keeps
//! the world.

use std::path::Path;

use api::shelf;
use benches::measure::{cpu_seconds, memory_mib, timed};
use graph::store::{Store, batch_known_at};
use graph::time::Moment;
use graph_rocks::RocksStore;
use queries::world::World;
use serde_json::json;

/// As in the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let Some(data) = std::env::args().nth(1) else {
        anyhow::bail!("usage: start DATA");
    };
    let store = RocksStore::open_read_only(Path::new(&data))?;
    let snapshot = store.snapshot()?;
    let newest = batch_known_at(&snapshot.batches()?, Moment::MAX);
    let before = cpu_seconds();
    let (seconds, taken) = timed(|| shelf::world(&store, &*snapshot, newest));
    let cpu = cpu_seconds() - before;
    let (now_mib, peak_mib) = memory_mib();
    let Some(world) = taken? else {
        let (seconds, world) = timed(|| World::at(&*snapshot, store.keys(), newest));
        let (kept, done) = timed(|| shelf::keep(&store, &world?).map_err(anyhow::Error::from));
        done?;
        println!(
            "{}",
            json!({ "read_seconds": seconds, "kept_seconds": kept })
        );
        return Ok(());
    };
    println!(
        "{}",
        json!({ "seconds": seconds, "cpu": cpu, "now_mib": now_mib, "peak_mib": peak_mib, "cases": world.cases.len() })
    );
    Ok(())
}
