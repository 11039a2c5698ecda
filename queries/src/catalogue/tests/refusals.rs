//! What loading refuses, where it says the fault is, and that it says all.
//!
//! A case is a line `file line | old => new | part`: with `new` (which may be
//! nothing) instead of the first `old`, the example has one fault in that file,
//! on that line, and its text has that part. `ok` for the line: it is accepted.

use super::super::CatalogueError;
use super::{Catalogue, example, load};

struct Case<'a> {
    line: &'a str,
    file: &'a str,
    part: &'a str,
    errors: Vec<CatalogueError>,
}

/// Reads the cases and loads what they spoil.
fn cases(table: &str) -> impl Iterator<Item = Case<'_>> {
    table
        .lines()
        .map(str::trim)
        .filter(|case| !case.is_empty())
        .map(|case| {
            let [place, change, part] = case.split('|').map(str::trim).collect::<Vec<_>>()[..]
            else {
                panic!("{case}");
            };
            let (file, line) = place.split_once(' ').unwrap();
            let (old, new) = change.split_once("=>").unwrap();
            let written = |text: &str| text.trim().replace("\\n", "\n");
            let errors = spoilt(file, &written(old), &written(new));
            Case {
                line,
                file,
                part,
                errors,
            }
        })
}

/// The faults of the example when `old` in one of its files is `new` instead.
fn spoilt(file: &str, old: &str, new: &str) -> Vec<CatalogueError> {
    let mut files = example();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} has no {old}");
    *text = text.replacen(old, new, 1);
    let refusal = Catalogue::from_texts(&files).err();
    refusal.map(|refusal| refusal.errors).unwrap_or_default()
}

fn check(table: &str) {
    for Case {
        line,
        file,
        part,
        errors,
    } in cases(table)
    {
        if line == "ok" {
            assert_eq!(errors, [], "{file}: {part}");
            continue;
        }
        // Other files may suffer from it too: a list that is gone is used by rules.
        let here: Vec<_> = errors.iter().filter(|error| error.file == file).collect();
        let [error] = here.as_slice() else {
            panic!("{file} {line} {part}: {errors:#?}")
        };
        assert_eq!(error.line.to_string(), line, "{error}");
        assert!(error.to_string().contains(part), "{part}: {error}");
        assert!(!error.advice.is_empty(), "{error}");
    }
}

