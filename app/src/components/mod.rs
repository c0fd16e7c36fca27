//! The parts that pages are made of. Every one of them is on `/styleguide`,
//! in every state.
//!
//! They are plain HTML first: a field is a label, a control, a hint and an
//! error; a menu and a dialog are `<details>`, so both work without a script.
//! Nothing here takes a colour or a size, only a meaning ([`Tone`]).

pub mod avatar;
pub mod button;
pub mod checkbox;
pub mod chip;
pub mod dialog;
pub mod empty_state;
pub mod field;
pub mod icon;
pub mod kbd;
pub mod menu;
pub mod notice;
pub mod panel;
pub mod progress;
pub mod radio_cards;
pub mod select;
pub mod skip_link;
pub mod strip;
pub mod table;
pub mod tabs;
pub mod text_area;
pub mod text_input;
pub mod time;
pub mod tone;
pub mod words;

pub use avatar::{Avatar, AvatarRow, initials};
pub use button::{Button, ButtonKind, LinkButton};
pub use checkbox::Checkbox;
pub use chip::{Chip, KindChip, SeverityChip, StatusChip};
pub use dialog::{Dialog, Disclosure};
pub use empty_state::EmptyState;
pub use field::Field;
pub use icon::{Icon, IconName, Mark};
pub use kbd::Kbd;
pub use menu::Menu;
pub use notice::{FormError, Notice};
pub use panel::Panel;
pub use progress::{Bar, Timer};
pub use radio_cards::{RadioCard, RadioCards, SeverityChoice};
pub use select::{Choice, Select};
pub use skip_link::SkipLink;
pub use strip::{SpanKind, Strip, StripKind, StripMark, StripSpan};
pub use table::{Head, Table};
pub use tabs::{Tab, Tabs};
pub use text_area::TextArea;
pub use text_input::{InputKind, TextInput};
pub use time::{Ago, Clock, DateTime, Due, Since};
pub use tone::{Tone, kind_look};
