//! Turns the finished browser half in `target/site` into a table of embedded
//! files, and tells the server which commit it was built from.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Where `cargo xtask build` leaves the browser half, unless this says so.
const SITE: &str = "RIDEOUT_SITE_DIR";
/// Set by those who know the commit better than this script.
const BUILD: &str = "RIDEOUT_BUILD";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SITE}");
    println!("cargo::rerun-if-env-changed={BUILD}");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("assets.rs"), assets(&root, &out)?)?;
    let build = env::var(BUILD).unwrap_or_else(|_| commit(&root));
    println!("cargo::rustc-env={BUILD}={build}");
    Ok(())
}

/// The table of files, empty as long as the browser half was not built: the
/// server can be checked and tested without it.
fn assets(root: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let site = match env::var_os(SITE) {
        Some(folder) => root.join(folder),
        None => {
            let site = root.join("target/site");
            // Cargo takes a path that is not there for one that changed, and
            // would build the server anew each time.
            let _ = fs::create_dir_all(&site);
            site
        }
    };
    // Held while files are copied, against a build of the browser half that
    // runs at the same time.
    let lock = File::open(site.with_extension("lock"));
    if let Ok(lock) = &lock {
        lock.lock_shared()?;
    }
    let manifest = site.join("manifest.json");
    let Ok(text) = fs::read_to_string(&manifest) else {
        println!("cargo::rerun-if-changed={}", site.display());
        println!("cargo::warning=browser half not built: run cargo xtask build");
        return Ok("static TABLE: &[Asset] = &[];\n".to_owned());
    };
    println!("cargo::rerun-if-changed={}", manifest.display());
    let manifest: Value = serde_json::from_str(&text)?;
    let mut table = String::from("static TABLE: &[Asset] = &[\n");
    let copies = out.join("pkg");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    for file in manifest["files"].as_array().into_iter().flatten() {
        entry(&mut table, &site, &copies, file)?;
    }
    table.push_str("];\n");
    Ok(table)
}

/// One file of the table. It is embedded from a copy: the compiler comes much
/// later than this script, and finds the site as it is by then.
fn entry(
    table: &mut String,
    site: &Path,
    copies: &Path,
    file: &Value,
) -> Result<(), Box<dyn Error>> {
    let field = |name: &str| {
        file[name]
            .as_str()
            .ok_or_else(|| format!("manifest.json: a file without {name}"))
    };
    let path = field("file")?;
    writeln!(table, "Asset {{")?;
    writeln!(table, "name: {:?},", field("name")?)?;
    writeln!(table, "path: {path:?},")?;
    writeln!(table, "url: {:?},", format!("/pkg/{path}"))?;
    writeln!(table, "content_type: {:?},", field("content_type")?)?;
    writeln!(table, "hashed: {},", file["hashed"] == Value::Bool(true))?;
    writeln!(table, "etag: {:?},", field("etag")?)?;
    for (name, extension) in [("raw", ""), ("br", ".br"), ("gz", ".gz")] {
        let path = format!("{path}{extension}");
        let copy = copies.join(&path);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(site.join(&path), &copy)?;
        writeln!(
            table,
            "{name}: include_bytes!({:?}),",
            copy.display().to_string()
        )?;
    }
    writeln!(table, "}},")?;
    Ok(())
}

/// The commit, and whether the sources differ from it.
fn commit(root: &Path) -> String {
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .current_dir(root)
            .args(args)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let Some(hash) = git(&["rev-parse", "--short=12", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_default();
    for name in ["HEAD", "packed-refs", &branch] {
        let path = git(&["rev-parse", "--git-path", name]).map(|path| root.join(path));
        if let Some(path) = path.filter(|path| path.is_file()) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
    match changed.is_some_and(|list| !list.is_empty()) {
        true => format!("{hash}-dirty"),
        false => hash,
    }
}
