//! The catalogue: lists, measures, rules, items, settings and the calendar of working days.

use crate::day::{Day, Span};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// A list of the catalogue.
#[derive(Clone, Debug)]
pub struct List {
    /// Its stable code.
    pub code: String,
    /// Its name and its aliases.
    pub names: Vec<String>,
    /// Whether it counts as 严重失信主体.
    pub serious: bool,
    /// Months after which an entry with no expiry ends.
    pub max_months: Option<i32>,
}

/// One version of a measure.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The measure's code; several versions share it.
    pub code: String,
    /// Not merely for reference (供参考).
    pub binding: bool,
    /// The item categories that must not be granted.
    pub blocks: Vec<String>,
    /// The roles that must not be taken up.
    pub bars_roles: Vec<String>,
    /// The departments that must report back.
    pub enforcers: Vec<String>,
    /// Their time to report, in working days.
    pub report_workdays: i32,
    /// The time to lift, in working days.
    pub lift_workdays: i32,
    /// When this version is in force.
    pub span: Span,
}

/// Whom a rule reaches beside the subject.
#[derive(Clone, Debug)]
pub struct PersonEntry {
    /// A role, `computed_controller` or `directly_responsible`.
    pub role: String,
    /// `violation`, `case_date`, `current` or `named`.
    pub moment: String,
    /// The measures on each person found.
    pub measures: Vec<String>,
    /// Whether what is found is only a lead.
    pub lead: bool,
}

/// A rule: what one kind of case entails.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The list that triggers it; without one, penalties do.
    pub list: Option<String>,
    /// Any of these kinds of penalty triggers it.
    pub penalty_kinds: Vec<String>,
    /// And, if not empty, one of these violation types.
    pub violation_types: Vec<String>,
    /// The measures on the case's subject.
    pub subject_measures: Vec<String>,
    /// The restriction lasts this long from the case's own date; 0 has no end.
    pub term_months: Option<i32>,
    /// Whether a repair of the case ends it.
    pub repair_lifts: bool,
    /// Whether every person found gets a personal record.
    pub record_in_personal_file: bool,
    /// When the rule is in force.
    pub span: Span,
    /// Whom it reaches beside the subject.
    pub persons: Vec<PersonEntry>,
}

/// One version of an item (事项).
#[derive(Clone, Debug)]
pub struct Item {
    /// The item's code.
    pub code: String,
    /// What measures block.
    pub category: String,
    /// `applicant` and roles at the applicant.
    pub subjects: Vec<String>,
    /// Whether they must be checked.
    pub check_required: bool,
    /// For how many days before acceptance a check is good.
    pub check_valid_days: i32,
    /// When this version is in force.
    pub span: Span,
}

/// The settings, with their defaults.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `high_frequency.min_penalties`.
    pub min_penalties: usize,
    /// `high_frequency.min_published`.
    pub min_published: usize,
    /// `high_frequency.window_years`.
    pub window_years: i32,
    /// `high_frequency.excluded_kinds`.
    pub excluded_kinds: Vec<String>,
    /// `high_frequency.exclude_summary_procedure`.
    pub exclude_summary_procedure: bool,
    /// `publication.report_workdays`.
    pub report_workdays: i32,
    /// `gaps.evaluate_from`.
    pub evaluate_from: Option<Day>,
    /// `relations.hub_degree`.
    pub hub_degree: usize,
    /// `signals.late_change_days`.
    pub late_change_days: i32,
    /// `signals.successor_days`.
    pub successor_days: i32,
    /// `signals.nominee_organisations`.
    pub nominee_organisations: usize,
}

/// The whole catalogue.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The lists.
    pub lists: Vec<List>,
    /// All versions of all measures.
    pub measures: Vec<Measure>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// All versions of all items.
    pub items: Vec<Item>,
    /// The settings.
    pub settings: Settings,
    holidays: BTreeSet<Day>,
    worked: BTreeSet<Day>,
}

impl Catalogue {
    /// Reads the catalogue of a world.
    pub fn of(world: &World) -> Catalogue {
        let table = |name: &str| -> Table {
            world
                .catalogue
                .get(name)
                .map_or_else(Table::new, |text| text.parse().expect(name))
        };
        let entries = |name: &str, key: &str| -> Vec<Table> {
            let found = table(name).get(key).cloned();
            let list = found
                .and_then(|value| value.as_array().cloned())
                .unwrap_or_default();
            list.iter()
                .map(|entry| entry.as_table().expect(key).clone())
                .collect()
        };
        let mut holidays = BTreeSet::new();
        let mut worked = BTreeSet::new();
        for (_, year) in table("calendar.toml") {
            let year = year.as_table().expect("a year").clone();
            holidays.extend(texts(&year, "holidays").iter().map(|day| Day::parse(day)));
            worked.extend(texts(&year, "workdays").iter().map(|day| Day::parse(day)));
        }
        Catalogue {
            lists: entries("lists.toml", "list").iter().map(list).collect(),
            measures: entries("measures.toml", "measure")
                .iter()
                .map(measure)
                .collect(),
            rules: entries("rules.toml", "rule").iter().map(rule).collect(),
            items: entries("items.toml", "item").iter().map(item).collect(),
            settings: settings(&table("settings.toml")),
            holidays,
            worked,
        }
    }

    /// The list that a cell names by code, name or alias.
    pub fn list(&self, cell: &str) -> &List {
        self.lists
            .iter()
            .find(|list| list.code == cell || list.names.iter().any(|name| name == cell))
            .unwrap_or_else(|| panic!("an unknown list {cell:?}"))
    }

