//! The bodies of the fuzz targets as seeded loops on stable: a few seeds each, mutated by a small
//! generator that gives the same bytes on every machine.

#[path = "../fuzz/src/lib.rs"]
#[allow(
    clippy::pedantic,
    unreachable_pub,
    reason = "the fuzz workspace has lints of its own"
)]
mod bodies;

/// A xorshift generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}

/// Bytes that mean something to some parser.
const TOKENS: [&str; 34] = [
    "\"",
    ",",
    "\n",
    "\r\n",
    "\t",
    ";",
    "、",
    "op",
    "delete",
    "2024-01-01",
    "2024年3月1日",
    "45352",
    "长期",
    "%",
    "万元",
    "914403001922038216",
    "914403001922038217",
    "11010519491231002X",
    "张三",
    "罚款",
    "（",
    "〔",
    "\u{3000}",
    "\u{0}",
    "{",
    "}",
    "[",
    "null",
    "9999-12-31",
    "T16:00:00Z",
    "quarantine_id",
    "1e9",
    "-",
    "\u{feff}",
];

fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(4) {
        let place = random.below(bytes.len() + 1);
        match random.below(5) {
            0 => bytes.truncate(place),
            1 => {
                let byte = u8::try_from(random.below(256)).unwrap();
                bytes.insert(place, byte);
            }
            2 if place < bytes.len() => {
                bytes.remove(place);
            }
            3 => {
                let token = TOKENS[random.below(TOKENS.len())];
                bytes.splice(place..place, token.bytes());
            }
            _ => {
                let end = (place + random.below(24)).min(bytes.len());
                let copied = bytes[place.min(end)..end].to_vec();
                bytes.splice(place..place, copied);
            }
        }
    }
    bytes
}

fn run(body: fn(&[u8]), rounds: u32, seeds: &[&[u8]]) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for seed in seeds {
        body(seed);
        for _ in 0..rounds {
            body(&mutate(seed, &mut random));
        }
    }
}

const PENALTIES: &str = "\u{4}decision_no,authority,uscc,decision_on,kinds,fine_yuan\n\
    罚1,甲局,914403001922038216,2024-01-01,罚款;警告,5万元\n\
    罚2,\"甲,局\",11010519491231002X,20240101,,\n";
const ROLES: &str = "\u{1}uscc,role,id_number,person_name,from,to,备注\n\
    914403001922038216,董事,11010519491231002X,张三,2024-01-01,长期,a\n\
    914403001922038217,监事,,李四,,2024-01-01,\n";
const HOLDINGS: &str = "\u{2}uscc,holder_kind,holder_uscc,id_number,holder_name,ratio\n\
    914403001922038216,org,91330100799655058B,,,51%\n\
    914403001922038216,,,,张三,49\n";
const JSON: &str = "\u{5}{\"listing_no\":\"列1\",\"list\":\"L1\",\"uscc\":\"914403001922038216\",\
    \"listed_on\":\"2024-01-01\"}\n{\"listing_no\":2,\"list\":null,\"x\":[1,\"a\"]}\n";

#[test]
fn rows() {
    let texts = [PENALTIES, ROLES, HOLDINGS].map(str::as_bytes);
    run(bodies::csv, 400, &texts);
    let tabbed = [PENALTIES, ROLES].map(|text| text.replace(',', "\t"));
    run(
        bodies::tsv,
        200,
        &[tabbed[0].as_bytes(), tabbed[1].as_bytes()],
    );
    run(bodies::jsonl, 400, &[JSON.as_bytes()]);
    let gbk = encoding_rs::GB18030.encode(ROLES).0.into_owned();
    run(bodies::csv, 200, &[&gbk]);
}

#[test]
fn sheets() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "decision_no").unwrap();
    sheet.write(1, 0, 45352.5).unwrap();
    let mut bytes = vec![0];
    bytes.extend(book.save_to_buffer().unwrap());
    run(
        bodies::sheet,
        60,
        &[
            &bytes,
            b"\x01\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            b"\x02PK\x03\x04",
        ],
    );
}

#[test]
fn parquet_files() {
    use parquet::data_type::{ByteArrayType, Int32Type};
    use parquet::file::writer::SerializedFileWriter;
    let schema = "message rows { required binary uscc (UTF8); required binary name (UTF8); \
        required int32 established_on (DATE); }";
    let schema = parquet::schema::parser::parse_message_type(schema).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema.into(), std::sync::Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for texts in [["914403001922038216", "x"], ["某公司", "乙"]] {
        let mut column = group.next_column().unwrap().unwrap();
        let texts = texts.map(Into::into);
        let written = column
            .typed::<ByteArrayType>()
            .write_batch(&texts, None, None);
        assert_eq!(written.unwrap(), 2);
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int32Type>()
        .write_batch(&[19783, -1], None, None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    run(bodies::parquet, 1500, &[&bytes, b"PAR1PAR1"]);
}

#[test]
fn values() {
    let seeds: [&[u8]; 8] = [
        "2024年3月1日 10时30分".as_bytes(),
        b"2024-03-01T10:30:00.5+08:00",
        b"45352.25",
        "51.25%".as_bytes(),
        "人民币1,234.50万元".as_bytes(),
        b"914403001922038216",
        b"11010519491231002X",
        "六安市某某（集团）有限公司".as_bytes(),
    ];
    let all: [fn(&[u8]); 9] = [
        bodies::date,
        bodies::percent,
        bodies::money,
        bodies::uscc,
        bodies::resident_id,
        bodies::name,
        bodies::word,
        bodies::stem,
        bodies::quarantine_id,
    ];
    for body in all {
        run(body, 1500, &seeds);
    }
    run(bodies::encoding, 1500, &seeds);
    run(
        bodies::headers,
        400,
        &["decision_no,处罚决定日期,CF_NR_FK,quarantine_id".as_bytes()],
    );
}
