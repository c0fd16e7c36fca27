//! Other programs: finding them, running them, and saying how they ended.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use crate::{
    error::Error,
    progress::{self, Stopwatch},
};

/// How many lines of a silent program are shown when it fails.
const SHOWN_LINES: usize = 30;

/// Finds a program by its name on PATH.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|candidate| is_program(candidate))
}

/// Whether this process may do everything on the machine.
pub(crate) fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Runs a program that shares our streams.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(not_started(command))?;
    expect_success(command, status)
}

/// Runs a program whose output matters only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<(), Error> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(not_started(command))?;
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
            progress::say(line);
        }
    }
    expect_success(command, output.status)
}

/// Runs a program and returns what it wrote to its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(not_started(command))?;
    expect_success(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Like [`capture`], while what it tells of its progress is shown.
pub(crate) fn capture_aloud(command: &mut Command) -> Result<String, Error> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(not_started(command))?;
    expect_success(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program and hands each line of its standard output to `each`, after
/// printing it. Returns whether the program succeeded.
pub(crate) fn run_watched(
    command: &mut Command,
    mut each: impl FnMut(&str),
) -> Result<bool, Error> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(not_started(command))?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(Error::io("read the output of a program"))?;
            let line = String::from_utf8_lossy(&line);
            progress::line(&line);
            each(&line);
        }
    }
    let status = child.wait().map_err(not_started(command))?;
    Ok(status.success())
}

/// Runs a program, silent and without input, but no longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<(), Error> {
    let watch = Stopwatch::start();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(not_started(command))?;
    loop {
        if let Some(status) = child.try_wait().map_err(not_started(command))? {
            return expect_success(command, status);
        }
        if watch.elapsed() >= limit {
            end(&mut child);
            return Err(Error::TimedOut {
                command: describe(command),
                limit,
            });
        }
        pause(Duration::from_millis(50));
    }
}

/// Ends a child at once and collects it. It may have ended by itself before,
/// which is just as well.
pub(crate) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits a little between two looks at another program.
#[expect(
    clippy::disallowed_methods,
    reason = "another program can only be watched by looking again"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// The command line, for people: they know where their programs are.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let mut text = name.to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

/// For `map_err`: the program could not be run at all.
pub(crate) fn not_started(command: &Command) -> impl FnOnce(std::io::Error) -> Error {
    Error::io(format!("run `{}`", describe(command)))
}

fn expect_success(command: &Command, status: ExitStatus) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    Err(Error::Command {
        command: describe(command),
        outcome: match status.code() {
            Some(code) => format!("ended with status {code}"),
            None => "was ended by a signal".to_owned(),
        },
    })
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_hangs_is_ended() {
        let result = run_within(Command::new("sleep").arg("600"), Duration::from_millis(100));
        assert!(matches!(result, Err(Error::TimedOut { .. })));
    }

    #[test]
    fn every_line_is_seen_and_failure_is_told() {
        let mut seen = Vec::new();
        let succeeded = run_watched(
            Command::new("sh").args(["-c", "echo one; echo two; exit 3"]),
            |line| seen.push(line.to_owned()),
        );
        assert!(matches!(succeeded, Ok(false)));
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn a_missing_program_is_not_found() {
        assert!(find("rideout-no-such-program").is_none());
        assert!(find("sh").is_some());
    }
}
