//! One row seen through its set's columns: typed access that names the column at fault.

use std::borrow::Cow;

use graph::change::Reason;
use graph::id::{EntityId, Uscc};
use graph::ratio::{Money, Percent};
use graph::seal::Keys;
use graph::time::{Date, Interval};

use super::Vocabulary;
use super::column::{Columns, Keep};
use super::kept::Kept;
use super::subject::{Mention, Met};
use crate::identity::check_uscc;
use crate::report::Finding;
use crate::source::Cells;
use crate::value::{
    PercentFault, Unit, Word, fold, is_blank, parse_date, parse_money, parse_percent, parse_truth,
};

/// Why a row cannot be understood. The message never holds a cell's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) reason: Reason,
    pub(crate) field: &'static str,
    pub(crate) message: &'static str,
}

impl Fault {
    pub(crate) fn new(reason: Reason, field: &'static str, message: &'static str) -> Self {
        Self {
            reason,
            field,
            message,
        }
    }

    pub(crate) fn missing(field: &'static str) -> Self {
        Self::new(
            Reason::MissingField,
            field,
            "a required column is empty or absent",
        )
    }
}

/// What a row needs besides its cells.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The store's keys, which name persons.
    pub(crate) keys: &'a Keys,
    /// The words of the catalogue.
    pub(crate) vocabulary: &'a Vocabulary,
    /// The organisation of the case that the row names, once it is known.
    pub(crate) case_org: Option<Uscc>,
    /// The persons met before, where many rows are read.
    pub(crate) met: Option<&'a Met>,
}

/// A case that a row names by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) field: &'static str,
    pub(crate) number: String,
    pub(crate) authority: Option<String>,
    /// The subject that the case must have, when the row tells it.
    pub(crate) subject: Option<EntityId>,
    /// The subject of the row itself. Of several cases under one document (one number of one
    /// authority) the one on this subject is meant.
    pub(crate) own_subject: Option<EntityId>,
}

/// What was noticed while a row was read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Things that are odd but no reason to refuse the row.
    pub(crate) findings: Vec<Finding>,
    /// Codes with a wrong check character, which must be registered.
    pub(crate) doubtful: Vec<(Uscc, &'static str)>,
    /// The person that the row names.
    pub(crate) person: Option<Mention>,
    /// The case that the row names.
    pub(crate) reference: Option<Reference>,
    /// A provisional person can only be told by the case's organisation.
    pub(crate) needs_case: bool,
}

/// A row under its set's columns.
pub(crate) struct Row<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) columns: &'a Columns,
    pub(crate) cells: &'a Cells,
}

