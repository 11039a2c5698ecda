//! A world on the shelf: taken up as it was, or passed over.

use super::*;
use graph::change::{Change, Draft, Source};
use graph::id::{EntityId, Uscc};
use graph::ratio::Percent;
use graph::record::{Detail, Holding, Penalty, PenaltyKind, PenaltyStatus, Record, Role, RoleKind};
use graph::time::{Date, Interval, Moment};

fn company() -> EntityId {
    EntityId::organisation(Uscc::parse("914403001922038216").unwrap())
}

fn penalty(number: &str) -> Record {
    let on = Date::from_ymd(2024, 1, 1).unwrap();
    Record::Penalty(Penalty {
        decision_no: number.into(),
        authority: "某局".into(),
        subject: company(),
        violation_from: None,
        violation_on: Some(on),
        decision_on: on,
        violation_type: Some("食品安全".into()),
        kinds: vec![PenaltyKind::Fine],
        fine: None,
        confiscated: None,
        summary_procedure: false,
        published_from: None,
        published_until: None,
        reported_on: None,
        status: PenaltyStatus::Effective,
    })
}

/// Rows of fixed width, and a word in one of them.
fn rows() -> Vec<Record> {
    let person = EntityId::person([7; 15]);
    let role = Record::Role(Role {
        org: company(),
        role: RoleKind::Director,
        person,
        interval: Interval::ALWAYS,
    });
    let holding = Record::Holding(Holding {
        org: company(),
        holder: person,
        interval: Interval::ALWAYS,
        ratio: Some(Percent::HALF),
        voting_ratio: None,
        concert_group: Some("一致".into()),
    });
    vec![role, holding]
}

fn commit(store: &RocksStore, records: Vec<Record>) -> BatchNo {
    let changes = records.into_iter().map(|record| Change::Put {
        record,
        detail: Detail::new(),
        source: Source::default(),
    });
    let draft = Draft {
        recorded_at: Moment(1_700_000_000_000),
        files: vec!["f".into()],
        changes: changes.collect(),
        quarantine: vec![],
        resolved: vec![],
        report: String::new(),
        entries: vec![],
    };
    store.commit(draft).unwrap().unwrap()
}

/// A store whose world is on the shelf.
struct Shelf {
    dir: tempfile::TempDir,
    store: RocksStore,
    first: BatchNo,
    world: World,
    /// The file's bytes.
    whole: Vec<u8>,
}

impl Shelf {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = RocksStore::open(dir.path(), || Ok([5; 32])).unwrap();
        let mut records = rows();
        records.push(penalty("A1"));
        let first = commit(&store, records);
        let world = {
            let snapshot = store.snapshot().unwrap();
            World::at(&*snapshot, store.keys(), first).unwrap()
        };
        keep(&store, &world).unwrap();
        let whole = fs::read(dir.path().join("world")).unwrap();
        Self {
            dir,
            store,
            first,
            world,
            whole,
        }
    }

    /// Puts other bytes there, as the file is only ever replaced.
    fn put(&self, bytes: &[u8]) {
        let part = self.dir.path().join("another");
        fs::write(&part, bytes).unwrap();
        fs::rename(part, self.dir.path().join("world")).unwrap();
    }

    fn taken(&self) -> Option<World> {
        taken(&self.store, self.first)
    }
}

fn taken(store: &RocksStore, newest: BatchNo) -> Option<World> {
    take_up(store, &*store.snapshot().unwrap(), newest).unwrap()
}

/// All that a world says.
fn told(world: &World) -> String {
    let numbered: Vec<_> = world.cases_numbered("A1").collect();
    format!("{} {numbered:?} {:?}", rows_told(world), world.cases)
}

/// The same of all but cases.
fn rows_told(world: &World) -> String {
    let roles: Vec<_> = world.roles.all().collect();
    let holdings: Vec<_> = world.holdings.all().collect();
    let groups = holdings
        .iter()
        .map(|(_, row)| world.text(row.concert_group()));
    let groups: Vec<_> = groups.collect();
    let person = EntityId::person([7; 15]);
    let found: Vec<_> = world.roles.naming(person).collect();
    format!("{roles:?} {holdings:?} {groups:?} {found:?}")
}

