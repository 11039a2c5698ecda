//! What an accepted catalogue holds.

use std::sync::Arc;

use graph::record::{PenaltyKind, RoleKind};
use graph::time::{Date, Interval};

use super::super::{
    Catalogue, ItemSubject, List, Measure, PersonRule, RoleSought, Rule, RuleMoment, Settings,
    SignalSettings, Trigger,
};
use super::{LISTS, RULES, day, example, load};

fn loaded() -> Catalogue {
    Catalogue::from_texts(&example()).unwrap()
}

#[test]
fn lists_are_read_and_found_by_any_name() {
    let catalogue = loaded();
    let defaulter = List {
        code: "defaulter".into(),
        name: "失信被执行人".into(),
        aliases: vec!["失信名单(法院)".into(), "Defaulters".into()],
        basis: "法释〔2017〕7号".into(),
        serious: true,
        max_months: Some(24),
    };
    assert_eq!(catalogue.lists["defaulter"], defaulter);
    assert_eq!(catalogue.lists["wages"].max_months, None);
    for name in [
        "defaulter",
        "失信被执行人",
        "失信名单(法院)",
        "失信名单（法院）",
        " Defaulters ",
    ] {
        assert_eq!(catalogue.list_named(name), Some(&defaulter), "{name}");
    }
    assert_eq!(
        catalogue
            .list_named("拖欠工资")
            .map(|list| list.code.as_str()),
        Some("wages")
    );
    assert_eq!(catalogue.list_named("失信"), None);
}

#[test]
fn measures_have_versions_and_defaults() {
    let catalogue = loaded();
    let newer = Measure {
        code: "M1".into(),
        name: "限制申请资金（新）".into(),
        basis: "法二".into(),
        binding: true,
        blocks: Vec::new(),
        bars_roles: Vec::new(),
        enforcers: Vec::new(),
        report_workdays: 0,
        lift_workdays: 3,
        validity: Interval::new(day("2024-01-01"), Date::MAX),
    };
    let older = catalogue.measure("M1", day("2023-12-31")).unwrap();
    assert_eq!((older.report_workdays, older.lift_workdays), (5, 4));
    assert_eq!(older.bars_roles, [RoleKind::Director]);
    assert_eq!(
        (older.blocks.as_slice(), older.enforcers.as_slice()),
        (&["funds".to_owned()][..], &["D-FIN".to_owned()][..])
    );
    assert_eq!(catalogue.measure("M1", day("2024-01-01")), Some(&newer));
    assert_eq!(catalogue.measure("M1", day("2019-12-31")), None);
    let ever = catalogue.measure("M2", day("1950-01-01")).unwrap();
    assert_eq!((ever.binding, ever.validity), (false, Interval::ALWAYS));
}

#[test]
fn versions_are_by_beginning_whatever_their_order_in_the_file() {
    let version = |from| format!("[[measure]]\ncode = \"M\"\nname = \"n\"\nbasis = \"b\"\n{from}");
    let text = format!(
        "{}{}",
        version("from = \"2020-01-01\"\n"),
        version("to = \"2020-01-01\"\n")
    );
    let catalogue = load(&[("measures.toml", &text)]).unwrap();
    let begins = catalogue.measures["M"]
        .iter()
        .map(|version| version.validity.start());
    assert_eq!(begins.collect::<Vec<_>>(), [None, Some(day("2020-01-01"))]);
}

#[test]
fn rules_keep_the_order_of_the_file() {
    let catalogue = loaded();
    let person = |role, moment, measures: &[&str], lead| PersonRule {
        role,
        moment,
        measures: measures.iter().map(|code| Arc::from(*code)).collect(),
        lead,
    };
    let first = Rule {
        id: "R1".into(),
        trigger: Trigger::List("defaulter".into()),
        basis: "法释".into(),
        subject_measures: vec!["M1".into()],
        term_months: None,
        repair_lifts: true,
        record_in_personal_file: true,
        validity: Interval::new(day("2015-07-22"), Date::MAX),
        persons: vec![
            person(
                RoleSought::Held(RoleKind::Principal),
                RuleMoment::Current,
                &["M1", "M2"],
                true,
            ),
            person(
                RoleSought::DirectlyResponsible,
                RuleMoment::Named,
                &["M2"],
                false,
            ),
        ],
    };
    let second = Rule {
        id: "R2".into(),
        trigger: Trigger::Penalty {
            kinds: vec![PenaltyKind::LicenceRevoked, PenaltyKind::Fine],
            violation_types: vec!["食品安全".into()],
        },
        basis: "食品安全法".into(),
        subject_measures: Vec::new(),
        term_months: Some(0),
        repair_lifts: false,
        record_in_personal_file: false,
        validity: Interval::new(Date::MIN, day("2030-01-01")),
        persons: Vec::new(),
    };
    assert_eq!(catalogue.rules, [first, second].map(Arc::new));
}

