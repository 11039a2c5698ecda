//! Every record set, row by row: what is accepted, and what is refused for which reason.

use graph::id::{RecordId, Set};
use graph::record::{Detail, Record};
use graph::seal::Keys;

use super::{Asked, Columns, Context, Notes, Row, Vocabulary, read_row, spec};
use crate::report::Finding;
use crate::source::Cells;

mod cases;
mod consequences;
mod relations;
mod subjects;

pub(super) fn vocabulary() -> Vocabulary {
    let mut words = Vocabulary::new();
    words.add_list("court_defaulter", &["失信被执行人"]);
    words.add_measure("limit_consumption", &["限制高消费"]);
    words.add_item("GP-01", &["政府采购供应商资格审查"]);
    words
}

/// What a row asks for, whatever becomes of the row.
enum Said {
    Put(Box<Record>, Detail),
    Withdraw(RecordId),
}

/// Reads one row given as `header=cell` pairs.
fn read(set: Set, row: &str) -> (Result<Said, String>, Notes) {
    let pairs: Vec<(&str, &str)> = row
        .split('|')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let headers: Vec<String> = pairs
        .iter()
        .map(|(header, _)| (*header).to_owned())
        .collect();
    let cells: Cells = pairs.iter().map(|(_, cell)| cell).collect();
    let (keys, words) = (Keys::new(&[1; 32]), vocabulary());
    let context = Context {
        keys: &keys,
        vocabulary: &words,
        case_org: None,
        met: None,
    };
    let spec = spec(set).unwrap();
    let columns = Columns::find(spec.columns, &headers);
    let mut notes = Notes::default();
    let asked = read_row(
        spec,
        &Row {
            context,
            columns: &columns,
            cells: &cells,
        },
        &mut notes,
    );
    let asked = asked.map(|asked| match asked {
        Asked::Put(record, kept) => {
            let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
            Said::Put(Box::new(record), kept.texts().map(owned).collect())
        }
        Asked::Withdraw(id) => Said::Withdraw(id),
    });
    (
        asked.map_err(|fault| format!("{} {}", fault.reason.code(), fault.field)),
        notes,
    )
}

fn refused(set: Set, row: &str, expected: &str) {
    assert_eq!(read(set, row).0.err().as_deref(), Some(expected), "{row}");
}

fn accepted(set: Set, row: &str) -> (Record, Detail, Notes) {
    match read(set, row) {
        (Ok(Said::Put(record, detail)), notes) => (*record, detail, notes),
        (Ok(Said::Withdraw(_)), _) => panic!("{row}: a withdrawal"),
        (Err(fault), _) => panic!("{row}: {fault}"),
    }
}

fn finds(set: Set, row: &str, expected: &[Finding]) {
    assert_eq!(accepted(set, row).2.findings, expected, "{row}");
}

const ORG: &str = "914403001922038216";
const OTHER: &str = "91330100799655058B";
const WRONG: &str = "914403001922038217";
const ID: &str = "11010519491231002X";

const PENALTY: &str = "decision_no=罚1|authority=市监局|uscc=ORG|decision_on=2024-03-01";

fn with(row: &str) -> String {
    row.replace("ORG", ORG)
        .replace("OTHER", OTHER)
        .replace("WRONG", WRONG)
        .replace("IDNO", ID)
}
