//! Control in lumps of 100 000 organisations: all of them in batch (from the
//! records to every answer), and one of them with the day already solved.
#![allow(
    missing_docs,
    reason = "criterion's macros make undocumented functions"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use graph::change::{Change, Draft, Source};
use graph::id::{EntityId, USCC_ALPHABET, Uscc};
use graph::memory::MemoryStore;
use graph::ratio::Percent;
use graph::record::{Detail, Holding, IdType, Record};
use graph::store::Store;
use graph::time::{Date, Interval, Moment};
use queries::control::ControlOverTime;
use queries::world::World;

const ORGS: usize = 100_000;

fn org(n: usize) -> EntityId {
    let mut code = [b'0'; 18];
    let mut left = n;
    for place in code.iter_mut().rev() {
        *place = USCC_ALPHABET[left % 31];
        left /= 31;
    }
    EntityId::organisation(Uscc::parse(std::str::from_utf8(&code).unwrap()).unwrap())
}

/// A small generator, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// `(holder, company, percent)`; holders from `ORGS` on are persons.
type Stakes = Vec<(usize, usize, i64)>;

/// Each company is held by the one before: the worst case for loops over sources.
fn chain() -> Stakes {
    let links = (1..ORGS).map(|n| (n - 1, n, 60));
    links.chain([(ORGS, 0, 51)]).collect()
}

/// One ring: everybody is controlled, nobody from outside.
fn ring() -> Stakes {
    (0..ORGS).map(|n| (n, (n + 1) % ORGS, 60)).collect()
}

/// A lump as registers have it: a main holder, cross-holdings that make circles,
/// persons at the edges; some capital adds up to more than 100 %.
fn lump() -> Stakes {
    let mut random = Random(7);
    let mut stakes = Stakes::new();
    for company in 0..ORGS {
        let main = [40, 51, 60, 80][random.below(4)];
        let holder = if company == 0 || random.below(10) == 0 {
            ORGS + random.below(ORGS / 4)
        } else {
            company - 1 - random.below(company.min(50))
        };
        stakes.push((holder, company, main));
        for _ in 0..2 {
            stakes.push((
                random.below(ORGS),
                company,
                5 + i64::try_from(random.below(20)).unwrap(),
            ));
        }
    }
    stakes
}

fn world(stakes: &Stakes) -> World {
    let store = MemoryStore::new(&[1; 32]);
    let entity = |n: usize| {
        if n < ORGS {
            org(n)
        } else {
            store.keys().person(IdType::Passport, &n.to_string())
        }
    };
    let holding = |&(holder, company, percent): &(usize, usize, i64)| Change::Put {
        record: Record::Holding(Holding {
            org: org(company),
            holder: entity(holder),
            interval: Interval::ALWAYS,
            ratio: Some(Percent(percent * 1_000_000)),
            voting_ratio: None,
            concert_group: None,
        }),
        detail: Detail::new(),
        source: Source::default(),
    };
    let changes: Vec<Change> = stakes
        .iter()
        .filter(|(holder, company, _)| holder != company)
        .map(holding)
        .collect();
    store
        .commit(Draft {
            recorded_at: Moment(0),
            files: vec![],
            changes,
            quarantine: vec![],
            resolved: vec![],
            report: String::new(),
            entries: vec![],
        })
        .unwrap();
    World::whole(&*store.snapshot().unwrap(), store.keys(), Moment::MAX).unwrap()
}

fn control(criterion: &mut Criterion) {
    let day = Date::parse("2026-06-30").unwrap();
    for (name, stakes) in [("chain", chain()), ("ring", ring()), ("lump", lump())] {
        let world = world(&stakes);
        let mut group = criterion.benchmark_group(format!("control/{name}"));
        group.sample_size(10);
        group.bench_function("all_of_100k", |bench| {
            bench.iter(|| {
                let control = ControlOverTime::new(&world);
                control.whole(day);
                (0..ORGS)
                    .map(|n| control.on(org(n), day).persons.len())
                    .sum::<usize>()
            });
        });
        let control = ControlOverTime::new(&world);
        control.whole(day);
        let mut next = Random(1);
        group.bench_function("one_warm", |bench| {
            bench.iter(|| black_box(control.on(org(next.below(ORGS)), day)));
        });
        group.bench_function("one_cold", |bench| {
            bench.iter(|| {
                let control = ControlOverTime::new(&world);
                black_box(control.on(org(next.below(ORGS)), day))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, control);
criterion_main!(benches);
