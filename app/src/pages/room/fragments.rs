//! The regions of the room as strings: what live events carry and pages keep.

use super::{
    composer::{self, Draft},
    doing, glance, people, pinned,
    scene::{Person, Scene},
    thinking,
};
use crate::render_fragment;
use rideout_domain::{Room, room::Board};

pub use super::timeline::entry_html;

/// The regions that a page is made of, each a complete element with its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    /// `#region-glance`.
    pub glance: String,
    /// `#region-pinned`.
    pub pinned: String,
    /// `#region-thinking`.
    pub thinking: String,
    /// `#region-doing`.
    pub doing: String,
    /// `#region-roles`.
    pub roles: String,
    /// `#region-here`.
    pub here: String,
}

impl Regions {
    /// Renders every region. `people` are those who can be given a role.
    #[must_use]
    pub fn of(room: &Room, board: &Board, people: &[Person], scene: &Scene) -> Self {
        Self {
            glance: render_fragment(|| glance::glance(room, board, scene)),
            pinned: render_fragment(|| pinned::pinned(room)),
            thinking: render_fragment(|| thinking::thinking(room, board, scene)),
            doing: render_fragment(|| doing::doing(room, board, scene)),
            roles: render_fragment(|| people::roles(room, board, people, scene)),
            here: here_html(scene),
        }
    }

    /// The regions by name, as live events carry them.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &str); 6] {
        [
            ("glance", &self.glance),
            ("pinned", &self.pinned),
            ("thinking", &self.thinking),
            ("doing", &self.doing),
            ("roles", &self.roles),
            ("here", &self.here),
        ]
    }
}

/// Who is in the room: what a presence event carries.
#[must_use]
pub fn here_html(scene: &Scene) -> String {
    render_fragment(|| people::here(scene))
}

/// The composer.
#[must_use]
pub fn composer_html(room: &Room, board: &Board, people: &[Person], scene: &Scene, draft: &Draft) -> String {
    render_fragment(|| composer::composer(room, board, people, scene, draft))
}
