//! `rideout doctor`

use super::{Failure, flags::AllFlags, in_runtime, out};
use crate::{
    config::{Config, Resolved},
    engine::Outgoing,
};
use rideout_service::db::{DatabaseUrl, Db, OpenError, OpenOptions};
use std::{net::SocketAddr, path::Path};

/// Space below which a disk will soon be full.
const LITTLE_SPACE: u64 = 512 * 1024 * 1024;

/// How many things are wrong, and how each line is told.
#[derive(Debug, Default)]
struct Findings {
    bad: u32,
}

impl Findings {
    fn good(&self, what: &str) {
        out::line(&format!("ok    {what}"));
    }
    fn note(&self, what: &str) {
        out::line(&format!("note  {what}"));
    }
    fn bad(&mut self, what: &str, do_this: &str) {
        self.bad += 1;
        out::line(&format!("BAD   {what}"));
        out::line(&format!("      → {do_this}"));
    }
}

pub(super) fn run(settings: &AllFlags) -> Result<(), Failure> {
    let mut findings = Findings::default();
    let resolved = settings.resolve()?;
    configuration(&resolved, &findings);
    let config = &resolved.config;
    if let Some(file) = config.database_url.sqlite_path() {
        disk(file, &mut findings);
    }
    in_runtime(async {
        let running = database(&config.database_url, &mut findings).await;
        ports(config, running, &mut findings);
        outgoing(config, &mut findings).await;
        Ok(())
    })?;
    files(config, &findings);
    match findings.bad {
        0 => {
            out::line("All is well.");
            Ok(())
        }
        1 => Err(Failure::new("one thing needs you; see the line marked BAD")),
        n => Err(Failure::new(format!(
            "{n} things need you; see the lines marked BAD"
        ))),
    }
}

fn configuration(resolved: &Resolved, findings: &Findings) {
    match &resolved.file {
        Some(file) => findings.good(&format!(
            "configuration: {} and the environment are understood",
            file.display()
        )),
        None => findings.good("configuration: no file, the environment is understood"),
    }
    let config = &resolved.config;
    if !config.listen.ip().is_loopback() && !config.is_https() {
        findings
            .note("people reach Rideout without https: put a proxy in front and set public_url");
    }
    if !config.admin_listen.ip().is_loopback() {
        findings.note("the admin listener is open to the network and asks nobody to sign in: keep others out by a firewall");
    }
}

fn disk(file: &Path, findings: &mut Findings) {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let shown = format!(
                "{} MB are free in {}",
                free / (1024 * 1024),
                folder.display()
            );
            if free < LITTLE_SPACE {
                findings.bad(
                    &format!("disk: only {shown}"),
                    "make room, or move the database with `rideout backup` to a larger disk",
                );
            } else {
                findings.good(&format!("disk: {shown}"));
            }
        }
        Err(error) => findings.bad(
            &format!("disk: {} cannot be looked at: {error}", folder.display()),
            "create the folder, or correct database_url",
        ),
    }
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(file) {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 == 0 {
            findings.good("permissions: only its owner can read the database");
        } else {
            findings.bad(
                &format!(
                    "permissions: others on this machine can read the database (mode {mode:o})"
                ),
                &format!("chmod 600 {}", file.display()),
            );
        }
    }
}

/// Tells whether a server has the database open.
async fn database(url: &DatabaseUrl, findings: &mut Findings) -> bool {
    let running = match url.sqlite_path() {
        Some(file) if file.exists() => match Db::open(url, OpenOptions::server()).await {
            Ok(db) => {
                db.close().await;
                findings.good("lock: no server has the database open");
                false
            }
            Err(error @ OpenError::InUse { .. }) => {
                findings.good(&format!(
                    "lock: {}",
                    error.to_string().split(':').next().unwrap_or_default()
                ));
                true
            }
            Err(error) => {
                findings.bad(
                    &format!("database: {error}"),
                    "do what this sentence says, then ask again",
                );
                return false;
            }
        },
        Some(file) => {
            findings.note(&format!(
                "database: {} does not exist yet; the server creates it",
                file.display()
            ));
            return false;
        }
        None => false,
    };
    match Db::open(url, OpenOptions::tool()).await {
        Ok(db) => {
            inside(&db, findings).await;
            db.close().await;
        }
        Err(error) => findings.bad(
            &format!("database: {error}"),
            "check that the database server runs, and that address, name and password are right",
        ),
    }
    running
}