#[test]
fn items_are_read() {
    let catalogue = loaded();
    let item = catalogue.item("GP-01", day("2020-01-01")).unwrap();
    let whom = [
        ItemSubject::Applicant,
        ItemSubject::Role(RoleKind::LegalRepresentative),
    ];
    assert_eq!(item.subjects, whom);
    assert_eq!(
        whom.map(ItemSubject::code),
        ["applicant", "legal_representative"]
    );
    assert_eq!((item.check_required, item.check_valid_days), (true, 60));
    assert_eq!(item.category, "procurement");
    assert_eq!(catalogue.item("GP-01", day("2019-12-31")), None);
    let plain = catalogue.item("GP-02", day("2019-12-31")).unwrap();
    assert_eq!((plain.check_required, plain.check_valid_days), (false, 30));
}

#[test]
fn settings_are_read_and_default() {
    let expected = Settings {
        min_penalties: 4,
        min_published: 2,
        window_years: 2,
        excluded_kinds: vec![PenaltyKind::Warning],
        exclude_summary_procedure: true,
        publication_workdays: 9,
        evaluate_from: Some(day("2024-01-01")),
        hub_degree: 50,
        signals: SignalSettings {
            late_change: false,
            late_change_days: 30,
            nominee_organisations: 3,
            ..SignalSettings::default()
        },
    };
    assert_eq!(loaded().settings, expected);
    let switches = "[signals]\nsuccessor = false\nsuccessor_days = 9\nnominee_like = false\nhidden_controller = false";
    let signals = load(&[("settings.toml", switches)])
        .unwrap()
        .settings
        .signals;
    assert_eq!((signals.successor, signals.successor_days), (false, 9));
    assert_eq!(
        (signals.nominee_like, signals.hidden_controller),
        (false, false)
    );
}

#[test]
fn missing_files_count_as_empty() {
    let catalogue = load(&[("lists.toml", LISTS), ("README.md", "not TOML")]).unwrap();
    assert_eq!(catalogue.settings, Settings::default());
    assert_eq!(catalogue.calendar.years().count(), 0);
    assert!(catalogue.rules.is_empty() && catalogue.measures.is_empty());
    assert!(
        load(&[("rules.toml", RULES)]).is_err(),
        "its measures are nowhere"
    );
}

#[test]
fn words_are_folded_as_those_of_records_are() {
    let mut files = example();
    let rules = RULES.replace(
        "\"食品安全\"",
        "\" 食品 \u{3000}安全（Ａ）\", \"食品 安全(A)\"",
    );
    files.insert("rules.toml".into(), rules.replace("\"M1\"", "\"Ｍ1 \""));
    let catalogue = Catalogue::from_texts(&files).unwrap();
    let Trigger::Penalty {
        violation_types, ..
    } = &catalogue.rules[1].trigger
    else {
        panic!()
    };
    assert_eq!(
        violation_types.as_slice(),
        ["食品 安全(A)"],
        "and one given twice counts once"
    );
    assert_eq!(catalogue.rules[0].subject_measures, [Arc::from("M1")]);
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_read() {
    let files = example().into_iter();
    let windows =
        files.map(|(name, text)| (name, format!("\u{feff}{}", text.replace('\n', "\r\n"))));
    let catalogue = Catalogue::from_texts(&windows.collect()).unwrap();
    assert_eq!(catalogue.rules, loaded().rules);
}

#[test]
fn the_digest_names_the_texts() {
    let digest = loaded().digest;
    assert_eq!(digest, loaded().digest);
    assert_eq!(digest.len(), 64);
    let changed = |file: &str, text: &str| {
        let mut files = example();
        files.insert(file.into(), text.into());
        Catalogue::from_texts(&files).unwrap().digest
    };
    assert_eq!(digest, changed("README.md", "not part of it"));
    assert_ne!(digest, changed("settings.toml", "# other\n"));
    let one = load(&[("lists.toml", "# a"), ("items.toml", "")])
        .unwrap()
        .digest;
    assert_ne!(
        one,
        load(&[("lists.toml", ""), ("items.toml", "# a")])
            .unwrap()
            .digest
    );
    assert_ne!(one, load(&[("lists.toml", "# a")]).unwrap().digest);
    // SM3 over the length and bytes of `lists.toml`, then of its text (none).
    let empty = load(&[("lists.toml", "")]).unwrap().digest;
    assert_eq!(
        empty,
        "41df73885b42adbd23a42068680706765caead22f748986ddb1f5b250217e787"
    );
}

#[test]
fn the_shipped_catalogue_is_valid() {
    let catalogue = Catalogue::shipped().unwrap_or_else(|refusal| panic!("{refusal}"));
    assert!(catalogue.lists.len() > 10 && catalogue.rules.len() > 10);
    assert_eq!(
        catalogue.settings,
        Settings::default(),
        "they are what the policy says"
    );
    let listed = catalogue.list_named("失信被执行人名单").unwrap();
    assert_eq!(listed.code, "court_defaulter");
}
