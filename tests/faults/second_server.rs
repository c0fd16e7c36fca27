//! A second server on the file of a running one, and commands beside it.

use super::writers::{Ledger, WRITERS, Writers};
use crate::support::{Client, PASSWORD, TestServer, Who, rideout};

const SERVE: [&str; 5] = [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--admin-listen",
    "127.0.0.1:0",
];

#[tokio::test]
async fn it_is_refused_by_every_name_of_the_file_and_the_first_goes_on() {
    let mut server = TestServer::start().await;
    let ledger = Ledger::open(&server).await;
    let writers = Writers::start(&ledger, &[&server.client(Who::Responder)], WRITERS / 4);
    let file = server.folder().join("rideout.db");
    std::os::unix::fs::symlink(&file, server.folder().join("other.db")).unwrap();
    std::fs::create_dir(server.folder().join("sub")).unwrap();
    for name in [
        server.database_url().as_str(),
        "sqlite:rideout.db",
        "sqlite:sub/../rideout.db",
        "sqlite:other.db",
    ] {
        let arguments = [&SERVE[..], &["--database-url", name]].concat();
        let folder = server.folder().to_owned();
        let started = tokio::task::spawn_blocking({
            let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            move || {
                rideout(
                    &folder,
                    &arguments.iter().map(String::as_str).collect::<Vec<_>>(),
                    &[],
                    "",
                )
            }
        });
        let output = started.await.unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}: {complaint}");
        let expected = format!(
            "another Rideout server (process {}) has {} open: stop it first, or give this one another file",
            server.pid().as_raw_nonzero(),
            file.canonicalize().unwrap().display()
        );
        let told: Vec<&str> = complaint
            .lines()
            .filter(|line| line.contains("another Rideout server"))
            .collect();
        assert_eq!(told.len(), 1, "{complaint}");
        assert!(told[0].contains(&expected), "{complaint}");
        assert!(output.stdout.is_empty(), "it claims to listen");
    }
    ledger.grows_by(WRITERS).await;
    writers.stop().await;
    assert!(ledger.refused().is_empty(), "{:?}", ledger.refused());
    server.operator().get("/health/ready").await.expect(200);
    server.kill();
    server.restart();
    ledger.settle(&server.client(Who::Responder)).await;
    ledger.check(&server.client(Who::Viewer)).await;
}

#[tokio::test]
async fn commands_work_beside_a_server_that_is_written_to() {
    let server = TestServer::start().await;
    let ledger = Ledger::open(&server).await;
    let writers = Writers::start(&ledger, &[&server.client(Who::Responder)], WRITERS / 4);
    let (folder, url) = (server.folder().to_owned(), server.database_url());
    let commands = tokio::task::spawn_blocking(move || {
        let run = |arguments: &[&str]| {
            let arguments = [arguments, &["--database-url", &url]].concat();
            let output = rideout(&folder, &arguments, &[], PASSWORD);
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {complaint}");
            String::from_utf8(output.stdout).unwrap()
        };
        let email = "newcomer@example.org";
        run(&[
            "user",
            "create",
            "--email",
            email,
            "--name",
            "New Comer",
            "--role",
            "responder",
            "--password-stdin",
        ]);
        let token = run(&["token", "create", "--email", email, "--name", "beside"]);
        run(&["migrate"]);
        run(&["export", "--out", "out"]);
        run(&["backup", "copy.db"]);
        token
    });
    let token = commands.await.unwrap();
    let newcomer = Client::new(&server.main, Some(token.trim().to_owned()));
    assert_eq!(
        newcomer.get("/api/v1/me").await.expect(200).json()["name"],
        "New Comer"
    );
    ledger.grows_by(WRITERS).await;
    writers.stop().await;
    assert!(ledger.refused().is_empty(), "{:?}", ledger.refused());
    ledger.check(&newcomer).await;
    assert_eq!(
        std::fs::read_dir(server.folder().join("out"))
            .unwrap()
            .count(),
        1
    );
    assert!(
        std::fs::metadata(server.folder().join("copy.db"))
            .unwrap()
            .len()
            > 0
    );
}
