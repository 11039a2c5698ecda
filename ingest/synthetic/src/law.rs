//! The codes of the shipped catalogue that the city uses: lists, measures, items.
//!
//! The generator knows no law; it needs to know which item a list's measures block, so that its
//! departments can do right and wrong. A test across crates holds this file against
//! `queries/catalogue/`.

/// A restriction that a listing brings to its own subject.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// The catalogue's code.
    pub code: &'static str,
    /// The category of items that it blocks; empty for none.
    pub blocks: &'static str,
    /// The department that must report; empty for none.
    pub enforcer: &'static str,
}

const fn measure(code: &'static str, blocks: &'static str, enforcer: &'static str) -> Measure {
    Measure {
        code,
        blocks,
        enforcer,
    }
}

const PROCUREMENT: Measure = measure("bar_procurement", "government_procurement", "D-FIN");
const BIDDING: Measure = measure("bar_bidding", "bidding", "D-PRT");
const FUNDS: Measure = measure("bar_fiscal_funds", "fiscal_funds", "D-FIN");
const HONOURS: Measure = measure("bar_honours", "honours", "");
const LAND: Measure = measure("bar_land_transfer", "land_transfer", "");
const CONSUMPTION: Measure = measure("limit_consumption", "high_value_consumption", "");
const SERVICE: Measure = measure("bar_civil_service", "civil_service", "");
const OFFICE: Measure = measure("company_office_bar", "office_filing", "D-MKT");
const REPRESENTATIVE: Measure = measure(
    "legal_representative_bar",
    "legal_representative_registration",
    "",
);
const FOOD: Measure = measure("food_industry_ban", "food_licence", "D-MKT");
const EXIT: Measure = measure("bar_exit", "", "");

/// A list.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The catalogue's code.
    pub code: &'static str,
    /// How often it is used.
    pub weight: u64,
    /// The catalogue ends its entries after so many months; 0 for never.
    pub max_months: u32,
    /// A rule of it reaches persons who hold an office.
    pub reaches_people: bool,
    /// What it brings to its own subject, if listed on 2022-07-01 or later.
    pub measures: &'static [Measure],
}

/// Lists of organisations.
pub const ORGANISATION_LISTS: [List; 9] = [
    list(
        "court_defaulter",
        25,
        0,
        true,
        &[PROCUREMENT, BIDDING, LAND, FUNDS, HONOURS, CONSUMPTION],
    ),
    list("court_consumption_limit", 15, 0, true, &[CONSUMPTION]),
    list(
        "wage_arrears",
        8,
        36,
        true,
        &[FUNDS, PROCUREMENT, BIDDING, HONOURS, LAND],
    ),
    list(
        "market_supervision",
        8,
        0,
        true,
        &[PROCUREMENT, BIDDING, FUNDS, HONOURS],
    ),
    list(
        "major_tax",
        6,
        0,
        true,
        &[PROCUREMENT, BIDDING, FUNDS, HONOURS],
    ),
    list(
        "work_safety",
        4,
        36,
        true,
        &[PROCUREMENT, BIDDING, FUNDS, HONOURS],
    ),
    list("procurement_misconduct", 2, 0, false, &[PROCUREMENT]),
    list("culture_tourism", 2, 0, true, &[HONOURS]),
    list("abnormal_operation", 30, 0, false, &[]),
];

/// Lists of persons.
pub const PERSON_LISTS: [List; 5] = [
    list(
        "court_defaulter_person",
        60,
        0,
        false,
        &[
            PROCUREMENT,
            FUNDS,
            HONOURS,
            OFFICE,
            REPRESENTATIVE,
            SERVICE,
            CONSUMPTION,
        ],
    ),
    list("court_consumption_limit", 25, 0, false, &[CONSUMPTION]),
    list("food_practice_bar", 5, 0, false, &[FOOD]),
    list("exit_bar", 5, 0, false, &[EXIT]),
    list("military_service", 5, 0, false, &[SERVICE]),
];

const fn list(
    code: &'static str,
    weight: u64,
    max_months: u32,
    reaches_people: bool,
    measures: &'static [Measure],
) -> List {
    List {
        code,
        weight,
        max_months,
        reaches_people,
        measures,
    }
}

/// An item: what is applied for.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// The catalogue's code.
    pub code: &'static str,
    /// The catalogue's category.
    pub category: &'static str,
    /// The offices at the applicant whose holders must be checked.
    pub offices: &'static [&'static str],
    /// The applicant itself must be checked.
    pub applicant: bool,
    /// The department in charge.
    pub department: &'static str,
    /// A check may be so many days old.
    pub valid_days: i32,
    /// How often it is used.
    pub weight: u64,
}

