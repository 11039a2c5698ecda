//! Our answers to the questions that every engine is asked, through the library, with
//! their times.

use std::path::Path;
use std::sync::Arc;

use graph::id::EntityId;
use graph::store::{Snapshot, Store};
use graph::time::{Date, Moment};
use queries::catalogue::Catalogue;
use queries::control::ControlOverTime;
use queries::gaps::{Gap, GapKind, gaps};
use queries::offenders::organisations;
use queries::relations::{PathsQuestion, Relations, When};
use queries::sweep::Sweep;
use queries::world::{Texts, World};
use serde_json::{Map, Value, json};

use super::numbers::Numbers;
use super::questions::Questions;
use super::rows::{Rows, maybe};
use super::{day, export, keys, rules};
use crate::measure::{cpu_seconds, memory_mib, repeated, summary, timed};

/// How often a question about the whole city is asked once warm.
const RUNS: usize = 5;

/// Everything that the answers stand on.
struct Asked<'a> {
    world: &'a World,
    numbers: &'a Numbers,
    snapshot: &'a dyn Snapshot,
    store: &'a dyn Store,
    /// The simple rules.
    simple: &'a Catalogue,
    out: &'a Path,
}

/// Writes the rows and the point questions into `rows`, the answers into `out`; gives the
/// times as JSON.
pub fn answer(store: &dyn Store, rows: &Path, out: &Path) -> anyhow::Result<Value> {
    std::fs::create_dir_all(out)?;
    let snapshot = store.snapshot()?;
    let before = cpu_seconds();
    let (took, world) = timed(|| World::whole(&*snapshot, store.keys(), Moment::MAX));
    let busy = cpu_seconds() - before;
    let world = world?;
    let numbers = Numbers::of(&world);
    let (shipped, simple) = (rules::shipped()?, rules::catalogue(true)?);
    export::export(&world, &numbers, &shipped, rows)?;
    keys::write(&world, &numbers, store, rows)?;
    let asked = Asked {
        world: &world,
        numbers: &numbers,
        snapshot: &*snapshot,
        store,
        simple: &simple,
        out,
    };
    let mut times = Map::new();
    times.insert(
        "snapshot".into(),
        json!({"p50": took, "cpu": busy, "count": 1}),
    );
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &simple, &control);
    let relations = Relations::new(&world, &shipped);
    let questions = Questions::draw(&world, &numbers, &sweep, &relations);
    questions.write(&numbers, rows)?;
    times.insert(
        "verify_prepared".into(),
        asked.verify_prepared(&sweep, &questions)?,
    );
    drop(sweep);
    times.insert("verify".into(), asked.verify(&questions)?);
    times.insert("control".into(), asked.control()?);
    times.insert("restrictions".into(), asked.restrictions()?);
    times.insert("path".into(), asked.paths(&relations, &questions)?);
    for hops in [2, 3] {
        let times_of = asked.networks(&relations, &questions, hops)?;
        times.insert(format!("network_{hops}"), times_of);
    }
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &shipped, &control);
    times.insert("offenders".into(), asked.offenders(&sweep)?);
    times.insert("gaps".into(), asked.gaps(&sweep)?);
    times.insert("memory_mib".into(), json!(memory_mib().1));
    Ok(Value::Object(times))
}

