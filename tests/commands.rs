//! The commands beside the server.

use crate::support::{Client, TestServer, Who, new_id, rideout};
use std::process::Output;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Runs a command on the server's database.
fn beside(server: &TestServer, arguments: &[&str], input: &str) -> Output {
    let url = server.database_url();
    let mut all = arguments.to_vec();
    all.extend(["--database-url", &url]);
    rideout(server.folder(), &all, &[], input)
}

#[track_caller]
fn done(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[track_caller]
fn refused(output: Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stderr)
}

#[tokio::test]
async fn a_person_and_a_token_are_made_beside_a_running_server() {
    for server in TestServer::each().await {
        let password = "violet harbour candle 7\n";
        let create = [
            "user",
            "create",
            "--email",
            "New@Example.org",
            "--name",
            "Nora New",
            "--role",
            "responder",
            "--password-stdin",
        ];
        done(beside(&server, &create, password));
        assert!(refused(beside(&server, &create, password)).contains("has an account already"));
        assert!(done(beside(&server, &["user", "list"], "")).contains("new@example.org"));

        let token = done(beside(
            &server,
            &[
                "token",
                "create",
                "--email",
                "new@example.org",
                "--name",
                "script",
            ],
            "",
        ));
        assert_eq!(token.lines().count(), 1, "only the token: {token}");
        let nora = Client::new(&server.main, Some(token.trim().to_owned()));
        let me = nora.get("/api/v1/me").await.expect(200).json();
        assert_eq!(
            (me["name"].as_str(), me["role"].as_str()),
            (Some("Nora New"), Some("responder"))
        );
        assert!(
            !server.log().contains(token.trim()),
            "a token is in the log"
        );

        assert!(
            refused(beside(
                &server,
                &[
                    "token",
                    "create",
                    "--email",
                    "nobody@example.org",
                    "--name",
                    "x"
                ],
                ""
            ))
            .contains("nobody@example.org")
        );
        let wrong = beside(
            &server,
            &[
                "user",
                "create",
                "--email",
                "x@example.org",
                "--name",
                "X",
                "--role",
                "king",
                "--password-stdin",
            ],
            password,
        );
        assert_eq!(wrong.status.code(), Some(2));
        assert!(
            text(&wrong.stderr).contains("commander"),
            "the roles are named: {}",
            text(&wrong.stderr)
        );
    }
}

#[tokio::test]
async fn a_backup_made_under_way_is_restored_and_nothing_else_is() {
    let mut server = TestServer::start().await;
    let commander = server.client(Who::Commander);
    let incident = commander.declare("Before the backup").await;
    commander
        .note(&incident, &new_id(), "kept")
        .await
        .expect(201);
    let copy = server.folder().join("copy.db");
    let copy = copy.to_str().unwrap();
    assert!(done(beside(&server, &["backup", copy], "")).contains("complete and checked"));
    assert!(refused(beside(&server, &["backup", copy], "")).contains("exists already"));
    commander
        .note(&incident, &new_id(), "lost by the restore")
        .await
        .expect(201);

    assert!(refused(beside(&server, &["restore", copy], "")).contains("another Rideout server"));
    server.ask_to_stop();
    assert!(server.ended().await.success());

    let junk = server.folder().join("junk.db");
    std::fs::write(
        &junk,
        "this is no database at all, and long enough to look like one",
    )
    .unwrap();
    refused(beside(&server, &["restore", junk.to_str().unwrap()], ""));
    refused(beside(&server, &["restore", "missing.db"], ""));
    assert!(done(beside(&server, &["restore", copy], "")).contains("restored"));

    server.restart();
    let entries = server
        .client(Who::Viewer)
        .get(&format!("/api/v1/incidents/{incident}/entries"))
        .await
        .expect(200)
        .text;
    assert!(entries.contains("kept") && !entries.contains("lost by the restore"));
    let left: Vec<String> = std::fs::read_dir(server.folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("restor"))
        .collect();
    assert_eq!(left, ["rideout.db.before-restore"]);
}

#[tokio::test]
async fn every_incident_is_exported_restricted_ones_too() {
    for server in TestServer::each().await {
        let commander = server.client(Who::Commander);
        commander.declare("Reservations crawl").await;
        let secret = serde_json::json!({ "title": "A secret matter", "restricted": true });
        commander
            .post("/api/v1/incidents", &secret)
            .await
            .expect(201);
        let shown = done(beside(&server, &["export", "--out", "all"], ""));
        assert!(shown.contains("2 incidents"), "{shown}");
        let files: Vec<_> = std::fs::read_dir(server.folder().join("all"))
            .unwrap()
            .map(|f| f.unwrap().path())
            .collect();
        assert_eq!(files.len(), 2);
        assert!(files.iter().all(|file| file.extension().unwrap() == "md"));
        let json: serde_json::Value =
            serde_json::from_str(&done(beside(&server, &["export", "--format", "json"], "")))
                .unwrap();
        assert_eq!(json.as_array().unwrap().len(), 2);
        assert!(json.to_string().contains("A secret matter"));
    }
}

