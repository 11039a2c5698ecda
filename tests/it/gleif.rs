//! 176 real companies: the chain of direct parents ends at the published ultimate parent.

use crate::product::{Product, Times, list};
use naive::Day;
use naive::identifier::credit_check;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn text(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/gleif");
    std::fs::read_to_string(folder.join(name)).expect(name)
}

/// A valid credit code for the n-th company.
fn credit_code(number: usize) -> String {
    let body = format!("91371581{number:09}");
    format!("{body}{}", credit_check(&body))
}

/// Company, parent and the day from which it is consolidated; closed statements left out.
fn parents() -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    for line in text("direct.jsonl").lines() {
        let statement: Value = serde_json::from_str(line).expect("a statement");
        if statement["recordStatus"] == "closed" {
            continue;
        }
        let details = &statement["recordDetails"];
        let of = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let from = of(&details["interests"][0]["startDate"]);
        all.push((
            of(&details["subject"]),
            of(&details["interestedParty"]),
            from,
        ));
    }
    all
}

#[test]
fn chains_end_at_the_published_parent() {
    let parents = parents();
    let expected: Vec<Vec<String>> = text("expected.tsv")
        .lines()
        .skip(1)
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect();
    let mut companies: BTreeSet<&String> = BTreeSet::new();
    companies.extend(
        parents
            .iter()
            .flat_map(|(company, parent, _)| [company, parent]),
    );
    companies.extend(expected.iter().flat_map(|row| [&row[0], &row[4]]));
    let codes: BTreeMap<&String, String> = companies
        .iter()
        .enumerate()
        .map(|(number, lei)| (*lei, credit_code(number)))
        .collect();
    let mut organisations = "uscc,name,kind,status\n".to_owned();
    for (lei, code) in &codes {
        organisations += &format!("{code},{lei},enterprise,operating\n");
    }
    let mut holdings = "uscc,holder_kind,holder_uscc,from,ratio\n".to_owned();
    for (company, parent, from) in &parents {
        let day = from.get(..10).unwrap_or("2000-01-01");
        holdings += &format!("{},org,{},{day},100\n", codes[company], codes[parent]);
    }
    let product = Product::empty();
    product.load_texts(
        "2025-02-28",
        &[
            ("organizations.csv", &organisations),
            ("holdings.csv", &holdings),
        ],
    );
    assert_eq!(product.ask(&["quarantine", "list"]), json!([]));
    let day = Day::parse("2025-02-28");
    let times = Times {
        as_of: day,
        known_at: day,
    };
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &expected {
        let (lei, published, top, verdict) = (&row[0], &row[3], &row[4], row[6].as_str());
        let answer = product.ask_on(times, &["controllers", &codes[lei]]);
        assert_eq!(answer["controllers"], json!([]), "{lei} has no person");
        assert_eq!(answer["circular"], false, "{lei}");
        let found: Vec<&Value> = list(&answer["controlling_organisations"])
            .iter()
            .map(|one| &one["uscc"])
            .collect();
        // Who has no parent in the sample is controlled by nobody; a broken chain ends where it
        // breaks, not at the published top.
        let expected: Vec<&str> = if top == lei {
            vec![]
        } else {
            vec![codes[top].as_str()]
        };
        assert_eq!(found, expected, "{lei}, {verdict}");
        match verdict {
            "agree" => assert_eq!(top, published, "{lei}"),
            "chain_incomplete_in_sample" => assert_ne!(top, published, "{lei}"),
            _ => {}
        }
        *asked.entry(verdict).or_default() += 1;
    }
    let counts: Vec<(&str, usize)> = asked.into_iter().collect();
    let wanted = [
        ("agree", 110),
        ("chain_incomplete_in_sample", 10),
        ("only_direct", 3),
        ("only_ultimate", 29),
    ];
    assert_eq!(counts, wanted);
}
