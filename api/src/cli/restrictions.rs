//! `restrictions`: all in force on the day, or the leads.

use clap::Args;
use queries::control::ControlOverTime;
use queries::sweep::Sweep;

use super::Context;
use super::progress::Spinner;
use crate::Error;
use crate::answer::{lead_answer, restriction_answer};
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct RestrictionsArgs {
    /// 只看这个主体 / only this subject
    #[arg(long)]
    subject: Option<String>,
    /// 只看这个案件 / only this case
    #[arg(long)]
    case: Option<String>,
    /// 线索而非措施 / the leads instead
    #[arg(long)]
    leads: bool,
}

pub(crate) fn run(context: &Context, args: &RestrictionsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "restrictions")?;
    let subject = args
        .subject
        .as_deref()
        .map(|text| session.subject(text))
        .transpose()?;
    let spinner = Spinner::new(context.quiet, "计算 / working");
    let world = match subject {
        Some(subject) => session.world_around(subject)?,
        None => session.world_without_duties()?,
    };
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &session.catalogue, &control);
    drop(spinner);
    let day = session.as_of;
    let wanted = |of, case: usize| {
        subject.is_none_or(|subject| subject == of)
            && args.case.as_deref().is_none_or(|number| {
                world
                    .cases
                    .get(case)
                    .is_some_and(|case| case.number() == number)
            })
    };
    if args.leads {
        let leads = sweep
            .leads()
            .iter()
            .filter(|l| l.days.holds(day) && wanted(l.subject, l.case));
        let answers = leads.map(|lead| lead_answer(&session, &sweep, lead, day));
        let answers: Vec<_> = answers.collect::<Result<_, _>>()?;
        return context.output.list(&answers, COLUMNS);
    }
    let in_force = sweep
        .restrictions()
        .iter()
        .filter(|r| r.days.holds(day) && wanted(r.subject, r.case));
    let answers = in_force.map(|r| restriction_answer(&session, &sweep, r, day));
    let answers: Vec<_> = answers.collect::<Result<_, _>>()?;
    context.output.list(&answers, COLUMNS)
}

const COLUMNS: &[crate::output::Column] = &[
    ("主体 subject", "subject.name"),
    ("标识 key", "subject.key"),
    ("措施 measure", "measure"),
    ("名单 list", "list"),
    ("案号 case", "case_no"),
    ("自 from", "from"),
    ("至 to", "to"),
    ("直接 direct", "direct"),
    ("已认定 confirmed", "confirmed"),
    ("异议中 objection", "under_objection"),
];
