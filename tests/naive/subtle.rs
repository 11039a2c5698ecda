//! Subtle points with answers made by hand.

use crate::record::Subject;
use crate::world::{Batch, Row, World};
use crate::{Day, canonical};
use serde_json::{Value, json};

const LISTS: &str = "[[list]]\ncode = \"L\"\nname = \"名单\"\nmax_months = 12\n";
const MEASURES: &str = r#"
[[measure]]
code = "M"
name = "措施"
blocks = ["honours"]
bars_roles = ["director"]
enforcers = ["D"]
report_workdays = 3
from = "2015-01-01"
"#;
const RULE: &str = r#"
[[rule]]
id = "R"
list = "L"
subject_measures = ["M"]
from = "2015-01-01"
record_in_personal_file = true
"#;

/// A person entry for the rule above.
fn entry(role: &str, moment: &str, effect: &str) -> String {
    format!(
        "{RULE}[[rule.person]]\nrole = \"{role}\"\nmoment = \"{moment}\"\nmeasures = [\"M\"]\n\
         effect = \"{effect}\"\n"
    )
}

/// The rows of a small CSV text.
fn rows(text: &str) -> Vec<Row> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(|row| row.unwrap())
        .collect()
}

/// A world of batches, each a day and tables of CSV text by set.
fn world(rules: &str, batches: &[(&str, &[(&str, &str)])]) -> World {
    let texts = [
        ("lists.toml", LISTS),
        ("measures.toml", MEASURES),
        ("rules.toml", rules),
    ];
    let catalogue = texts
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let batch = |(day, tables): &(&str, &[(&str, &str)])| Batch {
        recorded_at: Day::parse(day),
        rows: tables
            .iter()
            .map(|(set, text)| ((*set).to_owned(), rows(text)))
            .collect(),
    };
    World {
        batches: batches.iter().map(batch).collect(),
        catalogue,
    }
}

fn on(day: &str) -> Day {
    Day::parse(day)
}

/// The restrictions as `[subject, days]`.
fn restricted(world: &World, as_of: &str, known_at: &str) -> Value {
    let all = crate::restrictions(world, on(as_of), on(known_at));
    canonical(
        all.as_array()
            .unwrap()
            .iter()
            .map(|one| json!([one["subject"], one["days"]]))
            .collect(),
    )
}

const LISTING: &str =
    "listing_no,list,uscc,listed_on,violation_on\nl,名单,O,2024-02-29,2024-01-10\n";
const ROLES: &str = "uscc,role,id_type,id_number,person_name,from,to
O,legal_representative,passport,1,前任,,2024-01-10
O,legal_representative,passport,2,现任,2024-01-10,2024-01-10
O,legal_representative,passport,3,后任,2024-01-10,
";

#[test]
fn a_list_with_most_months_ends_on_a_day_that_exists() {
    let one = world(RULE, &[("2024-03-01", &[("listings", LISTING)])]);
    let days = json!([["O", [["2024-02-29", "2025-02-28"]]]]);
    assert_eq!(restricted(&one, "2025-02-27", "2025-03-01"), days);
    assert_eq!(restricted(&one, "2025-02-28", "2025-03-01"), json!([]));
    // Before it was recorded nobody knew.
    assert_eq!(restricted(&one, "2024-03-01", "2024-02-29"), json!([]));
}

#[test]
fn an_interval_of_no_days_is_never_held_and_touching_ones_hand_over() {
    let rules = entry("legal_representative", "violation", "restrict");
    let one = world(
        &rules,
        &[("2024-03-01", &[("listings", LISTING), ("roles", ROLES)])],
    );
    let days = json!([["2024-02-29", "2025-02-28"]]);
    let expected = json!([["O", days], ["后任", days]]);
    assert_eq!(restricted(&one, "2024-06-01", "2024-06-01"), expected);
}

#[test]
fn a_withdrawal_as_wrong_leaves_the_past_as_it_was_told() {
    let revocation = "target_no,repaired_on,kind\nl,2024-05-01,revocation\n";
    let one = world(
        RULE,
        &[
            ("2024-03-01", &[("listings", LISTING)]),
            ("2024-05-02", &[("repairs", revocation)]),
        ],
    );
    assert_eq!(restricted(&one, "2024-04-01", "2024-05-02"), json!([]));
    assert_ne!(restricted(&one, "2024-04-01", "2024-05-01"), json!([]));
}

