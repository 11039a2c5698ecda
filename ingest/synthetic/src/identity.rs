//! Codes, numbers and names of the invented city: pure functions of an index, so that any row can
//! name anybody without a table.
//!
//! Every code and number is right by its check characters, and no two indexes share one. Nobody is
//! real: the resident numbers have birth years from 1900 to 1909, and the names are put together
//! from syllables that no register has in this order.

use crate::dice::{Dice, Purpose};
use crate::shape::{BIRTH_DAYS, FIRST_PERSON, REGIONS};
use graph::id::USCC_ALPHABET;
use graph::time::Date;

/// A credit code.
pub(crate) type Code = [u8; 18];

/// How many organisations can have a code: eight digits.
const CODES: u64 = 100_000_000;
/// How many persons can have a number: region, birthday, serial.
const SERIALS: u64 = 999;
/// Steps of the two permutations: primes, so that they share no factor with the number of places.
const CODE_STEP: u64 = 61_803_391;
const NUMBER_STEP: u64 = 9_999_991;
const NAME_STEP: u64 = 11_400_713;

/// What differs between two cities with the same shape.
#[derive(Debug, Clone)]
pub(crate) struct Identities {
    seed: u64,
    code_offset: u64,
    number_offset: u64,
    name_offset: u64,
    /// `YYYYMMDD` of every birthday, in order.
    birthdays: Vec<[u8; 8]>,
}

impl Identities {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::of(seed, Purpose::Offsets, 0);
        let first = Date::from_ymd(1900, 1, 1).map_or(0, Date::days);
        let birthdays = (0..i32::try_from(BIRTH_DAYS).unwrap_or(0)).map(|day| {
            let (year, month, day) = Date::from_days(first + day).ymd().unwrap_or((1900, 1, 1));
            let mut text = [b'0'; 8];
            let number = i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day);
            digits(&mut text, u64::try_from(number).unwrap_or(0));
            text
        });
        Self {
            seed,
            code_offset: dice.below(CODES),
            number_offset: dice.below(numbers()),
            name_offset: dice.below(1 << 24),
            birthdays: birthdays.collect(),
        }
    }

    /// The code of the organisation with this index; `prefix` tells the kind of body.
    pub(crate) fn code(&self, prefix: [u8; 2], index: u64) -> Code {
        let serial = index.wrapping_mul(CODE_STEP).wrapping_add(self.code_offset) % CODES;
        let mut code = [b'0'; 18];
        let (head, tail) = code.split_at_mut(8);
        head.copy_from_slice(&[prefix[0], prefix[1], b'3', b'4', b'1', b'5', b'0', b'2']);
        let (inner, checks) = tail.split_at_mut(8);
        digits(inner, serial);
        let inner_check = inner_check(inner);
        if let Some(place) = checks.first_mut() {
            *place = inner_check;
        }
        if let Some(place) = code.last_mut() {
            *place = b'0';
        }
        let check = code_check(code.split_last().map_or(&[][..], |(_, body)| body));
        if let Some(place) = code.last_mut() {
            *place = check;
        }
        code
    }

    /// The resident number of the person with this index.
    pub(crate) fn number(&self, index: u64) -> [u8; 18] {
        let place = index
            .wrapping_mul(NUMBER_STEP)
            .wrapping_add(self.number_offset)
            % numbers();
        let serial = place % SERIALS + 1;
        let day = place / SERIALS % BIRTH_DAYS;
        let region = place / SERIALS / BIRTH_DAYS;
        let mut number = [b'0'; 18];
        let (head, tail) = number.split_at_mut(6);
        let region = usize::try_from(region)
            .ok()
            .and_then(|place| REGIONS.get(place));
        head.copy_from_slice(region.unwrap_or(&"341502").as_bytes());
        let (birth, tail) = tail.split_at_mut(8);
        let birthday = usize::try_from(day)
            .ok()
            .and_then(|day| self.birthdays.get(day));
        birth.copy_from_slice(birthday.unwrap_or(b"19000101"));
        let (order, check) = tail.split_at_mut(3);
        digits(order, serial);
        if let Some(check) = check.first_mut() {
            *check = b'0';
        }
        let last = number_check(number.split_last().map_or(&[][..], |(_, body)| body));
        if let Some(place) = number.last_mut() {
            *place = last;
        }
        number
    }

    /// Writes the name of the person with this index.
    pub(crate) fn person_name(&self, index: u64, into: &mut Vec<u8>) {
        let mut dice = Dice::of(self.seed, Purpose::Name, index);
        let throw = dice.next();
        if index < FIRST_PERSON {
            // Hubs and the people of planted stories: four syllables, no two the same.
            push(into, &FAMILY, index & 31);
            push(into, &SYLLABLES, index >> 5);
            into.extend_from_slice("之".as_bytes());
            push(into, &SYLLABLES, throw & 63);
            return;
        }
        push(into, &FAMILY, throw & 31);
        push(into, &SYLLABLES, (throw >> 5) & 63);
        if throw >> 60 != 0 {
            push(into, &SYLLABLES, (throw >> 11) & 63);
        }
    }

    /// Writes the brand of the organisation with this index: no two below 2^24 share one.
    pub(crate) fn brand(&self, index: u64, into: &mut Vec<u8>) {
        let place = index.wrapping_mul(NAME_STEP).wrapping_add(self.name_offset) & 0xFF_FFFF;
        for shift in [0, 6, 12, 18] {
            push(into, &SYLLABLES, (place >> shift) & 63);
        }
    }
}

