//! Random catalogues, valid by the formats.

use super::dice::Dice;
use crate::day::Day;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The departments of every world.
pub const DEPARTMENTS: [&str; 3] = ["D-FIN", "D-MKT", "D-TAX"];
/// The item categories of every world.
pub const CATEGORIES: [&str; 3] = ["fiscal_funds", "government_procurement", "honours"];
/// The kinds of penalty that are drawn.
pub const KINDS: [&str; 6] = [
    "warning",
    "criticism",
    "fine",
    "confiscation",
    "licence_revoked",
    "practice_barred",
];
/// The violation types that are drawn.
pub const VIOLATION_TYPES: [&str; 3] = ["食品安全", "安全生产", "其他"];
/// The roles that are drawn most.
pub const ROLES: [&str; 7] = [
    "legal_representative",
    "principal",
    "actual_controller",
    "director",
    "supervisor",
    "executive",
    "finance_head",
];

/// The measure codes of a world.
pub fn measure_codes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("M{number}")).collect()
}

fn quoted<T: AsRef<str>>(list: &[T]) -> String {
    let quoted: Vec<String> = list
        .iter()
        .map(|one| format!("\"{}\"", one.as_ref()))
        .collect();
    format!("[{}]", quoted.join(", "))
}

fn perhaps<T: Clone>(dice: &mut Dice, percent: usize, list: &[T]) -> Vec<T> {
    if dice.chance(percent) {
        dice.some(list)
    } else {
        Vec::new()
    }
}

/// The starts and ends of one to three versions that do not overlap; some leave a hole.
fn versions(dice: &mut Dice, most: usize) -> Vec<(Day, Option<Day>)> {
    let starts = [
        "2015-01-01",
        "2015-01-01",
        "2019-01-01",
        "2021-06-01",
        "2022-06-01",
        "2023-03-01",
    ];
    let mut from = Day::parse(starts[dice.below(starts.len())]);
    let mut all = Vec::new();
    for number in 0..most {
        let last = number + 1 == most || dice.chance(60);
        if last && dice.chance(75) {
            all.push((from, None));
            return all;
        }
        let to = from
            .max(Day::parse("2021-06-01"))
            .plus(dice.between(60, 700));
        all.push((from, Some(to)));
        if last {
            return all;
        }
        from = if dice.chance(70) {
            to
        } else {
            to.plus(dice.between(1, 60))
        };
    }
    all
}

fn validity(text: &mut String, (from, to): (Day, Option<Day>)) {
    writeln!(text, "from = \"{from}\"").unwrap();
    if let Some(to) = to {
        writeln!(text, "to = \"{to}\"").unwrap();
    }
}

fn lists(dice: &mut Dice, count: usize) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut codes = Vec::new();
    for number in 0..count {
        let code = match number {
            0 => "court_defaulter".to_owned(),
            _ => format!("L{number}"),
        };
        writeln!(text, "[[list]]\ncode = \"{code}\"\nname = \"名单{number}\"").unwrap();
        writeln!(
            text,
            "aliases = [\"名单{number}别名\"]\nbasis = \"依据{number}\""
        )
        .unwrap();
        writeln!(text, "serious = {}", dice.chance(50)).unwrap();
        if dice.chance(40) {
            writeln!(text, "max_months = {}", dice.pick(&[1, 6, 12, 24, 36])).unwrap();
        }
        text.push('\n');
        codes.push(code);
    }
    (text, codes)
}

