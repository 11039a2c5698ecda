//! A whole city on one machine: every whole-city question once from the store on, and point
//! questions, each with its time and memory, beside what the machine allows.
//!
//! `make bench-city` generates and loads; [`measure`] does the rest.

use std::fs;
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use graph::id::EntityId;
use graph::store::{Snapshot, Store};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::relations::{Relations, When, group};
use queries::sweep::Sweep;
use queries::world::{Table, Texts, World};
use queries::{gaps, indicators, offenders, ownership, referrals, signals};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::fresh::fresh;
use crate::measure::{cpu_seconds, memory_mib, summary, timed};

/// How many subjects a point question is asked about.
const POINTS: usize = 1000;

/// What is measured, in order.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<Value>);

impl Steps {
    pub(crate) fn ask<T>(
        &mut self,
        name: &str,
        ask: impl FnOnce() -> T,
        size: impl FnOnce(&T) -> usize,
    ) -> T {
        let before = cpu_seconds();
        let (seconds, answer) = timed(ask);
        self.0.push(json!({
            "name": name,
            "seconds": seconds,
            "cpu": cpu_seconds() - before,
            "found": size(&answer),
            "peak_mib": memory_mib().1,
        }));
        answer
    }

    /// The times of many small questions.
    fn points(&mut self, name: &str, subjects: &[EntityId], mut ask: impl FnMut(EntityId)) {
        let one = |subject: &EntityId| timed(|| ask(*subject)).0;
        let seconds: Vec<f64> = subjects.iter().map(one).collect();
        let mut told = summary(&seconds);
        told["name"] = json!(name);
        told["peak_mib"] = json!(memory_mib().1);
        self.0.push(told);
    }
}

/// Measures a data folder that was loaded from the files of `city`.
pub fn measure(data: &Path, city: &Path, day: Date) -> anyhow::Result<Value> {
    let mut limits = Steps::default();
    let files = files_of(city)?;
    limits.ask(
        "rows told apart, on all cores",
        || parse(&files),
        |rows| *rows,
    );
    limits.ask("files read", || read(&files), |bytes| *bytes);
    let stored = files_of(&data.join("db"))?;
    limits.ask("store read", || read(&stored), |bytes| *bytes);
    let (csv_bytes, store_bytes) = (size_of(&files)?, size_of(&stored)?);
    let store = RocksStore::open_read_only(data)?;
    let snapshot = store.snapshot()?;
    let catalogue = Catalogue::shipped().map_err(|errors| anyhow::anyhow!("{errors}"))?;
    let mut steps = Steps::default();
    let whole = || World::whole(&*snapshot, store.keys(), Moment::MAX);
    let world = steps.ask("snapshot built from the store", whole, |world| {
        world.as_ref().map_or(0, records)
    })?;
    let texts = Texts::of(&world, &*snapshot, store.keys());
    whole_city(&mut steps, &world, &texts, &catalogue, day)?;
    fresh(&mut steps, data, (&world, &catalogue), day)?;
    let mut points = Steps::default();
    from_store(&mut points, &world, &*snapshot, &store, &catalogue);
    Ok(json!({
        "csv_bytes": csv_bytes,
        "store_bytes": store_bytes,
        "steps": steps.0,
        "points": points_in_memory(points, &world, &catalogue, day).0,
        "limits": limits.0,
    }))
}

/// How many records a world holds that are not persons, departments or said of cases.
fn records(world: &World) -> usize {
    let register = world.organisations.len() + world.roles.len() + world.holdings.len();
    let duties = world.matters.len() + world.checks.len() + world.enforcements.len();
    register + world.agreements.len() + duties + world.cases.len()
}

