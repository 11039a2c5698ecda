//! A batch of a thousand mixed records on top of a city: committed, and what is known
//! brought up to date; and the world kept in a file and taken up again.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use api::shelf;
use graph::change::{BatchNo, Change, Draft, Source};
use graph::id::{EntityId, Set};
use graph::record::{Record, Repair, RepairKind};
use graph::seal::Keys;
use graph::store::{Snapshot, Store, Version};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::standing::Standing;
use queries::world::{Texts, World};

use crate::city::Steps;

/// How many records of each set one batch has: a thousand in all.
const MIXED: [(Set, usize); 6] = [
    (Set::Checks, 400),
    (Set::Matters, 250),
    (Set::Roles, 150),
    (Set::Holdings, 100),
    (Set::Penalties, 50),
    (Set::Repairs, 50),
];

/// Measures both; the data folder gets another batch.
pub(crate) fn fresh(
    steps: &mut Steps,
    data: &Path,
    (world, catalogue): (&World, &Catalogue),
    day: Date,
) -> anyhow::Result<()> {
    let store = RocksStore::open(data, || Err(std::io::ErrorKind::NotFound.into()))?;
    kept(steps, &store, world)?;
    let standing = Standing::of(world.clone(), Arc::new(catalogue.clone()));
    gaps_of(&standing, &store, day)?;
    let changes = mixed(&*store.snapshot()?, store.keys(), world, day)?;
    let draft = Draft {
        recorded_at: Moment(world.batches.last().map_or(0, |batch| batch.recorded_at.0) + 1),
        files: vec!["mixed".into()],
        changes,
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: String::new(),
        entries: Vec::new(),
    };
    let commit = || store.commit(draft);
    let committed = steps.ask("1 000 mixed records committed", commit, |_| {
        MIXED.iter().map(|(_, n)| n).sum()
    });
    let no = committed?.unwrap_or(BatchNo(0));
    let snapshot = store.snapshot()?;
    let next = || standing.after((&*snapshot, store.keys()), no);
    let next = steps.ask("restrictions and gaps brought up to date", next, |_| 0)?;
    let next = next.ok_or_else(|| anyhow::anyhow!("too much for a small batch"))?;
    let listed = || gaps_of(&next, &store, day);
    let gaps = steps.ask("its gaps in order", listed, |found| {
        *found.as_ref().unwrap_or(&0)
    })?;
    let anew = Standing::whole((&*snapshot, store.keys()), Arc::new(catalogue.clone()), no)?;
    anyhow::ensure!(
        gaps == gaps_of(&anew, &store, day)?,
        "not the gaps of a state read anew"
    );
    Ok(())
}

fn gaps_of(standing: &Standing, store: &RocksStore, day: Date) -> anyhow::Result<usize> {
    let (snapshot, control) = (store.snapshot()?, ControlOverTime::new(standing.world()));
    let texts = Texts::of(standing.world(), &*snapshot, store.keys());
    Ok(standing.sweep(&control).gaps(&texts, day)?.len())
}

/// The world written to a file, and taken up from it.
fn kept(steps: &mut Steps, store: &RocksStore, world: &World) -> anyhow::Result<()> {
    let keep = || shelf::keep(store, world);
    steps.ask("snapshot kept in a file", keep, |_| 0)?;
    let snapshot = store.snapshot()?;
    let take = || shelf::world(store, &*snapshot, world.known);
    let taken = steps.ask("snapshot from its saved form", take, |taken| {
        let taken = taken.as_ref().ok().and_then(Option::as_ref);
        taken.map_or(0, |world| world.cases.len())
    })?;
    let taken = taken.ok_or_else(|| anyhow::anyhow!("no world was kept"))?;
    anyhow::ensure!(
        taken.matters.len() == world.matters.len(),
        "not the world that was kept"
    );
    Ok(())
}

/// Records like those that are there, changed or new, spread over the city.
fn mixed(
    snapshot: &dyn Snapshot,
    keys: &Keys,
    world: &World,
    day: Date,
) -> anyhow::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (set, count) in MIXED {
        let (homes, of): (Vec<EntityId>, Set) = match set {
            Set::Checks => (world.checks.homes().collect(), set),
            Set::Matters => (world.matters.homes().collect(), set),
            Set::Roles => (world.roles.homes().collect(), set),
            Set::Holdings => (world.holdings.homes().collect(), set),
            _ => (world.cases_of.homes().collect(), Set::Penalties),
        };
        let step = (homes.len() / count / 2).max(1);
        let mut seen = BTreeSet::new();
        // Repairs are of other penalties than those that are changed.
        let skip = usize::from(set == Set::Repairs);
        for home in homes.iter().skip(skip).step_by(step) {
            let found = snapshot
                .filed(of, (*home).into(), BatchNo::MAX)?
                .into_iter()
                .next();
            if seen.len() < count
                && let Some(version) = found
            {
                seen.insert(version.id);
                changes.push(changed(version, keys, (set, seen.len()), day)?);
            }
        }
    }
    Ok(changes)
}

fn changed(
    version: Version,
    keys: &Keys,
    (set, number): (Set, usize),
    day: Date,
) -> anyhow::Result<Change> {
    let mut detail = version.detail(keys)?;
    let record = match version.record {
        Record::Check(mut check) => {
            check.check_no = format!("bench-{number}");
            check.checked_on = day;
            Record::Check(check)
        }
        Record::Matter(mut matter) => {
            matter.matter_no = format!("bench-{number}");
            (matter.accepted_on, matter.decided_on) = (day, Some(day));
            Record::Matter(matter)
        }
        Record::Role(mut role) => {
            role.interval.to = day;
            Record::Role(role)
        }
        Record::Holding(mut holding) => {
            holding.ratio = holding
                .ratio
                .map(|ratio| graph::ratio::Percent(ratio.0 / 2));
            Record::Holding(holding)
        }
        Record::Penalty(penalty) if set == Set::Repairs => {
            detail.clear();
            Record::Repair(Repair {
                target_no: penalty.decision_no,
                target_authority: Some(penalty.authority),
                repaired_on: day,
                kind: RepairKind::Revocation,
                authority: None,
                subject: None,
            })
        }
        Record::Penalty(mut penalty) => {
            penalty.reported_on = Some(day);
            Record::Penalty(penalty)
        }
        other => other,
    };
    Ok(Change::Put {
        record,
        detail,
        source: Source::default(),
    })
}
