//! Random registers: organisations, persons, roles, holdings and control agreements.

use super::dice::{Calendar, Dice};
use super::draft::{Draft, row};
use super::rules::ROLES;
use crate::day::Day;
use crate::identifier::{credit_check, organisation_check, resident_check};
use crate::world::Row;

/// The characters of a credit code's organisation part.
const LETTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// A person as the rows write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The document's kind, empty for a provisional person.
    pub id_type: String,
    /// The document's number, empty for a provisional person.
    pub number: String,
    /// The name, which only this person has.
    pub name: String,
}

/// A subject as the rows write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// An organisation by its code.
    Org(String),
    /// A person.
    Person(Person),
}

impl Whom {
    /// Fills the columns of a subject.
    pub fn fill(&self, row: &mut Row) {
        self.fill_as(row, ["subject_kind", "uscc", "person_name"]);
    }

    /// Fills the columns of a holder.
    pub fn fill_holder(&self, row: &mut Row) {
        self.fill_as(row, ["holder_kind", "holder_uscc", "holder_name"]);
    }

    fn fill_as(&self, row: &mut Row, [kind, uscc, name]: [&str; 3]) {
        match self {
            Whom::Org(code) => {
                row.insert(kind.to_owned(), "org".to_owned());
                row.insert(uscc.to_owned(), code.clone());
            }
            Whom::Person(person) => {
                row.insert(kind.to_owned(), "person".to_owned());
                person.fill(row, name);
            }
        }
    }
}

impl Person {
    /// Fills the columns of a person.
    pub fn fill(&self, row: &mut Row, name: &str) {
        row.insert("id_type".to_owned(), self.id_type.clone());
        row.insert("id_number".to_owned(), self.number.clone());
        row.insert(name.to_owned(), self.name.clone());
    }
}

/// A credit code with right check characters.
pub fn credit_code(dice: &mut Dice, prefix: &str) -> String {
    let letters: Vec<char> = LETTERS.chars().collect();
    let body: String = (0..8).map(|_| dice.pick(&letters)).collect();
    let start = format!("{prefix}341502{body}{}", organisation_check(&body));
    let check = credit_check(&start);
    format!("{start}{check}")
}

/// A person born from 1900 to 1909, so that the number is nobody's.
pub fn resident(dice: &mut Dice, name: String) -> Person {
    let (year, month, day) = (
        dice.between(1900, 1909),
        dice.between(1, 12),
        dice.between(1, 28),
    );
    let body = format!("341502{year}{month:02}{day:02}{:03}", dice.below(1000));
    let check = resident_check(&body);
    Person {
        id_type: "resident_id".to_owned(),
        number: format!("{body}{check}"),
        name,
    }
}

/// The persons of a world: most are residents, a few have another document.
pub fn persons(dice: &mut Dice, seed: u64, count: usize) -> Vec<Person> {
    let mut all: Vec<Person> = Vec::new();
    while all.len() < count {
        let name = format!("测试人{seed}x{}", all.len());
        let person = match dice.below(10) {
            0 => Person {
                id_type: "passport".to_owned(),
                number: format!("E{:08}", dice.below(100_000_000)),
                name,
            },
            _ => resident(dice, name),
        };
        if all.iter().all(|other| other.number != person.number) {
            all.push(person);
        }
    }
    all
}