async fn inside(db: &Db, findings: &mut Findings) {
    match db.migration_status().await {
        Ok(status) if !status.unknown.is_empty() => {
            findings.bad(
                "migrations: the database was made by a newer Rideout",
                "use that version, or restore an older backup",
            );
        }
        Ok(status) if !status.unfinished.is_empty() => {
            findings.bad(
                "migrations: one was broken off",
                "restore the backup made before it",
            );
        }
        Ok(status) if !status.changed.is_empty() => {
            findings.bad(
                "migrations: the database was made by another build of Rideout",
                "use that build",
            );
        }
        Ok(status) if !status.pending.is_empty() => {
            findings.note(&format!(
                "migrations: {} will be applied when the server starts",
                status.pending.len()
            ));
        }
        Ok(status) => findings.good(&format!(
            "migrations: all {} are applied",
            status.applied.len()
        )),
        Err(error) => findings.bad(&format!("migrations: {error}"), "see the sentences above"),
    }
    match db.check_writable().await {
        Ok(()) => findings.good("writing: the database takes changes"),
        Err(error) => findings.bad(
            &format!("writing: {error}"),
            "check free space and the rights of whoever runs Rideout",
        ),
    }
    match db.integrity_check().await {
        Ok(damage) if damage.is_empty() => findings.good("integrity: the database is sound"),
        Ok(damage) => findings.bad(
            &format!(
                "integrity: {}",
                damage.first().map_or("damaged", String::as_str)
            ),
            "stop the server, keep a copy of the file, and restore the last backup",
        ),
        Err(error) => findings.bad(&format!("integrity: {error}"), "restore the last backup"),
    }
}

fn ports(config: &Config, running: bool, findings: &mut Findings) {
    for (what, address) in [
        ("listen", config.listen),
        ("admin_listen", config.admin_listen),
    ] {
        match (std::net::TcpListener::bind(address), running) {
            (Ok(_), _) if address.port() == 0 => findings.good(&format!("{what}: any free port")),
            (Ok(_), false) => findings.good(&format!("{what}: {address} is free")),
            (Ok(_), true) => findings.note(&format!(
                "{what}: {address} is free; the running server listens elsewhere"
            )),
            (Err(error), true) if error.kind() == std::io::ErrorKind::AddrInUse => {
                findings.good(&format!(
                    "{what}: {address} is taken, by the running server it seems"
                ));
            }
            (Err(error), _) => findings.bad(
                &format!("{what}: {address}: {error}"),
                &advice(what, address),
            ),
        }
    }
}

/// The ways out of the house.
async fn outgoing(config: &Config, findings: &mut Findings) {
    let outgoing = match Outgoing::new(config) {
        Ok(outgoing) => outgoing,
        Err(error) => {
            return findings.bad(&error, "correct the setting that this sentence names");
        }
    };
    let Some(server) = &config.smtp else {
        return findings
            .note("e-mail: no mail server is set, so no page leaves by e-mail; set smtp_url");
    };
    let Some(mailer) = outgoing.channels.mailer() else {
        return;
    };
    match mailer.check().await {
        Ok(()) => findings.good(&format!("e-mail: {server} takes our messages")),
        Err(error) => findings.bad(
            &format!("e-mail: {server}: {error}"),
            "check that the mail server runs, and that smtp_url names its port, its security and a log-in it knows",
        ),
    }
}

fn advice(key: &str, address: SocketAddr) -> String {
    format!(
        "stop what listens on port {}, or set {key} to another address",
        address.port()
    )
}

fn files(config: &Config, findings: &Findings) {
    let fit = crate::server::files::allow(config.max_connections);
    if fit < config.max_connections {
        findings.note(&format!(
            "open files: the system allows {fit} connections, not the {} of max_connections; raise the limit (ulimit -n, LimitNOFILE)",
            config.max_connections
        ));
    } else {
        findings.good(&format!("open files: enough for {fit} connections"));
    }
}
