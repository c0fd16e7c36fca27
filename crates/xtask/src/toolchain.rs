//! Which compiler builds the browser half.
//!
//! It needs the standard library for wasm32 of exactly its own version. Three
//! places may have one, and each is tried in turn: the compiler in use,
//! rustup, and Debian's packages.

mod debian;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{error::Error, process, progress, workspace::Workspace};

/// The target of the browser half.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Forces one of the ways, so that both can be tested on one machine.
const CHOICE: &str = "RIDEOUT_WASM_TOOLCHAIN";

/// Some networks swallow the request instead of refusing it.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// A compiler with a standard library for wasm32.
pub(crate) enum Toolchain {
    /// The one that also builds the server.
    Current,
    /// Debian's own, with a standard library built from Debian's source.
    Debian(debian::Toolchain),
}

/// Where a compiler may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The compiler in use, with a library that it has or that rustup adds.
    Rustup,
    /// Debian's packages.
    Debian,
}

impl Origin {
    /// In the order in which they are tried.
    pub(crate) const ALL: [Self; 2] = [Self::Rustup, Self::Debian];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    /// Those to try: all, or the one that is asked for.
    fn wanted(choice: &str) -> Result<Vec<Self>, Error> {
        let wanted: Vec<Self> = Self::ALL
            .into_iter()
            .filter(|origin| choice.is_empty() || origin.word() == choice)
            .collect();
        if wanted.is_empty() {
            return Err(Error::Invalid {
                file: CHOICE.to_owned(),
                problem: format!("`{choice}` is neither `rustup` nor `debian`"),
            });
        }
        Ok(wanted)
    }
}

impl Toolchain {
    /// Finds a compiler, installs what is missing, and says what it found.
    pub(crate) fn find(workspace: &Workspace) -> Result<Self, Error> {
        let wanted = Origin::wanted(&env::var(CHOICE).unwrap_or_default())?;
        first_of(&wanted, |origin| Self::from(workspace, origin))
    }

    /// The compiler from one place.
    pub(crate) fn from(workspace: &Workspace, origin: Origin) -> Result<Self, Error> {
        match origin {
            Origin::Rustup if current_has_wasm(workspace)? || added_by_rustup(workspace)? => {
                let version = process::capture(workspace.command("rustc").arg("--version"))?;
                progress::say(format!(
                    "browser half: {}, its own wasm32 library",
                    version.trim()
                ));
                Ok(Self::Current)
            }
            Origin::Rustup => Err(nothing_works()),
            Origin::Debian => {
                let toolchain = debian::Toolchain::prepare(workspace)?;
                progress::say(format!(
                    "browser half: Debian's rustc {}, wasm32 library built from its source",
                    toolchain.version()
                ));
                Ok(Self::Debian(toolchain))
            }
        }
    }

    /// The cargo of this compiler.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        match self {
            Self::Current => workspace.cargo(),
            Self::Debian(debian) => debian.cargo(workspace),
        }
    }

    /// The folder it builds in. It is not the server's: two compilers, or two
    /// sets of flags, in one folder undo each other's work.
    pub(crate) fn target(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join(match self {
            Self::Current => "target/site-build",
            Self::Debian(_) => "target/wasm-debian",
        })
    }

    /// Everything about the compiler that may change what it makes.
    pub(crate) fn identity(&self, workspace: &Workspace) -> Result<String, Error> {
        match self {
            Self::Current => process::capture(workspace.command("rustc").arg("-vV")),
            Self::Debian(debian) => Ok(format!("debian {}", debian.version())),
        }
    }

    /// Whether clippy understands what this compiler makes.
    pub(crate) fn has_clippy(&self) -> bool {
        matches!(self, Self::Current)
    }
}

/// The first that can be had. Where none can, the way out of the first one is
/// the shortest.
fn first_of<T>(
    wanted: &[Origin],
    mut get: impl FnMut(Origin) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut first = None;
    for origin in wanted {
        match get(*origin) {
            Ok(toolchain) => return Ok(toolchain),
            Err(error) => {
                progress::say(&error);
                first.get_or_insert(error);
            }
        }
    }
    Err(first.unwrap_or_else(nothing_works))
}

