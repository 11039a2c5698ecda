//! Loads a folder of files into a new data folder, as `chuantou ingest` does, and tells what
//! it cost: `load FILES DATA [MEMORY_MIB]` prints wall and processor seconds, the most memory,
//! the size on disk, and each second how many cores were at work on what.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use benches::measure::{cpu_seconds, memory_mib};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use ingest::{Options, Progress, ingest, source};

/// As in the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tells when reading ends.
struct Phases(Instant);

impl Progress for Phases {
    fn file(&mut self, name: &str, _: usize, _: usize) {
        eprintln!("{:7.2} s  {name}", self.0.elapsed().as_secs_f64());
    }
    fn rows(&mut self, _: u64) {}
    fn writing(&mut self) {
        let (wall, cpu) = (self.0.elapsed().as_secs_f64(), cpu_seconds());
        eprintln!("{wall:7.2} s  all rows read, {cpu:.2} s of processors");
    }
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (files, data, memory) = match arguments.as_slice() {
        [files, data] => (files, data, 4096),
        [files, data, memory] => (files, data, memory.parse()?),
        _ => anyhow::bail!("usage: load FILES DATA [MEMORY_MIB]"),
    };
    let data = Path::new(data);
    let inputs = source::walk(&[PathBuf::from(files)])?;
    let words = benches::town::words()?;
    let recorded = Date::from_ymd(2026, 6, 30).context("a day")?;
    let done = AtomicBool::new(false);
    let start = Instant::now();
    let report = thread::scope(|scope| {
        scope.spawn(|| watch(start, &data.join("loading"), &done));
        let report = (|| {
            let store = RocksStore::open(data, || Ok([7; 32]))?;
            let options = Options {
                folder: data.to_owned(),
                memory: memory << 20,
                ..Options::at(Moment::start_of(recorded))
            };
            anyhow::Ok(ingest(
                &store,
                &inputs,
                &words,
                &options,
                &mut Phases(start),
            )?)
        })();
        done.store(true, Ordering::Relaxed);
        report
    })?;
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds());
    let rows: u64 = report.sets.values().map(|counts| counts.read).sum();
    let (peak, bytes) = (memory_mib().1, size(data));
    println!(
        "{}",
        serde_json::json!({
            "rows": rows,
            "seconds": wall,
            "cpu": cpu,
            "peak_mib": peak,
            "bytes": bytes,
            "quarantined": report.quarantined(),
        })
    );
    Ok(())
}

/// Tells each second the cores at work and the newest tables.
fn watch(start: Instant, loading: &Path, done: &AtomicBool) {
    let mut before = (cpu_seconds(), Instant::now());
    while !done.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
        let took = before.1.elapsed().as_secs_f64();
        if took < 1.0 {
            continue;
        }
        let now = cpu_seconds();
        let mut tables: Vec<String> = std::fs::read_dir(loading)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        tables.sort();
        let (at, cores) = (start.elapsed().as_secs_f64(), (now - before.0) / took);
        let memory = memory_mib().0;
        eprintln!("{at:7.2} s  {cores:.2} cores  {memory} MiB  {tables:?}");
        before = (now, Instant::now());
    }
}

/// Bytes of the files in a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => size(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
