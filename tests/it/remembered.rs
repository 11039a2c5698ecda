//! Small worlds that once told the product and the oracle apart.

use crate::product::{Product, list};
use serde_json::json;

const DAY: &str = "2024-04-09";
const ORG: &str = "91350100M000100Y43";
const HOLDER: &str = "11341502PCN6DJBF9R";

/// A penalty for which `M2` holds three years.
const CATALOGUE: &[(&str, &str)] = &[
    (
        "measures.toml",
        "[[measure]]\ncode = \"M2\"\nname = \"措施\"\nbasis = \"法\"\nbinding = false\n\
         blocks = [\"honours\"]\nfrom = \"2022-06-01\"\n",
    ),
    (
        "rules.toml",
        "[[rule]]\nid = \"R\"\nbasis = \"法\"\nfrom = \"2020-01-01\"\nterm_months = 36\n\
         penalty_kinds = [\"criticism\"]\nsubject_measures = [\"M2\"]\n\
         record_in_personal_file = false\n",
    ),
];

fn product() -> Product {
    let mut product = Product::empty();
    let folder = product.home().join("catalogue");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in CATALOGUE {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    product.set_catalogue(folder);
    let organisations = format!("uscc,name\n{ORG},某公司\n{HOLDER},某单位\n");
    product.load_texts("2024-01-01", &[("organizations.csv", &organisations)]);
    product
}

/// Who controls a holder by agreement alone has the holder's votes, though no share.
#[test]
fn votes_through_an_agreement_make_an_owner() {
    let product = product();
    let agreements = format!(
        "uscc,holder_kind,id_type,id_number,holder_name,kind,document\n\
         {HOLDER},person,passport,E7654321,某人,agreement,协议\n"
    );
    let holdings = format!("uscc,holder_kind,holder_uscc,ratio\n{ORG},org,{HOLDER},50\n");
    product.load_texts(
        DAY,
        &[
            ("control_agreements.csv", &agreements),
            ("holdings.csv", &holdings),
        ],
    );
    let owners = product.ask(&["owners", ORG]);
    let found: Vec<_> = list(&owners["owners"])
        .iter()
        .map(|one| json!([one["share"], one["basis"]]))
        .collect();
    assert_eq!(found, [json!(["0.000000", "votes"])]);
}

/// One person may be named for one case twice, with two responsibilities.
#[test]
fn two_responsibilities_are_two_records() {
    let product = product();
    let named = "case_no,id_type,id_number,person_name,responsibility\n\
                 罚1,passport,E7654321,某人,other\n罚1,passport,E7654321,某人,direct\n";
    let report = product.load_texts(DAY, &[("responsible_persons.csv", named)]);
    assert_eq!(
        (&report[0]["new"], &report[0]["quarantined"]),
        (&json!(2), &json!(0))
    );
}

/// An interval of no days is never in force, at no time.
#[test]
fn a_role_of_no_days_links_nobody_at_any_time() {
    let product = product();
    let roles = format!(
        "uscc,role,id_type,id_number,person_name,from,to\n\
         {ORG},director,passport,E7654321,某人,2023-03-25,2023-03-25\n\
         {HOLDER},director,passport,E7654321,某人,2023-03-25,2023-03-26\n"
    );
    product.load_texts(DAY, &[("roles.csv", &roles)]);
    let paths = |org: &str| product.ask(&["paths", org, "id:passport:E7654321", "--any-time"]);
    assert_eq!(paths(ORG), json!([]));
    assert_eq!(list(&paths(HOLDER)).len(), 1);
}

/// A revocation that is told before its case is known since then.
#[test]
fn a_revocation_may_come_before_its_case() {
    let product = product();
    let revoked = "target_no,repaired_on,kind\n罚1,2025-08-16,revocation\n";
    product.load_texts(DAY, &[("repairs.csv", revoked)]);
    let penalties = format!(
        "decision_no,authority,uscc,decision_on,kinds,reported_on\n罚1,某局,{ORG},2024-04-04,criticism,2024-04-04\n"
    );
    let enforcements = format!(
        "enforcement_no,department,uscc,measure,case_no,from\n施1,D-MKT,{ORG},M2,罚1,2024-04-09\n"
    );
    product.load_texts(
        "2024-12-05",
        &[
            ("penalties.csv", &penalties),
            ("enforcements.csv", &enforcements),
        ],
    );
    let gaps = product.ask(&["gaps", "--as-of", "2024-11-26"]);
    let found: Vec<_> = list(&gaps)
        .iter()
        .map(|gap| json!([gap["kind"], gap["on"]]))
        .collect();
    assert_eq!(found, [json!(["overdue_lift", "2024-04-12"])]);
}
