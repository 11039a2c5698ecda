//! Two companies whose owners change, some of it told late: who owned when, as known when.

use crate::product::{Product, Times, list};
use naive::Day;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

const ORG: &str = "91350100M000100Y43";
/// The credit code that stands for the trust.
const TRUST: &str = "51350100000100001B";

/// The statements on shareholdings, in the order in which they were made.
fn holdings(name: &str) -> (BTreeMap<String, String>, Vec<Value>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data/bods")
        .join(name);
    let text = std::fs::read_to_string(path).expect(name);
    let statements: Vec<Value> = serde_json::from_str(&text).expect(name);
    let mut names = BTreeMap::new();
    let mut relationships = Vec::new();
    for statement in statements {
        let details = &statement["recordDetails"];
        match statement["recordType"].as_str() {
            Some("person") => {
                let name = details["names"][0]["fullName"].as_str().expect("a name");
                names.insert(statement["recordId"].to_string(), name.to_owned());
            }
            Some("relationship") => relationships.push(statement),
            _ => {}
        }
    }
    (names, relationships)
}

/// The holding that a statement tells: holder, first day, day after the last, percent.
fn told(statement: &Value) -> (String, String, String, String) {
    let details = &statement["recordDetails"];
    let interests = list(&details["interests"]);
    let shares = interests
        .iter()
        .find(|one| one["type"] == "shareholding")
        .expect("shares");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut last = text(&shares["endDate"]);
    // A record that is closed without a last day is over from the day on which that was told.
    if last.is_empty() && statement["recordStatus"] == "closed" {
        last = text(&statement["statementDate"])[..10].to_owned();
    }
    let holder = details["interestedParty"].to_string();
    (
        holder,
        text(&shares["startDate"]),
        last,
        shares["share"]["exact"].to_string(),
    )
}

/// Loads the statements, a batch a day on which some were made. A statement takes the place of
/// the one before it on the same relationship: when its first day is later, the old row ends
/// there, and when it is the same with another share, the row is told anew.
fn product(name: &str) -> Product {
    let (names, statements) = holdings(name);
    let product = Product::empty();
    let organisations = format!("uscc,name\n{ORG},公司\n{TRUST},Shear Trust\n");
    product.load_texts("2019-01-01", &[("organizations.csv", &organisations)]);
    let mut rows: BTreeMap<String, (String, String, String)> = BTreeMap::new();
    let mut days: BTreeMap<String, Vec<(String, String, String, String)>> = BTreeMap::new();
    for statement in &statements {
        let day = statement["statementDate"].as_str().expect("a day")[..10].to_owned();
        let (holder, from, to, share) = told(statement);
        let batch = days.entry(day).or_default();
        if let Some((old, _, part)) = rows.get(&holder).filter(|(old, ..)| *old != from) {
            batch.push((holder.clone(), old.clone(), from.clone(), part.clone()));
        }
        // Of several statements of a day the last one counts.
        batch.retain(|(other, start, ..)| (other, start) != (&holder, &from));
        batch.push((holder.clone(), from.clone(), to.clone(), share.clone()));
        rows.insert(holder, (from, to, share));
    }
    for (day, batch) in &days {
        let mut text =
            "uscc,holder_kind,holder_uscc,id_type,id_number,holder_name,from,to,ratio\n".to_owned();
        for (holder, from, to, share) in batch {
            text += &match names.get(holder) {
                Some(name) => format!(
                    "{ORG},person,,passport,{},{name},{from},{to},{share}\n",
                    holder.replace(['"', '-'], "")
                ),
                None => format!("{ORG},org,{TRUST},,,,{from},{to},{share}\n"),
            };
        }
        product.load_texts(day, &[("holdings.csv", &text)]);
    }
    assert_eq!(product.ask(&["quarantine", "list"]), json!([]));
    product
}

