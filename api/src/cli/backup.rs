//! `backup`, `restore`: a consistent copy, also while a server runs; and back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use graph_rocks::RocksStore;
use serde_json::{Value, json};

use super::Context;
use super::remote::{Remote, is_plain};
use crate::Error;
use crate::session::Session;

/// Everything beside `db` that a data folder needs: secrets, or what guards them.
const SECRETS: [&str; 3] = ["key", "receipt-key", "api-keys"];

#[derive(Args, Debug)]
pub(crate) struct BackupArgs {
    /// 放在哪里；须不存在 / where to; must not exist
    dir: PathBuf,
    /// 连同密钥：持有此备份者可读出全部姓名和证件号码 / with the keys: whoever holds this copy can
    /// then read every name and number
    #[arg(long)]
    with_keys: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RestoreArgs {
    /// 备份在哪里；恢复到 --data，须为空 / the copy; it goes into --data, which must be empty
    dir: PathBuf,
    /// 数据密钥文件，备份不含密钥时须给出 / the key file, when the copy has none
    #[arg(long)]
    key: Option<PathBuf>,
}

pub(crate) fn backup(context: &Context, args: &BackupArgs) -> Result<(), Error> {
    if args.dir.exists() {
        let what = format!("{} exists: name a new folder", args.dir.display());
        return Err(Error::Refused(what));
    }
    let data = &context.settings.data;
    make(&args.dir)?;
    let db = args.dir.join("db");
    if let Some(remote) = Remote::of(context)? {
        let answer = remote.post("/v1/backups", &json!({}))?;
        let name = answer.get("folder").and_then(Value::as_str);
        let name = name.filter(|name| is_plain(name)).unwrap_or_default();
        let made = data.join(name);
        if name.is_empty() || !made.is_dir() {
            let what = "the server made its copy on another machine: fetch it there";
            return Err(Error::Refused(what.into()));
        }
        copy(&made.join("db"), &db)?;
        fs::remove_dir_all(&made).map_err(|error| Error::io(&made, error))?;
    } else {
        let session = Session::writing(&context.settings, "backup")?;
        session.audit(Session::event("backup"))?;
        session.store.checkpoint(&db)?;
    }
    if args.with_keys {
        for name in SECRETS {
            copy_secret(&data.join(name), &args.dir.join(name))?;
        }
        context.note(
            "备份含密钥：请与数据同样保管 / the copy holds the keys: guard it like the data itself",
        );
    } else {
        context.note(
            "备份不含密钥；没有密钥就无法恢复姓名和证件号码，请另行保管 key 和 receipt-key / the copy holds no \
             keys; without them names and numbers are lost: keep `key` and `receipt-key` elsewhere",
        );
    }
    context.output.object(&json!({
        "folder": args.dir.display().to_string(),
        "with_keys": args.with_keys,
    }))
}

pub(crate) fn restore(context: &Context, args: &RestoreArgs) -> Result<(), Error> {
    let data = &context.settings.data;
    let empty = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(Error::io(data, error)),
    };
    if !empty {
        let what = format!("{} is not empty: restore into a new folder", data.display());
        return Err(Error::Refused(what));
    }
    if !args.dir.join("db").join("CURRENT").exists() {
        let what = format!("{} is no backup: there is no db in it", args.dir.display());
        return Err(Error::Refused(what));
    }
    let key = args.key.clone().unwrap_or_else(|| args.dir.join("key"));
    if !key.exists() {
        let what = "the copy holds no key: name the key file with --key";
        return Err(Error::Refused(what.into()));
    }
    make(data)?;
    copy(&args.dir.join("db"), &data.join("db"))?;
    copy_secret(&key, &data.join("key"))?;
    for name in SECRETS.iter().filter(|name| **name != "key") {
        copy_secret(&args.dir.join(name), &data.join(name))?;
    }
    let faults = RocksStore::open_read_only(data)?.verify()?;
    context.output.object(&json!({
        "folder": data.display().to_string(),
        "faults": faults.len(),
    }))?;
    if faults.is_empty() {
        context.note("已恢复，全部索引与记录一致 / restored; every index fits the records");
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{} faults in {}: take another copy",
        faults.len(),
        data.display()
    )))
}

fn make(dir: &Path) -> Result<(), Error> {
    fs::create_dir_all(dir).map_err(|error| Error::io(dir, error))
}

/// Copies a folder of plain files.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    make(to)?;
    for entry in fs::read_dir(from).map_err(|error| Error::io(from, error))? {
        let path = entry.map_err(|error| Error::io(from, error))?.path();
        let Some(name) = path.file_name().filter(|_| path.is_file()) else {
            continue;
        };
        let target = to.join(name);
        // On one file system the files that never change can be shared.
        let is_table = path.extension().is_some_and(|end| end == "sst");
        if !(is_table && fs::hard_link(&path, &target).is_ok()) {
            fs::copy(&path, &target).map_err(|error| Error::io(&target, error))?;
        }
    }
    Ok(())
}

/// Copies a file for its owner only, if it is there.
fn copy_secret(from: &Path, to: &Path) -> Result<(), Error> {
    match fs::read(from) {
        Ok(bytes) => crate::receipt::replace(to, &bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io(from, error)),
    }
}
