//! Reading one table, key by key, and saying what is wrong with each.
//!
//! A key that is missing or wrong is reported and stands in with a neutral
//! value, so that the rest of the table is still looked at. The stand-ins never
//! get out: a catalogue with any fault is refused.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::CatalogueError;
use super::source::{Source, fold, suggest};

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) at: usize,
}

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

/// A table that is being read.
#[derive(Debug)]
pub(super) struct Fields<'a, 'e> {
    source: &'a Source<'a>,
    errors: &'e mut Vec<CatalogueError>,
    table: &'a DeTable<'a>,
    /// Where the table begins: missing keys are reported there.
    pub(super) at: usize,
    known: Vec<&'static str>,
}

impl<'a, 'e> Fields<'a, 'e> {
    pub(super) fn new(
        source: &'a Source<'a>,
        errors: &'e mut Vec<CatalogueError>,
        table: &'a DeTable<'a>,
        at: usize,
    ) -> Self {
        Self {
            source,
            errors,
            table,
            at,
            known: Vec::new(),
        }
    }

    /// Reports a fault.
    pub(super) fn fault(&mut self, at: usize, message: impl Into<String>, advice: &str) {
        self.errors.push(self.source.error(at, message, advice));
    }

    /// The value of a key, which is thereby known.
    pub(super) fn get(&mut self, key: &'static str) -> Option<&'a Value<'a>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// The key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The key is there and holds `[]`.
    pub(super) fn has_empty_array(&self, key: &str) -> bool {
        let array = self
            .table
            .get(key)
            .and_then(|value| value.get_ref().as_array());
        array.is_some_and(|array| array.is_empty())
    }

    /// Where the value of a key stands, else the table.
    pub(super) fn place(&self, key: &str) -> usize {
        self.table
            .get(key)
            .map_or(self.at, |value| value.span().start)
    }

    pub(super) fn required(&mut self, key: &'static str) -> Option<&'a Value<'a>> {
        let value = self.get(key);
        if value.is_none() {
            self.fault(
                self.at,
                format!("`{key}` is missing"),
                "every entry here needs it",
            );
        }
        value
    }

    pub(super) fn mistyped(&mut self, key: &str, value: &Value<'_>, wanted: &str) {
        let found = value.get_ref().type_str();
        let message = format!("`{key}` is of type {found}");
        self.fault(value.span().start, message, &format!("write {wanted}"));
    }

    fn text_of(&mut self, key: &str, value: &Value<'_>) -> String {
        let Some(text) = value.get_ref().as_str() else {
            self.mistyped(key, value, "a text in quotes");
            return String::new();
        };
        let text = text.trim();
        if text.is_empty() {
            self.fault(
                value.span().start,
                format!("`{key}` is empty"),
                "write it out",
            );
        }
        text.to_owned()
    }

    fn word_of(&mut self, key: &str, value: &Value<'_>) -> Word {
        Word {
            text: fold(&self.text_of(key, value)),
            at: value.span().start,
        }
    }

    /// A text, as written but trimmed.
    pub(super) fn text(&mut self, key: &'static str) -> String {
        self.required(key)
            .map(|value| self.text_of(key, value))
            .unwrap_or_default()
    }

    /// A code, folded.
    pub(super) fn word(&mut self, key: &'static str) -> Word {
        let word = self.required(key).map(|value| self.word_of(key, value));
        word.unwrap_or(Word {
            text: String::new(),
            at: self.at,
        })
    }

    /// A code that may be left out.
    pub(super) fn optional_word(&mut self, key: &'static str) -> Option<Word> {
        self.get(key).map(|value| self.word_of(key, value))
    }

    /// A code with a meaning; `None` when it is missing or unknown.
    pub(super) fn chosen<T: Copy>(&mut self, key: &'static str, known: &[(&str, T)]) -> Option<T> {
        let word = self.word(key);
        self.meaning(key, &word, known)
    }

    /// What a code means; reports one without meaning.
    pub(super) fn meaning<T: Copy>(
        &mut self,
        key: &str,
        word: &Word,
        known: &[(&str, T)],
    ) -> Option<T> {
        let found = known.iter().find(|(code, _)| *code == word.text);
        if found.is_none() && !word.text.is_empty() {
            let advice = suggest(&word.text, known.iter().map(|(code, _)| *code));
            self.fault(
                word.at,
                format!("`{key}` cannot be `{}`", word.text),
                &advice,
            );
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// Codes, none when left out; one that is given twice counts once.
    pub(super) fn words(&mut self, key: &'static str) -> Vec<Word> {
        let value = self.get(key);
        value
            .map(|value| self.words_of(key, value))
            .unwrap_or_default()
    }

    /// Codes that must be stated, if only as `[]`.
    pub(super) fn required_words(&mut self, key: &'static str) -> Vec<Word> {
        let value = self.required(key);
        value
            .map(|value| self.words_of(key, value))
            .unwrap_or_default()
    }

    fn words_of(&mut self, key: &str, value: &Value<'_>) -> Vec<Word> {
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of texts, such as [\"…\"]");
            return Vec::new();
        };
        let mut words: Vec<Word> = Vec::new();
        for element in array {
            let word = self.word_of(key, element);
            if words.iter().all(|other| other.text != word.text) {
                words.push(word);
            }
        }
        words
    }

    /// Codes with a meaning, none when left out.
    pub(super) fn choices<T: Copy>(&mut self, key: &'static str, known: &[(&str, T)]) -> Vec<T> {
        let words = self.words(key);
        words
            .iter()
            .filter_map(|word| self.meaning(key, word, known))
            .collect()
    }

    /// Reads the table of a key, when it is there.
    pub(super) fn table(&mut self, key: &'static str, read: impl FnOnce(&mut Fields<'a, '_>)) {
        let Some(value) = self.get(key) else { return };
        self.nested(key, value, read);
    }

    /// Reads each table of an array of tables.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        mut read: impl FnMut(&mut Fields<'a, '_>) -> T,
    ) -> Vec<T> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(
                key,
                value,
                &format!("entries under [[{key}]], with two brackets"),
            );
            return Vec::new();
        };
        array
            .iter()
            .filter_map(|value| self.nested(key, value, &mut read))
            .collect()
    }

    /// Reads every table, whatever its key.
    pub(super) fn each(&mut self, mut read: impl FnMut(&str, &mut Fields<'a, '_>)) {
        for (key, value) in self.table {
            self.nested(key.get_ref(), value, |fields| read(key.get_ref(), fields));
        }
    }

    fn nested<T>(
        &mut self,
        key: &str,
        value: &'a Value<'a>,
        read: impl FnOnce(&mut Fields<'a, '_>) -> T,
    ) -> Option<T> {
        let Some(table) = value.get_ref().as_table() else {
            self.mistyped(key, value, "a table of keys and values");
            return None;
        };
        let at = value.span().start;
        let mut fields = Fields::new(self.source, self.errors, table, at);
        let read = read(&mut fields);
        fields.refuse_unknown();
        Some(read)
    }

    /// Reports every key that nobody asked for.
    pub(super) fn refuse_unknown(&mut self) {
        for key in self.table.keys() {
            if !self.known.contains(&key.get_ref().as_ref()) {
                let advice = suggest(key.get_ref(), self.known.iter().copied());
                self.fault(
                    key.span().start,
                    format!("unknown key `{key}`", key = key.get_ref()),
                    &advice,
                );
            }
        }
    }
}
