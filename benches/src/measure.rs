//! How times are taken: after a warm-up, several runs, told by their median.

use std::time::Instant;

use serde_json::{Value, json};

/// Seconds that `ask` takes, with its answer.
pub fn timed<T>(ask: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let answer = ask();
    (start.elapsed().as_secs_f64(), answer)
}

/// Asks once to warm up and then `runs` times; what it took, and the last answer.
///
/// Beside the time on the clock stands that of the processors, which is worth more on a
/// machine that others use too.
pub fn repeated<T>(runs: usize, mut ask: impl FnMut() -> T) -> (Value, T) {
    let mut answer = ask();
    let (mut seconds, mut busy) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let before = cpu_seconds();
        let (took, again) = timed(&mut ask);
        seconds.push(took);
        busy.push(cpu_seconds() - before);
        answer = again;
    }
    let mut told = summary(&seconds);
    told["cpu"] = json!(quantile(&busy, 0.5));
    (told, answer)
}

/// Seconds that the processors have worked for this process, in steps of a hundredth.
pub fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name in parentheses: fields 14 and 15 of the line.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}

/// The value below which this part of them lies.
pub fn quantile(seconds: &[f64], part: f64) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let place = (part * (sorted.len().saturating_sub(1)) as f64).round() as usize;
    sorted.get(place).copied().unwrap_or_default()
}

/// Median and the far end of several times, with how many there are.
pub fn summary(seconds: &[f64]) -> Value {
    json!({
        "count": seconds.len(),
        "p50": quantile(seconds, 0.5),
        "p99": quantile(seconds, 0.99),
    })
}

/// Resident memory of this process now and at most, in MiB.
pub fn memory_mib() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        number.unwrap_or_default() / 1024
    };
    (of("VmRSS:"), of("VmHWM:"))
}
