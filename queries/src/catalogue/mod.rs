//! The catalogue: lists, measures, rules, items, settings and calendar, as data.
//!
//! Law is data here, never code: every entry names its source, has its days of
//! validity, and is validated as a whole before a question sees it. Whoever
//! holds a [`Catalogue`] holds a valid one. Nothing here reads a file: texts
//! come in, a catalogue or every fault with file and line comes out.
//!
//! A file that is missing counts as empty (settings: the defaults; calendar: no
//! year is known). Text beyond codes is kept as written; codes, aliases and
//! violation types are folded (NFKC, white space), as the records' are.

mod calendar;
mod calendar_file;
mod entry;
mod error;
mod fields;
mod item;
mod list;
mod load;
mod measure;
mod rule;
mod rule_file;
mod scalars;
mod settings;
mod source;
#[cfg(test)]
mod tests;

pub use calendar::{Calendar, Deadline};
pub use error::{CatalogueError, CatalogueErrors};
pub use item::{Item, ItemSubject};
pub use list::List;
pub use measure::Measure;
pub use rule::{PersonRule, RoleSought, Rule, RuleMoment, Trigger};
pub use settings::{Settings, SignalSettings};

use std::collections::BTreeMap;
use std::sync::Arc;

use graph::time::Date;

/// A validated catalogue.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Lists by code.
    pub lists: BTreeMap<String, List>,
    /// Versions of measures by code, by beginning.
    pub measures: BTreeMap<String, Vec<Measure>>,
    /// Rules, each version apart, in the order of the file.
    pub rules: Vec<Arc<Rule>>,
    /// Versions of items by code, by beginning.
    pub items: BTreeMap<String, Vec<Item>>,
    /// Thresholds and switches.
    pub settings: Settings,
    /// Working days.
    pub calendar: Calendar,
    /// SM3 over the files, as hexadecimal: what answers and receipts name.
    pub digest: String,
    /// Codes of lists by code, name and alias, folded.
    list_names: BTreeMap<String, String>,
}

/// The shipped files.
const SHIPPED: [(&str, &str); 6] = [
    (
        "calendar.toml",
        include_str!("../../catalogue/calendar.toml"),
    ),
    ("items.toml", include_str!("../../catalogue/items.toml")),
    ("lists.toml", include_str!("../../catalogue/lists.toml")),
    (
        "measures.toml",
        include_str!("../../catalogue/measures.toml"),
    ),
    ("rules.toml", include_str!("../../catalogue/rules.toml")),
    (
        "settings.toml",
        include_str!("../../catalogue/settings.toml"),
    ),
];

impl Catalogue {
    /// The catalogue that is part of the program.
    pub fn shipped() -> Result<Self, CatalogueErrors> {
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Self::from_texts(&SHIPPED.into_iter().map(owned).collect())
    }

    /// A catalogue from the texts of its files by name (`lists.toml`, …). Other
    /// names are refused when they end in `.toml` and left alone otherwise; a
    /// folder with none of the files is refused, since nobody would be
    /// restricted under it. The errors are all that there are, not the first.
    pub fn from_texts(files: &BTreeMap<String, String>) -> Result<Self, CatalogueErrors> {
        load::load(files)
    }

    /// The list that a code, Chinese name or alias means, however it is spaced
    /// and whatever its width.
    pub fn list_named(&self, text: &str) -> Option<&List> {
        let code = match self.list_names.get(text) {
            Some(code) => code,
            None => self.list_names.get(&source::fold(text))?,
        };
        self.lists.get(code)
    }

    /// The version of a measure in force on a day.
    pub fn measure(&self, code: &str, day: Date) -> Option<&Measure> {
        self.measures
            .get(code)?
            .iter()
            .find(|measure| measure.validity.holds(day))
    }

    /// The version of an item in force on a day.
    pub fn item(&self, code: &str, day: Date) -> Option<&Item> {
        self.items
            .get(code)?
            .iter()
            .find(|item| item.validity.holds(day))
    }
}
