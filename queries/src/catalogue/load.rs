//! From texts to a validated catalogue: each file by itself, then what they say
//! of one another.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use sm3::{Digest, Sm3};
use toml::de::DeTable;

use super::entry::{Entry, by_code, refuse_overlaps};
use super::error::{CatalogueError, CatalogueErrors};
use super::fields::Fields;
use super::rule_file::{Used, refuse_undefined};
use super::source::{Source, suggest};
use super::{Catalogue, calendar_file, item, list, measure, settings};

/// The files of a catalogue.
pub(super) const FILES: [&str; 6] = [
    "calendar.toml",
    "items.toml",
    "lists.toml",
    "measures.toml",
    "rules.toml",
    "settings.toml",
];

/// Reads one file; one that is no TOML is reported and not read further.
fn file<T>(
    source: &Source<'_>,
    errors: &mut Vec<CatalogueError>,
    read: impl FnOnce(&mut Fields<'_, '_>) -> T,
) -> Option<T> {
    let (document, faults) = DeTable::parse_recoverable(source.text);
    for fault in &faults {
        let at = fault.span().map_or(source.text.len(), |span| span.start);
        let advice = "correct the TOML; quote texts, and give arrays their brackets";
        errors.push(source.error(at, fault.message(), advice));
    }
    faults
        .is_empty()
        .then(|| read(&mut Fields::new(source, errors, document.get_ref(), 0)))
}

/// Reads a file that holds one array of entries and nothing else.
fn entries<T>(
    source: &Source<'_>,
    errors: &mut Vec<CatalogueError>,
    key: &'static str,
    read: impl FnMut(&mut Fields<'_, '_>) -> T,
) -> Vec<T> {
    let entries = file(source, errors, |fields| {
        let entries = fields.tables(key, read);
        fields.refuse_unknown();
        entries
    });
    entries.unwrap_or_default()
}

/// Reads and validates a catalogue; see [`Catalogue::from_texts`].
pub(super) fn load(files: &BTreeMap<String, String>) -> Result<Catalogue, CatalogueErrors> {
    let text = |name: &str| files.get(name).map_or("", String::as_str);
    let [calendar, items, lists, measures, rules, settings] =
        FILES.map(|name| Source::new(name, text(name)));
    let mut errors = strangers(files);

    let read_lists = entries(&lists, &mut errors, "list", list::read);
    let read_measures = entries(&measures, &mut errors, "measure", measure::read);
    let read_items = entries(&items, &mut errors, "item", item::read);
    let mut used = Used::default();
    let read_rules = entries(&rules, &mut errors, "rule", |fields| used.rule(fields));
    let settings = file(&settings, &mut errors, settings::read).unwrap_or_default();
    let calendar = file(&calendar, &mut errors, calendar_file::read).unwrap_or_default();

    let list_names = list::names(&read_lists, &lists, &mut errors);
    refuse_overlaps(&read_measures, &measures, &mut errors);
    refuse_overlaps(&read_items, &items, &mut errors);
    refuse_overlaps(&read_rules, &rules, &mut errors);
    // A file that gave nothing and has its own fault defines nobody knows what.
    let told = |source: &Source<'_>| !errors.iter().any(|error| error.file == source.name);
    let (lists_told, measures_told) = (told(&lists), told(&measures));
    if lists_told || !read_lists.is_empty() {
        let codes = read_lists
            .iter()
            .map(|list| list.entry.value.code.as_str())
            .collect();
        refuse_undefined("list", &used.lists, &codes, &rules, &mut errors);
    }
    if measures_told || !read_measures.is_empty() {
        let codes = read_measures
            .iter()
            .map(|measure| measure.value.code.as_str())
            .collect();
        refuse_undefined("measure", &used.measures, &codes, &rules, &mut errors);
    }
    if !errors.is_empty() {
        errors.sort();
        errors.dedup();
        return Err(CatalogueErrors { errors });
    }
    let lists = read_lists.into_iter().map(|list| list.entry.value);
    Ok(Catalogue {
        lists: lists.map(|list| (list.code.clone(), list)).collect(),
        measures: by_code(read_measures),
        rules: read_rules
            .into_iter()
            .map(|Entry { value, .. }| Arc::new(value))
            .collect(),
        items: by_code(read_items),
        settings,
        calendar,
        digest: digest(files),
        list_names,
    })
}

/// TOML files that are none of the catalogue's: most likely a name mistyped,
/// and its entries would silently be missing. A folder with none of the
/// catalogue's files is most likely not the folder that was meant.
fn strangers(files: &BTreeMap<String, String>) -> Vec<CatalogueError> {
    let fault = |file: &str, message: &str, advice: String| CatalogueError {
        file: file.to_owned(),
        line: 1,
        column: 1,
        message: message.to_owned(),
        advice,
    };
    let strange = |name: &&String| is_toml(name) && !FILES.contains(&name.as_str());
    let mut errors: Vec<CatalogueError> = files
        .keys()
        .filter(strange)
        .map(|name| {
            fault(
                name,
                "this file is not part of a catalogue",
                suggest(name, FILES),
            )
        })
        .collect();
    if !FILES.iter().any(|name| files.contains_key(*name)) {
        let advice = format!("give a folder with {}", FILES.join(", "));
        errors.push(fault("lists.toml", "there is no catalogue here", advice));
    }
    errors
}

fn is_toml(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"))
}

/// SM3 over the files that count, each name and text with its length before it.
fn digest(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sm3::new();
    for (name, text) in files
        .iter()
        .filter(|(name, _)| FILES.contains(&name.as_str()))
    {
        for part in [name, text] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
    }
    let mut digest = String::new();
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    digest
}
