//! What departments had to do and did: most of a city. Matters and checks are read range by
//! range together, and their texts where they lie.
//!
//! A check names its matter by number, a row by the number's digest. Most matters were checked
//! for their own applicant: then both lie under one home, and the matter's id, which is that
//! digest, is taken from there instead of being worked out again.

use graph::id::{EntityId, RecordId, Set};
use graph::record::key;
use graph::store::{HomeRange, StoreError};
use rayon::prelude::*;

use super::citing::Citing;
use super::leaf::Rows;
use super::load::Loader;
use super::{Check, Enforcement, Matter, Table, take};

/// In how many ranges each of the two is read: the numbers of a range are in memory meanwhile.
const RANGES: usize = 32;
/// Among more matters of one applicant a number is not looked for.
const FEW: usize = 64;

/// What departments did and had to do.
pub(super) struct Duties {
    pub(super) matters: Table<Matter>,
    pub(super) checks: Table<Check>,
    pub(super) enforcements: Table<Enforcement>,
    pub(super) citing: Citing,
}

impl Duties {
    pub(super) fn read(loader: &Loader<'_>) -> Result<Self, StoreError> {
        let enforcements = loader.table(Set::Enforcements, |packed, words| {
            Ok(take::enforcement(packed.version()?, words))
        })?;
        // Cut by both: either may have none.
        let ranges = loader.ranges(&[Set::Matters, Set::Checks], RANGES)?;
        let ranges = ranges.into_par_iter();
        let parts = ranges.map(|range| within(loader, range));
        let parts: Vec<(Rows<Matter>, Rows<Check>)> = parts.collect::<Result<_, _>>()?;
        let (matters, checks): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        Ok(Self {
            citing: Citing::new(&enforcements),
            matters: Table::of_rows(matters),
            checks: Table::of_rows(checks),
            enforcements,
        })
    }
}

/// The matters and checks of some homes.
fn within(
    loader: &Loader<'_>,
    range: HomeRange,
) -> Result<(Rows<Matter>, Rows<Check>), StoreError> {
    let (mut matters, mut checks) = (Rows::default(), Rows::default());
    let (mut numbers, mut words) = (Numbers::default(), loader.words.words());
    loader.scan(Set::Matters, range, &mut |packed| {
        let record: graph::record::Matter<&str> = packed.content()?;
        numbers.add(record.applicant, packed.id, record.matter_no);
        let (home, row) = take::matter_row(packed.id, &record, &mut words);
        matters.push(home, row);
        Ok(())
    })?;
    loader.scan(Set::Checks, range, &mut |packed| {
        let record: graph::record::Check<&str> = packed.content()?;
        let matter = record.matter_no.map(|number| {
            let known = numbers.find(record.subject, number);
            known.unwrap_or_else(|| key::matter(number))
        });
        let (home, row) = take::check_row(packed.id, &record, matter, &mut words);
        checks.push(home, row);
        Ok(())
    })?;
    Ok((matters, checks))
}

/// The numbers of matters that came by home, to be looked for by home.
#[derive(Default)]
struct Numbers {
    /// Each home, with where its matters end.
    homes: Vec<(EntityId, usize)>,
    /// Each matter, with where its number ends.
    matters: Vec<(RecordId, usize)>,
    texts: String,
    /// The home that was asked about last.
    at: usize,
}

impl Numbers {
    fn add(&mut self, home: EntityId, id: RecordId, number: &str) {
        self.texts.push_str(number);
        self.matters.push((id, self.texts.len()));
        let end = self.matters.len();
        match self.homes.last_mut() {
            Some((last, until)) if *last == home => *until = end,
            _ => self.homes.push((home, end)),
        }
    }

    /// The matter with a number, if it is one of this home's; homes are to be asked about in
    /// their order.
    fn find(&mut self, home: EntityId, number: &str) -> Option<RecordId> {
        while self.homes.get(self.at)?.0 < home {
            self.at += 1;
        }
        let (found, end) = *self.homes.get(self.at)?;
        let before = |at: usize| at.checked_sub(1);
        let start = before(self.at).and_then(|at| self.homes.get(at));
        let start = start.map_or(0, |(_, end)| *end);
        if found != home || end - start > FEW {
            return None;
        }
        let text = before(start).and_then(|at| self.matters.get(at));
        let mut from = text.map_or(0, |(_, end)| *end);
        let mut matters = self.matters.get(start..end)?.iter();
        let same = matters.find(|(_, until)| {
            let text = self.texts.get(from..*until);
            from = *until;
            text == Some(number)
        });
        same.map(|(id, _)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_under_its_own_home() {
        let id = |n: usize| RecordId([u8::try_from(n).unwrap(); 12]);
        let home = |n: u8| EntityId::person([n; 15]);
        let mut numbers = Numbers::default();
        // The third home has too many, the fourth none.
        let all = [(1, 2), (2, 1), (3, FEW + 1), (5, FEW)];
        for (of, count) in all {
            for n in 0..count {
                numbers.add(home(of), id(n), &format!("办{of}-{n}"));
            }
        }
        let mut find = |of, number: &str| numbers.find(home(of), number);
        assert_eq!(find(0, "办1-0"), None);
        assert_eq!(find(1, "办1-1"), Some(id(1)));
        assert_eq!(find(1, "办1-0"), Some(id(0)));
        assert_eq!(find(1, "办2-0"), None, "another's");
        assert_eq!(find(2, "办2-0"), Some(id(0)));
        assert_eq!(find(2, "办2-"), None);
        assert_eq!(find(3, "办3-0"), None);
        assert_eq!(find(4, "办5-0"), None);
        let last = FEW - 1;
        assert_eq!(find(5, &format!("办5-{last}")), Some(id(last)));
        assert_eq!(find(6, "办5-0"), None);
    }
}
