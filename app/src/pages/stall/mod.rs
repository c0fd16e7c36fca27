//! The stall watch itself: its figures, and its policies.

mod figures;
mod policy;
mod preview;
mod rules_form;
mod trend;

#[cfg(test)]
mod tests;

pub use figures::{FiguresLine, FiguresPage, figures_page};
pub use policy::{PolicyChoice, PolicyPage, policy_page};
pub use preview::{PlayedShown, PreviewShown};
pub use rules_form::{policy_form, read_rules};

use crate::components::{Tab, Tabs};
use leptos::prelude::*;

/// The head of both pages.
fn head(policy: bool) -> AnyView {
    let tabs = vec![
        Tab::new("/stall", "Figures", !policy),
        Tab::new("/stall/policy", "Watch policies", policy),
    ];
    view! {
        <header class="page-head">
            <div class="grow">
                <h1>"Stall watch"</h1>
                <p class="quiet">
                    "Whoever is stuck is the last to see it. The watch notices, says why, and asks before it pages."
                </p>
            </div>
        </header>
        <Tabs label="Stall watch" tabs=tabs />
    }
    .into_any()
}
