//! The file of an SQLite database: where it really is, and who has it.

use super::{OpenError, Role};
use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

/// Finds the file, for a server creates it, and follows symbolic links, so that
/// two names of one file have one lock.
///
/// A file that is there is not opened: closing it again would take away the
/// locks that SQLite may have on it in this process.
pub(super) fn locate(path: &Path, role: Role) -> Result<PathBuf, OpenError> {
    let server = role == Role::Server;
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(refused(path, ErrorKind::IsADirectory.into()));
        }
        // The superuser can write any file; one marked read-only is left alone all the same.
        Ok(found) if server && found.permissions().readonly() => {
            return Err(refused(path, ErrorKind::PermissionDenied.into()));
        }
        Ok(_) => {}
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(path, error)),
        Err(_) if server => {
            create_private(path).map_err(|error| match (error.kind(), path.parent()) {
                (ErrorKind::NotFound, Some(folder)) => OpenError::NoFolder {
                    path: folder.to_owned(),
                },
                _ => refused(path, error),
            })?;
        }
        Err(_) => {
            return Err(OpenError::Missing {
                path: path.to_owned(),
            });
        }
    }
    path.canonicalize().map_err(|error| refused(path, error))
}

/// Takes the lock that only one server can have, and leaves the process number in it.
pub(super) fn lock(path: &Path) -> Result<File, OpenError> {
    let lock_path = beside(path, ".lock");
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&lock_path)
        .map_err(|error| refused(&lock_path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = Some(holder.trim().to_owned()).filter(|id| !id.is_empty());
            return Err(OpenError::InUse {
                path: path.to_owned(),
                holder,
            });
        }
        Err(TryLockError::Error(error)) => return Err(refused(&lock_path, error)),
    }
    // The number is a courtesy; the lock is what counts.
    let _ = file
        .set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| write!(file, "{}", std::process::id()));
    Ok(file)
}

/// The path of a file that belongs to another: `rideout.db-wal`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens a file for writing, and creates it readable by its owner only.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn refused(path: &Path, source: io::Error) -> OpenError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => OpenError::ReadOnly { path },
        _ => OpenError::File { path, source },
    }
}
