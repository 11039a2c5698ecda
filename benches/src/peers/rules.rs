//! The simple rules that every engine is asked about, instead of the shipped ones.

use std::collections::BTreeMap;

use anyhow::Context;
use queries::catalogue::Catalogue;

const RULES: &str = include_str!("rules.toml");
const FILES: [(&str, &str); 5] = [
    (
        "calendar.toml",
        include_str!("../../../queries/catalogue/calendar.toml"),
    ),
    (
        "items.toml",
        include_str!("../../../queries/catalogue/items.toml"),
    ),
    (
        "lists.toml",
        include_str!("../../../queries/catalogue/lists.toml"),
    ),
    (
        "measures.toml",
        include_str!("../../../queries/catalogue/measures.toml"),
    ),
    (
        "settings.toml",
        include_str!("../../../queries/catalogue/settings.toml"),
    ),
];

/// The shipped catalogue with the simple rules, with or without those entries that
/// reach whoever controls a company.
pub fn catalogue(controllers: bool) -> anyhow::Result<Catalogue> {
    let mut files: BTreeMap<String, String> = FILES
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let rules = if controllers {
        RULES.to_owned()
    } else {
        without_controllers()
    };
    files.insert("rules.toml".to_owned(), rules);
    Catalogue::from_texts(&files)
        .map_err(|errors| anyhow::anyhow!("{errors}"))
        .context("the simple rules")
}

/// The shipped catalogue itself.
pub fn shipped() -> anyhow::Result<Catalogue> {
    Catalogue::shipped().map_err(|errors| anyhow::anyhow!("{errors}"))
}

/// What stands between the marks is left out.
fn without_controllers() -> String {
    let mut kept = String::new();
    let mut inside = false;
    for line in RULES.lines() {
        inside |= line == "# computed controllers";
        if !inside {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= line != "# end";
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sets_of_rules_are_valid_and_differ_in_controllers_alone() {
        let count = |controllers| {
            let catalogue = catalogue(controllers).unwrap();
            let persons = catalogue.rules.iter().map(|rule| rule.persons.len());
            (catalogue.rules.len(), persons.sum::<usize>())
        };
        assert_eq!(count(true), (4, 6));
        assert_eq!(count(false), (4, 4));
    }
}