/// The organisations of a world, some of them public bodies or branches.
pub fn organisations(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar, count: usize) {
    for number in 0..count {
        let (kind, prefix) = match dice.below(12) {
            0 => ("government", "11"),
            1 => ("institution", "12"),
            2 => ("social_organization", "51"),
            3 => ("branch", "91"),
            4 => ("individual_business", "92"),
            _ => ("enterprise", "91"),
        };
        let mut uscc = credit_code(dice, prefix);
        if draft.knobs.wrong_codes && dice.chance(8) {
            // A code with a wrong check character that was really issued (错码).
            let last = if uscc.ends_with('1') { '2' } else { '1' };
            uscc.replace_range(17.., &last.to_string());
            draft.pinned.insert(uscc.clone());
        }
        let status = dice.pick(&["operating", "operating", "operating", "revoked", "abnormal"]);
        let founded = if dice.chance(35) {
            calendar.day(dice)
        } else {
            Day::new(2010, 1, 1).plus(dice.between(0, 3000))
        };
        let mut one = row(&[
            ("uscc", &uscc),
            ("name", &format!("测试企业{}号{number}", draft.seed)),
            ("kind", kind),
            ("status", status),
            ("region", "341502"),
            ("industry", dice.pick(&["5211", "6210", "7299"])),
            ("established_on", &founded.to_string()),
            ("state_owned", if dice.chance(15) { "是" } else { "" }),
        ]);
        if !draft.orgs.is_empty() && dice.chance(20) {
            one.insert("superior_uscc".to_owned(), dice.pick(&draft.orgs));
        }
        if kind == "branch" && !draft.orgs.is_empty() {
            one.insert("parent_uscc".to_owned(), dice.pick(&draft.orgs));
        }
        draft.orgs.push(uscc);
        draft.add("organizations", one);
    }
}

/// An interval as two cells: open at either end, touching others, or of no days.
fn interval(draft: &Draft, dice: &mut Dice, calendar: &mut Calendar, one: &mut Row) {
    let from = dice.chance(45).then(|| calendar.day(dice));
    let start = from.unwrap_or(Day::new(2021, 3, 1));
    let to = match dice.below(20) {
        0 if draft.knobs.empty_intervals => from,
        1..10 => Some(calendar.after(dice, start.plus(1), 900)),
        _ => None,
    };
    fill_interval(one, from, to);
}

fn fill_interval(one: &mut Row, from: Option<Day>, to: Option<Day>) {
    let text = |day: Option<Day>| day.map_or(String::new(), |day| day.to_string());
    one.insert("from".to_owned(), text(from));
    one.insert("to".to_owned(), text(to));
}

/// The roles: at every organisation some, with successors who begin when the last one ends.
pub fn roles(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    for org in draft.orgs.clone() {
        for role in ROLES {
            let percent = match role {
                "legal_representative" => 85,
                "principal" => 65,
                _ => 35,
            };
            let mut begin: Option<Day> = None;
            let mut first = true;
            while dice.chance(if first { percent } else { 30 }) {
                let person = if dice.chance(8) {
                    draft.provisional(dice, &org)
                } else {
                    dice.pick(&draft.persons)
                };
                let mut one = row(&[("uscc", &org), ("role", role)]);
                person.fill(&mut one, "person_name");
                interval(draft, dice, calendar, &mut one);
                if let Some(begin) = begin.filter(|_| dice.chance(70)) {
                    let to = dice
                        .chance(50)
                        .then(|| calendar.after(dice, begin.plus(1), 700));
                    fill_interval(&mut one, Some(begin), to);
                }
                begin = Day::parse_open(&one["to"]);
                draft.add("roles", one);
                first = false;
            }
        }
    }
}

/// Percentages that add up to at most 100, or oddly, or to more.
fn ratios(dice: &mut Dice, count: usize) -> Vec<i64> {
    let sixth = 1_000_000;
    match dice.below(8) {
        0 => vec![50 * sixth, 50 * sixth],
        1 => vec![50 * sixth + 1, 50 * sixth - 1],
        2 => vec![25 * sixth, 25 * sixth, 50 * sixth],
        3 => vec![100 * sixth],
        4 => (0..count)
            .map(|_| sixth * i64::from(dice.between(30, 100)))
            .collect(),
        _ => {
            let mut left = 1_000_000;
            let mut all = Vec::new();
            for _ in 0..count {
                let part = i64::from(dice.between(1, i32::try_from(left).unwrap()));
                all.push(part * 100);
                left = (left - part).max(1);
            }
            all
        }
    }
}

