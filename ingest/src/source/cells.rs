//! The cells of one row, in one text: whoever reads row after row into the same place asks for no
//! room once the longest has been there.

/// The cells of a row, in the order of its layout. May hold personal data: its `Debug` shows none.
#[derive(Clone, Default)]
pub struct Cells {
    text: String,
    /// Where each cell begins and ends in the text.
    spans: Vec<(usize, usize)>,
}

impl Cells {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The cell at a place, from 0.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        let (from, to) = *self.spans.get(place)?;
        self.text.get(from..to)
    }

    /// All cells in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let texts = self.spans.iter();
        texts.map(|(from, to)| self.text.get(*from..*to).unwrap_or_default())
    }

    /// Takes what lies between the delimiters of a line, in place of what was there.
    pub(super) fn split(&mut self, line: &str, delimiter: u8) {
        self.text.clear();
        self.text.push_str(line);
        self.spans.clear();
        let mut from = 0;
        for at in memchr::memchr_iter(delimiter, line.as_bytes()) {
            self.spans.push((from, at));
            from = at + 1;
        }
        self.spans.push((from, line.len()));
    }

    /// No cell says anything.
    pub(super) fn are_blank(&self) -> bool {
        self.iter().all(|cell| cell.trim().is_empty())
    }
}

impl<S: AsRef<str>> FromIterator<S> for Cells {
    fn from_iter<I: IntoIterator<Item = S>>(cells: I) -> Self {
        let mut all = Self::default();
        for cell in cells {
            let from = all.text.len();
            all.text.push_str(cell.as_ref());
            all.spans.push((from, all.text.len()));
        }
        all
    }
}

impl std::fmt::Debug for Cells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cells({} sealed)", self.len())
    }
}

/// The same texts, whatever lies between them.
impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Cells {}

#[cfg(test)]
mod tests {
    use super::Cells;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_is_split_as_the_library_splits_it(
            lines in proptest::collection::vec("[a-c,六 ]{0,12}", 1..4),
        ) {
            // One place for all lines: nothing of the one before is left.
            let mut cells = Cells::default();
            for line in &lines {
                cells.split(line, b',');
                let naive: Vec<&str> = line.split(',').collect();
                prop_assert_eq!(cells.iter().collect::<Vec<_>>(), naive.clone());
                prop_assert_eq!(cells.len(), naive.len());
                prop_assert!(cells == naive.iter().collect::<Cells>());
                prop_assert_eq!(cells.get(0), naive.first().copied());
                prop_assert_eq!(cells.get(naive.len()), None);
                prop_assert_eq!(cells.are_blank(), line.replace(',', "").trim().is_empty());
            }
        }
    }
}