impl Asked<'_> {
    fn rows(&self, name: &str, columns: &[&str]) -> anyhow::Result<Rows> {
        Rows::new(self.out, name, columns)
    }

    /// The restrictions in force on the day: subject, measure, case.
    fn write_restrictions<M: AsRef<str>>(
        &self,
        name: &str,
        found: &[(EntityId, M, usize)],
    ) -> anyhow::Result<()> {
        let mut rows = self.rows(name, &["subject", "measure", "case_id"])?;
        for (subject, measure, case) in found {
            rows.push(&[&self.numbers.entity(*subject), &measure.as_ref(), case])?;
        }
        rows.end()
    }

    /// Is this subject restricted on the day, from restrictions worked out before?
    fn verify_prepared(&self, sweep: &Sweep<'_>, questions: &Questions) -> anyhow::Result<Value> {
        let (mut seconds, mut found) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            (seconds, found) = (Vec::new(), Vec::new());
            for subject in &questions.subjects {
                let (took, mut of) = timed(|| in_force(sweep, *subject));
                seconds.push(took);
                found.append(&mut of);
            }
        }
        self.write_restrictions("verify_prepared", &found)?;
        Ok(summary(&seconds))
    }

    /// The same from the records in the store, each subject by itself, without those rules
    /// that reach controllers.
    fn verify(&self, questions: &Questions) -> anyhow::Result<Value> {
        let catalogue = rules::catalogue(false)?;
        let (mut seconds, mut found) = (Vec::new(), Vec::new());
        let ask = |subject: EntityId| -> anyhow::Result<Vec<(EntityId, Arc<str>, usize)>> {
            let keys = self.store.keys();
            let near = World::around(self.snapshot, keys, Moment::MAX, subject)?;
            let control = ControlOverTime::new(&near);
            let sweep = Sweep::new(&near, &catalogue, &control);
            let found = in_force(&sweep, subject);
            // The case's place in the whole world is its number.
            let place = |case: usize| {
                let near = near.cases.get(case)?;
                let (id, of) = (Some(near.id), self.world.cases_of.of(near.subject()).iter());
                of.copied()
                    .find(|place| self.world.cases.get(*place).map(|case| case.id) == id)
            };
            let named = found.into_iter().map(|(subject, measure, case)| {
                (subject, measure, place(case).unwrap_or(usize::MAX))
            });
            Ok(named.collect())
        };
        for subject in &questions.subjects {
            ask(*subject)?;
        }
        for subject in &questions.subjects {
            let (took, of) = timed(|| ask(*subject));
            seconds.push(took);
            found.extend(of?);
        }
        self.write_restrictions("verify", &found)?;
        Ok(summary(&seconds))
    }

    /// Who controls every organisation on the day.
    fn control(&self) -> anyhow::Result<Value> {
        let ask = || ControlOverTime::new(self.world).all(day());
        let (told, found) = repeated(RUNS, ask);
        let mut rows = self.rows("control", &["org", "controller"])?;
        for (org, controllers) in &found {
            let heads = controllers.persons.iter().chain(&controllers.organisations);
            for head in heads {
                rows.push(&[&self.numbers.entity(*org), &self.numbers.entity(*head)])?;
            }
        }
        rows.end()?;
        Ok(told)
    }

    /// All restrictions in force on the day. Ours are drawn for all days at once.
    fn restrictions(&self) -> anyhow::Result<Value> {
        let ask = || {
            let control = ControlOverTime::new(self.world);
            let sweep = Sweep::new(self.world, self.simple, &control);
            let all = sweep.restrictions();
            let now = all.filter(|restriction| restriction.days.holds(day()));
            now.map(|r| (r.subject, r.measure.to_owned(), r.case))
                .collect::<Vec<_>>()
        };
        let (told, found) = repeated(RUNS, ask);
        self.write_restrictions("restrictions", &found)?;
        Ok(told)
    }

    /// Frequent offenders among organisations.
    fn offenders(&self, sweep: &Sweep<'_>) -> anyhow::Result<Value> {
        let (told, found) = repeated(RUNS, || organisations(sweep, day()));
        let columns = [
            "subject",
            "count",
            "published",
            "state",
            "first_on",
            "last_on",
            "first_reached_on",
        ];
        let mut rows = self.rows("offenders", &columns)?;
        for offender in found {
            rows.push(&[
                &self.numbers.entity(offender.subject),
                &offender.penalties.len(),
                &offender.published,
                &offender.state.code(),
                &offender.decided.0,
                &offender.decided.1,
                &maybe(offender.first_reached_on),
            ])?;
        }
        rows.end()?;
        Ok(told)
    }

    /// The gaps: ours are always all nine kinds, of which two are compared.
    fn gaps(&self, sweep: &Sweep<'_>) -> anyhow::Result<Value> {
        let texts = Texts::of(self.world, self.snapshot, self.store.keys());
        let (mut told, found) = repeated(RUNS, || gaps(sweep, &texts, day()));
        let found = found?;
        self.write_gaps(&found)?;
        told["all_kinds"] = json!(found.len());
        Ok(told)
    }

    fn write_gaps(&self, found: &[Arc<Gap>]) -> anyhow::Result<()> {
        let mut missed = self.rows("missed_check", &["matter", "subject", "reason"])?;
        let mut late = self.rows("late_publication", &["case_id", "reason"])?;
        for gap in found {
            let reason = gap.reason.map_or("", |reason| reason.code());
            match gap.kind {
                GapKind::MissedCheck => {
                    let matter = gap.act.map_or(0, |act| self.numbers.matter(act.id));
                    let subject = self.numbers.entity(gap.subject);
                    missed.push(&[&matter, &subject, &reason])?;
                }
                GapKind::LatePublication => {
                    late.push(&[&gap.evidence.case.unwrap_or_default(), &reason])?;
                }
                _ => {}
            }
        }
        missed.end()?;
        late.end()
    }

    /// How far apart two entities are, by at most six steps; 0: not at all.
    fn paths(&self, relations: &Relations<'_>, questions: &Questions) -> anyhow::Result<Value> {
        let mut rows = self.rows("path", &["a", "b", "length"])?;
        let mut seconds = Vec::new();
        let ask = |from, to| {
            let question = PathsQuestion {
                k: 1,
                ..PathsQuestion::new(from, to, When::On(day()))
            };
            relations.paths(question)
        };
        for (from, to) in &questions.pairs {
            ask(*from, *to);
        }
        for (from, to) in &questions.pairs {
            let (took, found) = timed(|| ask(*from, *to));
            seconds.push(took);
            let length = found.paths.first().map_or(0, |path| path.steps.len());
            let ends = (self.numbers.entity(*from), self.numbers.entity(*to));
            rows.push(&[&ends.0, &ends.1, &length])?;
        }
        rows.end()?;
        Ok(summary(&seconds))
    }

    /// Everybody within so many hops. Ours also tells every link among them.
    fn networks(
        &self,
        relations: &Relations<'_>,
        questions: &Questions,
        hops: u32,
    ) -> anyhow::Result<Value> {
        let mut rows = self.rows(&format!("network_{hops}"), &["start", "entity", "hops"])?;
        let ask = |start| relations.network(start, hops, When::On(day()), usize::MAX);
        let mut seconds = Vec::new();
        for start in &questions.starts {
            ask(*start);
        }
        for start in &questions.starts {
            let (took, found) = timed(|| ask(*start));
            seconds.push(took);
            let number = self.numbers.entity(*start);
            for node in &found.nodes {
                rows.push(&[&number, &self.numbers.entity(node.entity), &node.hops])?;
            }
        }
        rows.end()?;
        Ok(summary(&seconds))
    }
}

