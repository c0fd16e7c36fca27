//! Where things are, and the cargo that builds them.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Command,
};

const LIBRARIES: &str = "LD_LIBRARY_PATH";

/// The folders of this clone.
pub(crate) struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts the server half.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace this task was compiled in.
    pub(crate) fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .map_or_else(PathBuf::new, Path::to_path_buf);
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        Self { root, target }
    }

    /// The folder of the finished browser half, where the server's build
    /// script looks for it.
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The folder of the browser tests.
    pub(crate) fn browser_tests(&self) -> PathBuf {
        self.root.join("tests/browser")
    }

    /// The cargo that runs this task, started in the root of the workspace.
    pub(crate) fn cargo(&self) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(cargo);
        command.env("CARGO_TERM_PROGRESS_WHEN", "never");
        command
    }

    /// A program started in the root of the workspace, without what cargo told
    /// this task about itself: build scripts would take it for news and run
    /// again, and a browser would load the compiler's libraries.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let ours = name.to_str().is_some_and(|name| {
                name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
            });
            if ours {
                command.env_remove(name);
            }
        }
        if let Some(folders) = env::var_os(LIBRARIES) {
            match self.without_cargos(&folders) {
                Some(folders) => command.env(LIBRARIES, folders),
                None => command.env_remove(LIBRARIES),
            };
        }
        command
    }

    /// The library folders that were there before cargo added its own.
    fn without_cargos(&self, folders: &OsStr) -> Option<OsString> {
        let cargo = env::var_os("CARGO").map(PathBuf::from)?;
        let toolchain = cargo.parent()?.parent()?;
        let kept: Vec<PathBuf> = env::split_paths(folders)
            .filter(|folder| !folder.starts_with(toolchain) && !folder.starts_with(&self.target))
            .collect();
        let joined = env::join_paths(kept).ok()?;
        (!joined.is_empty()).then_some(joined)
    }
}
