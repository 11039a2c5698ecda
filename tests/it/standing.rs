//! A state of knowledge brought up to date batch by batch is the one read from the store:
//! random worlds, their records told again in random order, in small batches, some taken
//! back and told again.

use crate::around::{everybody, ground};
use crate::product::Product;
use graph::change::{BatchNo, Change, Draft, Source};
use graph::id::{EntityId, RecordId, Set};
use graph::memory::MemoryStore;
use graph::record::Record;
use graph::seal::Keys;
use graph::store::{Snapshot, Store, StoreError};
use graph::time::{Date, Moment};
use graph_rocks::RocksStore;
use naive::{Knobs, generate};
use queries::control::ControlOverTime;
use queries::gaps::Gap;
use queries::indicators::indicators;
use queries::offenders;
use queries::penetration::case_records;
use queries::standing::Standing;
use queries::sweep::Sweep;
use queries::world::{KeptBytes, KeptPiece, Symbol, Texts, World};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many random worlds are told.
const WORLDS: u64 = 24;
/// The last day of the first batch.
const BEGINNING: i32 = 19_700;

/// Random numbers, the same for the same seed (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// All versions of all records of a store, in an order of the dice's.
fn told_again(snapshot: &dyn Snapshot, keys: &graph::seal::Keys, dice: &mut Dice) -> Vec<Change> {
    let mut ids: BTreeSet<(Set, RecordId)> = BTreeSet::new();
    for set in Set::ALL {
        for batch in snapshot.batches().unwrap() {
            let mut each = |version: graph::store::Version| {
                ids.insert((set, version.id));
                Ok(())
            };
            snapshot.scan(set, batch.no, &mut each).unwrap();
        }
    }
    let mut changes = Vec::new();
    for (set, id) in ids {
        for past in snapshot.history(set, id).unwrap() {
            let source = Source { file: 0, line: 1 };
            if let Some(version) = past.version {
                let detail = version.detail(keys).unwrap();
                let mut record = version.record;
                // Some organisations share a name for a while.
                if let (Record::Organisation(org), 0) = (&mut record, dice.below(4)) {
                    org.name = format!("同名{}", dice.below(2));
                }
                changes.push(Change::Put {
                    detail,
                    record,
                    source,
                });
            }
            if dice.below(12) == 0 {
                changes.push(Change::Withdraw { set, id, source });
            }
        }
    }
    for place in (1..changes.len()).rev() {
        changes.swap(place, dice.below(place + 1));
    }
    changes
}

fn draft(day: i32, changes: Vec<Change>) -> Draft {
    Draft {
        recorded_at: Moment::start_of(Date::from_days(day)),
        files: vec!["f".into()],
        changes,
        quarantine: Vec::new(),
        resolved: Vec::new(),
        report: String::new(),
        entries: Vec::new(),
    }
}

/// The rows of all tables, symbols as words, and every way to find them.
pub fn records(world: &World, everybody: &BTreeSet<EntityId>) -> Vec<String> {
    let text = |symbol: Option<Symbol>| world.text(symbol).map(str::to_owned);
    let mut told = Vec::new();
    let mut tell = |line: String| told.push(line);
    for (home, row) in world.roles.all() {
        tell(format!("{home} {row:?}"));
    }
    for (home, row) in world.holdings.all() {
        let (ratios, group) = ((row.ratio(), row.voting_ratio()), text(row.concert_group()));
        let (holder, days) = (row.holder, row.interval);
        tell(format!("{home} {holder} {days:?} {ratios:?} {group:?}"));
    }
    for (home, row) in world.agreements.all() {
        tell(format!("{home} {row:?}"));
    }
    for (home, row) in world.matters.all() {
        let words = [row.department(), row.item(), row.refused_for()].map(text);
        let (from, to, exempt) = (row.accepted_on, row.decided_on(), row.exempt);
        let outcome = row.outcome;
        tell(format!(
            "{home} {} {words:?} {from} {to:?} {outcome:?} {exempt}",
            row.id
        ));
    }
    for (home, row) in world.checks.all() {
        let (department, on, matter) = (text(row.department()), row.checked_on, row.matter());
        tell(format!("{home} {} {department:?} {on} {matter:?}", row.id));
    }
    for (home, row) in world.enforcements.all() {
        let words = [row.department, row.measure, row.case_authority].map(text);
        let (case, days, on) = (&row.case_no, row.interval, row.reported_on);
        tell(format!(
            "{home} {} {words:?} {case:?} {days:?} {on:?}",
            row.id
        ));
    }
    for (home, row) in world.organisations.all() {
        tell(format!(
            "{home} {:?} {:?} {:?} {:?} {} {} {}",
            row.kind(),
            row.status(),
            text(row.industry()),
            row.established_on(),
            row.state_owned,
            row.wrong_code,
            world.shares_name(home),
        ));
    }
    let mut cases: Vec<String> = world
        .cases
        .all()
        .map(|(_, case)| format!("{case:?}"))
        .collect();
    cases.sort();
    told.extend(cases);
    for one in everybody {
        let roles: Vec<_> = world.roles.naming(*one).collect();
        let holdings = world
            .holdings
            .naming(*one)
            .map(|(org, row)| (org, row.interval));
        let agreements: Vec<_> = world.agreements.naming(*one).collect();
        let holdings: Vec<_> = holdings.collect();
        told.push(format!("{one} {roles:?} {holdings:?} {agreements:?}"));
        for ties in [&world.superiors, &world.parents] {
            let below: Vec<_> = ties.below(*one).collect();
            told.push(format!("{one} {:?} {below:?}", ties.above(*one)));
        }
        let id = |place: &usize| world.cases.get(*place).unwrap().id;
        let of: Vec<_> = world.cases_of.of(*one).iter().map(id).collect();
        told.push(format!("{one} {of:?}"));
    }
    let numbers: BTreeSet<&str> = world.cases.all().map(|(_, case)| case.number()).collect();
    for number in numbers {
        let same = world.cases_numbered(number);
        let same: Vec<_> = same
            .map(|place| world.cases.get(place).unwrap().cited())
            .collect();
        told.push(format!("{number} {same:?}"));
    }
    told
}

