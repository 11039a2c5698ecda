//! planted.json 和 STORY.md / The key of the stories, for machines and for people.
//!
//! 正文在 story.md 里，`{/指针}` 由 planted 的内容填入（JSON 指针），所以两份文件不会不一致。

use super::record::City;
use anyhow::Context;
use serde_json::{Value, json};

/// The whole key: when to look, and the identifiers of every story.
fn key(city: &City) -> Value {
    let mut all = json!({
        "city": "云溪市", "as_of": "2026-06-30",
        "batches": [{"folder": "2026-05", "recorded_at": "2026-05-31"}, {"folder": "2026-06", "recorded_at": "2026-06-30"}],
        "best_notification": "D-APV",
    });
    if let Some(object) = all.as_object_mut() {
        object.extend(city.planted.clone());
    }
    all
}

/// `planted.json`.
pub fn planted(city: &City) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(&key(city))? + "\n")
}

/// `STORY.md`.
pub fn markdown(city: &City) -> anyhow::Result<String> {
    let key = key(city);
    let mut text = String::new();
    let mut rest = include_str!("story.md");
    while let Some((before, after)) = rest.split_once("{/") {
        let (pointer, tail) = after
            .split_once('}')
            .context("an unclosed pointer in story.md")?;
        let value = key
            .pointer(&format!("/{pointer}"))
            .with_context(|| format!("story.md: nothing at /{pointer}"))?;
        text.push_str(before);
        text.push_str(
            &value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        );
        rest = tail;
    }
    text.push_str(rest);
    Ok(text)
}
