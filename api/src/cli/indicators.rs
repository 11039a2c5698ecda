//! `indicators`: the policy's figures.

use clap::Args;
use queries::control::ControlOverTime;
use queries::indicators::{self, Counted};
use queries::sweep::Sweep;

use super::Context;
use crate::Error;
use crate::answer::{IndicatorAnswer, source_in};
use crate::session::Session;

#[derive(Args, Debug)]
pub(crate) struct IndicatorsArgs {
    /// 列出某个指标的分子所含记录 / list what an indicator's numerator counts
    #[arg(long, value_name = "CODE")]
    records: Option<String>,
}

pub(crate) fn run(context: &Context, args: &IndicatorsArgs) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "indicators")?;
    let world = session.world()?;
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &session.catalogue, &control);
    let found = indicators::indicators(&sweep, session.as_of);
    if let Some(code) = &args.records {
        let Some(asked) = found.iter().find(|indicator| indicator.code == code) else {
            let codes: Vec<&str> = found.iter().map(|indicator| indicator.code).collect();
            return Err(Error::Refused(format!(
                "no such indicator; there are {}",
                codes.join(", ")
            )));
        };
        let rows = asked.counted.iter().map(|counted| match counted {
            Counted::Record(cited) => {
                Ok(serde_json::to_value(source_in(&session, &world, *cited)?)?)
            }
            Counted::Subject(id) => Ok(serde_json::to_value(session.describe(&world, *id)?)?),
        });
        let rows = rows.collect::<Result<Vec<_>, Error>>()?;
        return context.output.list(&rows, &[]);
    }
    let answers: Vec<IndicatorAnswer> = found.iter().map(IndicatorAnswer::from).collect();
    context.output.list(
        &answers,
        &[
            ("指标 indicator", "code"),
            ("分子 numerator", "numerator"),
            ("分母 denominator", "denominator"),
            ("比率 ratio", "ratio"),
            ("得分 points", "points"),
        ],
    )
}