fn told_gap(world: &World, gap: &Gap) -> String {
    let case = gap
        .evidence
        .case
        .map(|place| world.cases.get(place).unwrap().cited());
    let mut gap = Gap::clone(gap);
    gap.evidence.case = None;
    format!("{gap:?} {case:?}")
}

/// Restrictions, leads, gaps, offenders and indicators, cases by what makes them.
fn answers(sweep: &Sweep<'_>, held: &[Arc<Gap>], day: Date) -> Vec<String> {
    let world = sweep.world();
    let case = |place: usize| {
        let case = world.cases.get(place).unwrap();
        (case_records(case), case.gone_since(case.subject()))
    };
    let restrictions = sweep.restrictions().map(|r| {
        let grounds: Vec<String> = r.grounds.iter().map(ground).collect();
        let (measure, confirmed) = (&r.measure, (r.confirmed, r.confirmed_on));
        let case = case(r.case);
        format!(
            "{} {measure} {case:?} {confirmed:?} {:?} {grounds:?}",
            r.subject, r.days
        )
    });
    let leads = sweep.leads().map(|lead| {
        let grounds: Vec<String> = lead.grounds.iter().map(ground).collect();
        let case = case(lead.case);
        format!(
            "lead {} {} {case:?} {:?} {grounds:?}",
            lead.subject, lead.measure, lead.days
        )
    });
    let mut told: Vec<String> = restrictions.chain(leads).collect();
    let subjects: BTreeSet<EntityId> = sweep.subjects().collect();
    for subject in subjects {
        let on: Vec<_> = sweep
            .on(subject)
            .map(|r| (case(r.case), &r.measure))
            .collect();
        told.push(format!("{subject} {on:?}"));
    }
    told.extend(held.iter().map(|gap| told_gap(world, gap)));
    let offenders = [
        offenders::organisations(sweep, day),
        offenders::persons(sweep, day),
    ];
    told.extend(offenders.iter().flatten().map(|of| {
        let places = of.penalties.iter().map(|(place, on)| (case(*place), on));
        format!(
            "{} {:?} {:?}",
            of.subject,
            of.state,
            places.collect::<Vec<_>>()
        )
    }));
    told.extend(indicators(sweep, day).iter().map(|one| format!("{one:?}")));
    told
}

fn differ(found: &[String], expected: &[String]) -> Option<String> {
    let other = found.iter().zip(expected).find(|(one, other)| one != other);
    let other = other.map(|(one, other)| format!("is {one}\n but {other}"));
    other.or_else(|| {
        (found.len() != expected.len()).then(|| {
            let longer = if found.len() > expected.len() {
                found
            } else {
                expected
            };
            let at = found.len().min(expected.len());
            format!(
                "{} lines, not {}: {}",
                found.len(),
                expected.len(),
                longer[at]
            )
        })
    })
}

/// The pieces in which a world is given away.
pub fn pieces_of(world: &World, keys: &Keys) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut keep = |parts: &[&[u8]]| {
        pieces.push(parts.concat());
        Ok(())
    };
    world.save(keys, &mut keep).unwrap();
    pieces
}

