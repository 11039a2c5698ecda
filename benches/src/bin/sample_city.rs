//! 生成样例城市 / Writes the shipped sample city.
//!
//! `cargo run --release -p benches --bin sample_city -- api/demo/city`；planted.json 和 STORY.md 写在上一级。

#[path = "../sample_city/mod.rs"]
mod sample_city;

fn main() -> anyhow::Result<()> {
    let Some(folder) = std::env::args().nth(1) else {
        anyhow::bail!("用法 / usage: sample_city FOLDER   (例如 api/demo/city)");
    };
    let rows = sample_city::write(std::path::Path::new(&folder))?;
    for (set, may, june) in rows {
        println!("{set:22} {may:6} {june:6}");
    }
    Ok(())
}
