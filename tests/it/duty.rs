//! A verification through the system is a check record: the duty to check is done with it.

use crate::product::{Product, list};
use naive::Day;
use serde_json::Value;

const ORG: &str = "91350100M000100Y43";
const CATALOGUE: &[(&str, &str)] = &[
    (
        "lists.toml",
        "[[list]]\ncode = \"L\"\nname = \"名单\"\nbasis = \"法\"\nserious = false\n",
    ),
    (
        "items.toml",
        "[[item]]\ncode = \"I\"\nname = \"事项\"\ncategory = \"honours\"\nsubjects = [\"applicant\"]\n\
         check_required = true\ncheck_valid_days = 30\nfrom = \"2020-01-01\"\n",
    ),
];

fn today() -> Day {
    let now = jiff::Timestamp::now().as_second() + 8 * 3600;
    Day(i32::try_from(now.div_euclid(24 * 3600)).expect("a day"))
}

fn product() -> Product {
    let mut product = Product::empty();
    let folder = product.home().join("catalogue");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in CATALOGUE {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    product.set_catalogue(folder);
    product
}

/// The missed checks of a matter accepted yesterday and granted tomorrow, when before the
/// decision somebody asked, or did not.
fn missed_checks(verification: Option<&[&str]>) -> Vec<Value> {
    let product = product();
    let organisations = format!("uscc,name\n{ORG},某公司\n");
    product.load_texts(
        &today().plus(-2).to_string(),
        &[("organizations.csv", &organisations)],
    );
    if let Some(args) = verification {
        product.ask(&[&["verify", ORG], args].concat());
    }
    let matters = format!(
        "matter_no,department,item,uscc,accepted_on,decided_on,outcome\n\
         办1,D-FIN,I,{ORG},{},{},granted\n",
        today().plus(-1),
        today().plus(1)
    );
    product.load_texts(&today().plus(1).to_string(), &[("matters.csv", &matters)]);
    let day = today().plus(2).to_string();
    list(&product.ask(&["gaps", "--as-of", &day, "--known-at", &day])).to_vec()
}

#[test]
fn whoever_verifies_in_time_misses_no_check() {
    let check = |verification: Option<&[&str]>, missed: bool| {
        let gaps = missed_checks(verification);
        assert_eq!(
            gaps.len(),
            usize::from(missed),
            "{verification:?}: {gaps:?}"
        );
        assert!(
            gaps.iter()
                .all(|gap| gap["kind"] == "missed_check" && gap["reason"] == "none")
        );
    };
    check(None, true);
    check(
        Some(&["--department", "D-FIN", "--matter-no", "办1"]),
        false,
    );
    check(Some(&["--department", "D-FIN"]), false);
    // Another department's look, or one for another matter, is not this check.
    check(Some(&["--department", "D-TAX", "--matter-no", "办1"]), true);
    check(Some(&["--department", "D-FIN", "--matter-no", "办2"]), true);
    check(Some(&["--matter-no", "办1"]), true);
}
