//! A file or folder that may only be read.

use crate::support::{TestServer, Who, rideout, rideout_by};
use std::{
    fs::{Permissions, set_permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

/// The superuser may write everything. Without these two rights, which a
/// process can only lose, it is held to permissions like everybody else.
fn starter() -> Vec<String> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--",
    ]
    .map(str::to_owned)
    .into()
}

fn permit(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Starts a server and returns its complaint.
fn refused(folder: &Path, file: &str) -> String {
    let url = format!("sqlite:{file}");
    let arguments = [
        "serve",
        "--database-url",
        &url,
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let output = rideout_by(&starter(), folder, &arguments, &[], "");
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(!complaint.contains("panicked"), "{complaint}");
    assert!(output.stdout.is_empty(), "it claims to listen");
    complaint
}

#[tokio::test]
async fn what_may_not_be_written_is_named_at_the_start() {
    let mut server = TestServer::start().await;
    let incident = server.client(Who::Responder).declare("Kept").await;
    server.ask_to_stop();
    assert!(server.ended().await.success());
    let folder = server.folder().canonicalize().unwrap();
    let says = |complaint: &str, path: &Path| {
        let expected = format!(
            "{} may only be read: give the account that runs Rideout the right to write it and its folder",
            path.display()
        );
        assert!(complaint.contains(&expected), "{complaint}");
    };

    let file = folder.join("rideout.db");
    permit(&file, 0o400);
    says(&refused(&folder, file.to_str().unwrap()), &file);
    permit(&file, 0o600);

    // The file could be written, but nothing can be put beside it.
    let lock = folder.join("rideout.db.lock");
    std::fs::remove_file(&lock).unwrap();
    permit(&folder, 0o500);
    says(&refused(&folder, file.to_str().unwrap()), &lock);
    // Nor can a file be made.
    says(
        &refused(&folder, folder.join("new.db").to_str().unwrap()),
        &folder.join("new.db"),
    );
    permit(&folder, 0o700);

    let nowhere = folder.join("nowhere");
    let complaint = refused(&folder, nowhere.join("new.db").to_str().unwrap());
    let expected = format!("the folder {} does not exist: create it", nowhere.display());
    assert!(complaint.contains(&expected), "{complaint}");

    server.restart();
    server
        .client(Who::Viewer)
        .get(&format!("/api/v1/incidents/{incident}"))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_log_that_may_not_be_written_is_told_too() {
    let mut server = TestServer::start().await;
    server.client(Who::Responder).declare("In the log").await;
    // After a crash the log holds what the file does not.
    server.kill();
    let file = server.folder().join("rideout.db");
    let log = server.folder().join("rideout.db-wal");
    permit(&log, 0o400);
    let complaint = refused(server.folder(), file.to_str().unwrap());
    assert!(complaint.contains("may only be read"), "{complaint}");
    permit(&log, 0o600);
    server.restart();
    let list = server
        .client(Who::Viewer)
        .get("/api/v1/incidents")
        .await
        .expect(200);
    assert!(list.text.contains("In the log"), "{}", list.text);
}

#[tokio::test]
async fn doctor_says_what_to_do() {
    let mut server = TestServer::start().await;
    server.ask_to_stop();
    assert!(server.ended().await.success());
    let file = server.folder().join("rideout.db");
    permit(&file, 0o400);
    let url = server.database_url();
    let arguments = [
        "doctor",
        "--database-url",
        &url,
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let output = rideout_by(&starter(), server.folder(), &arguments, &[], "");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("read-only") || said.contains("may only be read"),
        "{said}"
    );
    permit(&file, 0o600);
    let output = rideout(server.folder(), &arguments, &[], "");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
