//! `cargo xtask screenshots`.

use crate::{
    browser::Browser,
    error::Error,
    process, progress,
    server::{self, Profile},
    site,
    workspace::Workspace,
};

/// Builds everything and runs the script that takes the pictures.
pub(crate) fn run(workspace: &Workspace, args: &[String]) -> Result<(), Error> {
    progress::heading("What the screenshots need");
    let browser = Browser::prepare(workspace)?;
    site::build(workspace)?;
    let program = server::build(workspace, Profile::Dev)?;
    progress::heading("Screenshots");
    process::run(
        browser
            .script(workspace, "screenshots.mjs", &program)?
            .args(args),
    )
}
