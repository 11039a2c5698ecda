//! The words of the catalogue that rows are checked against.
//!
//! The catalogue itself lives elsewhere; whoever calls the loader passes its codes and names in.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::identity::normalise_name;

/// Codes by their folded codes and names.
#[derive(Debug, Clone, Default)]
struct Codes(FxHashMap<String, String>);

impl Codes {
    fn add(&mut self, code: &str, names: &[&str]) {
        for name in std::iter::once(&code).chain(names) {
            self.0.entry(key(name)).or_insert_with(|| code.to_owned());
        }
    }

    fn find(&self, text: &str) -> Option<&str> {
        // Most cells hold the code as it is.
        let found = self.0.get(text).or_else(|| self.0.get(&key(text)));
        found.map(String::as_str)
    }
}

fn key(text: &str) -> String {
    normalise_name(text).to_lowercase()
}

/// The lists, measures, items and departments that the catalogue knows.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    lists: Codes,
    measures: Codes,
    items: Codes,
    departments: FxHashSet<String>,
}

impl Vocabulary {
    /// No words at all: every list is unknown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a list with its name and aliases. The first to use a name keeps it.
    pub fn add_list(&mut self, code: &str, names: &[&str]) {
        self.lists.add(code, names);
    }

    /// Adds a measure with its names.
    pub fn add_measure(&mut self, code: &str, names: &[&str]) {
        self.measures.add(code, names);
    }

    /// Adds an item with its names.
    pub fn add_item(&mut self, code: &str, names: &[&str]) {
        self.items.add(code, names);
    }

    /// Adds a department that is known without a record of its own, such as an enforcer.
    pub fn add_department(&mut self, code: &str) {
        self.departments.insert(code.to_owned());
    }

    /// The code of the list that `text` names.
    #[must_use]
    pub fn list(&self, text: &str) -> Option<&str> {
        self.lists.find(text)
    }

    /// The code of the measure that `text` names.
    #[must_use]
    pub fn measure(&self, text: &str) -> Option<&str> {
        self.measures.find(text)
    }

    /// The code of the item that `text` names.
    #[must_use]
    pub fn item(&self, text: &str) -> Option<&str> {
        self.items.find(text)
    }

    /// Whether the catalogue names this department.
    #[must_use]
    pub fn knows_department(&self, code: &str) -> bool {
        self.departments.contains(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_code_and_name() {
        let mut words = Vocabulary::new();
        words.add_list(
            "court_defaulter",
            &["失信被执行人", "失信被执行人名单（最高法）"],
        );
        for text in [
            "court_defaulter",
            "Court_Defaulter",
            " 失信被执行人 ",
            "失信被执行人名单(最高法)",
        ] {
            assert_eq!(words.list(text), Some("court_defaulter"), "{text}");
        }
        assert_eq!(words.list("黑名单"), None);
        assert_eq!(words.measure("court_defaulter"), None);
    }
}
