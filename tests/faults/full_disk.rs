//! A disk without room, and room again.

use super::writers::{Ledger, WRITERS, Writers, is_clear};
use crate::{
    door::sign_in,
    support::{Client, PATIENCE, TestServer, Who, left_out, new_id, send, wait_until},
};
use rustix::process::{Resource, Rlimit, geteuid, getrlimit, prlimit};
use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

/// Files of the server may not grow beyond that.
fn limit(server: &TestServer, bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    prlimit(
        Some(server.pid()),
        Resource::Fsize,
        Rlimit {
            current: bytes,
            maximum,
        },
    )
    .unwrap();
}

/// A limit of the size of files takes effect everywhere, whoever we are. The
/// system answers "file too large" and not "no space", which is an error of the
/// disk like any other.
#[tokio::test]
async fn a_file_that_may_not_grow_is_told_and_does_not_stop_the_server() {
    let mut server = TestServer::start().await;
    let browser = sign_in(&server, Who::Responder).await;
    let ledger = Ledger::open(&server).await;
    let writers = Writers::start(&ledger, &[&server.client(Who::Responder)], WRITERS);
    for _ in 0..3 {
        ledger.grows_by(WRITERS).await;
        let log = server
            .folder()
            .join("rideout.db-wal")
            .metadata()
            .unwrap()
            .len();
        limit(&server, Some(log + 10_000));
        while_there_is_no_room(&server, &browser, &ledger).await;
        limit(&server, None);
        ledger.grows_by(WRITERS).await;
    }
    writers.stop().await;
    let responder = server.client(Who::Responder);
    ledger.check(&responder).await;
    ledger.settle(&responder).await;
    assert!(!server.log().contains("panic"), "{}", server.log());
    server.kill();
    server.restart();
    ledger.check(&server.client(Who::Viewer)).await;
}

/// A disk of a few megabytes that only the server has, and that vanishes with it.
struct SmallDisk;

impl SmallDisk {
    fn words(script: &str) -> Vec<String> {
        let mut words = vec!["unshare", "--mount"];
        if !geteuid().is_root() {
            words.push("--map-root-user");
        }
        words.extend(["--", "sh", "-c", script, "sh"]);
        words.into_iter().map(str::to_owned).collect()
    }

    /// Whether the system lets us have one.
    fn is_permitted() -> bool {
        let folder = tempfile::tempdir().unwrap();
        let words = Self::words("mount -t tmpfs -o size=1m rideout .");
        let mounted = Command::new(&words[0])
            .args(&words[1..])
            .current_dir(folder.path())
            .output();
        mounted.is_ok_and(|output| output.status.success())
    }

    /// The log goes there too, as on many machines.
    fn starter(_: &Path) -> Vec<String> {
        Self::words(
            "mkdir disk && mount -t tmpfs -o size=6m,mode=0700 rideout disk && mv rideout.db disk/ && exec \"$@\" 2>>disk/log",
        )
    }

    /// The folder, seen from outside.
    fn folder(server: &TestServer) -> PathBuf {
        let inside = server.folder().canonicalize().unwrap().join("disk");
        Path::new(&format!("/proc/{}/root", server.pid().as_raw_nonzero()))
            .join(inside.strip_prefix("/").unwrap())
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_room_is_used_as_soon_as_there_is_some() {
    if !SmallDisk::is_permitted() {
        left_out(
            "a disk that is really full: this system lets us mount none; the limit of file sizes is tested",
        );
        return;
    }
    let server = TestServer::started_by(SmallDisk::starter, "disk/rideout.db").await;
    let browser = sign_in(&server, Who::Responder).await;
    let ledger = Ledger::open(&server).await;
    let responder = server.client(Who::Responder);
    let writers = Writers::start(&ledger, &[&responder], WRITERS);
    let ballast = SmallDisk::folder(&server).join("ballast");
    for _ in 0..3 {
        ledger.grows_by(WRITERS).await;
        let mut file = File::create(&ballast).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        while_there_is_no_room(&server, &browser, &ledger).await;
        std::fs::remove_file(&ballast).unwrap();
        drop(file);
        ledger.grows_by(WRITERS).await;
    }
    writers.stop().await;
    ledger.check(&responder).await;
    ledger.settle(&responder).await;

    // A file that does not fit leaves no trace, and room for what does.
    let attach = responder.request(
        "POST",
        &format!("/api/v1/incidents/{}/attachments?name=x", ledger.incident),
    );
    let refused = send(
        attach
            .header("content-type", "application/octet-stream")
            .body(vec![7; 9_000_000]),
    )
    .await;
    assert_eq!((is_clear(&refused.expect(503)).as_str()), "storage");
    responder
        .note(&ledger.incident, &new_id(), "it fits")
        .await
        .expect(201);
    let log = std::fs::read_to_string(SmallDisk::folder(&server).join("log")).unwrap();
    assert!(!log.contains("panic"), "{log}");
}

/// Writing is refused with a sentence; everything else goes on.
async fn while_there_is_no_room(server: &TestServer, browser: &Client, ledger: &Ledger) {
    let before: usize = ledger.refused().values().sum();
    wait_until("writers are refused", || async {
        ledger.refused().values().sum::<usize>() >= before + WRITERS
    })
    .await;
    let refused = ledger.refused();
    assert!(
        refused
            .keys()
            .all(|(status, code)| *status == 503 && code == "storage"),
        "{refused:?}"
    );

    let room = format!("/incidents/{}", ledger.incident);
    for path in ["/incidents", &room, &format!("{room}/catch-up"), "/account"] {
        let page = send(browser.request("GET", path).timeout(PATIENCE))
            .await
            .expect(200);
        assert!(page.text.ends_with("</html>"), "{path}");
    }
    let form = browser
        .form("/incidents", &[("title", "No room"), ("severity", "SEV1")])
        .await
        .expect(503);
    let sentences = [
        "The disk of the database is full, so nothing was saved.",
        "The file of the database cannot be read or written.",
    ];
    assert!(
        sentences
            .iter()
            .any(|sentence| form.text.contains(sentence))
            && form.text.ends_with("</html>"),
        "{}",
        form.text
    );
    let viewer = server.client(Who::Viewer);
    viewer.get(&ledger.path()).await.expect(200);
    viewer.get("/api/v1/incidents").await.expect(200);
    for path in ["/health/live", "/health/ready", "/state", "/metrics"] {
        server.operator().get(path).await.expect(200);
    }
}
