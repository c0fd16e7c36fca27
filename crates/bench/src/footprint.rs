//! Start, memory, size, and what a first visit costs.

use crate::{
    Failure,
    client::{Client, get},
    report::{Latencies, Measurement},
    server::{Server, binary},
};

/// Start to first page, idle memory, binary size, bytes of a first visit.
pub(crate) async fn measure() -> Result<Vec<Measurement>, Failure> {
    let mut starts = Latencies::default();
    for _ in 0..5 {
        let server = Server::start().await?;
        starts.push(server.started_in);
        server.stop().await?;
    }
    let server = Server::start().await?;
    let memory = server.memory().await?;
    let token = server.token("priya").await?;
    let incident = server.declare(&token).await?;
    let mut client = Client::connect(&server.address).await?;
    let cookie = server.session("omar").await?;
    let auth = format!("{cookie}Accept-Encoding: br\r\n");
    let page = client
        .send(&get(
            &server.address,
            &format!("/incidents/{incident}"),
            &auth,
        ))
        .await?;
    let plain = client
        .send(&get(
            &server.address,
            &format!("/incidents/{incident}"),
            &cookie,
        ))
        .await?;
    let html = String::from_utf8_lossy(&plain.body).into_owned();
    let mut files: Vec<String> = Vec::new();
    for part in html.split(['"', '\'', '`']) {
        if part.starts_with("/pkg/") && !files.iter().any(|f| f == part) {
            files.push(part.to_owned());
        }
    }
    let mut bytes = page.body.len();
    for file in &files {
        let answer = client
            .send(&get(&server.address, file, "Accept-Encoding: br\r\n"))
            .await?;
        if answer.status != 200
            || !answer
                .head
                .to_ascii_lowercase()
                .contains("content-encoding: br")
        {
            return Err(format!("{file} answers {} without brotli", answer.status).into());
        }
        bytes += answer.body.len();
    }
    server.stop().await?;
    let size = tokio::fs::metadata(binary()).await?.len();
    Ok(vec![
        Measurement::new(
            "start to first page, median of 5",
            starts.percentile(0.5),
            "ms",
        )
        .at_most(150.0),
        Measurement::new("idle memory", memory / 1e6, "MB").at_most(40.0),
        Measurement::new("binary", size as f64 / 1e6, "MB").at_most(30.0),
        Measurement::new(
            format!("first visit, brotli, page and {} files", files.len()),
            bytes as f64 / 1e3,
            "kB",
        )
        .at_most(120.0),
    ])
}
