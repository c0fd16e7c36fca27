//! `rideout backup` and `rideout restore`

use super::{Failure, flags::StoreFlags, in_runtime, out};
use rideout_service::db::{BackupError, DatabaseUrl, Db, OpenOptions};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

pub(super) async fn backup(db: Db, file: PathBuf) -> Result<(), Failure> {
    match db.backup_to(&file).await {
        Ok(report) => {
            out::line(&format!(
                "{} ({} kB) is complete and checked.",
                report.path.display(),
                report.bytes.div_ceil(1024)
            ));
            Ok(())
        }
        Err(BackupError::Postgres) => Err(Failure::new(format!(
            "the data is in PostgreSQL: pg_dump --format=custom --file={} {}",
            file.display(),
            db.url()
        ))),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn restore(settings: &StoreFlags, backup: &Path) -> Result<(), Failure> {
    let resolved = settings.resolve()?;
    let Some(target) = resolved.config.database_url.sqlite_path() else {
        return Err(Failure::new(format!(
            "the data is in PostgreSQL: pg_restore --clean --if-exists --dbname={} {}",
            resolved.config.database_url,
            backup.display()
        )));
    };
    // All checks are made on a copy beside the target, so the backup itself is
    // never opened for writing, and the last step is a rename.
    let incoming = beside(target, ".restoring");
    remove(&incoming)?;
    fs::copy(backup, &incoming).map_err(|error| at(backup, &error))?;
    let result = in_runtime(async {
        check(&incoming).await?;
        put_in_place(target, &incoming).await
    });
    if result.is_err() {
        for ending in ["", "-wal", "-shm", ".lock"] {
            let _ = fs::remove_file(beside(&incoming, ending));
        }
    }
    result
}

async fn check(file: &Path) -> Result<(), Failure> {
    let db = Db::open(&DatabaseUrl::sqlite(file), OpenOptions::tool()).await?;
    let status = db.migration_status().await;
    let findings = db.integrity_check().await;
    db.close().await;
    let status = status?;
    if !status.unknown.is_empty() {
        return Err(Failure::new(
            "the backup was made by a newer Rideout: restore it with that version",
        ));
    }
    if status.applied.is_empty() {
        return Err(Failure::new(
            "this is no backup of Rideout: it has none of its tables",
        ));
    }
    match findings?.first() {
        Some(finding) => Err(Failure::new(format!(
            "the backup is damaged ({finding}): take an older one"
        ))),
        None => Ok(()),
    }
}

async fn put_in_place(target: &Path, incoming: &Path) -> Result<(), Failure> {
    let written = File::options()
        .write(true)
        .open(incoming)
        .map_err(|error| at(incoming, &error))?;
    written.sync_all().map_err(|error| at(incoming, &error))?;
    let existed = target.exists();
    let kept = beside(target, ".before-restore");
    if existed {
        // Opened as the server opens it: refused while a server has it open,
        // and closed with everything in one file.
        let old = Db::open(&DatabaseUrl::sqlite(target), OpenOptions::server()).await?;
        old.close().await;
        fs::rename(target, &kept).map_err(|error| at(&kept, &error))?;
        for ending in ["-wal", "-shm"] {
            remove(&beside(target, ending))?;
        }
    }
    for ending in ["-wal", "-shm", ".lock"] {
        remove(&beside(incoming, ending))?;
    }
    fs::rename(incoming, target).map_err(|error| at(target, &error))?;
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| at(folder, &error))?;
    out::line(&format!("{} is restored.", target.display()));
    if existed {
        out::line(&format!(
            "What was there before is kept as {}.",
            kept.display()
        ));
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path, &error)),
        _ => Ok(()),
    }
}

fn at(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
