//! On-call schedules and calendars, pure: no input or output, no clock, no randomness.
//!
//! A [`Schedule`] says who is on call when: [layers](Layer) of rotations in a
//! named time zone, imported shifts above them, overrides above all. What the
//! layers [were](Former) before a change tells who was on call before it. From it
//! come who is on call [at a moment](Schedule::on_call_at), the
//! [shifts](Schedule::shifts) of a span of time and its [gaps](Schedule::gaps).
//! [`feed`] writes a schedule as a calendar, [`import`] reads one.
//!
//! Server only: it carries the time-zone database, which is too big for the
//! wire. The database is compiled in and no other is looked at, so that every
//! node hands over at the same moment.
//!
//! # Moments that a clock skips or repeats
//!
//! Hand-overs are told in local time. Where a zone's clock skips an hour, a
//! hand-over in it happens at the moment of the skip; where the clock repeats
//! an hour, at the first of the two. So hand-overs keep their order, and no
//! moment is without its rule.

pub mod feed;
pub mod import;
mod schedule;
mod time;
mod zone;

pub use schedule::{
    Former, Invalid, Layer, LayerDraft, Override, Part, Rotation, Schedule, Shift, Span, Weekday,
    Why, Window, WindowDraft, limits,
};
pub use zone::Zone;