fn nothing_works() -> Error {
    Error::Missing {
        what: format!("the standard library for {WASM}"),
        remedy: format!("rustup target add {WASM}"),
    }
}

fn current_has_wasm(workspace: &Workspace) -> Result<bool, Error> {
    let sysroot = process::capture(workspace.command("rustc").args(["--print", "sysroot"]))?;
    Ok(has_library(Path::new(sysroot.trim())))
}

/// Whether a sysroot holds a whole standard library for wasm32.
fn has_library(sysroot: &Path) -> bool {
    let Ok(files) = library_folder(sysroot).read_dir() else {
        return false;
    };
    let names: Vec<_> = files.flatten().map(|file| file.file_name()).collect();
    ["libcore", "libstd"].iter().all(|library| {
        names.iter().any(|name| {
            let name = name.to_string_lossy();
            name.strip_suffix(".rlib")
                .and_then(|stem| stem.strip_prefix(library))
                // A hash, or nothing when it was built from source.
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })
    })
}

fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(WASM).join("lib")
}

fn added_by_rustup(workspace: &Workspace) -> Result<bool, Error> {
    if process::find("rustup").is_none() {
        return Ok(false);
    }
    progress::say(format!("rustup target add {WASM}"));
    let added = process::run_within(
        workspace.command("rustup").args(["target", "add", WASM]),
        RUSTUP_LIMIT,
    );
    if let Err(error) = added {
        progress::say(error);
        return Ok(false);
    }
    current_has_wasm(workspace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    /// Which were tried, and which was taken.
    fn tried(choice: &str, there: &[Origin]) -> (Vec<Origin>, Result<Origin, Error>) {
        let mut tried = Vec::new();
        let taken = Origin::wanted(choice).and_then(|wanted| {
            first_of(&wanted, |origin| {
                tried.push(origin);
                if there.contains(&origin) {
                    Ok(origin)
                } else {
                    Err(Error::Missing {
                        what: "a compiler".to_owned(),
                        remedy: format!("get it from {}", origin.word()),
                    })
                }
            })
        });
        (tried, taken)
    }

    #[test]
    fn rustup_is_tried_first_and_debian_when_it_cannot_help() {
        use Origin::{Debian, Rustup};
        let (asked, taken) = tried("", &[Rustup, Debian]);
        assert_eq!((asked, taken.ok()), (vec![Rustup], Some(Rustup)));
        let (asked, taken) = tried("", &[Debian]);
        assert_eq!((asked, taken.ok()), (vec![Rustup, Debian], Some(Debian)));
        let (asked, taken) = tried("debian", &[Rustup, Debian]);
        assert_eq!((asked, taken.ok()), (vec![Debian], Some(Debian)));
        let (asked, taken) = tried("rustup", &[Debian]);
        assert_eq!((asked, taken.ok()), (vec![Rustup], None));
    }

    #[test]
    fn where_nothing_works_one_command_is_named() {
        let told = tried("", &[]).1.unwrap_err().to_string();
        assert!(told.contains("get it from rustup"), "{told}");
        let told = tried("gentoo", &[]).1.unwrap_err().to_string();
        assert!(told.contains("neither `rustup` nor `debian`"), "{told}");
    }

    #[test]
    fn half_a_library_is_none() -> Result<(), Error> {
        let sysroot = tempfile::tempdir().map_err(Error::io("make a folder"))?;
        assert!(!has_library(sysroot.path()));
        files::write(&library_folder(sysroot.path()).join("libcore-1.rlib"), "")?;
        assert!(!has_library(sysroot.path()));
        files::write(
            &library_folder(sysroot.path()).join("libstd_detect.rlib"),
            "",
        )?;
        assert!(!has_library(sysroot.path()));
        files::write(&library_folder(sysroot.path()).join("libstd.rlib"), "")?;
        assert!(has_library(sysroot.path()));
        Ok(())
    }
}
