//! What a row says for people to read: the detail of its record, still in the row's own text.

use std::borrow::Cow;

/// Texts by name, each name once.
#[derive(Default)]
pub(crate) struct Kept<'r>(Vec<(Cow<'r, str>, &'r str)>);

impl<'r> Kept<'r> {
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.as_ref().cmp(name))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    /// Keeps a text, in place of one of this name.
    pub(crate) fn put(&mut self, name: impl Into<Cow<'r, str>>, text: &'r str) {
        let name = name.into();
        match self.place(&name) {
            Ok(place) => {
                if let Some(own) = self.0.get_mut(place) {
                    own.1 = text;
                }
            }
            Err(place) => self.0.insert(place, (name, text)),
        }
    }

    /// The names and texts, by name.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_ref(), *text))
    }
}
