//! The regions of the room as strings: what live events carry and pages keep.

use super::{
    composer::{self, Draft},
    doing, glance, people, pinned, prompt,
    scene::{Person, Scene},
    thinking,
};
use crate::render_fragment;
use leptos::prelude::IntoAny as _;
use rideout_domain::{Room, room::Board};

pub use super::timeline::entry_html;

/// The regions that a page is made of, each a complete element with its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Regions {
    /// `#region-glance`.
    pub glance: String,
    /// `#region-prompt`.
    pub prompt: String,
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
    /// Renders every region.
    #[must_use]
    pub fn of(room: &Room, board: &Board, scene: &Scene) -> Self {
        let region = |name| region_html(name, room, board, scene);
        Self {
            glance: region("glance"),
            prompt: region("prompt"),
            pinned: region("pinned"),
            thinking: region("thinking"),
            doing: region("doing"),
            roles: region("roles"),
            here: region("here"),
        }
    }

    /// The regions by name, as live events carry them.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &str); 7] {
        [
            ("glance", &self.glance),
            ("prompt", &self.prompt),
            ("pinned", &self.pinned),
            ("thinking", &self.thinking),
            ("doing", &self.doing),
            ("roles", &self.roles),
            ("here", &self.here),
        ]
    }
}

/// The names of the regions, in the order of [`Regions::by_name`].
pub const NAMES: [&str; 7] = [
    "glance", "prompt", "pinned", "thinking", "doing", "roles", "here",
];

/// One region by its name; empty when there is none of that name.
#[must_use]
pub fn region_html(name: &str, room: &Room, board: &Board, scene: &Scene) -> String {
    render_fragment(|| match name {
        "glance" => glance::glance(room, board, scene),
        "prompt" => prompt::prompt(room, board, scene),
        "pinned" => pinned::pinned(room),
        "thinking" => thinking::thinking(room, board, scene),
        "doing" => doing::doing(room, board, scene),
        "roles" => people::roles(room, board, scene),
        "here" => people::here(scene),
        _ => ().into_any(),
    })
}

/// The composer.
#[must_use]
pub fn composer_html(
    room: &Room,
    board: &Board,
    people: &[Person],
    scene: &Scene,
    draft: &Draft,
) -> String {
    render_fragment(|| composer::composer(room, board, people, scene, draft))
}
