//! Words that many records repeat (departments, items, measures, lists), kept once
//! and named by a number.

use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A word of a world's [`Symbols`]. Its order says nothing: two loads of the same
/// records may number words differently.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Symbol(NonZeroU32);

/// A symbol or none, as rows have it: one that lies in a file may be of any number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(transparent)]
pub(super) struct MaybeSymbol(Option<NonZeroU32>);

impl MaybeSymbol {
    #[inline]
    pub(super) fn symbol(self) -> Option<Symbol> {
        self.0.map(Symbol)
    }

    /// 0 for none.
    #[inline]
    pub(super) fn number(self) -> u32 {
        self.0.map_or(0, NonZeroU32::get)
    }
}

impl From<Option<Symbol>> for MaybeSymbol {
    fn from(symbol: Option<Symbol>) -> Self {
        Self(symbol.map(|symbol| symbol.0))
    }
}

/// The words of a world.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    texts: Vec<Arc<str>>,
    known: FxHashMap<Arc<str>, Symbol>,
}

impl Symbols {
    /// The word.
    pub fn text(&self, symbol: Symbol) -> &str {
        let place = usize::try_from(symbol.0.get() - 1).unwrap_or(usize::MAX);
        self.texts.get(place).map_or("", |text| text)
    }

    /// The symbol of a word, if some record has it.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.known.get(text).copied()
    }

    /// Every word with its symbol.
    pub fn all(&self) -> impl Iterator<Item = (Symbol, &str)> {
        self.known.iter().map(|(text, symbol)| (*symbol, &**text))
    }

    /// The largest number of a word.
    pub(super) fn last(&self) -> u32 {
        u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
    }

    /// All words in the order of their numbers, to be kept.
    pub(super) fn words(&self) -> Vec<String> {
        self.texts.iter().map(ToString::to_string).collect()
    }

    /// What [`Symbols::words`] told.
    pub(super) fn of_words(words: &[String]) -> Self {
        let mut symbols = Self::default();
        for word in words {
            symbols.add(&Arc::from(word.as_str()));
        }
        symbols
    }

    fn add(&mut self, text: &Arc<str>) -> Symbol {
        if let Some(symbol) = self.known.get(text) {
            return *symbol;
        }
        self.texts.push(Arc::clone(text));
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let symbol = Symbol(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX));
        self.known.insert(Arc::clone(text), symbol);
        symbol
    }
}

/// Words that one thread takes: copies of its own, since threads that count who shares one word
/// wait for each other.
#[derive(Debug)]
pub(super) struct Copies<'s> {
    symbols: &'s Symbols,
    made: FxHashMap<Symbol, Arc<str>>,
}

impl<'s> Copies<'s> {
    pub(super) fn of(symbols: &'s Symbols) -> Self {
        Self {
            symbols,
            made: FxHashMap::default(),
        }
    }

    /// The word, if it is one of the world's.
    pub(super) fn word(&mut self, symbol: Symbol) -> Option<Arc<str>> {
        if let Some(word) = self.made.get(&symbol) {
            return Some(Arc::clone(word));
        }
        let place = usize::try_from(symbol.0.get() - 1).ok()?;
        let word: Arc<str> = Arc::from(&**self.symbols.texts.get(place)?);
        self.made.insert(symbol, Arc::clone(&word));
        Some(word)
    }

    /// The same for one that may be missing.
    #[expect(clippy::option_option, reason = "not told, or told and not there")]
    pub(super) fn maybe(&mut self, symbol: Option<Symbol>) -> Option<Option<Arc<str>>> {
        match symbol {
            Some(symbol) => self.word(symbol).map(Some),
            None => Some(None),
        }
    }
}

/// Symbols in the making, shared by the threads that load.
#[derive(Debug, Default)]
pub(super) struct Interner(RwLock<Symbols>);

impl Interner {
    pub(super) fn of(symbols: Symbols) -> Self {
        Self(RwLock::new(symbols))
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words {
            interner: self,
            seen: FxHashMap::default(),
        }
    }

    pub(super) fn into_symbols(self) -> Symbols {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's way to the interner: a word is looked up there only once.
#[derive(Debug)]
pub(super) struct Words<'i> {
    interner: &'i Interner,
    seen: FxHashMap<Arc<str>, Symbol>,
}

impl Words<'_> {
    pub(super) fn symbol(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.seen.get(text) {
            return *symbol;
        }
        let shared: Arc<str> = Arc::from(text);
        let mut all = self
            .interner
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let symbol = all.add(&shared);
        let text = all.known.get_key_value(&shared).map(|(text, _)| text);
        self.seen
            .extend(text.map(|text| (Arc::clone(text), symbol)));
        symbol
    }

    pub(super) fn maybe(&mut self, text: Option<&str>) -> Option<Symbol> {
        text.map(|text| self.symbol(text))
    }

    /// The word itself, one copy for all who ask.
    pub(super) fn shared(&mut self, text: &str) -> Arc<str> {
        self.symbol(text);
        let found = self.seen.get_key_value(text).map(|(text, _)| text);
        found.map_or_else(|| Arc::from(text), Arc::clone)
    }

    pub(super) fn maybe_shared(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        text.map(|text| self.shared(text))
    }
}
