//! The secret beside the data: 64 hexadecimal digits in a file of mode 0600.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use graph::id::Hex;
use graph::store::StoreError;

/// The file's name in the data folder.
pub(crate) const NAME: &str = "key";

/// Under which it is written; left behind by a kill at that moment.
const UNFINISHED: &str = "key.new";

/// Reads the secret; `None` when there is no file yet.
pub(crate) fn read(dir: &Path) -> Result<Option<[u8; 32]>, StoreError> {
    let path = dir.join(NAME);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&path, error)),
    };
    let mode = fs::metadata(&path)
        .map_err(|e| failed(&path, e))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        let what = format!("others may read it (mode {:o}): chmod 600 it", mode & 0o777);
        return Err(failed(&path, std::io::Error::other(what)));
    }
    match parse(text.trim()) {
        Some(secret) => Ok(Some(secret)),
        None => Err(StoreError::WrongKey {
            place: path.display().to_string(),
        }),
    }
}

/// Writes a new secret, durable before it is used: whole or not at all, and never in the place
/// of another.
pub(crate) fn create(dir: &Path, secret: &[u8; 32]) -> Result<(), StoreError> {
    let (path, unfinished) = (dir.join(NAME), dir.join(UNFINISHED));
    let write = || {
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        writeln!(file, "{}", Hex(secret))?;
        file.sync_all()?;
        fs::hard_link(&unfinished, &path)?;
        fs::remove_file(&unfinished)?;
        fs::File::open(dir)?.sync_all()
    };
    write().map_err(|error| failed(&path, error))?;
    // Whoever founds the folder at the same moment may have put a file of its own in between.
    if read(dir).ok().flatten().as_ref() == Some(secret) {
        return Ok(());
    }
    let what = "another program is making this data folder: try again";
    Err(failed(&path, std::io::Error::other(what)))
}

fn parse(text: &str) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, pair) in secret.iter_mut().zip(text.as_bytes().chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(secret)
}

pub(crate) fn failed(path: &Path, error: std::io::Error) -> StoreError {
    StoreError::Engine {
        place: path.display().to_string(),
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::{create, read};

    #[test]
    fn who_makes_the_key_has_the_one_that_is_there() {
        for _ in 0..300 {
            let dir = tempfile::tempdir().unwrap();
            let made = |secret: [u8; 32]| create(dir.path(), &secret).is_ok().then_some(secret);
            let made: Vec<[u8; 32]> = std::thread::scope(|scope| {
                let all: Vec<_> = (1..5).map(|n| scope.spawn(move || made([n; 32]))).collect();
                let made = all.into_iter().filter_map(|one| one.join().unwrap());
                made.collect()
            });
            assert!(made.len() <= 1);
            if let Some(secret) = made.first() {
                assert_eq!(read(dir.path()).unwrap().as_ref(), Some(secret));
            }
        }
    }
}