/// How many persons can have a number.
fn numbers() -> u64 {
    let regions = u64::try_from(REGIONS.len()).unwrap_or(1);
    regions * BIRTH_DAYS * SERIALS
}

fn push(into: &mut Vec<u8>, from: &[&str], place: u64) {
    let word = usize::try_from(place)
        .ok()
        .and_then(|place| from.get(place));
    into.extend_from_slice(word.unwrap_or(&"某").as_bytes());
}

/// Writes a number into all of `places`, with zeros before it.
pub(crate) fn digits(places: &mut [u8], mut number: u64) {
    for place in places.iter_mut().rev() {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

/// The value of a character that these codes have: a digit, or X.
fn value(letter: u8) -> u32 {
    match letter {
        b'X' => 29,
        digit => u32::from(digit.wrapping_sub(b'0')),
    }
}

/// GB 32100: weights are the powers of 3 modulo 31.
fn code_check(body: &[u8]) -> u8 {
    let mut weight = 1;
    let mut sum = 0;
    for letter in body {
        sum += value(*letter) * weight;
        weight = weight * 3 % 31;
    }
    let place = usize::try_from((31 - sum % 31) % 31).unwrap_or(0);
    USCC_ALPHABET.get(place).copied().unwrap_or(b'0')
}

/// GB 11714, for eight digits.
fn inner_check(inner: &[u8]) -> u8 {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = inner
        .iter()
        .zip(weights)
        .map(|(letter, weight)| value(*letter) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    }
}

/// GB 11643 (ISO 7064 MOD 11-2).
fn number_check(body: &[u8]) -> u8 {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .iter()
        .zip(weights)
        .map(|(letter, weight)| value(*letter) * weight)
        .sum();
    let place = usize::try_from(sum % 11).unwrap_or(0);
    b"10X98765432".get(place).copied().unwrap_or(b'0')
}

/// The same code or number with another last character, which is wrong.
pub(crate) fn misprinted(mut code: [u8; 18]) -> [u8; 18] {
    if let Some(last) = code.last_mut() {
        *last = match *last {
            b'8' => b'9',
            _ => b'8',
        };
    }
    code
}

/// First syllables of invented persons' names.
const FAMILY: [&str; 32] = [
    "云", "星", "渡", "砚", "槿", "岚", "汀", "屿", "澜", "霁", "棠", "栩", "沅", "漪", "翎", "禾",
    "笙", "筠", "苓", "荻", "莳", "蒲", "蓁", "葵", "蕤", "薇", "藜", "遥", "邈", "雁", "霭", "鹭",
];

/// The other syllables, and those of brands.
const SYLLABLES: [&str; 64] = [
    "安", "柏", "川", "丹", "笛", "峨", "帆", "谷", "河", "佳", "锦", "康", "乐", "黎", "露", "铭",
    "沐", "宁", "鸥", "沛", "琪", "青", "然", "若", "森", "舒", "桐", "望", "微", "溪", "晓", "欣",
    "雅", "言", "杨", "依", "盈", "宇", "远", "悦", "泽", "展", "昭", "真", "芝", "舟", "竹", "卓",
    "梓", "尊", "冰", "辰", "初", "淳", "鼎", "枫", "光", "皓", "鸿", "景", "朗", "琳", "凌", "隆",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn checks_are_those_of_known_codes() {
        assert_eq!(code_check(b"91440300192203821"), b'6');
        assert_eq!(code_check(b"9144030071526726X"), b'G');
        assert_eq!(inner_check(b"71526726"), b'X');
        assert_eq!(number_check(b"34150219041123176"), b'X');
        assert_eq!(number_check(b"44052418800101001"), b'4');
    }

    #[test]
    fn no_two_share_a_code_a_number_or_a_brand() {
        let people = Identities::new(5);
        let count = 200_000;
        let codes: BTreeSet<Code> = (0..count).map(|i| people.code(*b"91", i)).collect();
        let numbers: BTreeSet<[u8; 18]> = (0..count).map(|i| people.number(i)).collect();
        let brand = |index| {
            let mut text = Vec::new();
            people.brand(index, &mut text);
            text
        };
        let brands: BTreeSet<Vec<u8>> = (0..count).map(brand).collect();
        for found in [codes.len(), numbers.len(), brands.len()] {
            assert_eq!(found, 200_000);
        }
        assert_eq!(SYLLABLES.iter().collect::<BTreeSet<_>>().len(), 64);
    }

    #[test]
    fn steps_share_no_factor_with_the_places() {
        fn common(a: u64, b: u64) -> u64 {
            if b == 0 { a } else { common(b, a % b) }
        }
        assert_eq!(common(CODE_STEP, CODES), 1);
        assert_eq!(common(NUMBER_STEP, numbers()), 1);
        assert_eq!(common(NAME_STEP, 1 << 24), 1);
    }

    #[test]
    fn everybody_was_born_long_ago() {
        let people = Identities::new(5);
        for index in 0..10_000 {
            let number = people.number(index);
            assert_eq!(&number[6..9], b"190", "the birth year");
        }
    }

    #[test]
    fn a_misprint_is_another_code() {
        let code = Identities::new(5).code(*b"91", 3);
        assert_ne!(misprinted(code), code);
        assert_eq!(misprinted(*b"913415020000000008").last(), Some(&b'9'));
    }
}
