//! Catalogues with several faults, folders that are no catalogue, and texts
//! that are anything at all.

use proptest::prelude::*;

use super::{Catalogue, example, load};

#[test]
fn files_that_are_not_a_catalogue() {
    refuses_file("list.toml", "did you mean `lists.toml`?");
    refuses_file("departments.toml", "use one of calendar.toml, items.toml");
    let nothing = load(&[("README.md", "")]).unwrap_err().to_string();
    assert!(nothing.contains("there is no catalogue here"), "{nothing}");
}

#[track_caller]
fn refuses_file(name: &str, part: &str) {
    let mut files = example();
    files.insert(name.to_owned(), String::new());
    let refusal = Catalogue::from_texts(&files).unwrap_err().to_string();
    assert!(
        refusal.contains(name) && refusal.contains(part),
        "{refusal}"
    );
}

#[test]
fn every_fault_is_told_in_order_with_its_column() {
    let mut files = example();
    for (file, old, new) in [
        ("rules.toml", "[\"M1\", \"M2\"]", "[\"M1\", \"M3\"]"),
        ("rules.toml", "\"lead\"", "\"leed\""),
        ("lists.toml", "serious = true", "serious = 1"),
        ("items.toml", "[[item]]", "[[item]"),
    ] {
        let text = files.get_mut(file).unwrap();
        *text = text.replacen(old, new, 1);
    }
    let refusal = Catalogue::from_texts(&files).unwrap_err();
    let places: Vec<_> = refusal
        .errors
        .iter()
        .map(|e| (e.file.as_str(), e.line, e.column))
        .collect();
    let rest = [
        ("lists.toml", 6, 11),
        ("rules.toml", 11, 19),
        ("rules.toml", 12, 10),
    ];
    assert_eq!(places.get(1..).unwrap(), rest, "{refusal}");
    assert_eq!(
        places.first().map(|place| (place.0, place.1)),
        Some(("items.toml", 1))
    );
    let text = refusal.to_string();
    assert!(
        text.starts_with("the catalogue is refused, 4 faults:\nitems.toml:1:"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,200}", file in 0..6_usize) {
        let name = example().into_keys().nth(file).unwrap();
        let _ = load(&[(&name, &text)]);
    }

    /// Nearly valid texts get further than arbitrary ones.
    #[test]
    fn no_change_makes_it_panic(file in 0..6_usize, at in 0..400_usize, cut in 0..9_usize,
                                put in r#"[\[\]{}"'=.,#\n0-9a-z一\-]{0,4}"#) {
        let mut files = example();
        let name = files.keys().nth(file).cloned().unwrap();
        let letters: Vec<char> = files[&name].chars().collect();
        let at = at.min(letters.len());
        let mut text: String = letters[..at].iter().collect();
        text.push_str(&put);
        text.extend(letters.iter().skip(at + cut));
        files.insert(name, text);
        if let Err(refusal) = Catalogue::from_texts(&files) {
            prop_assert!(!refusal.errors.is_empty());
            prop_assert!(refusal.errors.iter().all(|error| error.line > 0 && error.column > 0));
        }
    }
}
