//! `demo`: the main job on the sample city, told as a tour.

mod city;
mod tour;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ::ingest::source::walk;
use ::ingest::{Options, ingest};
use clap::Args;
use graph::time::{Date, Moment};
use serde_json::Value;

use super::serve::{self, ServeArgs};
use super::{Context, parse_recorded};
use crate::feed::Saying;
use crate::gapflow;
use crate::notify::Notice;
use crate::session::{Session, Settings, vocabulary};
use crate::{Error, clock};

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// 放在哪里 / where to put the city, its data and the notification
    #[arg(long, default_value = "./chuantou-demo")]
    dir: PathBuf,
    /// 讲完后提供接口服务 / serve the city's data when the tour is told
    #[arg(long)]
    serve: bool,
}

/// Marks a folder that the demo made and may make again.
const MARKER: &str = "made-by-chuantou-demo";

pub(crate) fn run(context: &Context, args: &DemoArgs) -> Result<(), Error> {
    let planted: Value = serde_json::from_str(city::PLANTED)?;
    prepare(&args.dir)?;
    let day = Date::parse(text(&planted, "/as_of")).unwrap_or(Date::MIN);
    let settings = Settings {
        data: args.dir.join("data"),
        catalogue: context.settings.catalogue.clone(),
        as_of: Some(day),
        known_at: None,
        // Everybody in the sample city is invented: the tour names them.
        reveal: true,
    };
    let session = Session::founding(&settings, "demo")?;
    let told = tell(&mut io::stdout().lock(), &session, &planted, &args.dir);
    told.map_err(|error| match error {
        Failed::Writing(source) => Error::Io {
            place: "standard output".into(),
            source,
        },
        Failed::Working(error) => error,
    })?;
    // The server is the one who writes: the tour must have let go.
    drop(session);
    if args.serve {
        serve::serve(context, &settings.data, &ServeArgs::default())?;
    }
    Ok(())
}

/// What may go wrong while telling.
enum Failed {
    Writing(io::Error),
    Working(Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Writing(error)
    }
}

impl<E: Into<Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Working(error.into())
    }
}

fn tell(out: &mut dyn Write, session: &Session, planted: &Value, dir: &Path) -> Result<(), Failed> {
    writeln!(
        out,
        "穿透演示：{}（企业、人员、文号全部虚构）",
        text(planted, "/city")
    )?;
    writeln!(
        out,
        "The sample city; every company, person and number is invented.\n"
    )?;
    writeln!(out, "一、装入两次报送 / Two deliveries are loaded")?;
    for (folder, recorded) in city::BATCHES {
        load(out, session, &dir.join("city").join(folder), recorded)?;
    }
    let tour = tour::Tour::new(session, planted)?;
    tour.tell(out)?;
    let department = text(planted, "/best_notification");
    let path = dir.join(format!("通报-{department}.xlsx"));
    let contact = Some("云溪市信用办（样例）");
    let notice = session.sweep(|sweep| Notice::of(session, sweep, department, (5, contact)))?;
    notice.write(&path)?;
    let ids: Vec<&str> = notice.gaps.iter().map(|gap| gap.id.as_str()).collect();
    gapflow::say(session, &ids, &Saying::notified(clock::now()))?;
    writeln!(out, "\n八、部门通报 / A department's notification")?;
    writeln!(
        out,
        "   {}：{} 条线索 / gaps → {}",
        department,
        ids.len(),
        path.display()
    )?;
    tour::next_steps(out, dir, planted)?;
    Ok(())
}

fn load(
    out: &mut dyn Write,
    session: &Session,
    folder: &Path,
    recorded: &str,
) -> Result<(), Failed> {
    let inputs = walk(&[folder.to_owned()]).map_err(Error::from)?;
    let recorded_at = parse_recorded(recorded).map_err(Error::Refused)?;
    let options = Options::at(recorded_at);
    let words = vocabulary(&session.catalogue);
    let report =
        ingest(&*session.store, &inputs, &words, &options, &mut ()).map_err(Error::from)?;
    let sum = |of: fn(&::ingest::report::Counts) -> u64| report.sets.values().map(of).sum::<u64>();
    writeln!(
        out,
        "   {recorded}：{} 个文件，读入 {} 行，新增 {}，变更 {}，待更正 {} / files, rows read, new, \
         changed, quarantined",
        inputs.len(),
        sum(|counts| counts.read),
        sum(|counts| counts.new),
        sum(|counts| counts.changed),
        sum(|counts| counts.quarantined),
    )?;
    Ok(())
}

/// Writes the city's files into a folder that is new or the demo's own.
fn prepare(dir: &Path) -> Result<(), Error> {
    if dir.exists() {
        if !dir.join(MARKER).exists() {
            return Err(Error::Refused(format!(
                "{} exists and was not made by the demo: name another folder with --dir",
                dir.display()
            )));
        }
        fs::remove_dir_all(dir).map_err(|error| Error::io(dir, error))?;
    }
    for (folder, name, bytes) in city::FILES {
        let folder = dir.join("city").join(folder);
        fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, error))?;
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| Error::io(&path, error))?;
    }
    let marker = dir.join(MARKER);
    fs::write(&marker, "").map_err(|error| Error::io(&marker, error))
}

/// A text of the planted stories.
fn text<'a>(planted: &'a Value, path: &str) -> &'a str {
    planted
        .pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// A day's end, as recorded time.
fn end_of(day: &str) -> Moment {
    Date::parse(day).map_or(Moment::MAX, Moment::end_of)
}
