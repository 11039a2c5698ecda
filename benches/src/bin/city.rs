//! The questions of `make bench-city`, on a loaded data folder.
//!
//! `city DATA CITY [DAY]` prints what was measured as JSON.

use std::path::Path;

use graph::time::Date;

/// As in the command itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (data, city, day) = match arguments.as_slice() {
        [data, city] => (data, city, benches::peers::day()),
        [data, city, day] => match Date::parse(day) {
            Some(day) => (data, city, day),
            None => anyhow::bail!("{day} is no day: write it as 2026-06-30"),
        },
        _ => anyhow::bail!("usage: city DATA CITY [DAY]"),
    };
    let measured = benches::city::measure(Path::new(data), Path::new(city), day)?;
    println!("{measured:#}");
    Ok(())
}
