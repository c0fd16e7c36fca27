//! `rideout replay`

use super::{Failure, out};
use rideout_domain::{
    Timestamp, duration,
    replay::{self, CALLS_MAX, Report, Script, timeline::BYTES_MAX},
    stall::Settings,
    text,
};
use std::{fs, io::Read as _, path::Path};

/// Settings are short; what is longer is something else.
const SETTINGS_BYTES_MAX: u64 = 1024 * 1024;

pub(super) fn run(
    file: &Path,
    settings: Option<&Path>,
    policy: Option<&Path>,
    json: bool,
) -> Result<(), Failure> {
    let policy = match policy {
        Some(path) => Some(
            replay::read_policy(&read(path, SETTINGS_BYTES_MAX)?)
                .map_err(|error| wrong(path, &error))?,
        ),
        None => None,
    };
    let settings = match settings {
        Some(path) => serde_json::from_str(&read(path, SETTINGS_BYTES_MAX)?)
            .map_err(|error| wrong(path, &error))?,
        None => Settings::default(),
    };
    let content = read(file, BYTES_MAX as u64)?;
    let script = replay::read(&content).map_err(|error| wrong(file, &error))?;
    let report = replay::play(&script, &settings, policy.as_ref());
    if json {
        out::line(&escaped(&serde_json::to_string(&report)?));
    } else {
        for line in table(&script, &report) {
            // Titles and texts are whatever the file says, escape sequences too.
            out::line(&text::printable(&line));
        }
    }
    Ok(())
}

/// JSON without control characters: those that JSON allows as they are may still steer a
/// terminal. Outside its strings there is none.
fn escaped(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() {
            plain.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            plain.push(c);
        }
    }
    plain
}

/// What is wrong with a file; the reason may repeat what stands in it.
fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    let told = format!("{}: {error}", path.display());
    Failure::new(text::printable(&told))
}

fn read(path: &Path, most: u64) -> Result<String, Failure> {
    let file = fs::File::open(path).map_err(|error| wrong(path, &error))?;
    let mut text = String::new();
    // A pipe or a device tells no length beforehand.
    let read = file.take(most + 1).read_to_string(&mut text);
    if read.map_err(|error| wrong(path, &error))? as u64 > most {
        let told = format!("it is too long; at most {most} bytes are read");
        return Err(wrong(path, &told));
    }
    Ok(text)
}

/// The report for people, line by line.
fn table(script: &Script, report: &Report) -> Vec<String> {
    let incident = &script.incident;
    let mut lines = vec![
        format!("{}: {}", report.incident, script.title),
        format!(
            "{}, watched from {} UTC; nobody answers in a replay.",
            incident.severity,
            incident.declared_at.minute_utc()
        ),
        String::new(),
    ];
    if report.prompts.is_empty() {
        lines.push("No prompt.".to_owned());
    }
    for prompt in &report.prompts {
        lines.push(format!(
            "{} UTC  {}{}",
            prompt.at.minute_utc(),
            prompt.to,
            place(report, prompt.at)
        ));
        for signal in &prompt.signals {
            lines.push(format!("    {:<18} {}", signal.id.word(), signal.why));
        }
    }
    if report.cut {
        lines.push(format!(
            "Nobody is called any more after {CALLS_MAX} calls of the escalation policy."
        ));
    }
    if !report.spans.is_empty() {
        lines.push(String::new());
        lines.push("Known stuck spans:".to_owned());
    }
    for span in &report.spans {
        let first = report
            .prompts
            .iter()
            .find(|p| span.from <= p.at && p.at <= span.to);
        let met = match first {
            Some(prompt) => format!(
                "prompted with {} of {} left",
                duration::span(span.to.seconds_since(prompt.at)),
                duration::span(span.to.seconds_since(span.from))
            ),
            None => "no prompt".to_owned(),
        };
        lines.push(format!(
            "{} to {} UTC  {met}",
            span.from.minute_utc(),
            span.to.minute_utc()
        ));
        if !span.why.is_empty() {
            lines.push(format!("    {}", span.why));
        }
    }
    lines
}

/// Where a prompt stands to the known spans, if there are any.
fn place(report: &Report, at: Timestamp) -> &'static str {
    if report.spans.is_empty() {
        ""
    } else if report.spans.iter().any(|s| s.from <= at && at <= s.to) {
        ", in a stuck span"
    } else {
        ", outside the stuck spans"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROW: &str = include_str!("../../tests/fixtures/incidents/prow-2019-02-08.jsonl");

    #[test]
    fn the_table_says_when_whom_why_and_how_well() {
        let script = replay::read(PROW).unwrap();
        let report = replay::play(&script, &Settings::default(), None);
        let text = table(&script, &report).join("\n");
        for part in [
            "prow-2019-02-08: CI jobs scheduled onto the wrong cluster",
            "SEV1, watched from 2019-02-09 00:04 UTC",
            "UTC  room, in a stuck span",
            "    blocked            Blocked for ",
            "2019-02-09 00:50 to 2019-02-09 01:15 UTC  prompted with ",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn with_a_policy_its_levels_are_listed() {
        let silent = include_str!("../../tests/fixtures/incidents/matrix-2025-09-02.jsonl");
        let script = replay::read(silent).unwrap();
        let policy = replay::read_policy(r#"{"levels": [{"minutes": 5}, {"minutes": 5}]}"#);
        let report = replay::play(&script, &Settings::default(), policy.as_ref().ok());
        let text = table(&script, &report).join("\n");
        for part in [
            "UTC  policy level 1",
            "UTC  policy level 2",
            "UTC  everybody in charge",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn a_calm_incident_says_so() {
        let calm = include_str!("../../tests/fixtures/incidents/cratesio-2023-07-20.jsonl");
        let script = replay::read(calm).unwrap();
        let report = replay::play(&script, &Settings::default(), None);
        assert_eq!(table(&script, &report).last().unwrap(), "No prompt.");
    }

    #[test]
    fn files_that_will_not_do_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let (file, settings) = (folder.path().join("a.jsonl"), folder.path().join("s.json"));
        assert!(
            run(&file, None, None, true)
                .unwrap_err()
                .to_string()
                .contains("a.jsonl")
        );
        fs::write(&file, "{}").unwrap();
        let error = run(&file, None, None, true).unwrap_err().to_string();
        assert!(error.contains("a.jsonl: line 1: "), "{error}");
        fs::write(&file, PROW).unwrap();
        fs::write(&settings, r#"{"SEV1": {"stalled_at": 99}}"#).unwrap();
        let error = run(&file, Some(&settings), None, true)
            .unwrap_err()
            .to_string();
        assert!(error.contains("s.json: SEV1, stalled_at: 99"), "{error}");
        fs::write(&settings, r#"{"SEV1": {"stalled_at": 9}}"#).unwrap();
        run(&file, Some(&settings), None, true).unwrap();
        fs::write(&settings, r#"{"levels": []}"#).unwrap();
        let error = run(&file, None, Some(&settings), true)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("s.json: an escalation policy has 1 to 10"),
            "{error}"
        );
    }
}
