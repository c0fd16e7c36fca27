//! The browser half: what the server embeds and serves below `/pkg/`.

mod bundle;
mod compress;
mod manifest;
mod style;

use std::path::Path;

use crate::{
    error::Error,
    files,
    progress::{self, Stopwatch},
    site::manifest::{Entry, Manifest},
    toolchain::{Origin, Toolchain},
    workspace::Workspace,
};

/// What a new browser may have to fetch, compressed.
const FIRST_VISIT_LIMIT: usize = 120_000;

/// Builds the browser half into `target/site`, as far as its sources changed.
pub(crate) fn build(workspace: &Workspace) -> Result<Manifest, Error> {
    progress::heading("Browser half");
    let watch = Stopwatch::start();
    // Held to the end: a second task would sweep away what this one writes.
    let _lock = files::lock(&workspace.root.join("target/site.lock"))?;
    let bundle = bundle::build(workspace)?;
    let statics = style::statics(&workspace.root.join("style/static"))?;
    let sheet = style::sheet(&workspace.root.join("style"), &statics)?;

    let mut sources = bundle.into_sources();
    sources.push(sheet);
    sources.extend(statics);

    let site = workspace.site();
    let mut manifest = Manifest::default();
    for source in &sources {
        manifest.files.push(write(&site, source)?);
    }
    manifest.files.sort_by(|a, b| a.name.cmp(&b.name));
    // Last: the server's build script takes it as the sign that the files are
    // complete.
    files::write_if_changed(&site.join(manifest::FILE), manifest.to_json()?)?;
    sweep(&site, &manifest)?;
    for file in &manifest.files {
        progress::say(file);
    }
    let first_visit = manifest.first_visit();
    progress::say(format!(
        "browser half ready in {watch}, {} brotli for the first visit",
        progress::size(first_visit)
    ));
    if first_visit > FIRST_VISIT_LIMIT {
        progress::say(format!(
            "that is more than the {} that we promise",
            progress::size(FIRST_VISIT_LIMIT)
        ));
    }
    Ok(manifest)
}

/// Builds the browser half with every compiler that can be had, and leaves what
/// is embedded alone: a way that is rarely taken must work all the same.
pub(crate) fn build_every_way(workspace: &Workspace) -> Result<(), Error> {
    let mut built = 0;
    for origin in Origin::ALL {
        progress::heading(&format!("Browser half by way of {}", origin.word()));
        let toolchain = match Toolchain::from(workspace, origin) {
            Ok(toolchain) => toolchain,
            Err(error) => {
                progress::say(error);
                progress::say("left out: it cannot be had on this machine");
                continue;
            }
        };
        let sources = bundle::build_with(workspace, &toolchain)?.into_sources();
        for source in &sources {
            progress::say(format!(
                "{}: {}",
                source.name,
                progress::size(source.content.len())
            ));
        }
        built += 1;
    }
    if built == 0 {
        return Err(Error::Failed("no compiler can be had".to_owned()));
    }
    Ok(())
}

/// A file of the browser half before it has its final name.
struct Source {
    /// What the server asks for, such as `rideout.css`.
    name: String,
    /// The name below `/pkg/`.
    file: String,
    /// Whether the file name changes with the content.
    hashed: bool,
    content: Vec<u8>,
}

impl Source {
    /// A file named after its content.
    fn hashed(name: &str, content: Vec<u8>) -> Self {
        let hash = short_hash(&content);
        Self {
            file: hashed_name(name, &hash),
            name: name.to_owned(),
            hashed: true,
            content,
        }
    }

    /// A file that keeps its name.
    fn plain(name: &str, content: Vec<u8>) -> Self {
        Self {
            file: name.to_owned(),
            name: name.to_owned(),
            hashed: false,
            content,
        }
    }
}

/// `icons/mail.svg` becomes `icons/mail-0123456789abcdef.svg`.
fn hashed_name(name: &str, hash: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{name}-{hash}"),
    }
}

fn short_hash(content: &[u8]) -> String {
    let mut hash = files::sha256(content);
    hash.truncate(16);
    hash
}

/// Writes a file and its compressed forms. What is there under a hashed name
/// is right already, and compressing well takes long.
fn write(site: &Path, source: &Source) -> Result<Entry, Error> {
    let path = site.join(&source.file);
    let etag = short_hash(&source.content);
    files::write_if_changed(&path, &source.content)?;
    let mut compressed = [0; 2];
    for (size, coding) in compressed.iter_mut().zip(compress::Coding::ALL) {
        let path = site.join(format!("{}.{}", source.file, coding.extension()));
        let done = if source.hashed {
            files::read(&path).ok()
        } else {
            None
        };
        let content = match done {
            Some(content) => content,
            None => coding.compress(&source.content)?,
        };
        files::write_if_changed(&path, &content)?;
        *size = content.len();
    }
    let [br, gz] = compressed;
    Ok(Entry {
        name: source.name.clone(),
        file: source.file.clone(),
        content_type: manifest::content_type(&source.name)?.to_owned(),
        hashed: source.hashed,
        etag,
        raw: source.content.len(),
        br,
        gz,
    })
}

/// Removes what earlier builds left and this one does not name.
fn sweep(site: &Path, manifest: &Manifest) -> Result<(), Error> {
    for file in files::list(site)? {
        let name = file.to_string_lossy();
        let known = name == manifest::FILE
            || manifest.files.iter().any(|entry| {
                name.strip_prefix(entry.file.as_str())
                    .is_some_and(|rest| matches!(rest, "" | ".br" | ".gz"))
            });
        if !known {
            let path = site.join(&file);
            std::fs::remove_file(&path).map_err(Error::io(format!("remove {}", path.display())))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_the_content() {
        let source = Source::hashed("icons/mail.svg", b"abc".to_vec());
        assert_eq!(source.file, "icons/mail-ba7816bf8f01cfea.svg");
        assert_eq!(Source::plain("robots.txt", Vec::new()).file, "robots.txt");
    }

    #[test]
    fn the_sweep_keeps_what_is_named() -> Result<(), Error> {
        let site = tempfile::tempdir().map_err(Error::io("make a folder"))?;
        let entry = write(site.path(), &Source::hashed("a.css", b"a{}".to_vec()))?;
        let kept = entry.file.clone();
        files::write(&site.path().join("a-old.css"), "")?;
        sweep(site.path(), &Manifest { files: vec![entry] })?;
        let left = files::list(site.path())?;
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(
            left.iter()
                .all(|file| file.to_string_lossy().starts_with(&kept))
        );
        Ok(())
    }
}
