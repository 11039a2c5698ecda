//! The generator of worlds: the same seed, the same world, and everything turns up.

use naive::{Day, Knobs, World};
use serde_json::Value;
use std::collections::BTreeMap;

fn worlds(count: u64) -> impl Iterator<Item = (u64, World)> {
    (0..count).map(|seed| (seed, naive::generate(seed, &Knobs::default())))
}

#[test]
fn a_seed_gives_the_same_world_for_ever() {
    for (seed, world) in worlds(5) {
        assert_eq!(world, naive::generate(seed, &Knobs::default()));
        assert_ne!(world, naive::generate(seed + 1, &Knobs::default()));
    }
}

#[test]
fn a_world_survives_being_written_and_read() {
    let folder = std::env::temp_dir().join(format!("chuantou-worlds-{}", std::process::id()));
    for (seed, world) in worlds(5) {
        let place = folder.join(seed.to_string());
        world.write(&place);
        let read = World::read_batches(&place);
        for day in ["2024-01-01", "2026-01-01"].map(Day::parse) {
            assert_eq!(naive::gaps(&read, day, day), naive::gaps(&world, day, day));
            assert_eq!(
                naive::owners(&read, day, day),
                naive::owners(&world, day, day)
            );
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What an answer is an example of, in a few words.
fn tally(world: &World, as_of: Day, known_at: Day, counts: &mut BTreeMap<String, usize>) {
    let mut count = |word: String| *counts.entry(word).or_default() += 1;
    let list = |value: &Value| value.as_array().unwrap().clone();
    let words = |value: &Value, fields: &[&str]| -> String {
        fields
            .iter()
            .map(|field| format!(" {field}={}", value[field]))
            .collect()
    };
    for gap in list(&naive::gaps(world, as_of, known_at)) {
        count(words(&gap, &["kind", "reason"]));
    }
    for one in list(&naive::restrictions(world, as_of, known_at)) {
        count(format!(
            "restriction{}",
            words(&one, &["direct", "confirmed"])
        ));
        count(format!("restriction{}", words(&one, &["under_objection"])));
        count(format!(
            "restriction with {} runs",
            list(&one["days"]).len().min(2)
        ));
        count(format!("restriction open={}", one["days"][0][1].is_null()));
    }
    for one in list(&naive::grounds(world, as_of, known_at)) {
        count(format!("ground{}", words(&one, &["moment", "case_kind"])));
        count(format!("ground{}", words(&one, &["assumed_moment"])));
    }
    for _ in list(&naive::leads(world, as_of, known_at)) {
        count("lead".to_owned());
    }
    for one in list(&naive::offenders(world, as_of, known_at)) {
        count(format!("offender{}", words(&one, &["state"])));
    }
    for _ in list(&naive::offenders_persons(world, as_of, known_at)) {
        count("offender person".to_owned());
    }
    for one in naive::controllers(world, as_of, known_at)
        .as_object()
        .unwrap()
        .values()
    {
        count(format!("controllers{}", words(one, &["circular"])));
        count(format!(
            "controllers {}",
            list(&one["computed"]).len().min(2)
        ));
        count(format!(
            "organisations {}",
            list(&one["controlling_organisations"]).len().min(2)
        ));
    }
    for owners in naive::owners(world, as_of, known_at)
        .as_object()
        .unwrap()
        .values()
    {
        for one in list(owners) {
            count(format!("owner {}", one[2]));
        }
    }
    for one in naive::divergent(world, as_of, known_at)
        .as_object()
        .unwrap()
        .values()
    {
        count(format!("divergent {one}"));
    }
    for one in list(&naive::signals(world, as_of, known_at)) {
        count(words(&one, &["kind"]));
    }
    for one in list(&naive::referrals(world, as_of, known_at)) {
        count(words(&one, &["kind"]));
    }
    for (code, one) in naive::indicators(world, as_of, known_at)
        .as_object()
        .unwrap()
    {
        count(format!(
            "{code} {}",
            if one[0] == 0 { "nought" } else { "some" }
        ));
    }
}

/// What must turn up at least so often, each with the words of `tally`.
const WANTED: &[(&str, usize)] = &[
    (" kind=\"barred_appointment\" reason=null", 15),
    (" kind=\"late_publication\" reason=\"absent\"", 30),
    (" kind=\"late_publication\" reason=\"late\"", 30),
    (" kind=\"missed_check\" reason=\"late\"", 12),
    (" kind=\"missed_check\" reason=\"none\"", 30),
    (" kind=\"missed_check\" reason=\"stale\"", 8),
    (" kind=\"missed_restriction\" reason=null", 15),
    (" kind=\"overdue_lift\" reason=null", 60),
    (" kind=\"overreach\" reason=null", 40),
    (" kind=\"unenforced\" reason=\"absent\"", 60),
    (" kind=\"unenforced\" reason=\"late\"", 10),
    (" kind=\"unlinked_person\" reason=null", 25),
    (" kind=\"wrongful_refusal\" reason=null", 20),
    (" kind=\"audit\"", 20),
    (" kind=\"superior\"", 5),
    (" kind=\"discipline\"", 20),
    (" kind=\"hidden_controller\"", 5),
    (" kind=\"late_change\"", 4),
    (" kind=\"nominee_like\"", 2),
    (" kind=\"successor\"", 10),
    ("controllers circular=true", 3),
    ("controllers 1", 40),
    ("controllers 2", 5),
    ("organisations 1", 40),
    ("divergent true", 5),
    ("ground assumed_moment=true", 2),
    ("lead", 8),
    ("offender person", 5),
    ("offender state=\"cleared\"", 2),
    ("offender state=\"to_clear\"", 5),
    ("offender state=\"warning\"", 20),
    ("owner \"control\"", 8),
    ("owner \"fallback\"", 60),
    ("owner \"share\"", 80),
    ("owner \"votes\"", 15),
    ("restriction direct=false confirmed=false", 30),
    ("restriction direct=false confirmed=true", 15),
    ("restriction direct=true confirmed=true", 60),
    ("restriction open=true", 40),
    ("restriction under_objection=true", 5),
    ("restriction with 2 runs", 10),
    ("ground moment=\"case_date\" case_kind=\"listing\"", 2),
    ("ground moment=\"case_date\" case_kind=\"penalty\"", 2),
    ("ground moment=\"current\" case_kind=\"listing\"", 2),
    ("ground moment=\"current\" case_kind=\"penalty\"", 2),
    ("ground moment=\"named\" case_kind=\"listing\"", 2),
    ("ground moment=\"named\" case_kind=\"penalty\"", 2),
    ("ground moment=\"violation\" case_kind=\"listing\"", 2),
    ("ground moment=\"violation\" case_kind=\"penalty\"", 2),
    ("check_coverage some", 1),
    ("code_errors some", 1),
    ("government_defaulters some", 1),
    ("high_frequency_open some", 1),
    ("list_exit some", 1),
    ("penetration some", 1),
    ("publication_timely some", 1),
    ("restriction_coverage some", 1),
    ("serious_share some", 1),
];

#[test]
fn every_kind_of_answer_turns_up() {
    let mut counts = BTreeMap::new();
    for (seed, world) in worlds(24) {
        for (as_of, known_at) in naive::days_to_ask(&world, seed, 4) {
            tally(&world, as_of, known_at, &mut counts);
        }
    }
    if std::env::var_os("CHUANTOU_TALLY").is_some() {
        eprintln!("{counts:#?}");
    }
    for (words, least) in WANTED.iter().copied() {
        let found = counts.get(words).copied().unwrap_or(0);
        assert!(found >= least, "{words}: {found} times\n{counts:#?}");
    }
}