fn measures(dice: &mut Dice, codes: &[String]) -> String {
    let mut text = String::new();
    for code in codes {
        for span in versions(dice, 3) {
            writeln!(
                text,
                "[[measure]]\ncode = \"{code}\"\nname = \"措施{code}\""
            )
            .unwrap();
            writeln!(text, "basis = \"法\"\nbinding = {}", dice.chance(75)).unwrap();
            writeln!(text, "blocks = {}", quoted(&perhaps(dice, 80, &CATEGORIES))).unwrap();
            writeln!(text, "bars_roles = {}", quoted(&perhaps(dice, 55, &ROLES))).unwrap();
            writeln!(
                text,
                "enforcers = {}",
                quoted(&perhaps(dice, 65, &DEPARTMENTS))
            )
            .unwrap();
            writeln!(text, "report_workdays = {}", dice.pick(&[0, 1, 3, 5, 10])).unwrap();
            if dice.chance(70) {
                writeln!(text, "lift_workdays = {}", dice.pick(&[0, 1, 3, 5])).unwrap();
            }
            validity(&mut text, span);
            text.push('\n');
        }
    }
    text
}

fn person_entry(dice: &mut Dice, text: &mut String, measures: &[String]) {
    let role = match dice.below(10) {
        0 | 1 => "computed_controller",
        2 => "directly_responsible",
        3..=5 => "legal_representative",
        6 => "principal",
        _ => dice.pick(&ROLES),
    };
    let moment = match role {
        "directly_responsible" => "named",
        _ => dice.pick(&["violation", "case_date", "current", "current"]),
    };
    writeln!(
        text,
        "[[rule.person]]\nrole = \"{role}\"\nmoment = \"{moment}\""
    )
    .unwrap();
    writeln!(text, "measures = {}", quoted(&dice.some(measures))).unwrap();
    if dice.chance(60) {
        let effect = if dice.chance(45) { "lead" } else { "restrict" };
        writeln!(text, "effect = \"{effect}\"").unwrap();
    }
}

fn rule(
    dice: &mut Dice,
    text: &mut String,
    (id, list): (&str, Option<&str>),
    span: (Day, Option<Day>),
    measures: &[String],
) {
    writeln!(text, "[[rule]]\nid = \"{id}\"\nbasis = \"条款\"").unwrap();
    match list {
        Some(list) => writeln!(text, "list = \"{list}\"").unwrap(),
        None => {
            let mut kinds = dice.some(&KINDS);
            kinds.truncate(2);
            writeln!(text, "penalty_kinds = {}", quoted(&kinds)).unwrap();
            if dice.chance(50) {
                writeln!(
                    text,
                    "violation_types = {}",
                    quoted(&dice.some(&VIOLATION_TYPES))
                )
                .unwrap();
            }
        }
    }
    let mut direct = perhaps(dice, 70, measures);
    direct.truncate(2);
    writeln!(text, "subject_measures = {}", quoted(&direct)).unwrap();
    // A penalty rule needs a term, and so does one that a repair does not lift.
    if list.is_none() || dice.chance(45) {
        writeln!(text, "term_months = {}", dice.pick(&[0, 1, 6, 12, 18, 36])).unwrap();
        if dice.chance(60) {
            writeln!(text, "repair_lifts = {}", dice.chance(50)).unwrap();
        }
    }
    writeln!(text, "record_in_personal_file = {}", dice.chance(60)).unwrap();
    validity(text, span);
    for _ in 0..dice.pick(&[0, 1, 2, 3, 4]) {
        person_entry(dice, text, measures);
    }
    text.push('\n');
}

fn rules(dice: &mut Dice, lists: &[String], measures: &[String]) -> String {
    let mut text = String::new();
    let mut triggers: Vec<Option<&str>> = lists.iter().map(|list| Some(list.as_str())).collect();
    triggers.push(None);
    triggers.push(None);
    if dice.chance(60) {
        triggers.push(Some(&lists[0]));
    }
    for (number, trigger) in triggers.into_iter().enumerate() {
        let id = format!("R{number}");
        for span in versions(dice, 2) {
            rule(dice, &mut text, (&id, trigger), span, measures);
        }
    }
    text
}

