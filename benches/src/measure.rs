//! How times are taken: after a warm-up, several runs, told by their median.

use std::time::Instant;

use serde_json::{Value, json};

/// Seconds that `ask` takes, with its answer.
pub fn timed<T>(ask: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let answer = ask();
    (start.elapsed().as_secs_f64(), answer)
}

/// Asks once to warm up and then `runs` times: the seconds of each, and the last answer.
pub fn repeated<T>(runs: usize, mut ask: impl FnMut() -> T) -> (Vec<f64>, T) {
    let mut answer = ask();
    let mut seconds = Vec::new();
    for _ in 0..runs {
        let (took, again) = timed(&mut ask);
        seconds.push(took);
        answer = again;
    }
    (seconds, answer)
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