impl<'a> Row<'a> {
    /// The first cell of the column that is not empty, as written.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.first_of(self.columns.places(name))
    }

    /// The first cell at these places that is not empty.
    fn first_of(&self, places: &[(usize, Unit)]) -> Option<&'a str> {
        let mut texts = places
            .iter()
            .filter_map(|(place, _)| self.cells.get(*place));
        texts.find(|text| !is_blank(text))
    }

    /// The text of a column, folded; `None` when it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(fold)
    }

    /// The text of a column, owned.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// The text of a column that must not be empty.
    pub(crate) fn required(&self, name: &'static str) -> Result<String, Fault> {
        self.owned(name).ok_or_else(|| Fault::missing(name))
    }

    /// A date; empty and open give `None`.
    pub(crate) fn date(&self, name: &'static str) -> Result<Option<Date>, Fault> {
        let fault = |_| Fault::new(Reason::BadDate, name, "not a date: write it as 2024-03-01");
        parse_date(self.raw(name).unwrap_or_default()).map_err(fault)
    }

    /// A date that must be there.
    pub(crate) fn required_date(&self, name: &'static str) -> Result<Date, Fault> {
        self.date(name)?.ok_or_else(|| Fault::missing(name))
    }

    /// `from` and `to`: the end must not lie before the beginning.
    pub(crate) fn interval(&self) -> Result<Interval, Fault> {
        let interval = Interval::of(self.date("from")?, self.date("to")?);
        if interval.to < interval.from {
            return Err(reversed("to"));
        }
        Ok(interval)
    }

    /// Two dates of which the later must not lie before the earlier.
    pub(crate) fn ordered(
        &self,
        earlier: &'static str,
        later: &'static str,
    ) -> Result<(Option<Date>, Option<Date>), Fault> {
        let (first, last) = (self.date(earlier)?, self.date(later)?);
        match (first, last) {
            (Some(first), Some(last)) if last < first => Err(reversed(later)),
            pair => Ok(pair),
        }
    }

    /// A word of a list.
    pub(crate) fn word<W: Word>(&self, name: &'static str) -> Result<Option<W>, Fault> {
        let Some(text) = self.raw(name) else {
            return Ok(None);
        };
        let fault = || {
            Fault::new(
                Reason::BadEnum,
                name,
                "not one of the words this column knows",
            )
        };
        W::parse(text).map(Some).ok_or_else(fault)
    }

    /// A truth value; empty gives `None`.
    pub(crate) fn truth(&self, name: &'static str) -> Result<Option<bool>, Fault> {
        let fault = || Fault::new(Reason::BadEnum, name, "neither yes (是) nor no (否)");
        self.raw(name)
            .map(|text| parse_truth(text).ok_or_else(fault))
            .transpose()
    }

    /// A percentage from 0 to 100.
    pub(crate) fn percent(&self, name: &'static str) -> Result<Option<Percent>, Fault> {
        let fault = |fault| match fault {
            PercentFault::NotANumber => Fault::new(
                Reason::BadNumber,
                name,
                "not a percentage of at most six decimals",
            ),
            PercentFault::OutOfRange => Fault::new(
                Reason::RatioOutOfRange,
                name,
                "a percentage lies from 0 to 100",
            ),
        };
        self.raw(name)
            .map(|text| parse_percent(text).map_err(fault))
            .transpose()
    }

    /// An amount of money, in the unit of its header.
    pub(crate) fn money(&self, name: &'static str) -> Result<Option<Money>, Fault> {
        for (place, unit) in self.columns.places(name) {
            let text = self.cells.get(*place).unwrap_or_default();
            if is_blank(text) {
                continue;
            }
            let fault = || Fault::new(Reason::BadNumber, name, "not an amount of money");
            return parse_money(text, *unit).map(Some).ok_or_else(fault);
        }
        Ok(None)
    }

    /// An organisation's code. A wrong check character is noted: such a code must be registered.
    pub(crate) fn organisation(
        &self,
        name: &'static str,
        notes: &mut Notes,
    ) -> Result<Option<EntityId>, Fault> {
        let Some(text) = self.raw(name) else {
            return Ok(None);
        };
        let checked = check_uscc(text).ok_or_else(|| bad_shape(name))?;
        if !checked.check_holds {
            notes.doubtful.push((checked.code, name));
        }
        Ok(Some(EntityId::organisation(checked.code)))
    }

    /// An organisation's code that must be there.
    pub(crate) fn required_organisation(
        &self,
        name: &'static str,
        notes: &mut Notes,
    ) -> Result<EntityId, Fault> {
        self.organisation(name, notes)?
            .ok_or_else(|| Fault::missing(name))
    }

    /// What only people read: kept columns under their names, extras under their headers.
    pub(crate) fn detail(&self) -> Kept<'a> {
        let mut detail = Kept::default();
        for (name, keep, places) in self.columns.kept() {
            if let Some(raw) = self.first_of(places) {
                let written = raw.trim();
                let keep = match keep {
                    Keep::No => false,
                    Keep::IfFolded => fold(raw) != written,
                    Keep::IfMoreThanDay => Date::parse(written).is_none(),
                    Keep::Always => true,
                };
                if keep {
                    detail.put(name, written);
                }
            }
        }
        for (place, header) in &self.columns.extras {
            let text = self.cells.get(*place).map(str::trim).unwrap_or_default();
            if !text.is_empty() {
                let mut name = Cow::Borrowed(header.as_str());
                while detail.has(&name) {
                    name.to_mut().push('\'');
                }
                detail.put(name, text);
            }
        }
        detail
    }
}

/// The fault of a code that has not 18 characters of the alphabet.
pub(crate) fn bad_shape(name: &'static str) -> Fault {
    let message = "not a unified social credit code: 18 characters, without I, O, Z, S and V";
    Fault::new(Reason::BadUscc, name, message)
}

fn reversed(field: &'static str) -> Fault {
    Fault::new(
        Reason::IntervalReversed,
        field,
        "the end lies before the beginning",
    )
}
