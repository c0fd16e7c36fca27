//! What islands do in a browser.

mod alerts;
mod called;
pub(crate) mod composer;
mod dom;
mod in_place;
mod morph;
mod net;
mod notify;
pub(crate) mod room;
mod ticks;
mod timeline;
pub(crate) mod tools;

/// Begins what every page has.
pub(crate) fn start() {
    dom::set_clock();
    ticks::start();
    tools::start();
    called::start();
}
