//! What must never reach the browser.

use crate::{error::Error, process, progress, toolchain::WASM, workspace::Workspace};

/// Crates that belong to the server, or are too big for the wire.
const FORBIDDEN: [&str; 5] = ["axum", "regex", "ring", "sqlx", "tokio"];

/// Reads configuration files with a regular expression. The browser half never
/// calls it, so the linker leaves it out; leptos names it all the same.
const NOT_LINKED: &str = "leptos_config";

/// Looks through all crates that the browser half is linked from.
pub(super) fn check(workspace: &Workspace) -> Result<(), Error> {
    let tree = process::capture(
        workspace
            .cargo()
            .args(["tree", "--package", "rideout-app", "--target", WASM])
            .args(["--no-default-features", "--features", "hydrate"])
            .args(["--edges", "normal,no-proc-macro"])
            .args(["--prefix", "none", "--format", "{p}", "--prune", NOT_LINKED]),
    )?;
    let found = forbidden(&tree);
    if found.is_empty() {
        progress::say(format!("{} crates, all fit for the browser", count(&tree)));
        return Ok(());
    }
    Err(Error::Failed(format!(
        "the browser half must not depend on {}; `cargo tree --target {WASM} --package \
         rideout-app --no-default-features --features hydrate --invert {}` tells why",
        found.join(", "),
        found[0]
    )))
}

fn names(tree: &str) -> impl Iterator<Item = &str> {
    tree.lines().filter_map(|line| line.split(' ').next())
}

fn count(tree: &str) -> usize {
    let mut names: Vec<&str> = names(tree).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

fn forbidden(tree: &str) -> Vec<&str> {
    let mut found: Vec<&str> = names(tree)
        .filter(|name| FORBIDDEN.contains(name) || name.starts_with("sqlx-"))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_crates_are_found_by_name() {
        let tree = "rideout-app v0.1.0 (/x)\nserde v1\nsqlx-core v0.9\nserde v1 (*)\ntokio v1\n";
        assert_eq!(forbidden(tree), ["sqlx-core", "tokio"]);
        assert_eq!(count(tree), 4);
        assert!(forbidden("regex-lite v0.1\nstring v1").is_empty());
    }
}
