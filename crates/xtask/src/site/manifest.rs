//! The list of finished files that the server's build script reads.

use std::fmt;

use serde::Serialize;

use crate::{error::Error, progress::size};

/// The name of the list.
pub(super) const FILE: &str = "manifest.json";

const FIRST_VISIT: [&str; 3] = ["rideout.css", "rideout.js", "rideout.wasm"];

/// All files of the browser half.
#[derive(Default, Serialize)]
pub(crate) struct Manifest {
    /// The files, by name.
    pub(crate) files: Vec<Entry>,
}

/// One file of the browser half.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// What the server asks for, such as `rideout.css`.
    pub(crate) name: String,
    /// The name below `/pkg/`.
    pub(crate) file: String,
    /// The media type.
    pub(crate) content_type: String,
    /// Whether the file name changes with the content, so that browsers may
    /// keep it for ever.
    pub(crate) hashed: bool,
    /// The content, in short.
    pub(crate) etag: String,
    /// Bytes as it is.
    pub(crate) raw: usize,
    /// Bytes with brotli.
    pub(crate) br: usize,
    /// Bytes with gzip.
    pub(crate) gz: usize,
}

impl Manifest {
    /// The bytes that every page makes a new browser fetch.
    pub(crate) fn first_visit(&self) -> usize {
        self.files
            .iter()
            .filter(|entry| FIRST_VISIT.contains(&entry.name.as_str()))
            .map(|entry| entry.br)
            .sum()
    }

    /// The text of the list.
    pub(super) fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map_err(|error| Error::Invalid {
            file: FILE.to_owned(),
            problem: error.to_string(),
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {} brotli, {} gzip",
            self.file,
            size(self.raw),
            size(self.br),
            size(self.gz)
        )
    }
}

/// The media type of a file by its name.
pub(super) fn content_type(name: &str) -> Result<&'static str, Error> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(match extension {
        "css" => "text/css; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" => "image/jpeg",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => {
            return Err(Error::Invalid {
                file: name.to_owned(),
                problem: "no media type is known for this kind of file".to_owned(),
            });
        }
    })
}
