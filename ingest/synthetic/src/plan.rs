//! What is decided before the first row is written: how many organisations, in how many blocks.

use graph::time::Date;

use crate::Error;
use crate::dice::{Dice, Purpose};
use crate::foundation;
use crate::identity::{Code, Identities, misprinted};
use crate::shape::{
    AS_OF, AUTHORITIES, BLOCK, FIRST_ORGANISATION, FIRST_PERSON, ORGANISATIONS_PER_HUB,
    PERSONS_IN_BLOCK, ROWS_PER_THOUSAND_ORGANISATIONS, WRONG_CODE,
};
use crate::sheet::Person;

/// The sizes that have a name.
pub const PRESETS: [(&str, u64); 3] = [
    ("town", 100_000),
    ("county", 5_000_000),
    ("city", 70_000_000),
];
/// A city has at least so many rows: the planted stories alone take some hundreds.
pub const LEAST: u64 = 1_000;
/// And at most so many: codes and numbers of invented people run out beyond.
pub const MOST: u64 = 200_000_000;

/// The size that a preset's name or a number means.
#[must_use]
pub fn size_named(text: &str) -> Option<u64> {
    let preset = PRESETS.iter().find(|(name, _)| *name == text);
    let number = || text.replace('_', "").parse().ok();
    preset.map(|(_, size)| *size).or_else(number)
}

/// A city that can be written.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) seed: u64,
    pub(crate) size: u64,
    pub(crate) organisations: u64,
    pub(crate) people: Identities,
}

/// What kind of body an organisation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Enterprise,
    IndividualBusiness,
    FarmersCooperative,
    Institution,
    SocialOrganization,
    Branch,
    Government,
}

impl Kind {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::IndividualBusiness => "individual_business",
            Self::FarmersCooperative => "farmers_cooperative",
            Self::Institution => "institution",
            Self::SocialOrganization => "social_organization",
            Self::Branch => "branch",
            Self::Government => "government",
        }
    }

    /// The first two characters of its code.
    fn prefix(self) -> [u8; 2] {
        match self {
            Self::Enterprise | Self::Branch => *b"91",
            Self::IndividualBusiness => *b"92",
            Self::FarmersCooperative => *b"93",
            Self::Institution => *b"12",
            Self::SocialOrganization => *b"51",
            Self::Government => *b"11",
        }
    }
}

impl Plan {
    /// Plans a city of `size` rows; the same size and seed give the same files for ever.
    pub fn new(size: u64, seed: u64) -> Result<Self, Error> {
        if !(LEAST..=MOST).contains(&size) {
            return Err(Error::Size { size });
        }
        let mut plan = Self {
            seed,
            size,
            organisations: 0,
            people: Identities::new(seed),
        };
        let founded = foundation::lay(&plan).sheets.rows();
        let left = size.saturating_sub(founded);
        let mean = left * 1_000 / ROWS_PER_THOUSAND_ORGANISATIONS;
        // Rows of an organisation vary by about as much as there are on average, those of many by
        // less: three deviations are left for residents, so that the size is not overshot.
        plan.organisations = mean.saturating_sub(3 * mean.isqrt());
        Ok(plan)
    }

    /// The day to ask on.
    #[must_use]
    pub fn as_of(&self) -> Date {
        Date::from_days(AS_OF)
    }

    /// Rows that will be written.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn blocks(&self) -> u64 {
        self.organisations.div_ceil(BLOCK)
    }

    /// How many organisations are in a block.
    pub(crate) fn in_block(&self, block: u64) -> u64 {
        self.organisations.saturating_sub(block * BLOCK).min(BLOCK)
    }

    /// The index of an organisation by its place in a block.
    pub(crate) fn index(block: u64, place: u64) -> u64 {
        FIRST_ORGANISATION + block * BLOCK + place
    }

    /// What an organisation is, and whether its code was issued wrongly.
    pub(crate) fn kind(&self, index: u64) -> (Kind, bool) {
        if index < AUTHORITIES {
            return (Kind::Government, false);
        }
        if index < FIRST_ORGANISATION {
            return (Kind::Enterprise, false);
        }
        let mut dice = Dice::of(self.seed, Purpose::Kind, index);
        let kind = match dice.below(100) {
            0..66 => Kind::Enterprise,
            66..90 => Kind::IndividualBusiness,
            90..93 => Kind::FarmersCooperative,
            93..95 => Kind::Institution,
            95..97 => Kind::SocialOrganization,
            _ => Kind::Branch,
        };
        (kind, dice.chance(WRONG_CODE))
    }

    pub(crate) fn code(&self, index: u64) -> Code {
        let (kind, wrong) = self.kind(index);
        let code = self.people.code(kind.prefix(), index);
        if wrong { misprinted(code) } else { code }
    }

    pub(crate) fn person(&self, index: u64) -> Person {
        Person {
            index,
            number: self.people.number(index),
        }
    }

    /// The first person of a block.
    pub(crate) fn first_person(block: u64) -> u64 {
        FIRST_PERSON + block * PERSONS_IN_BLOCK
    }

    pub(crate) fn hubs(&self) -> u64 {
        (self.organisations / ORGANISATIONS_PER_HUB).clamp(1, 1_000)
    }
}