fn items(dice: &mut Dice, count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        for span in versions(dice, 2) {
            let mut subjects = vec!["applicant"];
            subjects.extend(perhaps(dice, 70, &ROLES[..4]));
            if dice.chance(15) {
                subjects.remove(0);
            }
            if subjects.is_empty() {
                subjects.push("legal_representative");
            }
            writeln!(
                text,
                "[[item]]\ncode = \"I{number}\"\nname = \"事项{number}\""
            )
            .unwrap();
            writeln!(text, "category = \"{}\"", dice.pick(&CATEGORIES)).unwrap();
            writeln!(text, "subjects = {}", quoted(&subjects)).unwrap();
            writeln!(text, "check_required = {}", dice.chance(80)).unwrap();
            if dice.chance(80) {
                writeln!(
                    text,
                    "check_valid_days = {}",
                    dice.pick(&[0, 1, 10, 30, 60])
                )
                .unwrap();
            }
            validity(&mut text, span);
            text.push('\n');
        }
    }
    text
}

fn settings(dice: &mut Dice) -> String {
    let mut text = String::new();
    writeln!(
        text,
        "[high_frequency]\nmin_penalties = {}",
        dice.pick(&[2, 3, 4])
    )
    .unwrap();
    writeln!(text, "min_published = {}", dice.pick(&[1, 1, 2, 3])).unwrap();
    writeln!(text, "window_years = {}", dice.pick(&[1, 2, 3])).unwrap();
    writeln!(
        text,
        "excluded_kinds = {}",
        quoted(&perhaps(dice, 50, &KINDS))
    )
    .unwrap();
    writeln!(text, "exclude_summary_procedure = {}", dice.chance(40)).unwrap();
    writeln!(
        text,
        "\n[publication]\nreport_workdays = {}",
        dice.pick(&[5, 7, 7, 20])
    )
    .unwrap();
    if dice.chance(30) {
        let day = dice.pick(&["2022-01-01", "2023-06-01", "2024-02-29"]);
        writeln!(text, "\n[gaps]\nevaluate_from = \"{day}\"").unwrap();
    }
    writeln!(
        text,
        "\n[relations]\nhub_degree = {}",
        dice.pick(&[4, 8, 1000])
    )
    .unwrap();
    writeln!(
        text,
        "\n[signals]\nlate_change_days = {}",
        dice.pick(&[30, 180])
    )
    .unwrap();
    writeln!(text, "successor_days = {}", dice.pick(&[90, 365])).unwrap();
    writeln!(text, "nominee_organisations = {}", dice.pick(&[2, 3, 10])).unwrap();
    text
}

/// The weekdays off and the weekend days worked, by year; some years are missing.
fn calendar(dice: &mut Dice) -> String {
    let mut text = String::new();
    for year in 2021..=2026 {
        if dice.chance(25) {
            continue;
        }
        let (mut holidays, mut worked) = (Vec::new(), Vec::new());
        for _ in 0..12 {
            let mut day = Day::new(year, 1, 1).plus(dice.between(0, 340));
            for _ in 0..dice.below(5) {
                if day.weekday() < 5 {
                    &mut holidays
                } else {
                    &mut worked
                }
                .push(day.to_string());
                day = day.plus(1);
            }
        }
        for list in [&mut holidays, &mut worked] {
            list.sort();
            list.dedup();
        }
        writeln!(text, "[{year}]\nholidays = {}", quoted(&holidays)).unwrap();
        writeln!(text, "workdays = {}\n", quoted(&worked)).unwrap();
    }
    text
}

/// The texts of a random catalogue by file name.
pub fn catalogue(dice: &mut Dice) -> BTreeMap<String, String> {
    let count = 2 + dice.below(3);
    let (lists, list_codes) = lists(dice, count);
    let count = 3 + dice.below(4);
    let codes = measure_codes(count);
    let mut texts = BTreeMap::new();
    texts.insert("lists.toml".to_owned(), lists);
    texts.insert("measures.toml".to_owned(), measures(dice, &codes));
    texts.insert("rules.toml".to_owned(), rules(dice, &list_codes, &codes));
    let count = 3 + dice.below(3);
    texts.insert("items.toml".to_owned(), items(dice, count));
    texts.insert("settings.toml".to_owned(), settings(dice));
    texts.insert("calendar.toml".to_owned(), calendar(dice));
    texts
}
