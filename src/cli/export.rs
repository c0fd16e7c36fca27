//! `rideout export`

use super::{Failure, out};
use rideout_domain::export::{file_name, to_data, to_markdown};
use rideout_service::Service;
use std::path::PathBuf;

/// How incidents are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// Markdown
    Md,
    /// JSON
    Json,
}

pub(super) async fn run(
    service: Service,
    folder: Option<PathBuf>,
    format: Format,
) -> Result<(), Failure> {
    let ids = service.all_incident_ids().await?;
    let word = match format {
        Format::Md => "Markdown",
        Format::Json => "JSON",
    };
    service.note_export_of_all(ids.len(), word).await?;
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder).map_err(|error| not_written(folder.display(), &error))?;
    }
    let mut count = 0;
    if folder.is_none() && format == Format::Json {
        out::line("[");
    }
    for (n, id) in ids.iter().enumerate() {
        let snapshot = service.room_unchecked(*id).await?;
        let text = match format {
            Format::Md => to_markdown(&snapshot.room),
            Format::Json => serde_json::to_string_pretty(&to_data(&snapshot.room))?,
        };
        match &folder {
            Some(folder) => {
                let ending = if format == Format::Md { "md" } else { "json" };
                let path = folder.join(format!("{}.{ending}", file_name(&snapshot.room)));
                std::fs::write(&path, text + "\n")
                    .map_err(|error| not_written(path.display(), &error))?;
            }
            None if format == Format::Json && n + 1 < ids.len() => out::line(&(text + ",")),
            None => out::line(&text),
        }
        count += 1;
    }
    match &folder {
        Some(folder) => out::line(&format!("{count} incidents are in {}", folder.display())),
        None if format == Format::Json => out::line("]"),
        None => {}
    }
    Ok(())
}

fn not_written(path: impl std::fmt::Display, error: &std::io::Error) -> Failure {
    Failure::new(format!("{path} cannot be written: {error}"))
}