#[test]
fn a_lead_becomes_a_restriction_from_the_decision_on() {
    let rules = entry("legal_representative", "violation", "lead");
    let decided = "case_no,id_type,id_number,person_name,decided_on,outcome
l,passport,3,后任,2024-03-10,rejected
l,passport,3,后任,2024-04-10,confirmed
";
    let known = [("listings", LISTING), ("roles", ROLES)];
    let one = world(
        &rules,
        &[
            ("2024-03-01", &known),
            ("2024-05-01", &[("determinations", decided)]),
        ],
    );
    let lead = crate::leads(&one, on("2024-04-01"), on("2024-04-01"));
    assert_eq!(lead[0]["days"], json!([["2024-02-29", "2025-02-28"]]));
    assert_eq!(
        crate::leads(&one, on("2024-04-01"), on("2024-05-01")),
        json!([])
    );
    let late = restricted(&one, "2024-04-10", "2024-05-01");
    assert_eq!(late[1], json!(["后任", [["2024-04-10", "2025-02-28"]]]));
    // On the earlier days it is neither.
    assert_eq!(
        restricted(&one, "2024-04-09", "2024-05-01")
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

fn holdings(text: &str) -> World {
    let organisations = "uscc,name,kind,status
A,甲,enterprise,operating
B,乙,enterprise,operating
C,丙,enterprise,operating
";
    let header = "uscc,holder_kind,holder_uscc,id_type,id_number,holder_name,ratio,concert_group";
    let table = format!("{header}\n{text}");
    world(
        "",
        &[(
            "2024-01-01",
            &[("organizations", organisations), ("holdings", &table)],
        )],
    )
}

fn controllers_of(world: &World, uscc: &str) -> Value {
    crate::controllers(world, on("2024-06-01"), on("2024-06-01"))[uscc].clone()
}

#[test]
fn half_is_not_control_and_more_than_half_is() {
    let half = holdings("A,person,,passport,1,张,50,\nA,person,,passport,2,李,50,\n");
    assert_eq!(controllers_of(&half, "A")["computed"], json!([]));
    let more = holdings("A,person,,passport,1,张,50.000001,\n");
    assert_eq!(controllers_of(&more, "A")["computed"], json!(["张"]));
}

#[test]
fn the_votes_of_a_concert_group_go_to_an_organisation_before_a_person_of_the_same_votes() {
    let tied = holdings(
        "A,person,,passport,1,张,30,甲组\nA,org,B,,,,30,甲组\nB,person,,passport,2,李,51,\n",
    );
    let found = controllers_of(&tied, "A");
    assert_eq!(found["computed"], json!(["李"]));
    assert_eq!(found["controlling_organisations"], json!([]));
}

#[test]
fn a_closed_circle_has_no_controller_and_its_shares_do_not_converge_from_outside() {
    let circle = holdings("A,org,B,,,,100,\nB,org,A,,,,100,\n");
    assert_eq!(controllers_of(&circle, "A")["circular"], json!(true));
    let day = on("2024-06-01");
    assert_eq!(crate::divergent(&circle, day, day)["A"], json!(false));
    let reached =
        holdings("A,org,B,,,,100,\nB,org,A,,,,100,\nA,person,,passport,1,张,26,\nC,org,B,,,,1,\n");
    for uscc in ["A", "B", "C"] {
        assert_eq!(crate::divergent(&reached, day, day)[uscc], json!(true));
    }
    let owners = crate::owners(&reached, day, day);
    assert_eq!(owners["A"], json!([["张", null, "votes"]]));
}

#[test]
fn a_circle_that_converges_counts_its_whole_series() {
    // Half of A is B's and half of B is A's: 50 % · (1 + 1/4 + 1/16 + …) = 2/3.
    let circle = holdings("A,org,B,,,,50,\nB,org,A,,,,50,\nA,person,,passport,1,张,50,\n");
    let day = on("2024-06-01");
    let owners = crate::owners(&circle, day, day);
    assert_eq!(owners["A"], json!([["张", "66.666667", "share"]]));
    assert_eq!(owners["B"], json!([["张", "33.333333", "share"]]));
}

#[test]
fn a_restriction_known_to_be_gone_must_be_lifted_from_the_day_of_that_news() {
    let enforced = "enforcement_no,department,uscc,measure,case_no,from,reported_on
e,D,O,M,l,2024-03-01,2024-03-05
";
    let revocation = "target_no,repaired_on,kind\nl,2024-03-02,revocation\n";
    let changed = "target_no,repaired_on,kind,authority\nl,2024-03-02,revocation,某局\n";
    let one = world(
        RULE,
        &[
            (
                "2024-03-01",
                &[("listings", LISTING), ("enforcements", enforced)],
            ),
            ("2024-05-06", &[("repairs", revocation)]),
            ("2024-07-01", &[("repairs", changed)]),
        ],
    );
    let lifts = |as_of: &str, known_at: &str| -> Vec<Value> {
        let all = crate::gaps(&one, on(as_of), on(known_at))
            .as_array()
            .unwrap()
            .clone();
        all.into_iter()
            .filter(|gap| gap["kind"] == "overdue_lift")
            .collect()
    };
    // Monday 6 May and three working days: by Thursday the 9th.
    assert_eq!(lifts("2024-05-09", "2024-12-31").len(), 0);
    assert_eq!(
        lifts("2024-05-10", "2024-12-31")[0]["on"],
        json!("2024-05-09")
    );
    assert_eq!(lifts("2024-05-10", "2024-05-05").len(), 0);
}

#[test]
fn organisations_come_before_persons() {
    let person = Subject::Person {
        number: "0".to_owned(),
        id_type: "passport".to_owned(),
    };
    assert!(Subject::Org("Z".to_owned()) < person);
    assert_eq!(crate::control::percent_text(66_500_000), "66.5");
    assert_eq!(crate::control::percent_text(100_000_000), "100");
}
