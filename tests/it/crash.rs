//! A kill at any moment: the batch is there whole or not at all, and running it again
//! completes it.

use crate::binary::program;
use graph::change::BatchNo;
use graph::id::Set;
use graph::store::Store;
use graph_rocks::RocksStore;
use naive::identifier::credit_check;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many times the loader must have been killed at work.
const KILLS: usize = 50;
/// How many of them in one data folder.
const KILLS_A_FOLDER: usize = 10;
/// Companies in the batch; every one has four rows.
const COMPANIES: usize = 6_000;

fn credit_code(number: usize) -> String {
    let body = format!("91371581{number:09}");
    format!("{body}{}", credit_check(&body))
}

/// CSV files about the companies with some numbers.
fn write_batch(folder: &Path, numbers: std::ops::Range<usize>) {
    std::fs::create_dir_all(folder).expect("a folder");
    let mut tables: BTreeMap<&str, String> = BTreeMap::from([
        (
            "organizations",
            "统一社会信用代码,企业名称,主体类型,经营状态\n".to_owned(),
        ),
        (
            "roles",
            "uscc,role,id_type,id_number,person_name,from\n".to_owned(),
        ),
        (
            "holdings",
            "uscc,holder_kind,id_type,id_number,holder_name,from,ratio\n".to_owned(),
        ),
        (
            "penalties",
            "decision_no,authority,uscc,decision_on,kinds,facts\n".to_owned(),
        ),
    ]);
    let mut add = |set: &str, row: std::fmt::Arguments<'_>| {
        tables
            .get_mut(set)
            .expect(set)
            .write_fmt(row)
            .expect("a row");
    };
    for number in numbers {
        let (uscc, person) = (credit_code(number), number % 997);
        let month = number % 12 + 1;
        add(
            "organizations",
            format_args!("{uscc},企业{number},企业,在营\n"),
        );
        add(
            "roles",
            format_args!(
                "{uscc},legal_representative,passport,P{person:07},人{person},2020-{month:02}-01\n"
            ),
        );
        add(
            "holdings",
            format_args!("{uscc},person,passport,P{person:07},人{person},2020-{month:02}-01,100\n"),
        );
        add(
            "penalties",
            format_args!(
                "罚〔2024〕{number}号,市场监管局,{uscc},2024-{month:02}-02,罚款,违法事实{number}\n"
            ),
        );
    }
    for (set, text) in tables {
        std::fs::write(folder.join(format!("{set}.csv")), text).expect("a table");
    }
}

