//! Lists that subjects are put on (名单), and the names they go by.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::error::CatalogueError;
use super::fields::Fields;
use super::source::{Source, fold};

/// A list that subjects are put on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    /// Stable code.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// Other names in use.
    pub aliases: Vec<String>,
    /// Title, number, article.
    pub basis: String,
    /// Counts as 严重失信主体.
    pub serious: bool,
    /// An entry without another end expires this many months after the listing.
    pub max_months: Option<u32>,
}

/// A list as read, with its names in folded form and where they stand.
#[derive(Debug)]
pub(super) struct ListEntry {
    pub(super) entry: Entry<List>,
    names: Vec<(String, usize)>,
}

pub(super) fn read(fields: &mut Fields<'_, '_>) -> ListEntry {
    let code = fields.word("code");
    let name = fields.text("name");
    let aliases = fields.words("aliases");
    let mut names = vec![
        (code.text.clone(), code.at),
        (fold(&name), fields.place("name")),
    ];
    names.extend(aliases.iter().map(|alias| (alias.text.clone(), alias.at)));
    let value = List {
        code: code.text,
        name,
        aliases: aliases.into_iter().map(|alias| alias.text).collect(),
        basis: fields.text("basis"),
        serious: fields.flag("serious"),
        max_months: fields.number("max_months", 1..=1200),
    };
    ListEntry {
        entry: Entry { at: code.at, value },
        names,
    }
}

/// Every code, name and alias with the code that it means; reports one that
/// means two lists, because a listing under it could be either.
pub(super) fn names(
    lists: &[ListEntry],
    source: &Source<'_>,
    errors: &mut Vec<CatalogueError>,
) -> BTreeMap<String, String> {
    let mut owners: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (number, list) in lists.iter().enumerate() {
        for (name, at) in list.names.iter().filter(|(name, _)| !name.is_empty()) {
            let (owner, first) = *owners.entry(name).or_insert((number, *at));
            if owner != number {
                let message = format!(
                    "`{name}` already means the list of line {}",
                    source.line(first)
                );
                let advice =
                    "codes, names and aliases of lists must each mean one list: change one";
                errors.push(source.error(*at, message, advice));
            }
        }
    }
    let code = |(name, (number, _)): (&str, (usize, usize))| {
        Some((name.to_owned(), lists.get(number)?.entry.value.code.clone()))
    };
    owners.into_iter().filter_map(code).collect()
}
