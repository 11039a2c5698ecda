//! The product under test: a data folder filled from a world, asked by command lines.
//!
//! Every question goes through `api::cli::run_from`, as a person at a terminal would ask it, and
//! the answer is read back from the file that `--out` names.

use graph::change::BatchNo;
use graph::id::Set;
use graph::record::{Person, Record};
use graph::store::Store;
use graph_rocks::RocksStore;
use naive::{Day, World, canonical};
use queries::catalogue::Catalogue;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

/// A data folder and a catalogue, in a folder that goes away with it.
pub struct Product {
    home: TempDir,
    catalogue: Option<PathBuf>,
    answers: AtomicUsize,
    /// Names of persons by key, once they have been asked for.
    names: Mutex<Option<BTreeMap<String, String>>>,
}

/// The two times of a question.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// What was true on this day.
    pub as_of: Day,
    /// As known at the end of this day.
    pub known_at: Day,
}

impl Product {
    /// An empty data folder; the catalogue is the one shipped.
    pub fn empty() -> Product {
        let home = tempfile::tempdir().expect("a folder");
        Product {
            home,
            catalogue: None,
            answers: AtomicUsize::new(0),
            names: Mutex::new(None),
        }
    }

    /// A data folder that was told a world, batch by batch.
    pub fn of(world: &World) -> Product {
        let mut product = Product::empty();
        let sources = product.home().join("world");
        world.write(&sources);
        product.catalogue = Some(sources.join("catalogue"));
        for (number, batch) in world.batches.iter().enumerate() {
            let day = batch.recorded_at.to_string();
            let folder = sources.join(format!("batch-{number}-{day}"));
            product.load(&folder, &day);
        }
        product
    }

    /// Loads a folder or a file as one batch; a folder without files is no batch.
    pub fn load(&self, path: &Path, recorded_at: &str) -> Value {
        if path.is_dir() && path.read_dir().expect("a folder").next().is_none() {
            return json!([]);
        }
        let path = path.to_str().expect("a path");
        *self.names.lock().expect("the names") = None;
        self.ask(&["ingest", path, "--recorded-at", recorded_at])
    }