/// The restrictions on a subject in force on the day.
fn in_force(sweep: &Sweep<'_>, subject: EntityId) -> Vec<(EntityId, Arc<str>, usize)> {
    let on: Date = day();
    let all = sweep
        .on(subject)
        .filter(|restriction| restriction.days.holds(on));
    all.map(|r| (r.subject, Arc::clone(&r.measure), r.case))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use graph_rocks::RocksStore;

    use super::*;

    /// The rows of a file of the folder, cut to so many columns.
    fn read(folder: &Path, name: &str, columns: usize) -> BTreeSet<Vec<String>> {
        let mut reader = csv::Reader::from_path(folder.join(format!("{name}.csv"))).unwrap();
        let cut = |row: csv::StringRecord| row.iter().take(columns).map(str::to_owned).collect();
        reader.records().map(|row| cut(row.unwrap())).collect()
    }

    #[test]
    fn what_is_asked_one_by_one_is_what_the_whole_city_says() {
        let home = tempfile::tempdir().unwrap();
        let store = RocksStore::open(&home.path().join("data"), || Ok([7; 32])).unwrap();
        crate::town::fill(&store, 20_000).unwrap();
        let (rows, out) = (home.path().join("rows"), home.path().join("out"));
        answer(&store, &rows, &out).unwrap();
        let restricted = read(&out, "restrictions", 3);
        let asked = read(&rows, "ask_verify", 1);
        let of_asked: BTreeSet<_> = restricted
            .iter()
            .filter(|row| asked.contains(&row[..1]))
            .cloned()
            .collect();
        assert!(!of_asked.is_empty());
        assert_eq!(read(&out, "verify_prepared", 3), of_asked);
        // Without those who control, from the store.
        let from_records = read(&out, "verify", 3);
        assert!(!from_records.is_empty() && from_records.is_subset(&of_asked));
        // A subject of a neighbourhood of two hops is one of three, as far away.
        let (near, far) = (read(&out, "network_2", 3), read(&out, "network_3", 3));
        assert!(near.is_subset(&far) && near.len() < far.len());
        // Everybody in an answer is among the rows.
        let everybody = read(&rows, "entity", 1);
        assert_eq!(read(&rows, "entity_key", 1), everybody);
        let told = ["control", "offenders", "network_3"].map(|name| read(&out, name, 1));
        assert!(
            told.iter()
                .all(|told| !told.is_empty() && told.is_subset(&everybody))
        );
        let matters = read(&rows, "matter", 1);
        assert_eq!(read(&rows, "matter_key", 1), matters);
        assert!(read(&out, "missed_check", 1).is_subset(&matters));
    }
}