const HEADS: &[&str] = &["legal_representative", "principal"];

const fn item(
    code: &'static str,
    category: &'static str,
    department: &'static str,
    weight: u64,
) -> Item {
    Item {
        code,
        category,
        offices: &[],
        applicant: true,
        department,
        valid_days: 30,
        weight,
    }
}

const fn licence(
    code: &'static str,
    category: &'static str,
    department: &'static str,
    weight: u64,
) -> Item {
    Item {
        offices: HEADS,
        ..item(code, category, department, weight)
    }
}

/// Items that organisations apply for.
pub const ITEMS: [Item; 18] = [
    item("GP-01", "government_procurement", "D-FIN", 14),
    item("BD-01", "bidding", "D-PRT", 14),
    item("FF-01", "fiscal_funds", "D-FIN", 12),
    Item {
        valid_days: 60,
        ..item("FF-02", "fiscal_funds", "D-SCI", 4)
    },
    item("PA-01", "project_approval", "D-DRC", 10),
    item("CV-01", "convenience", "D-APV", 16),
    item("LT-01", "land_transfer", "D-NRP", 2),
    item("LS-01", "safety_assessment", "D-EMB", 1),
    licence("HN-02", "honours", "D-DRC", 2),
    licence("LF-01", "food_licence", "D-MKT", 6),
    licence("LF-02", "food_licence", "D-MKT", 1),
    licence("LD-01", "drug_licence", "D-MKT", 2),
    licence("LD-02", "medical_device_licence", "D-MKT", 2),
    licence("LC-01", "entertainment_licence", "D-CUL", 1),
    licence("LC-02", "performance_licence", "D-CUL", 1),
    licence("LC-03", "internet_cafe_licence", "D-CUL", 1),
    Item {
        applicant: false,
        offices: &["legal_representative"],
        ..item("MR-01", "legal_representative_registration", "D-MKT", 3)
    },
    Item {
        applicant: false,
        offices: &["director", "supervisor", "executive", "finance_head"],
        ..item("MR-02", "office_filing", "D-MKT", 1)
    },
];

/// Items that residents apply for.
pub const RESIDENT_ITEMS: [Item; 3] = [
    item("HC-01", "high_value_consumption", "D-HUC", 70),
    item("HN-01", "honours", "D-DRC", 15),
    item("CS-01", "civil_service", "D-HRS", 15),
];

/// Departments by code; the enforcers of the catalogue are among them.
pub const DEPARTMENTS: [(&str, &str); 14] = [
    ("D-FIN", "财政局"),
    ("D-MKT", "市场监督管理局"),
    ("D-PRT", "公共资源交易中心"),
    ("D-DRC", "发展和改革委员会"),
    ("D-APV", "行政审批服务局"),
    ("D-SCI", "科学技术局"),
    ("D-NRP", "自然资源和规划局"),
    ("D-EMB", "应急管理局"),
    ("D-CUL", "文化和旅游局"),
    ("D-HUC", "住房和城乡建设局"),
    ("D-HRS", "人力资源和社会保障局"),
    ("D-TAX", "税务局"),
    ("D-TRA", "交通运输局"),
    ("D-COURT", "人民法院"),
];

/// The dozen service counters at which matters of all kinds are handed in.
pub const COUNTERS: [&str; 12] = [
    "W-01", "W-02", "W-03", "W-04", "W-05", "W-06", "W-07", "W-08", "W-09", "W-10", "W-11", "W-12",
];

/// Violation types and how often they occur; those that trigger a rule of the catalogue are rare.
pub(crate) const VIOLATIONS: [(&str, u64); 12] = [
    ("超限运输", 30),
    ("消防安全", 15),
    ("占道经营", 15),
    ("生态环境", 10),
    ("价格违法", 8),
    ("食品安全", 8),
    ("安全生产", 6),
    ("产品质量", 4),
    ("虚假广告", 2),
    ("建筑施工", 2),
    ("旅行社经营", 1),
    ("娱乐场所", 1),
];

/// Kinds of penalties and how often they occur.
pub(crate) const KINDS: [(&str, u64); 9] = [
    ("fine", 700),
    ("warning", 150),
    ("warning;fine", 60),
    ("confiscation;fine", 40),
    ("criticism", 15),
    ("licence_suspended", 10),
    ("production_halted", 10),
    ("licence_revoked", 10),
    ("closed", 5),
];
