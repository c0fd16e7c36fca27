//! Open files, of which each connection takes one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are not connections: the database, its log, the listeners, standard streams.
const OWN_FILES: u64 = 128;

/// Raises the limit of open files as far as the system allows, and returns how
/// many connections of those wanted fit into it.
#[must_use]
pub fn allow(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let need = u64::try_from(wanted)
        .unwrap_or(u64::MAX)
        .saturating_add(OWN_FILES);
    let goal = maximum.map_or(need, |maximum| need.min(maximum));
    let mut have = current.unwrap_or(need);
    if have < goal
        && setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(goal),
                maximum,
            },
        )
        .is_ok()
    {
        have = goal;
    }
    let fit = usize::try_from(have.saturating_sub(OWN_FILES))
        .unwrap_or(usize::MAX)
        .max(16);
    if fit < wanted {
        tracing::warn!(
            connections.wanted = wanted,
            connections.allowed = fit,
            "the system's limit of open files ({have}) allows fewer connections than max_connections"
        );
    }
    fit.min(wanted)
}
