//! The whole-city questions on a loaded data folder, each once: seconds, and what
//! memory the process holds and has held at most.
//!
//! `CHUANTOU_CITY=folder cargo bench -p benches --bench whole_city`; without a folder
//! there is nothing to measure. `CHUANTOU_DAY` says the day asked about.
#![allow(missing_docs, reason = "a bench has no public items")]

use std::path::Path;
use std::time::Instant;

use graph::store::Store;
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use queries::{gaps, indicators, offenders, referrals, signals};

/// Resident memory now and at most, in MiB.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        number.unwrap_or_default() / 1024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn timed<T>(what: &str, ask: impl FnOnce() -> T, size: impl FnOnce(&T) -> usize) -> T {
    let start = Instant::now();
    let answer = ask();
    let (now, most) = memory();
    println!(
        "{what:24} {:8.2} s  {:10} found  {now:6} MiB now  {most:6} MiB at most",
        start.elapsed().as_secs_f64(),
        size(&answer),
    );
    answer
}

fn main() {
    let Ok(folder) = std::env::var("CHUANTOU_CITY") else {
        println!("CHUANTOU_CITY names no data folder: nothing to measure");
        return;
    };
    let day = std::env::var("CHUANTOU_DAY").ok();
    let day = day.map_or_else(|| Date::from_ymd(2026, 6, 30), |day| Date::parse(&day));
    let day = day.expect("a day");
    let store = RocksStore::open_read_only(Path::new(&folder)).expect("a data folder");
    let snapshot = store.snapshot().expect("a snapshot");
    let catalogue = Catalogue::shipped().expect("the catalogue");
    let (snapshot, keys) = (&*snapshot, store.keys());
    let register = timed(
        "without duties",
        || World::without_duties(snapshot, keys, Moment::MAX).expect("a world"),
        |world| world.roles.len() + world.holdings.len() + world.cases.len(),
    );
    drop(register);
    let world = timed(
        "whole world",
        || World::whole(snapshot, keys, Moment::MAX).expect("a world"),
        |world| {
            let register = world.organisations.len() + world.roles.len() + world.holdings.len();
            let duties = world.matters.len() + world.checks.len() + world.enforcements.len();
            register + world.agreements.len() + duties + world.cases.len()
        },
    );
    println!(
        "  organisations {} roles {} holdings {} agreements {} matters {} checks {} \
         enforcements {} cases {} words {}",
        world.organisations.len(),
        world.roles.len(),
        world.holdings.len(),
        world.agreements.len(),
        world.matters.len(),
        world.checks.len(),
        world.enforcements.len(),
        world.cases.len(),
        world.symbols.all().count(),
    );
    let control = ControlOverTime::new(&world);
    let sweep = timed(
        "all restrictions",
        || Sweep::new(&world, &catalogue, &control),
        |sweep| sweep.restrictions().len() + sweep.leads().len(),
    );
    let in_force = || {
        let all = sweep.restrictions().iter();
        all.filter(|restriction| restriction.days.holds(day))
            .count()
    };
    timed("in force on the day", in_force, |count| *count);
    timed(
        "offenders",
        || offenders::organisations(&sweep, day),
        Vec::len,
    );
    timed(
        "persons behind",
        || offenders::persons(&sweep, day),
        Vec::len,
    );
    let texts = Texts::of(&world, snapshot, keys);
    timed(
        "gaps",
        || gaps::gaps(&sweep, &texts, day).expect("gaps"),
        Vec::len,
    );
    timed(
        "indicators",
        || indicators::indicators(&sweep, day),
        Vec::len,
    );
    timed("signals", || signals::signals(&sweep, day), Vec::len);
    timed("referrals", || referrals::referrals(&sweep, day), Vec::len);
}
