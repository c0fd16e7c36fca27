//! `cargo xtask replay-score`: how well the stall watch meets known stuck spans,
//! beside plain idle timers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rideout_domain::{
    replay::{
        self, Report, Script,
        score::{self, Score},
    },
    stall::Settings,
    text,
};

use crate::{error::Error, files, progress};

/// Silences in minutes that a plain timer waits for.
const IDLE_MINUTES: [i64; 6] = [10, 15, 20, 30, 45, 60];

/// What is to be scored.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folders with timelines as JSON Lines (*.jsonl)
    #[arg(required = true)]
    folders: Vec<PathBuf>,
    /// Settings of the watch, as JSON; what is left out keeps its default
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Every prompt, with its reasons and what was written last before it
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(options: &Options) -> Result<(), Error> {
    let settings = match &options.settings {
        Some(path) => {
            serde_json::from_str(&files::read_text(path)?).map_err(|error| invalid(path, &error))?
        }
        None => Settings::default(),
    };
    let mut scripts = Vec::new();
    for folder in &options.folders {
        for path in timelines(folder)? {
            let script =
                replay::read(&files::read_text(&path)?).map_err(|error| invalid(&path, &error))?;
            scripts.push(script);
        }
    }
    if options.list {
        for script in &scripts {
            for line in list(script, &replay::play(script, &settings, None)) {
                progress::line(text::printable(&line));
            }
        }
    }
    for line in table(&scripts, &settings) {
        progress::line(line);
    }
    Ok(())
}

/// What the watch said in one incident, to argue with.
fn list(script: &Script, report: &Report) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", script.id, script.title)];
    for prompt in &report.prompts {
        let told = if report.spans.iter().any(|span| span.holds(prompt.at)) {
            "stuck"
        } else {
            "false"
        };
        lines.push(format!("  {told}  {}  {}", prompt.at, prompt.to));
        for signal in &prompt.signals {
            lines.push(format!("           {}: {}", signal.id, signal.why));
        }
        let before = script
            .entries
            .iter()
            .rev()
            .find(|e| e.recorded_at <= prompt.at && !e.text.is_empty());
        if let Some(entry) = before {
            lines.push(format!(
                "           after {}, {}: {}",
                entry.recorded_at,
                entry.kind(),
                entry.text
            ));
        }
    }
    for span in &report.spans {
        if !report.prompts.iter().any(|prompt| span.holds(prompt.at)) {
            lines.push(format!(
                "  missed {} to {}: {}",
                span.from, span.to, span.why
            ));
        }
    }
    lines
}

fn table(scripts: &[Script], settings: &Settings) -> Vec<String> {
    let mut room = Score::default();
    let mut all = Score::default();
    for script in scripts {
        let report = replay::play(script, settings, None);
        room.add(&score::times(&report, true), &report.spans);
        all.add(&score::times(&report, false), &report.spans);
    }
    let mut lines = vec![
        format!(
            "{} incidents, {} known stuck spans",
            room.incidents, room.spans
        ),
        format!(
            "{:<22} {:>14} {:>16} {:>24}",
            "", "spans caught", "left when asked", "false prompts"
        ),
        row("watch, the room", &room),
        row("watch, every rung", &all),
    ];
    for minutes in IDLE_MINUTES {
        let mut idle = Score::default();
        for script in scripts {
            idle.add(&score::idle_timer(script, minutes), &script.spans);
        }
        lines.push(row(&format!("idle for {minutes} min"), &idle));
    }
    lines
}

fn row(name: &str, score: &Score) -> String {
    format!(
        "{name:<22} {:>5} of {:<3}{:>3.0} % {:>14.0} % {:>6}, {:>4.2} an incident",
        score.caught,
        score.spans,
        score.catch() * 100.0,
        score.share_ahead() * 100.0,
        score.false_prompts,
        score.false_each()
    )
}

fn timelines(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let doing = || format!("read {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::io(doing()))? {
        let path = entry.map_err(Error::io(doing()))?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn invalid(path: &Path, problem: &impl ToString) -> Error {
    Error::Invalid {
        file: path.display().to_string(),
        problem: problem.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn every_prompt_is_listed_with_what_was_written_before_it() {
        let head = r#"{"incident": {"id": "i", "title": "Slow", "severity": 1, "started_at": "2020-01-01T09:00:00Z", "detected_at": null, "mitigated_at": null, "resolved_at": null, "stuck_windows": [{"from": "2020-01-01T09:00:00Z", "to": "2020-01-01T09:10:00Z"}, {"from": "2020-01-01T09:50:00Z", "to": "2020-01-01T09:55:00Z", "why": "nobody knew"}]}}"#;
        let line = |at: &str, text: &str| {
            format!(
                r#"{{"at": "2020-01-01T{at}:00Z", "actor": "on-call", "kind": "note", "text": "{text}"}}"#
            )
        };
        let text = [
            head.to_owned(),
            line("09:00", "We look"),
            line("09:20", "Still slow"),
        ];
        let script = replay::read(&text.join("\n")).unwrap();
        let lines = list(&script, &replay::play(&script, &Settings::default(), None));
        assert_eq!(
            lines,
            [
                "i: Slow",
                "  stuck  2020-01-01T09:08:00Z  room",
                "           quiet: Nobody wrote anything for 8 min.",
                "           after 2020-01-01T09:00:00Z, note: We look",
                "  false  2020-01-01T09:18:00Z  second opinion",
                "           quiet: Nobody wrote anything for 18 min.",
                "           after 2020-01-01T09:00:00Z, note: We look",
                "  missed 2020-01-01T09:50:00Z to 2020-01-01T09:55:00Z: nobody knew",
            ]
        );
    }

    #[test]
    fn the_fixtures_are_scored_beside_idle_timers() {
        let folder = Workspace::here().root.join("tests/fixtures/incidents");
        let scripts: Vec<Script> = timelines(&folder)
            .unwrap()
            .iter()
            .map(|path| replay::read(&files::read_text(path).unwrap()).unwrap())
            .collect();
        let lines = table(&scripts, &Settings::default());
        assert_eq!(lines[0], "3 incidents, 3 known stuck spans");
        assert_eq!(lines.len(), 4 + IDLE_MINUTES.len());
        assert!(lines[2].starts_with("watch, the room"), "{}", lines[2]);
        assert!(lines[2].contains("3 of 3"), "{}", lines[2]);
    }
}