#[test]
fn what_is_no_toml_is_told_first_and_blames_no_other_file() {
    let table = r#"
        lists.toml 6    | serious = true => serious =       | expected
        rules.toml 1    | [[rule]] => [[rule]               | unclosed array table, expected `]`
        rules.toml 13   | [[rule.person]] => [rule.person]  | duplicate key
        calendar.toml 2 | [2024] => [2024]\n[2024]          | duplicate key
        items.toml 12   | "表彰" => 表彰                    | quote texts
        settings.toml 3 | min_published => min_penalties    | duplicate key
        measures.toml 1 | [[ => [                           | expected newline
    "#;
    for Case {
        line,
        file,
        part,
        errors,
    } in cases(table)
    {
        assert!(errors.iter().all(|error| error.file == file), "{errors:#?}");
        let first = errors.first().unwrap();
        assert_eq!(first.line.to_string(), line, "{first}");
        assert!(first.to_string().contains(part), "{part}: {first}");
    }
}

#[test]
fn keys() {
    check(
        r#"
        lists.toml 1    | serious = true =>                            | `serious` is missing
        lists.toml 6    | serious = => serous = true\nserious =        | did you mean `serious`?
        lists.toml 1    | [[list]] => [[lost]]\n[[list]]               | unknown key `lost`
        lists.toml 1    | [[list]] => version = 3\n[[list]]            | unknown key `version`
        measures.toml 5 | binding => bindings                          | did you mean `binding`?
        measures.toml 20 | code = "M2" =>                              | `code` is missing
        rules.toml 1    | basis = "法释" =>                            | `basis` is missing
        rules.toml 1    | subject_measures = ["M1"] =>                 | `subject_measures` is missing
        rules.toml 1    | record_in_personal_file = true =>            | is missing
        rules.toml 8    | moment = "current" =>                        | `moment` is missing
        rules.toml 8    | measures = ["M1", "M2"] =>                   | `measures` is missing
        rules.toml 12   | effect => effekt                             | did you mean `effect`?
        items.toml 10   | subjects = [] =>                             | `subjects` is missing
        items.toml 10   | category = "honours" =>                      | `category` is missing
        settings.toml 9 | [gaps] => [gap]                              | did you mean `gaps`?
        settings.toml 14 | late_change = => late_changed =             | did you mean `late_change`?
        calendar.toml 3 | workdays => worked                           | use one of holidays, workdays
        "#,
    );
}

#[test]
fn types() {
    check(
        r#"
        lists.toml 6    | serious = true => serious = "yes"    | write true or false
        lists.toml 7    | max_months = 24 => max_months = "24" | write a whole number
        lists.toml 7    | max_months = 24 => max_months = 2.4  | is of type float
        lists.toml 2    | "defaulter" => 7                     | write a text in quotes
        lists.toml 4    | "Defaulters" => 7                    | write a text in quotes
        measures.toml 6 | ["funds"] => "funds"                 | write an array of texts
        settings.toml 9 | [gaps] => [[gaps]]                   | write a table
        calendar.toml 3 | ["2024-02-04"] => "2024-02-04"       | write an array of days
        "#,
    );
    let errors = load(&[("lists.toml", "[list]\ncode = \"a\"")]).unwrap_err();
    assert!(
        errors.to_string().contains("[[list]], with two brackets"),
        "{errors}"
    );
}

#[test]
fn empty_texts() {
    check(
        r#"
        lists.toml 12    | "条例第四十八条" => ""  | `basis` is empty
        measures.toml 23 | "法三" => " 　"     | `basis` is empty
        rules.toml 22    | "食品安全法" => ""      | `basis` is empty
        measures.toml 8  | ["D-FIN"] => [""]       | `enforcers` is empty
        items.toml 11    | "GP-02" => ""           | `code` is empty
        "#,
    );
}

#[test]
fn codes() {
    check(
        r#"
        rules.toml 3    | "defaulter" => "defaultr"     | did you mean `defaulter`?
        rules.toml 11   | ["M1", "M2"] => ["M1", "bar"] | no measure has the code `bar`
        rules.toml 23   | measures = [] => measures = ["limit_funds"] | no measure has the code
        rules.toml 9    | "principal" => "boss"         | `role` cannot be `boss`: use one of legal_
        rules.toml 10   | "current" => "now"            | one of violation, case_date, current, named
        rules.toml 12   | "lead" => "leed"              | did you mean `lead`?
        rules.toml 20   | "fine" => "fines"             | did you mean `fine`?
        measures.toml 7 | "director" => "directors"     | did you mean `director`?
        items.toml 5    | "applicant" => "applicants"   | did you mean `applicant`?
        items.toml 5    | "applicant" => "computed_controller" | cannot be `computed_controller`
        settings.toml 5 | "warning" => "warn"           | cannot be `warn`
        "#,
    );
}

#[test]
fn names_of_lists_that_mean_two() {
    check(
        r#"
        lists.toml 10 | "wages" => "defaulter"           | already means the list of line 2
        lists.toml 11 | "拖欠工资" => "失信名单(法院)"   | already means the list of line 4
        lists.toml 11 | "拖欠工资" => "defaulter"        | already means the list of line 2
        lists.toml 11 | "Defaulters" => "拖欠工资"       | already means the list of line 4
        lists.toml ok | "Defaulters" => "失信被执行人"   | its own name once more
        "#,
    );
}

#[test]
fn versions() {
    check(
        r#"
        measures.toml 15 | to = "2024-01-01" => to = "2024-01-02" | line 2: [2020-01-01, 2024-01-02)
        measures.toml 15 | to = "2024-01-01" =>                   | end the older version
        measures.toml 12 | to = "2024-01-01" => to = "2020-01-01" | is not after
        measures.toml ok | to = "2024-01-01" => to = "2023-01-01" | a year without the measure
        items.toml 11    | "GP-02" => "GP-01"                     | overlaps the one of line 2
        rules.toml 19    | "R2" => "R1"                           | overlaps the one of line 2
        rules.toml 7     | "2015-07-22" => "2015-02-29"           | `from` is no date
        rules.toml 27    | "2030-01-01" => 20300101               | `to` is no date
        rules.toml 27    | "2030-01-01" => 2030-01-01T08:00:00    | `to` is no date
        rules.toml ok    | "2030-01-01" => 2030-01-01             | a TOML date
        "#,
    );
}

#[test]
fn a_version_inside_a_longer_one_hides_no_overlap() {
    let version = |from: &str, to: &str| {
        let validity = format!("from = \"{from}-01-01\"\nto = \"{to}-01-01\"\n");
        format!("[[measure]]\ncode = \"M\"\nname = \"n\"\nbasis = \"b\"\n{validity}")
    };
    let years = [
        ("2010", "2020"),
        ("2011", "2012"),
        ("2015", "2016"),
        ("2020", "2021"),
    ];
    let text: String = years.iter().map(|(from, to)| version(from, to)).collect();
    let errors = load(&[("measures.toml", &text)]).unwrap_err().errors;
    assert_eq!(
        errors.iter().map(|error| error.line).collect::<Vec<_>>(),
        [8, 14]
    );
}

#[test]
fn rules_that_nobody_could_apply() {
    check(
        r#"
        rules.toml 1    | list = "defaulter" =>         | neither `list` nor `penalty_kinds`
        rules.toml 4    | list = "defaulter" => list = "defaulter"\npenalty_kinds = ["fine"] | both
        rules.toml 4    | list = "defaulter" => list = "defaulter"\nviolation_types = ["税"] | have none
        rules.toml 20   | ["licence_revoked", "fine"] => [] | names no kind
        rules.toml 20   | term_months = 0\nrepair_lifts = false =>  | a penalty has no end
        rules.toml 8    | "2015-07-22" => "2015-07-22"\nrepair_lifts = false | without a term
        rules.toml ok   | "2015-07-22" => "2015-07-22"\nrepair_lifts = false\nterm_months = 1 | a term
        rules.toml 15   | "named" => "case_date"        | `directly_responsible` goes with `named`
        rules.toml 10   | "current" => "named"          | `principal` at the moment `named`
        measures.toml 8 | report_workdays = 5 =>        | `enforcers` without `report_workdays`
        measures.toml ok | ["D-FIN"]\nreport_workdays = 5 => [] | nobody has to report
        items.toml 14   | subjects = [] => subjects = []\ncheck_required = true | of nobody
        "#,
    );
}

#[test]
fn numbers() {
    check(
        r#"
        lists.toml 7     | 24 => 0                                      | from 1 to 1200
        lists.toml 7     | 24 => -24                                    | cannot be -24
        lists.toml 7     | 24 => 99999999999999999999                   | cannot be 999999999999
        lists.toml ok    | 24 => 0x18                                   | sixteen and eight
        measures.toml 9  | report_workdays = 5 => report_workdays = 5000 | from 0 to 1000
        measures.toml 10 | lift_workdays = 4 => lift_workdays = -1      | cannot be -1
        rules.toml 24    | term_months = 0 => term_months = 1201        | from 0 to 1200
        items.toml 7     | 60 => 4000                                   | from 0 to 3660
        settings.toml 2  | min_penalties = 4 => min_penalties = 0       | from 1 to
        settings.toml 4  | window_years = 2 => window_years = 101       | from 1 to 100
        settings.toml 8  | report_workdays = 9 => report_workdays = -9  | cannot be -9
        settings.toml 12 | hub_degree = 50 => hub_degree = 0            | from 1 to
        settings.toml 15 | late_change_days = 30 => late_change_days = 40000 | from 0 to
        settings.toml 10 | "2024-01-01" => "2024-13-01"                 | is no date
        "#,
    );
}

#[test]
fn calendar() {
    check(
        r#"
        calendar.toml 1 | [2024] => [24]                 | `24` is no year
        calendar.toml 1 | [2024] => [02024]              | `02024` is no year
        calendar.toml 1 | [2024] => [spring]             | `spring` is no year
        calendar.toml 2 | "2024-02-12" => "2023-02-13"   | 2023-02-13 does not lie in 2024
        calendar.toml 2 | "2024-02-12" => "2024-02-30"   | `holidays` is no date
        calendar.toml 3 | "2024-02-04" => "2024-02-05"   | 2024-02-05 is no weekend day
        calendar.toml 3 | "2024-02-04" => "2024-02-17"   | both a holiday and worked
        "#,
    );
}
