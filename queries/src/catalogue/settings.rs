//! Thresholds and switches, with the defaults of the policy's words.

use graph::record::PenaltyKind;
use graph::time::Date;

use super::fields::Fields;
use super::measure::WORKDAYS;
use super::rule_file::penalty_kinds;

/// Thresholds and switches, with the defaults of the policy's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// `high_frequency.min_penalties`
    pub min_penalties: u32,
    /// `high_frequency.min_published`
    pub min_published: u32,
    /// `high_frequency.window_years`
    pub window_years: u32,
    /// `high_frequency.excluded_kinds`
    pub excluded_kinds: Vec<PenaltyKind>,
    /// `high_frequency.exclude_summary_procedure`
    pub exclude_summary_procedure: bool,
    /// `publication.report_workdays`
    pub publication_workdays: u32,
    /// `gaps.evaluate_from`
    pub evaluate_from: Option<Date>,
    /// `relations.hub_degree`
    pub hub_degree: usize,
    /// Which signals are given, and from when on.
    pub signals: SignalSettings,
}

/// `[signals]`: each kind can be switched off with `<kind> = false`.
#[allow(
    clippy::struct_excessive_bools,
    reason = "four switches that have nothing to do with one another"
)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalSettings {
    /// Switch of `late_change`.
    pub late_change: bool,
    /// Days after the case's own date.
    pub late_change_days: u32,
    /// Switch of `successor`.
    pub successor: bool,
    /// Days after the case's own date.
    pub successor_days: u32,
    /// Switch of `nominee_like`.
    pub nominee_like: bool,
    /// Organisations from which on.
    pub nominee_organisations: u32,
    /// Switch of `hidden_controller`.
    pub hidden_controller: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            min_penalties: 5,
            min_published: 1,
            window_years: 3,
            excluded_kinds: Vec::new(),
            exclude_summary_procedure: false,
            publication_workdays: 7,
            evaluate_from: None,
            hub_degree: 1000,
            signals: SignalSettings::default(),
        }
    }
}

impl Default for SignalSettings {
    fn default() -> Self {
        Self {
            late_change: true,
            late_change_days: 180,
            successor: true,
            successor_days: 365,
            nominee_like: true,
            nominee_organisations: 10,
            hidden_controller: true,
        }
    }
}

/// A hundred years.
const DAYS: std::ops::RangeInclusive<u32> = 0..=36_525;

/// Reads the file; what it does not say keeps its default.
pub(super) fn read(fields: &mut Fields<'_, '_>) -> Settings {
    let mut settings = Settings::default();
    fields.table("high_frequency", |fields| {
        high_frequency(fields, &mut settings);
    });
    fields.table("publication", |fields| {
        replace(
            &mut settings.publication_workdays,
            fields.number("report_workdays", WORKDAYS),
        );
    });
    fields.table("gaps", |fields| {
        settings.evaluate_from = fields.date("evaluate_from");
    });
    fields.table("relations", |fields| {
        let degree = fields.number("hub_degree", 1..=u32::MAX);
        replace(
            &mut settings.hub_degree,
            degree.and_then(|degree| usize::try_from(degree).ok()),
        );
    });
    fields.table("signals", |fields| signals(fields, &mut settings.signals));
    fields.refuse_unknown();
    settings
}

fn replace<T>(setting: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *setting = value;
    }
}

fn high_frequency(fields: &mut Fields<'_, '_>, settings: &mut Settings) {
    // A minimum of nothing would make every organisation an offender.
    replace(
        &mut settings.min_penalties,
        fields.number("min_penalties", 1..=1_000_000),
    );
    replace(
        &mut settings.min_published,
        fields.number("min_published", 0..=1_000_000),
    );
    replace(
        &mut settings.window_years,
        fields.number("window_years", 1..=100),
    );
    settings.excluded_kinds = fields.choices("excluded_kinds", &penalty_kinds());
    settings.exclude_summary_procedure = fields.flag_or("exclude_summary_procedure", false);
}

fn signals(fields: &mut Fields<'_, '_>, signals: &mut SignalSettings) {
    signals.late_change = fields.flag_or("late_change", true);
    signals.successor = fields.flag_or("successor", true);
    signals.nominee_like = fields.flag_or("nominee_like", true);
    signals.hidden_controller = fields.flag_or("hidden_controller", true);
    replace(
        &mut signals.late_change_days,
        fields.number("late_change_days", DAYS),
    );
    replace(
        &mut signals.successor_days,
        fields.number("successor_days", DAYS),
    );
    let organisations = fields.number("nominee_organisations", 1..=1_000_000);
    replace(&mut signals.nominee_organisations, organisations);
}