fn percentage(millionths: i64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// A holder of a company: a person, an organisation before or after it, or itself.
fn some_holder(draft: &mut Draft, dice: &mut Dice, company: &str) -> Whom {
    match dice.below(20) {
        0 => Whom::Org(company.to_owned()),
        1 => Whom::Person(draft.provisional(dice, company)),
        2 => Whom::Org(draft.unregistered.clone()),
        3..11 => Whom::Org(dice.pick(&draft.orgs)),
        _ => Whom::Person(dice.pick(&draft.persons)),
    }
}

fn holding(company: &str, holder: &Whom, ratio: i64) -> Row {
    let mut one = row(&[
        ("uscc", company),
        ("ratio", &percentage(ratio)),
        ("concert_group", ""),
    ]);
    holder.fill_holder(&mut one);
    one
}

/// The holdings: splits of the capital, repeated holders, concert groups with ties, circles.
pub fn holdings(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    for company in draft.orgs.clone() {
        if dice.chance(15) {
            continue;
        }
        let count = 1 + dice.below(4);
        let mut last: Option<Whom> = None;
        for ratio in ratios(dice, count) {
            let holder = match last.clone() {
                Some(holder) if dice.chance(12) => holder,
                _ => some_holder(draft, dice, &company),
            };
            let mut one = holding(&company, &holder, ratio);
            if dice.chance(20) {
                let votes = i64::from(dice.between(0, 100)) * 1_000_000;
                one.insert("voting_ratio".to_owned(), percentage(votes));
            }
            // Ties between persons of other documents have no told order.
            let ordered = match &holder {
                Whom::Org(_) => true,
                Whom::Person(person) => person.id_type == "resident_id",
            };
            if ordered && dice.chance(40) {
                let group = dice.pick(&["甲组", "甲组", "乙组"]);
                one.insert("concert_group".to_owned(), group.to_owned());
            }
            interval(draft, dice, calendar, &mut one);
            draft.add("holdings", one);
            last = Some(holder);
        }
    }
    for _ in 0..dice.below(3) {
        circle(draft, dice, calendar);
    }
}

/// A circle of mutual holdings, with or without somebody outside.
fn circle(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    let mut members = draft.orgs.clone();
    dice.shuffle(&mut members);
    members.truncate(2 + dice.below(3));
    let ratio = dice.pick(&[100_000_000, 60_000_000, 51_000_000, 50_000_000, 30_000_000]);
    for (place, company) in members.iter().enumerate() {
        let holder = Whom::Org(members[(place + 1) % members.len()].clone());
        let mut one = holding(company, &holder, ratio);
        if dice.chance(50) {
            interval(draft, dice, calendar, &mut one);
        }
        draft.add("holdings", one);
    }
    if dice.chance(60) {
        let person = Whom::Person(dice.pick(&draft.persons));
        draft.add("holdings", holding(&members[0], &person, 40_000_000));
    }
}

/// A controller by agreement: as a holder, but a person there must have a document.
fn some_controller(draft: &mut Draft, dice: &mut Dice, company: &str) -> Whom {
    match some_holder(draft, dice, company) {
        Whom::Person(person) if person.number.is_empty() => Whom::Person(dice.pick(&draft.persons)),
        other => other,
    }
}

/// Control agreements, some of which close a circle with the holdings.
pub fn agreements(draft: &mut Draft, dice: &mut Dice, calendar: &mut Calendar) {
    for _ in 0..dice.below(4) {
        let company = dice.pick(&draft.orgs);
        let kind = dice.pick(&["agreement", "nominee", "general_partner"]);
        let mut one = row(&[("uscc", &company), ("kind", kind), ("document", "协议")]);
        some_controller(draft, dice, &company).fill_holder(&mut one);
        interval(draft, dice, calendar, &mut one);
        draft.add("control_agreements", one);
    }
}
