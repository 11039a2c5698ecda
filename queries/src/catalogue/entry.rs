//! Entries with their places, and versions of one code that must not overlap.

use std::collections::BTreeMap;

use graph::time::Interval;

use super::error::CatalogueError;
use super::source::Source;

/// An entry of a file and where its code stands.
#[derive(Debug)]
pub(super) struct Entry<T> {
    pub(super) at: usize,
    pub(super) value: T,
}

/// What has versions: a code and the days on which each holds.
pub(super) trait Versioned {
    fn code(&self) -> &str;
    fn validity(&self) -> Interval;
}

/// Reports every version that begins before an earlier one of its code ends:
/// on such a day nobody could say which of them is the law.
pub(super) fn refuse_overlaps<T: Versioned>(
    entries: &[Entry<T>],
    source: &Source<'_>,
    errors: &mut Vec<CatalogueError>,
) {
    let mut versions: BTreeMap<&str, Vec<(Interval, usize)>> = BTreeMap::new();
    for entry in entries
        .iter()
        .filter(|entry| !entry.value.code().is_empty())
    {
        let version = (entry.value.validity(), entry.at);
        versions
            .entry(entry.value.code())
            .or_default()
            .push(version);
    }
    for (code, mut versions) in versions {
        versions.sort_unstable();
        versions.retain(|(validity, _)| !validity.is_empty());
        let mut reaching: Option<(Interval, usize)> = None;
        for (validity, at) in versions {
            if let Some((other, place)) = reaching.filter(|(other, _)| other.meets(&validity)) {
                let (older, newer) = if place < at { (place, at) } else { (at, place) };
                let message = format!(
                    "this version of `{code}` overlaps the one of line {}: {} and {}",
                    source.line(older),
                    days(other),
                    days(validity),
                );
                let advice = "end the older version with `to` on the day the newer one begins";
                errors.push(source.error(newer, message, advice));
            }
            if reaching.is_none_or(|(other, _)| other.to < validity.to) {
                reaching = Some((validity, at));
            }
        }
    }
}

fn days(validity: Interval) -> String {
    format!("[{}, {})", validity.from, validity.to)
}

/// Versions by code, by beginning.
pub(super) fn by_code<T: Versioned>(entries: Vec<Entry<T>>) -> BTreeMap<String, Vec<T>> {
    let mut versions: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for Entry { value, .. } in entries {
        versions
            .entry(value.code().to_owned())
            .or_default()
            .push(value);
    }
    for versions in versions.values_mut() {
        versions.sort_by_key(Versioned::validity);
    }
    versions
}