    /// Writes CSV texts by file name into a new folder and loads it as one batch.
    pub fn load_texts(&self, recorded_at: &str, texts: &[(&str, &str)]) -> Value {
        let folder = self.fresh("texts");
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, text) in texts {
            std::fs::write(folder.join(name), text).expect("a file");
        }
        self.load(&folder, recorded_at)
    }

    /// The folder that holds everything.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    /// Uses another catalogue from now on.
    pub fn set_catalogue(&mut self, folder: PathBuf) {
        self.catalogue = Some(folder);
    }

    /// The folder of the catalogue, unless it is the one shipped.
    pub fn catalogue(&self) -> Option<&Path> {
        self.catalogue.as_deref()
    }

    /// The catalogue, read.
    pub fn rules(&self) -> Catalogue {
        let Some(folder) = self.catalogue() else {
            return Catalogue::shipped().expect("the shipped catalogue");
        };
        let entries = std::fs::read_dir(folder).expect("the catalogue");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let texts = paths.filter(|path| path.extension().is_some_and(|end| end == "toml"));
        let texts = texts.map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            (
                name.into_owned(),
                std::fs::read_to_string(&path).expect("a text"),
            )
        });
        Catalogue::from_texts(&texts.collect()).expect("a catalogue")
    }

    /// A path in the home that was not given before.
    pub fn fresh(&self, name: &str) -> PathBuf {
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        self.home().join(format!("{number}-{name}"))
    }

    /// The command line with the data folder and the catalogue filled in.
    pub fn line(&self, args: &[&str]) -> Vec<OsString> {
        let mut line: Vec<OsString> = vec!["chuantou".into(), "--data".into(), self.data().into()];
        if let Some(folder) = &self.catalogue {
            line.extend(["--catalogue".into(), folder.into()]);
        }
        line.extend(args.iter().map(OsString::from));
        line
    }

    /// Runs a command and gives its exit status.
    pub fn run(&self, args: &[&str]) -> u8 {
        api::cli::run_from(self.line(args))
    }

    /// Asks, and gives the exit status and the answer, if one was written.
    pub fn try_ask(&self, args: &[&str]) -> (u8, Option<Value>) {
        let path = self.fresh("answer.json");
        let out = path.to_str().expect("a path");
        let mut line = args.to_vec();
        line.extend(["--quiet", "--out", out]);
        let status = self.run(&line);
        let answer = std::fs::read_to_string(&path).ok();
        let answer = answer.map(|text| serde_json::from_str(&text).expect("an answer in JSON"));
        drop(std::fs::remove_file(&path));
        (status, answer)
    }

    /// Asks and wants an answer.
    pub fn ask(&self, args: &[&str]) -> Value {
        let (status, answer) = self.try_ask(args);
        assert_eq!(status, 0, "{args:?} failed");
        answer.expect("an answer")
    }

    /// Asks about a day with what was known on another, persons by their names. They are read
    /// from the store: `--reveal` opens it for writing, which takes longer.
    pub fn ask_on(&self, times: Times, args: &[&str]) -> Value {
        let (as_of, known_at) = (times.as_of.to_string(), times.known_at.to_string());
        let mut line = args.to_vec();
        line.extend(["--as-of", &as_of, "--known-at", &known_at]);
        let mut answer = self.ask(&line);
        let mut names = self.names.lock().expect("the names");
        unmask(&mut answer, names.get_or_insert_with(|| self.read_names()));
        answer
    }

    fn read_names(&self) -> BTreeMap<String, String> {
        let store = RocksStore::open_read_only(&self.data()).expect("the store");
        let snapshot = store.snapshot().expect("a snapshot");
        let mut names = BTreeMap::new();
        let mut each = |version: graph::store::Version| {
            let detail = version.detail(store.keys())?;
            if let Record::Person(person) = &version.record {
                let name = detail.get(Person::NAME).cloned();
                names.extend(name.map(|name| (person.id.to_string(), name)));
            }
            Ok(())
        };
        snapshot
            .scan(Set::Persons, BatchNo::MAX, &mut each)
            .expect("a scan");
        names
    }

    /// The key of a subject that answers name by a label.
    pub fn key_of(&self, label: &str) -> Option<String> {
        let mut names = self.names.lock().expect("the names");
        let names = names.get_or_insert_with(|| self.read_names());
        let found = names.iter().find(|(_, name)| *name == label);
        found.map(|(key, _)| key.clone())
    }
}

/// Puts the names of persons in the place of masked ones.
fn unmask(answer: &mut Value, names: &BTreeMap<String, String>) {
    match answer {
        Value::Array(all) => all.iter_mut().for_each(|one| unmask(one, names)),
        Value::Object(fields) => {
            let key = fields.get("key").and_then(Value::as_str);
            if let Some(name) = key.and_then(|key| names.get(key)) {
                fields.insert("name".to_owned(), name.clone().into());
            }
            fields.values_mut().for_each(|one| unmask(one, names));
        }
        _ => {}
    }
}

/// The members of a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// How the oracle names a subject: an organisation by its code, a person by the name.
pub fn label(subject: &Value) -> Value {
    let code = subject.get("uscc").unwrap_or(&subject["name"]);
    code.clone()
}

/// A list of the product as the oracle gives it: some fields of each member, the subject by its
/// label; fields that the product leaves out are left out.
pub fn shaped(answer: &Value, fields: &[&str]) -> Value {
    let shape = |one: &Value| {
        let mut shaped = Map::new();
        for field in fields {
            match (*field, one.get(field)) {
                ("subject", Some(subject)) => shaped.insert("subject".into(), label(subject)),
                (name, Some(value)) => shaped.insert(name.to_owned(), value.clone()),
                _ => None,
            };
        }
        Value::Object(shaped)
    };
    canonical(list(answer).iter().map(shape).collect())
}

pub const RESTRICTION: &[&str] = &[
    "subject",
    "measure",
    "case_no",
    "direct",
    "confirmed",
    "under_objection",
    "days",
];
pub const LEAD: &[&str] = &["subject", "measure", "case_no", "days"];
const GAP: &[&str] = &[
    "kind",
    "reason",
    "department",
    "subject",
    "matter_no",
    "case_no",
    "measure",
    "enforcement_no",
    "decision_no",
    "role",
    "on",
    "hit",
];