fn whole_city(
    steps: &mut Steps,
    world: &World,
    texts: &Texts<'_>,
    catalogue: &Catalogue,
    day: Date,
) -> anyhow::Result<()> {
    let control = ControlOverTime::new(world);
    steps.ask(
        "control of all organisations",
        || control.all(day),
        Vec::len,
    );
    let draw = || Sweep::new(world, catalogue, &control);
    let sweep = steps.ask("all restrictions and leads", draw, |sweep| {
        let (restrictions, leads) = sweep.counts();
        restrictions + leads
    });
    let in_force = || {
        let all = sweep.restrictions_side_by_side();
        all.filter(|restriction| restriction.days.holds(day))
            .count()
    };
    steps.ask("in force on the day", in_force, |count| *count);
    steps.ask(
        "offenders",
        || offenders::organisations(&sweep, day),
        Vec::len,
    );
    steps.ask(
        "persons behind them",
        || offenders::persons(&sweep, day),
        Vec::len,
    );
    let gaps = steps.ask(
        "gaps, all kinds",
        || gaps::gaps(&sweep, texts, day),
        |found| found.as_ref().map_or(0, |found| found.len()),
    );
    drop(gaps?);
    steps.ask(
        "indicators",
        || indicators::indicators(&sweep, day),
        Vec::len,
    );
    steps.ask("signals", || signals::signals(&sweep, day), Vec::len);
    steps.ask("referrals", || referrals::referrals(&sweep, day), Vec::len);
    Ok(())
}

/// Verifications that begin at the store: the first ones find nothing in the engine's cache.
fn from_store(
    points: &mut Steps,
    world: &World,
    snapshot: &dyn Snapshot,
    store: &RocksStore,
    catalogue: &Catalogue,
) {
    let subjects = drawn(&world.cases_of);
    let verify = |subject: EntityId| {
        let near = World::around(snapshot, store.keys(), Moment::MAX, subject).expect("a world");
        let control = ControlOverTime::new(&near);
        let sweep = Sweep::new(&near, catalogue, &control);
        black_box(sweep.on(subject).count());
    };
    points.points("verify from the store, first", &subjects, verify);
    points.points("verify from the store, again", &subjects, verify);
}

fn points_in_memory(mut points: Steps, world: &World, catalogue: &Catalogue, day: Date) -> Steps {
    let control = ControlOverTime::new(world);
    let sweep = Sweep::new(world, catalogue, &control);
    let subjects = drawn(&world.cases_of);
    points.points("verify from the snapshot", &subjects, |subject| {
        let all = sweep
            .on(subject)
            .filter(|restriction| restriction.days.holds(day));
        black_box(all.count());
    });
    let companies = drawn(&world.holdings);
    points.points("controllers of one", &companies, |org| {
        black_box(control.on(org, day));
    });
    points.points("owners of one", &companies, |org| {
        black_box(ownership::owners(world, org, day));
    });
    let whole = control.whole(day);
    points.points("group of one", &companies, |org| {
        black_box(group(&whole.0, &whole.1, org));
    });
    let relations = Relations::new(world, catalogue);
    points.points("network of 2 hops", &companies, |org| {
        black_box(relations.network(org, 2, When::On(day), 1000));
    });
    points
}

/// Evenly spread over all.
fn drawn<T: 'static>(all: &Table<T>) -> Vec<EntityId> {
    let step = all.home_count().div_ceil(POINTS).max(1);
    all.homes().step_by(step).collect()
}

fn files_of(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_none_or(|ending| ending != "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn size_of(files: &[PathBuf]) -> anyhow::Result<u64> {
    let sizes = files.iter().map(|file| Ok(fs::metadata(file)?.len()));
    sizes.sum()
}

/// How many rows the files have, told apart and into cells, and nothing else.
fn parse(files: &[PathBuf]) -> usize {
    let rows = |file: &PathBuf| {
        let mut reader = csv::Reader::from_path(file).expect("a file of rows");
        let mut row = csv::ByteRecord::new();
        let mut count = 0;
        while reader.read_byte_record(&mut row).expect("a row") {
            count += 1;
        }
        count
    };
    files.par_iter().map(rows).sum()
}

/// How many bytes the files have, read one after the other.
fn read(files: &[PathBuf]) -> usize {
    let mut block = vec![0; 1 << 20];
    let mut total = 0;
    for file in files {
        let mut file = fs::File::open(file).expect("a file");
        loop {
            let got = file.read(&mut block).expect("bytes");
            if got == 0 {
                break;
            }
            total += black_box(&block[..got]).len();
        }
    }
    total
}
