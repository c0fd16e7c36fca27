//! The table in `docs/benchmarks.md`.

use std::fmt::Write;

use super::{Limit, Measurement};
use crate::{error::Error, files, process, progress, workspace::Workspace};

const FILE: &str = "docs/benchmarks.md";
const BEGIN: &str = "<!-- measurements: begin -->";
const END: &str = "<!-- measurements: end -->";

/// What the figures were measured on.
pub(super) struct Machine {
    processor: String,
    cores: usize,
    memory: String,
    system: String,
    compiler: String,
    commit: String,
}

impl Machine {
    /// This machine, as far as it tells.
    pub(super) fn here(workspace: &Workspace) -> Self {
        let told = |program: &str, args: &[&str]| {
            process::capture(workspace.command(program).args(args))
                .map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
        };
        let line = |file: &str, name: &str| {
            std::fs::read_to_string(file)
                .ok()
                .and_then(|text| {
                    let line = text.lines().find(|line| line.starts_with(name))?;
                    line.split_once(':')
                        .map(|(_, value)| value.trim().to_owned())
                })
                .unwrap_or_else(|| "unknown".to_owned())
        };
        Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory: line("/proc/meminfo", "MemTotal"),
            system: told("uname", &["-sr"]),
            compiler: told("rustc", &["--version"]),
            commit: told("git", &["describe", "--always", "--dirty"]),
        }
    }
}

/// Shows the table and puts it between the marks of the document.
pub(super) fn write(
    workspace: &Workspace,
    machine: &Machine,
    measurements: &[Measurement],
) -> Result<(), Error> {
    let table = table(machine, measurements);
    progress::line(&table);
    let path = workspace.root.join(FILE);
    let document = files::read_text(&path)?;
    files::write(&path, between_marks(&document, &table)?)
}

pub(super) fn table(machine: &Machine, measurements: &[Measurement]) -> String {
    let mut text = format!(
        "Measured on {} cores of {}, {} memory, {}, {}, at commit {}.\n\n\
         | what | measured | promised | kept | how |\n|---|---:|---:|---|---|\n",
        machine.cores,
        machine.processor,
        machine.memory,
        machine.system,
        machine.compiler,
        machine.commit,
    );
    for one in measurements {
        let unit = &one.unit;
        let promised = match one.limit {
            Limit::AtLeast(limit) => format!("≥ {} {unit}", figure(limit)),
            Limit::AtMost(limit) => format!("≤ {} {unit}", figure(limit)),
            Limit::None => String::new(),
        };
        let kept = if one.keeps() { "yes" } else { "**no**" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} {unit} | {promised} | {kept} | {} |",
            one.name,
            figure(one.value),
            one.note
        );
    }
    text
}

/// `12,345` or `4.2`: as many digits as mean something.
pub(super) fn figure(value: f64) -> String {
    if value.abs() < 100.0 {
        let text = format!("{value:.1}");
        return text.strip_suffix(".0").map_or(text.clone(), str::to_owned);
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 0 && left % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn between_marks(document: &str, table: &str) -> Result<String, Error> {
    let parts = document
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| Error::Invalid {
        file: FILE.to_owned(),
        problem: format!("has no marks `{BEGIN}` and `{END}`"),
    })?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(figure(4.25), "4.2");
        assert_eq!(figure(40.0), "40");
        assert_eq!(figure(2000.4), "2,000");
        assert_eq!(figure(1_234_567.0), "1,234,567");
        assert_eq!(figure(-123.0), "-123");
    }

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let document = format!("# Title\n{BEGIN}\nold\n{END}\nrest\n");
        let written = between_marks(&document, "new\n").unwrap();
        assert_eq!(written, format!("# Title\n{BEGIN}\nnew\n{END}\nrest\n"));
        assert!(between_marks("no marks", "new").is_err());
    }

    #[test]
    fn a_broken_promise_stands_out() {
        let machine = Machine {
            processor: "a processor".to_owned(),
            cores: 2,
            memory: "24 GB".to_owned(),
            system: "a system".to_owned(),
            compiler: "a compiler".to_owned(),
            commit: "abc".to_owned(),
        };
        let slow = Measurement {
            name: "start".to_owned(),
            value: 200.0,
            limit: Limit::AtMost(150.0),
            unit: "ms".to_owned(),
            note: "cold".to_owned(),
        };
        let text = table(&machine, &[slow]);
        assert!(
            text.contains("| start | 200 ms | ≤ 150 ms | **no** | cold |"),
            "{text}"
        );
    }
}
