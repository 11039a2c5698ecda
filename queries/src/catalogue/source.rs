//! The files as texts: from a place in bytes to line and column, and the
//! folding under which names and codes are the same.

use unicode_normalization::UnicodeNormalization;

use super::error::CatalogueError;

/// One file of the catalogue.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// Its name.
    pub(super) name: &'static str,
    /// Its text.
    pub(super) text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(super) fn new(name: &'static str, text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(breaks.map(|(at, _)| at + 1))
            .collect();
        Self { name, text, lines }
    }

    /// The line that holds the byte `at`, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at)
    }

    fn column(&self, at: usize) -> usize {
        let start = self
            .lines
            .get(self.line(at).saturating_sub(1))
            .copied()
            .unwrap_or(0);
        self.text
            .get(start..at)
            .map_or(1, |before| before.chars().count() + 1)
    }

    /// A fault at the byte `at`.
    pub(super) fn error(
        &self,
        at: usize,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> CatalogueError {
        CatalogueError {
            file: self.name.to_owned(),
            line: self.line(at),
            column: self.column(at),
            message: message.into(),
            advice: advice.into(),
        }
    }
}

/// NFKC, trimmed, runs of white space folded to one space: the form in which
/// records hold their words, so that a rule's words meet theirs.
pub(super) fn fold(text: &str) -> String {
    let folded: String = text.nfkc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// "did you mean …" when one of `known` is close to `word`, else all of them.
pub(super) fn suggest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|other| (distance(word, other), *other))
        .min();
    match near {
        Some((steps, other)) if steps <= 2 && steps < other.chars().count() => {
            format!("did you mean `{other}`?")
        }
        Some(_) if known.len() <= 24 => format!("use one of {}", known.join(", ")),
        Some(_) => "add it, or correct the code".to_owned(),
        None => "none is defined yet: add it".to_owned(),
    }
}

/// Insertions, deletions and exchanges of letters from one word to the other;
/// words that differ much in length are simply far apart.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    if left.chars().count().abs_diff(right.len()) > 2 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.chars().enumerate() {
        let mut diagonal = done;
        let mut before = done + 1;
        let mut next = vec![before];
        for (other, above) in right.iter().zip(row.iter().skip(1)) {
            let exchanged = diagonal + usize::from(*other != letter);
            before = exchanged.min(before + 1).min(above + 1);
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
