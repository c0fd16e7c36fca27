//! Debian's compiler, for machines that reach a Debian mirror and not rustup's
//! servers. Debian ships no wasm32 library for it but all of its source.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::{WASM, has_library, library_folder};
use crate::{
    apt,
    error::Error,
    files, process,
    progress::{self, Stopwatch},
    workspace::Workspace,
};

const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];
const PROGRAMS: &str = "/usr/bin";
const SOURCES: &str = "/usr/src";

/// Debian's compiler and the folder with the library built for it.
pub(crate) struct Toolchain {
    version: String,
    linker: PathBuf,
    sysroot: PathBuf,
}

impl Toolchain {
    /// Installs the compiler and builds its library, unless that was done.
    pub(super) fn prepare(workspace: &Workspace) -> Result<Self, Error> {
        let found = match Installed::find() {
            Some(found) => found,
            None => {
                apt::install("Debian's Rust for the browser half", &PACKAGES)?;
                Installed::find().ok_or_else(|| Error::Missing {
                    what: "a matching set of Debian's Rust packages".to_owned(),
                    remedy: apt::remedy(&PACKAGES),
                })?
            }
        };
        let home = workspace
            .root
            .join("target/wasm-debian-library")
            .join(&found.version);
        let toolchain = Self {
            version: found.version,
            linker: found.linker,
            sysroot: home.join("sysroot"),
        };
        if !has_library(&toolchain.sysroot) {
            toolchain.build_library(workspace, &found.source, &home)?;
        }
        Ok(toolchain)
    }

    /// The version of the compiler, such as `1.96.0`.
    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Debian's cargo, set to compile for wasm32 against the library built
    /// here. The sysroot is ours, so nothing below `/usr` is written.
    pub(super) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut command = plain_cargo(workspace);
        command
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker)
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                format!("--sysroot={}", self.sysroot.display()),
            );
        command
    }

    fn build_library(
        &self,
        workspace: &Workspace,
        source: &Path,
        home: &Path,
    ) -> Result<(), Error> {
        let watch = Stopwatch::start();
        progress::say(format!(
            "building the {WASM} library of rustc {}",
            self.version
        ));
        let scratch = home.join("source");
        files::remove_folder(&scratch)?;
        files::copy_folder(source, &scratch)?;
        let target = home.join("build");
        process::run_quietly(
            plain_cargo(workspace)
                .current_dir(scratch.join("sysroot"))
                // The library uses unstable features, and only the build of
                // the library itself may.
                .env("RUSTC_BOOTSTRAP", "1")
                .env(
                    "RUSTFLAGS",
                    "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes",
                )
                .args(["build", "--release", "--target", WASM])
                .args(["--features", "panic-unwind compiler-builtins-mem"])
                .arg("--target-dir")
                .arg(&target),
        )?;
        let built = target.join(WASM).join("release/deps");
        let library = library_folder(&self.sysroot);
        for file in files::list(&built)? {
            if file
                .extension()
                .is_some_and(|extension| extension == "rlib")
            {
                files::copy(&built.join(&file), &library.join(&file))?;
            }
        }
        files::remove_folder(&scratch)?;
        files::remove_folder(&target)?;
        progress::say(format!("built the library in {watch}"));
        Ok(())
    }
}

/// A set of packages that fit each other.
struct Installed {
    version: String,
    linker: PathBuf,
    source: PathBuf,
}

impl Installed {
    fn find() -> Option<Self> {
        let programs = Path::new(PROGRAMS);
        let rustc = programs.join("rustc");
        if !rustc.exists() || !programs.join("cargo").exists() {
            return None;
        }
        let told = process::capture(Command::new(rustc).arg("-vV")).ok()?;
        let field = |name: &str| {
            told.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let version = field("release:")?.to_owned();
        let llvm = field("LLVM version:")?.split('.').next()?;
        let linker = programs.join(format!("wasm-ld-{llvm}"));
        // The library of another version does not build with this compiler.
        let source = Path::new(SOURCES)
            .join(format!("rustc-{version}"))
            .join("library");
        (linker.exists() && source.join("sysroot/Cargo.toml").exists()).then_some(Self {
            version,
            linker,
            source,
        })
    }
}

/// Debian's cargo with Debian's compiler, whatever else PATH or rustup offer.
fn plain_cargo(workspace: &Workspace) -> Command {
    let programs = Path::new(PROGRAMS);
    let mut command = workspace.command(programs.join("cargo"));
    let mut folders = vec![programs.to_path_buf()];
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    if let Ok(path) = env::join_paths(folders) {
        command.env("PATH", path);
    }
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command
        .env("RUSTC", programs.join("rustc"))
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    command
}
