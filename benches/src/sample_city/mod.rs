//! 样例城市「云溪市」/ The sample city, all invented, deterministic to the byte.
//!
//! 先有人和企业，再有故事，再有寻常的处罚、名单、办件和核查，最后是有意的坏行；两个批次：2026 年五月和六月。
//! 这里只写文件，不读时钟、网络和环境。

mod business;
mod cases;
mod day;
mod duties;
mod flaws;
mod identity;
mod names;
mod output;
mod population;
mod record;
mod rng;
mod sets;
mod stories;
mod story;

use std::path::Path;

/// Generates the city and writes it below a folder; gives the number of rows by record set.
pub fn write(folder: &Path) -> anyhow::Result<Vec<(String, usize, usize)>> {
    let mut city = record::City::new(20_260_630);
    city.populate();
    city.stories();
    city.duties();
    city.noise_penalties();
    city.noise_listings();
    city.noise_enforcements();
    city.noise_refusals();
    city.noise_matters();
    city.flaws();
    output::write(&city, folder)?;
    std::fs::write(
        folder.parent().unwrap_or(folder).join("planted.json"),
        story::planted(&city)?,
    )?;
    std::fs::write(
        folder.parent().unwrap_or(folder).join("STORY.md"),
        story::markdown(&city)?,
    )?;
    let counts = city.rows.iter();
    Ok(counts
        .map(|(set, rows)| ((*set).to_owned(), rows[0].len(), rows[1].len()))
        .collect())
}