/// What makes each gap this gap and no other, however it stands, as texts in order.
pub fn identities(gaps: &Value) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for gap in list(gaps) {
        let mut gap = gap.clone();
        let fields = gap.as_object_mut().expect("a gap");
        let stands = |field: &str| matches!(field, "reason" | "on" | "hit");
        fields.retain(|field, value| !stands(field) && !value.is_null());
        gap.sort_all_objects();
        all.push(gap.to_string());
    }
    all.sort();
    all
}

impl Product {
    /// The restrictions in force.
    pub fn restrictions(&self, times: Times) -> Value {
        shaped(&self.ask_on(times, &["restrictions"]), RESTRICTION)
    }

    /// The leads.
    pub fn leads(&self, times: Times) -> Value {
        shaped(&self.ask_on(times, &["restrictions", "--leads"]), LEAD)
    }

    /// The gaps that hold; fields without a value are left out.
    pub fn gaps(&self, times: Times) -> Value {
        let mut gaps = shaped(&self.ask_on(times, &["gaps"]), GAP);
        for gap in gaps.as_array_mut().expect("a list") {
            gap.as_object_mut()
                .expect("a gap")
                .retain(|_, value| !value.is_null());
        }
        canonical(list(&gaps).to_vec())
    }

    /// What makes each gap this gap, of some answer about gaps.
    pub fn gap_identities(&self, times: Times, args: &[&str]) -> Vec<String> {
        let answer = self.ask_on(times, args);
        identities(&shaped(&answer, GAP))
    }

    /// The high-frequency offenders, cleared and warning ones too.
    pub fn offenders(&self, times: Times) -> Value {
        let answer = self.ask_on(times, &["offenders", "--all"]);
        let shape = |one: &Value| {
            json!({
                "uscc": one["subject"]["uscc"],
                "count": one["count"],
                "published_count": one["published_count"],
                "state": one["state"],
                "first_reached_on": one["first_reached_on"],
            })
        };
        canonical(list(&answer).iter().map(shape).collect())
    }

    /// The persons behind several organisations.
    pub fn offenders_persons(&self, times: Times) -> Value {
        let answer = self.ask_on(times, &["offenders", "--persons"]);
        shaped(&answer, &["subject", "count", "organisations"])
    }

    /// The indicators: `[numerator, denominator]` by code.
    pub fn indicators(&self, times: Times) -> Value {
        let answer = self.ask_on(times, &["indicators"]);
        let entry = |one: &Value| {
            let code = one["code"].as_str().expect("a code").to_owned();
            (code, json!([one["numerator"], one["denominator"]]))
        };
        Value::Object(list(&answer).iter().map(entry).collect())
    }

    /// Who controls one organisation.
    pub fn controllers(&self, org: &str, times: Times) -> Value {
        let answer = self.ask_on(times, &["controllers", org]);
        let of = |basis: &'static str| {
            list(&answer["controllers"])
                .iter()
                .filter(move |one| one["basis"] == *basis)
        };
        let labels = |all: Vec<Value>| canonical(all);
        let organisations = list(&answer["controlling_organisations"]);
        json!({
            "computed": labels(of("computed").map(|one| label(&one["subject"])).collect()),
            "controlling_organisations": labels(organisations.iter().map(label).collect()),
            "circular": answer["circular"],
            "votes": labels(of("computed").map(|one| json!([label(&one["subject"]), one["votes"]])).collect()),
            "declared": labels(of("declared").map(|one| label(&one["subject"])).collect()),
        })
    }

    /// The beneficial owners of one organisation: `[name, share, basis]`, shares to 4 decimals,
    /// and whether they diverge.
    pub fn owners(&self, org: &str, times: Times) -> (Value, Value) {
        let answer = self.ask_on(times, &["owners", org]);
        let owner = |one: &Value| {
            json!([
                label(&one["subject"]),
                four_decimals(&one["share"]),
                one["basis"]
            ])
        };
        let owners = list(&answer["owners"]).iter().map(owner).collect();
        (canonical(owners), answer["divergent"].clone())
    }
}

/// A share to four decimals.
pub fn four_decimals(share: &Value) -> Value {
    let Some(text) = share.as_str() else {
        return Value::Null;
    };
    format!("{:.4}", text.parse::<f64>().expect("a share")).into()
}