fn command(data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.arg("--data").arg(data).arg("--quiet").args(args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A load; every second one has so little memory that it goes through sorted tables.
fn ingest(data: &Path, folder: &Path) -> Command {
    static LOADS: AtomicUsize = AtomicUsize::new(0);
    let memory = if LOADS.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
        "1M"
    } else {
        "4G"
    };
    let folder = folder.to_str().expect("a path");
    command(data, &["ingest", folder, "--memory", memory])
}

/// Starts a load and kills it after a while; `None` when it had ended before, well.
fn killed(mut load: Command, after: Duration) -> Option<()> {
    let mut child = load.spawn().expect("the program");
    std::thread::sleep(after);
    if let Some(status) = child.try_wait().expect("the child") {
        assert!(status.success(), "a load failed: {status}");
        return None;
    }
    child.kill().expect("a kill");
    child.wait().expect("the child");
    Some(())
}

/// How many batches there are, and how many records of the sets that are loaded.
fn count(data: &Path) -> (usize, [usize; 4]) {
    let store = RocksStore::open_read_only(data).expect("the store");
    let snapshot = store.snapshot().expect("a snapshot");
    let batches = snapshot.batches().expect("the batches").len();
    let sets = [
        Set::Organisations,
        Set::Roles,
        Set::Holdings,
        Set::Penalties,
    ];
    let counts = sets.map(|set| {
        let mut count = 0;
        let mut each = |_| {
            count += 1;
            Ok(())
        };
        snapshot.scan(set, BatchNo::MAX, &mut each).expect("a scan");
        count
    });
    (batches, counts)
}

/// What one data folder must hold before and after the batch.
fn check_state(data: &Path, base: usize, place: &str) -> bool {
    let status = command(data, &["check"]).status().expect("the program");
    assert!(status.success(), "{place}: the check finds a fault");
    let (batches, counts) = count(data);
    match batches {
        1 => assert_eq!(counts, [base; 4], "{place}: not at all"),
        2 => assert_eq!(counts, [base + COMPANIES; 4], "{place}: whole"),
        other => panic!("{place}: {other} batches"),
    }
    batches == 2
}

#[test]
fn killed_loads_leave_nothing_and_can_be_repeated() {
    let home = tempfile::tempdir().expect("a folder");
    let (first, second) = (home.path().join("first"), home.path().join("second"));
    let base = 300;
    write_batch(&first, 0..base);
    write_batch(&second, base..base + COMPANIES);
    // A whole run tells how long to wait; with it goes the first of the folders.
    let mut whole = Duration::ZERO;
    let (mut kills, mut folders) = (0, 0);
    let started = Instant::now();
    let mut outcomes = [0, 0];
    while kills < KILLS {
        let data = home.path().join(format!("data-{folders}"));
        assert!(
            ingest(&data, &first)
                .status()
                .expect("the program")
                .success()
        );
        let mut done = false;
        let mut here = 0;
        while !done && !whole.is_zero() && here < KILLS_A_FOLDER && kills < KILLS {
            // Spread over the run, and a little denser at its end, where the batch is written.
            let part = kills as f64 / KILLS as f64;
            let part = if kills % 2 == 0 {
                0.5 + 0.45 * part
            } else {
                part
            };
            let load = ingest(&data, &second);
            let was_killed = killed(load, whole.mul_f64(part)).is_some();
            kills += usize::from(was_killed);
            here += 1;
            let place = format!("killed at {part:.2} of the run");
            done = check_state(&data, base, &place);
            outcomes[usize::from(done)] += usize::from(was_killed);
            assert!(done || was_killed, "{place}: acknowledged and lost");
        }
        let clock = Instant::now();
        assert!(
            ingest(&data, &second)
                .status()
                .expect("the program")
                .success()
        );
        // The machine may be busier at one time than at another.
        whole = match whole.is_zero() {
            true => clock.elapsed(),
            false => (whole + clock.elapsed()) / 2,
        };
        assert!(
            check_state(&data, base, "run again"),
            "running again completes it"
        );
        std::fs::remove_dir_all(&data).expect("the folder");
        folders += 1;
    }
    eprintln!(
        "{kills} kills in {folders} folders over {:?}; a run takes {whole:?}; absent, whole: {outcomes:?}",
        started.elapsed()
    );
}

/// How many first loads are killed, each into a folder of its own.
const FIRST_KILLS: u32 = 24;

/// Also a folder that was being made when its maker was killed is one that can be loaded.
#[test]
fn a_killed_first_load_leaves_a_folder_that_can_be_loaded() {
    let home = tempfile::tempdir().expect("a folder");
    let (first, companies) = (home.path().join("first"), 2_000);
    write_batch(&first, 0..companies);
    let clock = Instant::now();
    let done = ingest(&home.path().join("whole"), &first).status();
    assert!(done.expect("the program").success());
    let whole = clock.elapsed();
    let (mut kills, mut states, mut step) = (0, [0; 3], 0);
    while kills < FIRST_KILLS {
        assert!(step < FIRST_KILLS * 20, "only {kills} were killed at work");
        step += 1;
        // Denser at the beginning, where the folder is made.
        let part = f64::from(step % FIRST_KILLS) / f64::from(FIRST_KILLS);
        let place = format!("killed at {:.3} of the first load", part * part);
        let data = home.path().join(format!("data-{step}"));
        let was_killed = killed(ingest(&data, &first), whole.mul_f64(part * part)).is_some();
        kills += u32::from(was_killed);
        // Asked before it is loaded again: an answer, or that there is no data.
        let asked = command(&data, &["batches"]).status().expect("the program");
        assert!(matches!(asked.code(), Some(0 | 1)), "{place}: {asked}");
        let founded = data.join("db").join("CURRENT").exists() && asked.success();
        let state = if founded {
            let (batches, counts) = count(&data);
            let expected = if batches == 0 { 0 } else { companies };
            assert!(batches <= 1, "{place}: {batches} batches");
            assert_eq!(counts, [expected; 4], "{place}: whole or not at all");
            1 + batches
        } else {
            0
        };
        assert!(was_killed || state == 2, "{place}: acknowledged and lost");
        states[state] += 1;
        for _ in 0..2 {
            let again = ingest(&data, &first).status().expect("the program");
            assert!(again.success(), "{place}: cannot be loaded again");
            assert_eq!(count(&data), (1, [companies; 4]), "{place}: run again");
        }
        let checked = command(&data, &["check"]).status().expect("the program");
        assert!(checked.success(), "{place}: the check finds a fault");
        std::fs::remove_dir_all(&data).expect("the folder");
    }
    eprintln!("{kills} kills; no folder, empty, whole: {states:?}; a first load takes {whole:?}");
}
