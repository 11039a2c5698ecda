//! The kernels over a town of 100 000 records: control of a day, restrictions of
//! all cases, the search for persons in one, offenders, gaps, paths and networks.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use graph::store::Store;
use graph::time::Moment;
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::gaps::gaps;
use queries::indicators::indicators;
use queries::offenders::{organisations, persons};
use queries::penetration::search;
use queries::relations::{PathsQuestion, Relations, When};
use queries::signals::signals;
use queries::sweep::Sweep;
use queries::world::{Texts, World};

const RECORDS: u64 = 100_000;

fn kernels(criterion: &mut Criterion) {
    let day = benches::peers::day();
    let home = tempfile::tempdir().unwrap();
    let store = RocksStore::open(home.path(), || Ok([7; 32])).unwrap();
    benches::town::fill(&store, RECORDS).unwrap();
    let snapshot = store.snapshot().unwrap();
    let catalogue = Catalogue::shipped().unwrap();
    let world = World::whole(&*snapshot, store.keys(), Moment::MAX).unwrap();
    let mut group = criterion.benchmark_group("kernels");
    group.sample_size(10);
    group.bench_function("control_of_a_day", |bench| {
        bench.iter(|| ControlOverTime::new(&world).whole(day));
    });
    group.bench_function("restrictions_of_all_cases", |bench| {
        bench.iter(|| {
            let control = ControlOverTime::new(&world);
            Sweep::new(&world, &catalogue, &control).counts()
        });
    });
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &catalogue, &control);
    group.bench_function("search_of_all_cases", |bench| {
        bench.iter(|| {
            for (_, case) in world.cases.all() {
                for rule in catalogue.rules.iter().filter(|rule| case.triggers(rule)) {
                    let life = case.life(rule, &catalogue);
                    for entry in &rule.persons {
                        black_box(search(&world, &control, case, entry, life));
                    }
                }
            }
        });
    });
    group.bench_function("offenders", |bench| {
        bench.iter(|| organisations(&sweep, day))
    });
    group.bench_function("persons_behind_offenders", |bench| {
        bench.iter(|| persons(&sweep, day));
    });
    let texts = Texts::of(&world, &*snapshot, store.keys());
    group.bench_function("gaps", |bench| {
        bench.iter(|| gaps(&sweep, &texts, day).unwrap())
    });
    group.bench_function("indicators", |bench| bench.iter(|| indicators(&sweep, day)));
    group.bench_function("signals", |bench| bench.iter(|| signals(&sweep, day)));
    let relations = Relations::new(&world, &catalogue);
    let companies: Vec<_> = world.holdings.homes().collect();
    let mut next = (0..companies.len()).cycle();
    let mut company = || companies[next.next().unwrap()];
    let when = When::On(day);
    group.bench_function("network_of_2_hops", |bench| {
        bench.iter(|| relations.network(company(), 2, when, 1000));
    });
    group.bench_function("paths_of_6_hops", |bench| {
        bench.iter(|| relations.paths(PathsQuestion::new(company(), company(), when)));
    });
    group.finish();
}

criterion_group!(all, kernels);
criterion_main!(all);
