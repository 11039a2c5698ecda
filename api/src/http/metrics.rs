//! Figures for Prometheus: requests and how long they took, by route.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency buckets, in milliseconds.
const BUCKETS_MS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 5000, 30000];

/// What was counted of one route.
#[derive(Default, Debug)]
struct Figures {
    buckets: [u64; BUCKETS_MS.len()],
    count: u64,
    sum_us: u64,
    /// By method and status; a handful.
    answers: Vec<(String, u16, u64)>,
}

impl Figures {
    fn answered(&mut self, method: &str, status: u16, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bound, bucket) in BUCKETS_MS.iter().zip(&mut self.buckets) {
            *bucket += u64::from(took_us <= bound * 1000);
        }
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(took_us);
        let mut answers = self.answers.iter_mut();
        match answers.find(|(by, with, _)| by == method && *with == status) {
            Some((_, _, count)) => *count += 1,
            None => self.answers.push((method.to_owned(), status, 1)),
        }
    }
}

/// What was counted since the start.
#[derive(Default, Debug)]
pub(crate) struct Metrics {
    routes: Mutex<BTreeMap<String, Figures>>,
    alerts: AtomicU64,
}

impl Metrics {
    /// A request was answered. `route` is the route's pattern, never a path.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let mut routes = self.routes();
        match routes.get_mut(route) {
            Some(figures) => figures.answered(method, status, took),
            None => routes
                .entry(route.to_owned())
                .or_default()
                .answered(method, status, took),
        }
    }

    fn routes(&self) -> MutexGuard<'_, BTreeMap<String, Figures>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody was warned of.
    pub(crate) fn alerted(&self) {
        self.alerts.fetch_add(1, Ordering::Relaxed);
    }

    /// The text that Prometheus reads; `gauges` are added as they are.
    pub(crate) fn text(&self, gauges: &[(&str, u64)]) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = self.write(&mut text, gauges);
        text
    }

    fn write(&self, out: &mut String, gauges: &[(&str, u64)]) -> std::fmt::Result {
        writeln!(out, "# TYPE chuantou_requests_total counter")?;
        let routes = self.routes();
        let answers = routes.iter().flat_map(|(route, figures)| {
            let answers = figures.answers.iter();
            answers.map(move |(method, status, count)| (method, route, status, count))
        });
        let mut answers: Vec<_> = answers.collect();
        answers.sort_unstable();
        for (method, route, status, count) in answers {
            writeln!(
                out,
                "chuantou_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            )?;
        }
        writeln!(out, "# TYPE chuantou_request_seconds histogram")?;
        for (route, latency) in routes.iter() {
            let name = "chuantou_request_seconds";
            for (bound, count) in BUCKETS_MS.iter().zip(latency.buckets) {
                let (whole, part) = (bound / 1000, bound % 1000);
                writeln!(
                    out,
                    "{name}_bucket{{route=\"{route}\",le=\"{whole}.{part:03}\"}} {count}"
                )?;
            }
            let (count, sum) = (latency.count, latency.sum_us);
            writeln!(
                out,
                "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            )?;
            let (whole, part) = (sum / 1_000_000, sum % 1_000_000);
            writeln!(out, "{name}_sum{{route=\"{route}\"}} {whole}.{part:06}")?;
            writeln!(out, "{name}_count{{route=\"{route}\"}} {count}")?;
        }
        drop(routes);
        let alerts = self.alerts.load(Ordering::Relaxed);
        writeln!(
            out,
            "# TYPE chuantou_alerts_total counter\nchuantou_alerts_total {alerts}"
        )?;
        for (name, value) in gauges {
            writeln!(out, "# TYPE chuantou_{name} gauge\nchuantou_{name} {value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_falls_into_every_bucket_above_it() {
        let metrics = Metrics::default();
        metrics.answered("GET", "/v1/gaps", 200, Duration::from_millis(3));
        let text = metrics.text(&[("data_version", 7)]);
        for line in [
            "chuantou_requests_total{method=\"GET\",route=\"/v1/gaps\",status=\"200\"} 1",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"0.002\"} 0",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"0.005\"} 1",
            "chuantou_request_seconds_bucket{route=\"/v1/gaps\",le=\"+Inf\"} 1",
            "chuantou_request_seconds_sum{route=\"/v1/gaps\"} 0.003000",
            "chuantou_data_version 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
