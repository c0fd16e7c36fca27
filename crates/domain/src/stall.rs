//! The stall watch: is the room stuck, how do we know, and when to look again.
//!
//! [`assess`] is a function of [`Facts`], [`Settings`] and the time. Facts are a
//! fold over the timeline ([`Activity`]), the board, and an [`Extra`] for what
//! lies outside the timeline. Every signal becomes true at a moment that the
//! facts alone determine, so an assessment also says when to look next, and
//! nothing polls. The rule is told for people in `docs/stall-watch.md`.

mod activity;
mod assess;
mod facts;
pub mod figures;
pub mod ladder;
mod settings;
mod signal;
pub mod tone;
pub mod wait;
pub mod whom;

pub use activity::{Activity, Moment, Work};
pub use assess::{Assessment, Fired, Level, Strength, assess};
pub use facts::{Extra, Facts, Lead, Question};
pub use settings::{BadSettings, Patience, Rule, Rules, Settings};
pub use signal::Signal;

#[cfg(test)]
mod tests;
