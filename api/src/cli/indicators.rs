//! `indicators`: the policy's figures.

use queries::control::ControlOverTime;
use queries::indicators;
use queries::sweep::Sweep;

use super::Context;
use crate::Error;
use crate::answer::IndicatorAnswer;
use crate::session::Session;

pub(crate) fn run(context: &Context) -> Result<(), Error> {
    let session = Session::reading(&context.settings, "indicators")?;
    let world = session.world()?;
    let control = ControlOverTime::new(&world);
    let sweep = Sweep::new(&world, &session.catalogue, &control);
    let found = indicators::indicators(&sweep, session.as_of);
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