#[tokio::test]
async fn the_doctor_finds_a_healthy_server_healthy() {
    for server in TestServer::each().await {
        let shown = done(beside(
            &server,
            &[
                "doctor",
                "--listen",
                "127.0.0.1:0",
                "--admin-listen",
                "127.0.0.1:0",
            ],
            "",
        ));
        assert!(
            shown.contains("integrity") && shown.ends_with("All is well.\n"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn the_doctor_says_what_is_wrong_and_what_to_do() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut server = TestServer::start().await;
    server.ask_to_stop();
    assert!(server.ended().await.success());
    let file = server.folder().join("rideout.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = beside(
        &server,
        &[
            "doctor",
            "--listen",
            &address,
            "--admin-listen",
            "127.0.0.1:0",
        ],
        "",
    );
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(
        shown.contains("BAD   permissions") && shown.contains("→ chmod 600"),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("BAD   listen: {address}")),
        "{shown}"
    );
}

#[test]
fn commands_without_a_database_say_so() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["user", "list"][..],
        &["export"],
        &["migrate", "--check"],
        &["backup", "x.db"],
    ] {
        let output = rideout(folder.path(), arguments, &[], "");
        assert!(
            refused(output).contains("there is no database at"),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_account_can_be_made_before_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let create = [
        "user",
        "create",
        "--email",
        "priya@example.org",
        "--name",
        "Priya",
        "--role",
        "admin",
        "--password-stdin",
    ];
    let output = rideout(folder.path(), &create, &[], "eight of thirty-two threads\n");
    done(output);
    let listed = done(rideout(folder.path(), &["user", "list"], &[], ""));
    assert!(listed.contains("priya@example.org"), "{listed}");
    done(rideout(folder.path(), &["migrate"], &[], ""));
}

#[tokio::test]
async fn migrate_tells_and_does() {
    let mut server = TestServer::empty(&[]).await;
    assert!(done(beside(&server, &["migrate", "--check"], "")).contains("up to date"));
    assert!(done(beside(&server, &["migrate"], "")).contains("up to date"));
    server.kill();
}

#[test]
fn a_replay_needs_no_database_and_prints_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/incidents/prow-2019-02-08.jsonl"
    );
    let shown = done(rideout(folder.path(), &["replay", file, "--json"], &[], ""));
    let report: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(report["incident"], "prow-2019-02-08");
    assert_eq!(report["prompts"][0]["to"], "room");
    assert!(done(rideout(folder.path(), &["replay", file], &[], "")).contains("in a stuck span"));
    assert!(refused(rideout(folder.path(), &["replay", "none"], &[], "")).contains("none: "));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn help_teaches_and_completions_complete() {
    let folder = tempfile::tempdir().unwrap();
    let shown = done(rideout(folder.path(), &["serve", "--help"], &[], ""));
    assert!(
        shown.contains("Examples:")
            && shown.contains("--admin-listen")
            && shown.contains("RIDEOUT_LISTEN")
    );
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            done(rideout(folder.path(), &["completions", shell], &[], "")).contains("restore"),
            "{shell}"
        );
    }
}

/// A file that anybody wrote must not steer the operator's terminal.
#[test]
fn a_replay_prints_no_control_characters() {
    let folder = tempfile::tempdir().unwrap();
    let said = "\\u001b]0;owned\\u0007\u{9b}31m no effect\u{202e}\u{7f}";
    let head = format!(
        r#"{{"incident": {{"id": "{said}", "title": "{said}", "severity": 1, "started_at": "2020-01-01T09:00:00Z", "detected_at": "2020-01-01T09:00:00Z", "mitigated_at": null, "resolved_at": null, "stuck_windows": [{{"from": "2020-01-01T09:00:00Z", "to": "2020-01-01T10:00:00Z", "why": "{said}"}}]}}}}"#
    );
    let line = |minute: u32, kind: &str| {
        format!(
            r#"{{"at": "2020-01-01T09:{minute:02}:00Z", "actor": "on-call", "kind": "{kind}", "text": "{said}"}}"#
        )
    };
    let content = [head, line(0, "hypothesis"), line(59, "note")].join("\n");
    std::fs::write(folder.path().join("a.jsonl"), &content).unwrap();
    let bad = content.replace(r#""kind": "note""#, r#""kind": "\u001b[31m""#);
    std::fs::write(folder.path().join("bad.jsonl"), bad).unwrap();
    let plain = |shown: &str| {
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!shown.chars().any(steers), "{shown:?}");
    };
    let shown = done(rideout(folder.path(), &["replay", "a.jsonl"], &[], ""));
    assert!(shown.contains("␛]0;owned␇"), "{shown}");
    plain(&shown);
    let json = done(rideout(
        folder.path(),
        &["replay", "a.jsonl", "--json"],
        &[],
        "",
    ));
    assert!(!json.trim_end().chars().any(char::is_control), "{json:?}");
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    let id = told["incident"].as_str().unwrap();
    assert!(id.contains("\u{1b}]0;owned") && id.contains('\u{9b}'));
    let error = refused(rideout(folder.path(), &["replay", "bad.jsonl"], &[], ""));
    assert!(error.contains("bad.jsonl: line 3"), "{error}");
    plain(&error);
}
