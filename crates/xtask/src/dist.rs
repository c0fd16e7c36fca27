//! `cargo xtask dist`.

use crate::{
    error::Error,
    files, process,
    progress::{self, size},
    server::{self, Profile},
    site,
    workspace::Workspace,
};

/// Builds the one file that is shipped, with its checksum beside it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Error> {
    site::build(workspace)?;
    let built = server::build(workspace, Profile::Release)?;
    progress::heading("Distribution");
    let name = format!("rideout{}", std::env::consts::EXE_SUFFIX);
    let folder = workspace.root.join("target/dist");
    let program = folder.join(&name);
    files::copy(&built, &program)?;
    let content = files::read(&program)?;
    let hash = files::sha256(&content);
    files::write(
        &folder.join(format!("{name}.sha256")),
        format!("{hash}  {name}\n"),
    )?;
    let version = process::capture(workspace.command(&program).arg("--version"))?;
    progress::say(version.trim());
    progress::say(program.display());
    progress::say(format!("{}, sha256 {hash}", size(content.len())));
    Ok(())
}
