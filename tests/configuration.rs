//! Settings from file, environment and flags, as the process takes them.

use crate::support::rideout;

fn out(output: &std::process::Output) -> (String, String, Option<i32>) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code(),
    )
}

#[test]
fn the_later_place_is_the_stronger_and_each_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("rideout.toml"),
        "session_days = 3\nlog_level = 'warn'\nmax_requests = 7\n",
    )
    .unwrap();
    let env = [
        ("RIDEOUT_LOG_LEVEL", "debug"),
        ("RIDEOUT_SESSION_DAYS", "4"),
    ];
    let output = rideout(folder.path(), &["config", "--session-days", "5"], &env, "");
    let (shown, complaints, code) = out(&output);
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    let line = |key: &str| {
        shown
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("session_days"), "session_days 5 --session-days");
    assert_eq!(line("log_level"), "log_level debug RIDEOUT_LOG_LEVEL");
    assert_eq!(line("max_requests"), "max_requests 7 rideout.toml");
    assert!(shown.starts_with("file: rideout.toml\n"));

    std::fs::write(folder.path().join("other.toml"), "session_days = 9\n").unwrap();
    let output = rideout(
        folder.path(),
        &["config"],
        &[("RIDEOUT_CONFIG", "other.toml")],
        "",
    );
    assert!(out(&output).0.contains("other.toml"));
}

#[test]
fn what_is_unknown_is_refused_and_the_right_name_offered() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], env: &[(&str, &str)]| {
        let (shown, complaint, code) = out(&rideout(folder.path(), arguments, env, ""));
        assert_eq!((code, shown.as_str()), (Some(2), ""), "{complaint}");
        complaint
    };
    let complaint = refused(&["config"], &[("RIDEOUT_DATABSE_URL", "sqlite:x")]);
    assert!(
        complaint.contains("RIDEOUT_DATABSE_URL; did you mean RIDEOUT_DATABASE_URL?"),
        "{complaint}"
    );
    std::fs::write(
        folder.path().join("rideout.toml"),
        "lisen = '127.0.0.1:1'\n",
    )
    .unwrap();
    let complaint = refused(&["doctor"], &[]);
    assert!(
        complaint.contains("rideout.toml: there is no setting “lisen”; did you mean listen?"),
        "{complaint}"
    );
    std::fs::remove_file(folder.path().join("rideout.toml")).unwrap();
    let complaint = refused(&["config", "--lisen", "127.0.0.1:1"], &[]);
    assert!(complaint.contains("--listen"), "{complaint}");
    let complaint = refused(&["config", "--config", "missing.toml"], &[]);
    assert!(
        complaint.contains("missing.toml cannot be read"),
        "{complaint}"
    );
    let complaint = refused(
        &[
            "serve",
            "--listen",
            "127.0.0.1:4000",
            "--admin-listen",
            "127.0.0.1:4000",
        ],
        &[],
    );
    assert!(complaint.contains("a port of its own"), "{complaint}");
}

#[test]
fn a_password_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let env = [(
        "RIDEOUT_DATABASE_URL",
        "postgres://me:hunter2@127.0.0.1:1/x",
    )];
    for arguments in [
        &["config"][..],
        &["doctor"],
        &["migrate"],
        &["backup", "x.db"],
    ] {
        let (shown, complaint, _) = out(&rideout(folder.path(), arguments, &env, ""));
        assert!(
            !shown.contains("hunter2") && !complaint.contains("hunter2"),
            "{arguments:?} {shown} {complaint}"
        );
    }
}

#[test]
fn the_reference_is_printed_whatever_is_set() {
    let folder = tempfile::tempdir().unwrap();
    let (shown, _, code) = out(&rideout(folder.path(), &["config", "--reference"], &[], ""));
    assert_eq!(code, Some(0));
    assert!(shown.starts_with("# Configuration") && shown.contains("RIDEOUT_ADMIN_LISTEN"));
}
