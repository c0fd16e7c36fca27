//! `rideout serve`

use super::{Failure, flags::AllFlags};
use crate::{server, telemetry};

pub(super) fn run(settings: &AllFlags, example: bool) -> Result<(), Failure> {
    let mut settings = settings.clone();
    let throw_away = if example
        && settings.resolve()?.origin("database_url") == crate::config::Origin::Default
    {
        let file = throw_away_file();
        settings.or_set("database_url", format!("sqlite:{}", file.display()));
        Some(file)
    } else {
        None
    };
    let resolved = settings.resolve()?;
    let log = telemetry::start(&resolved.config.log_level, resolved.config.log_format)
        .map_err(Failure::new)?;
    let result = server::run(resolved, log, example);
    if let Some(file) = throw_away {
        for ending in ["", "-wal", "-shm", ".lock"] {
            let mut name = file.clone().into_os_string();
            name.push(ending);
            let _ = std::fs::remove_file(name);
        }
    }
    result
}

fn throw_away_file() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("rideout-example-{}.db", std::process::id()))
}
