//! Files and folders, with errors that name them, and content hashes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::error::Error;

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(Error::io(format!("read {}", path.display())))
}

/// Reads a file of text.
pub(crate) fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::io(format!("read {}", path.display())))
}

/// Writes a file, and its folder when that is missing.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    fs::write(path, content).map_err(Error::io(format!("write {}", path.display())))
}

/// Writes a file only when that changes it: cargo looks at the time.
pub(crate) fn write_if_changed(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == content.as_ref()) {
        return Ok(());
    }
    write(path, content)
}

/// Waits until no other task holds this lock, and takes it until the result is
/// dropped.
pub(crate) fn lock(path: &Path) -> Result<fs::File, Error> {
    write_if_changed(path, "")?;
    let doing = format!("lock {}", path.display());
    let file = fs::File::open(path).map_err(Error::io(&doing))?;
    file.lock().map_err(Error::io(&doing))?;
    Ok(file)
}

/// Creates a folder and the folders above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::io(format!("create {}", path.display())))
}

/// Removes a folder with all it holds, if it is there.
pub(crate) fn remove_folder(path: &Path) -> Result<(), Error> {
    if path.exists() {
        fs::remove_dir_all(path).map_err(Error::io(format!("remove {}", path.display())))?;
    }
    Ok(())
}

/// Copies a file, and makes its folder when that is missing.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if let Some(folder) = to.parent() {
        create_folder(folder)?;
    }
    let doing = format!("copy {} to {}", from.display(), to.display());
    fs::copy(from, to).map(drop).map_err(Error::io(doing))
}

/// Copies a folder with all it holds.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    create_folder(to)?;
    for file in list(from)? {
        copy(&from.join(&file), &to.join(&file))?;
    }
    Ok(())
}

/// All files below a folder, relative to it and in order; none when it is
/// missing.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let here = folder.join(&below);
        if !here.is_dir() {
            continue;
        }
        let doing = format!("list {}", here.display());
        for entry in fs::read_dir(&here).map_err(Error::io(&doing))? {
            let entry = entry.map_err(Error::io(&doing))?;
            let relative = below.join(entry.file_name());
            if entry.path().is_dir() {
                open.push(relative);
            } else {
                found.push(relative);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Collects what a result depends on into one hash.
#[derive(Default)]
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// Adds a text that is not in a file.
    pub(crate) fn text(&mut self, text: &str) {
        self.0.update(text.len().to_le_bytes());
        self.0.update(text);
    }

    /// Adds a file, or every file of a folder, with its name.
    pub(crate) fn path(&mut self, path: &Path) -> Result<(), Error> {
        if path.is_dir() {
            for file in list(path)? {
                self.file(&path.join(&file), &file)?;
            }
            return Ok(());
        }
        self.file(path, path.file_name().map_or(path, Path::new))
    }

    /// The hash of all that was added, in hexadecimal.
    pub(crate) fn finish(self) -> String {
        hex(&self.0.finalize())
    }

    fn file(&mut self, path: &Path, name: &Path) -> Result<(), Error> {
        let content = read(path)?;
        self.text(&name.to_string_lossy());
        self.0.update(content.len().to_le_bytes());
        self.0.update(content);
        Ok(())
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_tell_a_moved_file_from_the_same_file() -> Result<(), Error> {
        let folder = tempfile::tempdir().map_err(Error::io("make a folder"))?;
        let hash = || -> Result<String, Error> {
            let mut inputs = Inputs::default();
            inputs.path(folder.path())?;
            Ok(inputs.finish())
        };
        write(&folder.path().join("a/one"), "same")?;
        let before = hash()?;
        assert_eq!(before, hash()?);
        fs::rename(folder.path().join("a/one"), folder.path().join("a/two"))
            .map_err(Error::io("rename"))?;
        assert_ne!(before, hash()?);
        Ok(())
    }

    #[test]
    fn an_unchanged_file_is_not_written_again() -> Result<(), Error> {
        let folder = tempfile::tempdir().map_err(Error::io("make a folder"))?;
        let path = folder.path().join("file");
        write(&path, "same")?;
        let time = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
        let before = time(&path);
        write_if_changed(&path, "same")?;
        assert_eq!(before, time(&path));
        Ok(())
    }

    #[test]
    fn sha256_is_the_known_one() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
