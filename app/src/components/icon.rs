//! Small drawings on a grid of 16.

use leptos::prelude::*;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $shape:literal),+ $(,)?) => {
        /// A small drawing; it stands beside a word and never for one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum IconName { $($(#[$doc])* $name),+ }

        impl IconName {
            /// Every drawing.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn shape(self) -> &'static str {
                match self { $(Self::$name => $shape),+ }
            }
        }
    };
}

icons! {
    /// A dot: a note.
    Dot = r#"<circle cx="8" cy="8" r="3" class="solid"/>"#,
    /// A diamond: a finding.
    Diamond = r#"<path class="solid" d="M8 2.8 13.2 8 8 13.2 2.8 8z"/>"#,
    /// A question mark: a hypothesis.
    Question = r#"<path d="M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.4-1.2.9-1.2 1.7"/><circle cx="8" cy="12.2" r=".9" class="solid"/>"#,
    /// A magnifying lens: evidence.
    Lens = r#"<circle cx="7" cy="7" r="3.7"/><path d="m9.9 9.9 3.3 3.3"/>"#,
    /// A fork in the road: a decision.
    Fork = r#"<path d="M8 13.5V9L3.8 4.8M8 9l4.2-4.2M3.5 7.7V4.5h3.2M9.3 4.5h3.2v3.2"/>"#,
    /// A triangle pointing on: an action.
    Play = r#"<path class="solid" d="M5 3.4v9.2L12.6 8z"/>"#,
    /// A ticked box: a task.
    Task = r#"<rect x="2.8" y="2.8" width="10.4" height="10.4" rx="2"/><path d="m5.6 8.2 1.8 1.8 3.2-3.8"/>"#,
    /// A square: blocked.
    Square = r#"<rect x="4" y="4" width="8" height="8" rx="1" class="solid"/>"#,
    /// A megaphone: a stakeholder update.
    Megaphone = r#"<path d="M2.8 6.6v2.8h2.4l5.6 3V3.6l-5.6 3zM13.2 6.6v2.8M5.4 9.6l.8 3.4"/>"#,
    /// A gauge: status and severity.
    Gauge = r#"<path d="M2.8 11.4a5.6 5.6 0 1 1 10.4 0M8 10.2l2.6-3.4"/>"#,
    /// A person.
    Person = r#"<circle cx="8" cy="5.4" r="2.6"/><path d="M3 13.2c.5-2.6 2.5-4 5-4s4.5 1.4 5 4"/>"#,
    /// Several people.
    People = r#"<circle cx="6" cy="5.6" r="2.3"/><path d="M1.8 12.8c.4-2.3 2-3.5 4.2-3.5s3.8 1.2 4.2 3.5M10.4 3.5a2.3 2.3 0 0 1 0 4.2M11.8 9.6c1.3.5 2.1 1.6 2.4 3.2"/>"#,
    /// A flag: declared.
    Flag = r#"<path d="M4 13.6V2.8M4 3.4h7.8l-1.9 2.7 1.9 2.7H4"/>"#,
    /// A pencil: edit.
    Edit = r#"<path d="m3 13 .6-2.8 6.9-6.9 2.2 2.2-6.9 6.9zM9.2 4.6l2.2 2.2"/>"#,
    /// A lock: restricted.
    Lock = r#"<rect x="3.4" y="7.2" width="9.2" height="6" rx="1.5"/><path d="M5.4 7V5.2a2.6 2.6 0 0 1 5.2 0V7"/>"#,
    /// A door: joined, left, sign out.
    Door = r#"<path d="M9 2.8H4.4a1 1 0 0 0-1 1v8.4a1 1 0 0 0 1 1H9M6.8 8h6.4M10.9 5.6 13.3 8l-2.4 2.4"/>"#,
    /// An envelope: e-mail.
    Mail = r#"<rect x="2.2" y="3.6" width="11.6" height="8.8" rx="1.4"/><path d="m2.8 4.6 5.2 4 5.2-4"/>"#,
    /// A telephone in the hand: a push.
    Phone = r#"<rect x="4.6" y="1.8" width="6.8" height="12.4" rx="1.6"/><path d="M7.2 11.8h1.6"/>"#,
    /// A clock turning back: history.
    History = r#"<path d="M3 4.2v2.6h2.6M3.3 6.6a5.1 5.1 0 1 1-.4 2.3M8 5.2V8l2 1.4"/>"#,
    /// A clock.
    Clock = r#"<circle cx="8" cy="8" r="5.4"/><path d="M8 4.9V8l2.1 1.5"/>"#,
    /// A tick.
    Check = r#"<path d="m3.4 8.4 3 3 6.2-7"/>"#,
    /// A cross.
    Cross = r#"<path d="m4.2 4.2 7.6 7.6M11.8 4.2l-7.6 7.6"/>"#,
    /// A triangle with an exclamation mark.
    Warning = r#"<path d="M8 2.8 14 13H2zM8 6.6v3"/><circle cx="8" cy="11.2" r=".8" class="solid"/>"#,
    /// A circle with an i.
    Info = r#"<circle cx="8" cy="8" r="5.6"/><path d="M8 7.4v3.4"/><circle cx="8" cy="5.2" r=".8" class="solid"/>"#,
    /// A plus.
    Plus = r#"<path d="M8 3.2v9.6M3.2 8h9.6"/>"#,
    /// A lens for searching.
    Search = r#"<circle cx="7" cy="7" r="3.9"/><path d="m10 10 3.3 3.3"/>"#,
    /// A sun: the light theme.
    Sun = r#"<circle cx="8" cy="8" r="2.7"/><path d="M8 1.8v1.6M8 12.6v1.6M1.8 8h1.6M12.6 8h1.6M3.6 3.6l1.1 1.1M11.3 11.3l1.1 1.1M12.4 3.6l-1.1 1.1M4.7 11.3l-1.1 1.1"/>"#,
    /// A moon: the dark theme.
    Moon = r#"<path d="M13 9.6A5.6 5.6 0 1 1 6.4 3a4.5 4.5 0 0 0 6.6 6.6z"/>"#,
    /// A screen: the theme of the system.
    Screen = r#"<rect x="2.4" y="3" width="11.2" height="7.6" rx="1.2"/><path d="M5.8 13.2h4.4"/>"#,
    /// An angle pointing down: opens.
    Down = r#"<path d="m4.2 6.2 3.8 3.8 3.8-3.8"/>"#,
    /// An angle pointing up.
    Up = r#"<path d="M4.2 9.8 8 6l3.8 3.8"/>"#,
    /// An angle pointing left.
    Left = r#"<path d="M9.8 4.2 6 8l3.8 3.8"/>"#,
    /// An angle pointing right.
    Right = r#"<path d="M6.2 4.2 10 8l-3.8 3.8"/>"#,
    /// Two links of a chain.
    Link = r#"<path d="M6.8 9.2a2.5 2.5 0 0 0 3.6 0l1.9-1.9a2.5 2.5 0 0 0-3.6-3.6l-.6.6M9.2 6.8a2.5 2.5 0 0 0-3.6 0L3.7 8.7a2.5 2.5 0 0 0 3.6 3.6l.6-.6"/>"#,
    /// A pin.
    Pin = r#"<path d="M8 9.8v4M4.6 9.8h6.8L10 7.4V3.8h.8V2.6H5.2v1.2H6v3.6z"/>"#,
    /// An eye struck out: redacted.
    EyeOff = r#"<path d="M3 3l10 10M6.3 4.3A6.3 6.3 0 0 1 8 4c3 0 5 2.2 6 4a9 9 0 0 1-1.8 2.3M4.3 5.4A9.6 9.6 0 0 0 2 8c1 1.8 3 4 6 4 .9 0 1.7-.2 2.4-.5"/>"#,
    /// An eye.
    Eye = r#"<path d="M2 8c1-1.8 3-4 6-4s5 2.2 6 4c-1 1.8-3 4-6 4S3 9.8 2 8z"/><circle cx="8" cy="8" r="1.7"/>"#,
    /// A paper clip: a file.
    Clip = r#"<path d="M11.6 6.4 7 11a1.9 1.9 0 0 1-2.7-2.7l5-5a2.9 2.9 0 0 1 4.1 4.1l-5.2 5.2A4.1 4.1 0 0 1 2.7 7.3"/>"#,
    /// An arrow into a tray: download.
    Download = r#"<path d="M8 2.6v7M5.2 7 8 9.8 10.8 7M3 12.8h10"/>"#,
    /// Three dots: more.
    More = r#"<circle cx="3.6" cy="8" r="1.2" class="solid"/><circle cx="8" cy="8" r="1.2" class="solid"/><circle cx="12.4" cy="8" r="1.2" class="solid"/>"#,
    /// Two sheets: copy.
    Copy = r#"<rect x="5.6" y="5.6" width="7.6" height="7.6" rx="1.4"/><path d="M10.2 5.4V4a1.2 1.2 0 0 0-1.2-1.2H4A1.2 1.2 0 0 0 2.8 4v5a1.2 1.2 0 0 0 1.2 1.2h1.4"/>"#,
    /// A key: tokens and passwords.
    Key = r#"<circle cx="5.4" cy="10.6" r="2.6"/><path d="m7.3 8.7 5.5-5.5M10.4 5.6l1.8 1.8"/>"#,
    /// Lines of a list: the audit log.
    List = r#"<path d="M5.8 4.2h7.4M5.8 8h7.4M5.8 11.8h7.4"/><circle cx="3.2" cy="4.2" r=".8" class="solid"/><circle cx="3.2" cy="8" r=".8" class="solid"/><circle cx="3.2" cy="11.8" r=".8" class="solid"/>"#,
    /// A funnel: filter.
    Filter = r#"<path d="M2.8 3.6h10.4L9.4 8.3v4.1l-2.8-1.3V8.3z"/>"#,
}

/// A drawing beside a word. Hidden from screen readers: the word says it.
#[component]
pub fn Icon(
    /// Which one.
    name: IconName,
) -> impl IntoView {
    view! {
        <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false" inner_html=name.shape()></svg>
    }
}

/// The mark of Rideout: a mountain over a wave.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path class="mountain" d="M1 16 8 4l3.2 5.4L13.5 6 19 16"></path>
            <path class="wave" d="M3 16c3-2 5 1.5 8-.5s4-.5 6 .5"></path>
        </svg>
    }
}
