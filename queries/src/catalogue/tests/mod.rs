//! Tests of the catalogue: one small catalogue that is accepted, many ways to
//! spoil it, the shipped one, and working days.

mod acceptance;
mod refusals;
mod whole;
mod working_days;

use std::collections::BTreeMap;

use graph::time::Date;

use super::{Catalogue, CatalogueErrors};

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

const LISTS: &str = r#"[[list]]
code = "defaulter"
name = "失信被执行人"
aliases = ["失信名单（法院）", "Defaulters"]
basis = "法释〔2017〕7号"
serious = true
max_months = 24

[[list]]
code = "wages"
name = "拖欠工资"
basis = "条例第四十八条"
serious = false
"#;

const MEASURES: &str = r#"[[measure]]
code = "M1"
name = "限制申请资金"
basis = "法一"
binding = true
blocks = ["funds"]
bars_roles = ["director"]
enforcers = ["D-FIN"]
report_workdays = 5
lift_workdays = 4
from = "2020-01-01"
to = "2024-01-01"

[[measure]]
code = "M1"
name = "限制申请资金（新）"
basis = "法二"
from = "2024-01-01"

[[measure]]
code = "M2"
name = "限制消费"
basis = "法三"
binding = false
"#;

const RULES: &str = r#"[[rule]]
id = "R1"
list = "defaulter"
basis = "法释"
subject_measures = ["M1"]
record_in_personal_file = true
from = "2015-07-22"
[[rule.person]]
role = "principal"
moment = "current"
measures = ["M1", "M2"]
effect = "lead"
[[rule.person]]
role = "directly_responsible"
moment = "named"
measures = ["M2"]

[[rule]]
id = "R2"
penalty_kinds = ["licence_revoked", "fine"]
violation_types = ["食品安全"]
basis = "食品安全法"
subject_measures = []
term_months = 0
repair_lifts = false
record_in_personal_file = false
to = "2030-01-01"
"#;

const ITEMS: &str = r#"[[item]]
code = "GP-01"
name = "政府采购"
category = "procurement"
subjects = ["applicant", "legal_representative"]
check_required = true
check_valid_days = 60
from = "2020-01-01"

[[item]]
code = "GP-02"
name = "表彰"
category = "honours"
subjects = []
"#;

const SETTINGS: &str = r#"[high_frequency]
min_penalties = 4
min_published = 2
window_years = 2
excluded_kinds = ["warning"]
exclude_summary_procedure = true
[publication]
report_workdays = 9
[gaps]
evaluate_from = "2024-01-01"
[relations]
hub_degree = 50
[signals]
late_change = false
late_change_days = 30
nominee_organisations = 3
"#;

const CALENDAR: &str = r#"[2024]
holidays = ["2024-01-01", "2024-02-12", "2024-02-17"]
workdays = ["2024-02-04"]
"#;

fn example() -> BTreeMap<String, String> {
    let files = [
        ("lists.toml", LISTS),
        ("measures.toml", MEASURES),
        ("rules.toml", RULES),
        ("items.toml", ITEMS),
        ("settings.toml", SETTINGS),
        ("calendar.toml", CALENDAR),
    ];
    files
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into()
}

fn load(files: &[(&str, &str)]) -> Result<Catalogue, CatalogueErrors> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    Catalogue::from_texts(&files.iter().map(owned).collect())
}