/// The world of these pieces.
pub fn taken(
    pieces: &[Vec<u8>],
    (snapshot, keys): (&dyn Snapshot, &Keys),
) -> Result<World, StoreError> {
    let give = |number: usize| {
        // Memory of its own begins at a multiple of 8, as pieces must.
        let bytes: KeptBytes = Arc::new(pieces[number].clone());
        Ok(KeptPiece::new(bytes, 0..pieces[number].len()))
    };
    World::saved_before((snapshot, keys), pieces.len(), &give)
}

/// The world after it was given away in pieces and taken up again.
fn taken_up(world: &World, store: &MemoryStore) -> World {
    let pieces = pieces_of(world, store.keys());
    taken(&pieces, (&*store.snapshot().unwrap(), store.keys())).unwrap()
}

/// What the kept state, or the same given away and taken up again, says that the store does not,
/// if anything.
fn differs(
    store: &MemoryStore,
    (kept, again): (&Standing, &Standing),
    fresh: &Standing,
    day: Date,
) -> Option<String> {
    let snapshot = store.snapshot().unwrap();
    let all = everybody(&*snapshot);
    let told = |standing: &Standing| {
        let control = ControlOverTime::new(standing.world());
        let sweep = standing.sweep(&control);
        let texts = Texts::of(standing.world(), &*snapshot, store.keys());
        let held = sweep.gaps(&texts, day).unwrap();
        let records = records(standing.world(), &all);
        (records, answers(&sweep, &held, day))
    };
    let (read, drawn) = told(fresh);
    [kept, again].into_iter().find_map(|standing| {
        let (told, answers) = told(standing);
        differ(&told, &read).or_else(|| differ(&answers, &drawn))
    })
}

pub fn check(seed: u64) {
    let organisations = Some(4 + usize::try_from(seed % 6).unwrap() * 3);
    let knobs = Knobs {
        organisations,
        ..Knobs::default()
    };
    let product = Product::of(&generate(seed, &knobs));
    let catalogue = Arc::new(product.rules());
    let secret = std::fs::read_to_string(product.data().join("key")).unwrap();
    let bytes = (0..32).map(|n| u8::from_str_radix(&secret[2 * n..2 * n + 2], 16).unwrap());
    let secret: Vec<u8> = bytes.collect();
    let source = RocksStore::open_read_only(&product.data()).unwrap();
    let mut dice = Dice::new(seed);
    let mut left = told_again(&*source.snapshot().unwrap(), source.keys(), &mut dice);
    let store = MemoryStore::new(secret.as_slice().try_into().unwrap());
    let first = left.split_off(left.len() / 2);
    store.commit(draft(BEGINNING, one_each(first))).unwrap();
    let whole = |batch| {
        let snapshot = store.snapshot().unwrap();
        Standing::whole((&*snapshot, store.keys()), Arc::clone(&catalogue), batch).unwrap()
    };
    let asked_on = Date::from_days(BEGINNING + 700 + i32::try_from(dice.below(400)).unwrap());
    let (mut kept, mut batch, mut day) = (whole(BatchNo(1)), BatchNo(1), BEGINNING);
    while !left.is_empty() {
        let changes = left.split_off(left.len() - left.len().min(1 + dice.below(9)));
        day += i32::try_from(dice.below(40)).unwrap();
        let Some(no) = store.commit(draft(day, one_each(changes))).unwrap() else {
            continue;
        };
        // Sometimes two batches at once.
        if dice.below(4) == 0 && !left.is_empty() {
            continue;
        }
        let snapshot = store.snapshot().unwrap();
        let next = kept.after((&*snapshot, store.keys()), no).unwrap();
        kept = next.expect("a small batch");
        let again = Standing::of(taken_up(kept.world(), &store), Arc::clone(&catalogue));
        let difference = differs(&store, (&kept, &again), &whole(no), asked_on);
        assert!(
            difference.is_none(),
            "world {seed}, {batch:?} to {no:?}: {}",
            difference.unwrap()
        );
        batch = no;
        // Whoever starts goes on with what was taken up.
        if dice.below(3) == 0 {
            kept = again;
        }
    }
}

/// A batch says one thing of a record: the first.
fn one_each(changes: Vec<Change>) -> Vec<Change> {
    let mut seen = BTreeSet::new();
    let mut changes = changes;
    changes.retain(|change| seen.insert((change.set(), change.id())));
    changes
}

#[test]
fn what_is_kept_is_what_would_be_read() {
    for seed in 0..WORLDS {
        check(seed);
    }
}