/// The beneficial owners with their shares.
fn check_owners(product: &Product, as_of: &str, known_at: &str, expected: &[(&str, f64)]) {
    let times = Times {
        as_of: Day::parse(as_of),
        known_at: Day::parse(known_at),
    };
    let answer = product.ask_on(times, &["owners", ORG]);
    let mut found: Vec<(String, f64)> = list(&answer["owners"])
        .iter()
        .map(|one| {
            let share = one["share"]
                .as_str()
                .expect("a share")
                .parse()
                .expect("a share");
            (
                one["subject"]["name"].as_str().expect("a name").to_owned(),
                share,
            )
        })
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let found: Vec<(&str, f64)> = found
        .iter()
        .map(|(name, share)| (name.as_str(), *share))
        .collect();
    assert_eq!(found, expected, "on {as_of}, as known on {known_at}");
}

/// Who controls: persons, then organisations.
fn check_control(product: &Product, as_of: &str, known_at: &str, persons: &[&str], trust: bool) {
    let times = Times {
        as_of: Day::parse(as_of),
        known_at: Day::parse(known_at),
    };
    let found = product.controllers(ORG, times);
    assert_eq!(
        found["computed"],
        json!(persons),
        "on {as_of}, as known on {known_at}"
    );
    let organisations = if trust { json!([TRUST]) } else { json!([]) };
    assert_eq!(
        found["controlling_organisations"], organisations,
        "on {as_of}, as known on {known_at}"
    );
}

const RIYADH: &str = "Riyadh Byrne-Amin";
const PATRICK: &str = "Patrick O'Donohue";
const DECLAN: &str = "Declan Byrne-Amin";
const MARIA: &str = "Maria Esteves";

#[test]
fn a_change_told_late_changes_what_was_true_and_not_what_was_known() {
    let product = product("fermcat.json");
    let check =
        |as_of, known_at, owners: &[(&str, f64)]| check_owners(&product, as_of, known_at, owners);
    check("2019-09-10", "2019-10-01", &[]);
    check(
        "2020-01-01",
        "2020-01-01",
        &[(PATRICK, 50.0), (RIYADH, 50.0)],
    );
    check(
        "2021-06-01",
        "2021-06-01",
        &[(PATRICK, 50.0), (RIYADH, 50.0)],
    );
    check(
        "2021-06-01",
        "2021-10-01",
        &[(DECLAN, 50.0), (PATRICK, 50.0)],
    );
    check(
        "2021-04-02",
        "2021-10-01",
        &[(PATRICK, 50.0), (RIYADH, 50.0)],
    );
    check(
        "2021-04-03",
        "2021-10-01",
        &[(DECLAN, 50.0), (PATRICK, 50.0)],
    );
    check("2022-02-01", "2022-02-01", &[(PATRICK, 100.0)]);
    // Half the votes is not more than half.
    check_control(&product, "2021-10-01", "2021-10-01", &[], false);
    check_control(&product, "2022-02-01", "2022-02-01", &[PATRICK], false);
}

#[test]
fn a_company_passes_to_its_trust_step_by_step() {
    let product = product("tecido.json");
    let owners =
        |as_of, known_at, owners: &[(&str, f64)]| check_owners(&product, as_of, known_at, owners);
    owners("2019-02-01", "2019-02-01", &[(MARIA, 100.0)]);
    owners("2021-09-23", "2021-10-01", &[(MARIA, 100.0)]);
    owners("2021-09-24", "2021-09-24", &[(MARIA, 100.0)]);
    owners("2021-09-24", "2021-09-25", &[(MARIA, 40.0)]);
    owners("2022-10-01", "2022-10-01", &[(MARIA, 30.0)]);
    owners("2023-03-03", "2023-03-03", &[]);
    owners("2022-10-01", "2023-03-03", &[(MARIA, 30.0)]);
    check_control(&product, "2021-09-23", "2021-10-01", &[MARIA], false);
    check_control(&product, "2021-09-24", "2021-10-01", &[], true);
    check_control(&product, "2023-03-03", "2023-03-03", &[], true);
}
