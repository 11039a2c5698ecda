//! The policy's indicators.

use queries::indicators::Indicator;
use serde::Serialize;
use utoipa::ToSchema;

/// One indicator on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IndicatorAnswer {
    /// Its code.
    pub code: &'static str,
    /// What fits.
    pub numerator: u64,
    /// Out of what; none for a plain count.
    pub denominator: Option<u64>,
    /// Numerator by denominator, six decimals; none without a denominator.
    pub ratio: Option<f64>,
    /// The points that the policy gives.
    pub points: Option<f64>,
}

impl From<&Indicator> for IndicatorAnswer {
    fn from(indicator: &Indicator) -> Self {
        let ratio = indicator
            .denominator
            .filter(|all| *all > 0)
            .map(|all| rounded(part(indicator.numerator, all)));
        let points = indicator.scale.zip(ratio).map(|((factor, most), ratio)| {
            rounded((ratio * f64::from(factor)).min(f64::from(most)))
        });
        Self {
            code: indicator.code,
            numerator: indicator.numerator,
            denominator: indicator.denominator,
            ratio,
            points,
        }
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts lie far below 2^53"
)]
fn part(numerator: u64, all: u64) -> f64 {
    numerator as f64 / all as f64
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}
