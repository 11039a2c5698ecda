//! A world loaded around one subject answers about it as the whole world does.

use crate::product::Product;
use graph::id::{EntityId, Set};
use graph::store::{Snapshot, Store, Version};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use naive::{Knobs, generate};
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::ownership::owners;
use queries::penetration::{Ground, case_records};
use queries::sweep::Sweep;
use queries::world::World;
use std::collections::BTreeSet;

/// How many random worlds are asked.
const WORLDS: u64 = 24;

/// Everybody that some record names.
pub fn everybody(snapshot: &dyn Snapshot) -> BTreeSet<EntityId> {
    let mut all = BTreeSet::new();
    for set in Set::ALL {
        let mut each = |version: Version| {
            all.extend(version.record.links());
            all.extend(EntityId::from_bytes(version.record.home().0));
            Ok(())
        };
        snapshot
            .scan(set, graph::change::BatchNo::MAX, &mut each)
            .unwrap();
    }
    all
}

pub fn ground(ground: &Ground) -> String {
    format!(
        "{} {:?} {:?} {} {:?} {:?} {:?} {:?}",
        ground.rule.id,
        ground.role,
        ground.moment,
        ground.assumed_moment,
        ground.org,
        ground.records,
        ground.controlled_on,
        ground.days,
    )
}

/// All that restrictions and leads say of a subject, cases by what makes them.
fn told(world: &World, catalogue: &Catalogue, subject: EntityId) -> Vec<String> {
    let control = ControlOverTime::new(world);
    let sweep = Sweep::new(world, catalogue, &control);
    let case = |place: usize| {
        let case = world.cases.get(place).unwrap();
        let since = case.gone_since(subject);
        format!("{:?} {since:?}", case_records(case))
    };
    let restrictions = sweep.on(subject).map(|r| {
        let grounds: Vec<String> = r.grounds.iter().map(ground).collect();
        format!(
            "{} {} {} {:?} {} {:?} {grounds:?}",
            r.measure,
            case(r.case),
            r.direct,
            r.confirmed_on,
            r.confirmed,
            r.days,
        )
    });
    let leads = sweep.leads().filter(|lead| lead.subject == subject);
    let leads = leads.map(|lead| {
        let grounds: Vec<String> = lead.grounds.iter().map(ground).collect();
        format!(
            "lead {} {} {:?} {grounds:?}",
            lead.measure,
            case(lead.case),
            lead.days
        )
    });
    restrictions.chain(leads).collect()
}

fn check(seed: u64) {
    let knobs = Knobs {
        organisations: Some(3 + usize::try_from(seed % 5).unwrap() * 4),
        ..Knobs::default()
    };
    let product = Product::of(&generate(seed, &knobs));
    let catalogue = product.rules();
    let store = RocksStore::open_read_only(&product.data()).unwrap();
    let snapshot = store.snapshot().unwrap();
    let (snapshot, keys) = (&*snapshot, store.keys());
    for info in snapshot.batches().unwrap() {
        let known: Moment = info.recorded_at;
        let whole = World::whole(snapshot, keys, known).unwrap();
        for subject in everybody(snapshot) {
            let near = World::around(snapshot, keys, known, subject).unwrap();
            let (found, expected) = (
                told(&near, &catalogue, subject),
                told(&whole, &catalogue, subject),
            );
            assert_eq!(
                found, expected,
                "world {seed}, {subject} as known at {known}"
            );
            if !subject.is_organisation() {
                continue;
            }
            let near = World::above(snapshot, keys, known, subject).unwrap();
            for day in [info.recorded_at.date(), Date::from_ymd(2020, 1, 1).unwrap()] {
                let on = |world| {
                    let control = ControlOverTime::new(world);
                    (control.on(subject, day), owners(world, subject, day))
                };
                assert_eq!(on(&near), on(&whole), "world {seed}, {subject} on {day}");
            }
        }
    }
}

#[test]
fn a_partial_world_answers_about_its_subject_as_the_whole() {
    for seed in 0..WORLDS {
        check(seed);
    }
}