    /// The version of a measure in force on a day.
    pub fn measure(&self, code: &str, day: Day) -> Option<&Measure> {
        self.measures
            .iter()
            .find(|version| version.code == code && version.span.holds(day))
    }

    /// The newest version of a measure.
    pub fn newest_measure(&self, code: &str) -> Option<&Measure> {
        let versions = self.measures.iter().filter(|version| version.code == code);
        versions.max_by_key(|version| version.span.from)
    }

    /// The version of an item in force on a day.
    pub fn item(&self, code: &str, day: Day) -> Option<&Item> {
        self.items
            .iter()
            .find(|version| version.code == code && version.span.holds(day))
    }

    /// Whether a day is a working day: a weekday that is no holiday, or a weekend day worked.
    pub fn is_working_day(&self, day: Day) -> bool {
        if day.weekday() < 5 {
            !self.holidays.contains(&day)
        } else {
            self.worked.contains(&day)
        }
    }

    /// `d + n working days`: the n-th working day after d, d itself not counted.
    pub fn plus_working_days(&self, day: Day, count: i32) -> Day {
        let mut day = day;
        for _ in 0..count {
            day = day.plus(1);
            while !self.is_working_day(day) {
                day = day.plus(1);
            }
        }
        day
    }
}

fn text(table: &Table, key: &str) -> Option<String> {
    table
        .get(key)
        .map(|value| value.as_str().expect(key).to_owned())
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    let list = table
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    list.iter()
        .map(|value| value.as_str().expect(key).to_owned())
        .collect()
}

fn number(table: &Table, key: &str) -> Option<i32> {
    table
        .get(key)
        .map(|value| i32::try_from(value.as_integer().expect(key)).unwrap())
}

fn flag(table: &Table, key: &str, default: bool) -> bool {
    table
        .get(key)
        .map_or(default, |value| value.as_bool().expect(key))
}

fn span(table: &Table) -> Span {
    let day = |key| text(table, key).and_then(|cell| Day::parse_open(&cell));
    Span {
        from: day("from"),
        to: day("to"),
    }
}

fn list(table: &Table) -> List {
    let mut names = texts(table, "aliases");
    names.extend(text(table, "name"));
    List {
        code: text(table, "code").expect("a list's code"),
        names,
        serious: flag(table, "serious", false),
        max_months: number(table, "max_months"),
    }
}

fn measure(table: &Table) -> Measure {
    Measure {
        code: text(table, "code").expect("a measure's code"),
        binding: flag(table, "binding", true),
        blocks: texts(table, "blocks"),
        bars_roles: texts(table, "bars_roles"),
        enforcers: texts(table, "enforcers"),
        report_workdays: number(table, "report_workdays").unwrap_or(0),
        lift_workdays: number(table, "lift_workdays").unwrap_or(3),
        span: span(table),
    }
}

fn rule(table: &Table) -> Rule {
    let persons = table
        .get("person")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let entry = |value: &Value| {
        let table = value.as_table().expect("a rule's person entry");
        PersonEntry {
            role: text(table, "role").expect("a role"),
            moment: text(table, "moment").expect("a moment"),
            measures: texts(table, "measures"),
            lead: text(table, "effect").as_deref() == Some("lead"),
        }
    };
    Rule {
        id: text(table, "id").expect("a rule's id"),
        list: text(table, "list"),
        penalty_kinds: texts(table, "penalty_kinds"),
        violation_types: texts(table, "violation_types"),
        subject_measures: texts(table, "subject_measures"),
        term_months: number(table, "term_months"),
        repair_lifts: flag(table, "repair_lifts", true),
        record_in_personal_file: flag(table, "record_in_personal_file", false),
        span: span(table),
        persons: persons.iter().map(entry).collect(),
    }
}

fn item(table: &Table) -> Item {
    Item {
        code: text(table, "code").expect("an item's code"),
        category: text(table, "category").expect("an item's category"),
        subjects: texts(table, "subjects"),
        check_required: flag(table, "check_required", false),
        check_valid_days: number(table, "check_valid_days").unwrap_or(30),
        span: span(table),
    }
}

fn settings(table: &Table) -> Settings {
    let sections: BTreeMap<String, Table> = table
        .iter()
        .map(|(name, section)| (name.clone(), section.as_table().expect("a section").clone()))
        .collect();
    let section = |name: &str| sections.get(name).cloned().unwrap_or_default();
    let (frequent, signals) = (section("high_frequency"), section("signals"));
    let count = |table: &Table, key, default| {
        number(table, key).map_or(default, |value| usize::try_from(value).unwrap())
    };
    Settings {
        min_penalties: count(&frequent, "min_penalties", 5),
        min_published: count(&frequent, "min_published", 1),
        window_years: number(&frequent, "window_years").unwrap_or(3),
        excluded_kinds: texts(&frequent, "excluded_kinds"),
        exclude_summary_procedure: flag(&frequent, "exclude_summary_procedure", false),
        report_workdays: number(&section("publication"), "report_workdays").unwrap_or(7),
        evaluate_from: text(&section("gaps"), "evaluate_from").map(|day| Day::parse(&day)),
        hub_degree: count(&section("relations"), "hub_degree", 1000),
        late_change_days: number(&signals, "late_change_days").unwrap_or(180),
        successor_days: number(&signals, "successor_days").unwrap_or(365),
        nominee_organisations: count(&signals, "nominee_organisations", 10),
    }
}