#[test]
fn a_kept_world_is_taken_up_and_goes_on() {
    let shelf = Shelf::new();
    assert_eq!(kept(&shelf.store), Some(shelf.first));
    let found = shelf.taken().unwrap();
    assert_eq!(told(&found), told(&shelf.world));
    // A later batch is added to it; an earlier state does not follow from it.
    let second = commit(&shelf.store, vec![penalty("A2")]);
    let snapshot = shelf.store.snapshot().unwrap();
    let next = found.after(&*snapshot, shelf.store.keys(), second);
    let (next, _) = next.unwrap().unwrap();
    assert_eq!(next.cases.len(), 2);
    assert!(taken(&shelf.store, BatchNo(0)).is_none());
    // What lies in the file is kept in another, which takes its name.
    keep(&shelf.store, &next).unwrap();
    assert_eq!(told(&found), told(&shelf.world), "the one before stays");
    drop(found);
    let again = taken(&shelf.store, second).unwrap();
    assert_eq!(rows_told(&again), rows_told(&next));
    for number in ["A1", "A2"] {
        let of = |world: &World| {
            let places: Vec<_> = world.cases_numbered(number).collect();
            let cases = places.iter().map(|place| world.cases.get(*place));
            format!("{:?}", cases.collect::<Vec<_>>())
        };
        assert!(of(&again).contains(number));
        assert_eq!(of(&again), of(&next));
    }
}

#[test]
fn a_damaged_world_is_passed_over() {
    let shelf = Shelf::new();
    for place in 0..shelf.whole.len() {
        let mut damaged = shelf.whole.clone();
        damaged[place] ^= 0x20;
        shelf.put(&damaged);
        if let Some(found) = shelf.taken() {
            assert_eq!(told(&found), told(&shelf.world), "byte {place}");
        }
    }
    for length in 0..shelf.whole.len() {
        shelf.put(&shelf.whole[..length]);
        assert!(shelf.taken().is_none(), "cut to {length} bytes");
    }
    // A piece that claims more than there is.
    let mut told = Kept::contents(&shelf.whole).unwrap().0;
    told.pieces[0] = usize::MAX / 2;
    let text = serde_json::to_vec(&told).unwrap();
    let length = u64::try_from(text.len()).unwrap().to_be_bytes();
    shelf.put(&[text.as_slice(), &length].concat());
    assert!(shelf.taken().is_none());
}

#[test]
fn a_whole_file_that_is_no_world_is_passed_over() {
    let shelf = Shelf::new();
    let pieces = Kept::contents(&shelf.whole).unwrap().1;
    let with = |at: usize, byte: u8, number: usize| {
        let (mut wrong, piece) = (shelf.whole.clone(), pieces[number].clone());
        wrong[at] = byte;
        let sum = crc32fast::hash(&wrong[piece.clone()]).to_be_bytes();
        wrong[piece.end..piece.end + SUM].copy_from_slice(&sum);
        shelf.put(&wrong);
        shelf.taken()
    };
    let mut passed_over = 0;
    for (number, piece) in pieces.iter().enumerate() {
        for at in piece.clone() {
            // A day may be another day; whatever is taken up says what could be said.
            match with(at, shelf.whole[at] ^ 0x83, number) {
                Some(world) => drop(told(&world)),
                None => passed_over += 1,
            }
        }
    }
    assert!(passed_over > shelf.whole.len() / 4, "{passed_over}");
    // The role's code is the last byte of the piece that has the person but not the word.
    let person = EntityId::person([7; 15]);
    let has = |piece: &&Range<usize>| {
        let bytes = &shelf.whole[(*piece).clone()];
        bytes.windows(16).any(|one| one == person.bytes())
    };
    let number = pieces.iter().position(|piece| has(&piece)).unwrap();
    let code = pieces[number]
        .clone()
        .rfind(|at| shelf.whole[*at] != 0)
        .unwrap();
    assert!(with(code, shelf.whole[code], number).is_some());
    assert!(with(code, 99, number).is_none(), "no such role");
}

#[test]
fn another_stores_world_is_passed_over() {
    let shelf = Shelf::new();
    let other = tempfile::tempdir().unwrap();
    let strange = RocksStore::open(other.path(), || Ok([6; 32])).unwrap();
    let no = commit(&strange, vec![penalty("A1")]);
    fs::copy(shelf.dir.path().join("world"), other.path().join("world")).unwrap();
    assert!(taken(&strange, no).is_none());
}
