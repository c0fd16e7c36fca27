//! The page behind the link of a test: one button that confirms its route.

use crate::components::{Button, DateTime, LinkButton, Notice, Tone, button::ButtonKind};
use leptos::prelude::*;
use rideout_domain::{Channel, Timestamp};

/// How far the confirmation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfirmStanding {
    /// The button acts.
    Open,
    /// The route is confirmed.
    Confirmed {
        /// When.
        at: Timestamp,
    },
    /// The route was removed, or leads elsewhere by now.
    Over,
    /// The link is too old.
    Expired,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ConfirmRoutePage {
    /// Whose route it is.
    pub person: String,
    /// What it travels by, and its address as far as that is no secret.
    pub route: Option<(Channel, String)>,
    /// How far it has come.
    pub standing: ConfirmStanding,
    /// Where the button posts to.
    pub action: String,
}

/// The page.
#[component]
pub fn ConfirmRoute(
    /// What it shows.
    page: ConfirmRoutePage,
) -> impl IntoView {
    let ConfirmRoutePage {
        person,
        route,
        standing,
        action,
    } = page;
    let route = route.map(|(channel, shown)| {
        let shown = (!shown.is_empty()).then(|| view! { <p class="route-sub">{shown}</p> });
        view! { <ul class="about"><li><p><b>{channel.title()}</b></p>{shown}</li></ul> }
    });
    let open = standing == ConfirmStanding::Open;
    let what_now = match standing {
        ConfirmStanding::Open => view! {
            <form method="post" action=action class="stack">
                <p>{format!("If you are {person}, the test has reached you. Say so, and everybody knows that pages for you arrive here.")}</p>
                <p>{format!("If you are not {person}, leave it: nothing follows.")}</p>
                <div class="row"><Button kind=ButtonKind::Primary>"This route works"</Button></div>
            </form>
        }
        .into_any(),
        ConfirmStanding::Confirmed { at } => view! {
            <Notice tone=Tone::Ok title="This route works.">"Confirmed "<DateTime at=at />"."</Notice>
            <Routes />
        }
        .into_any(),
        ConfirmStanding::Over => view! {
            <Notice>"The route of this test is no longer in use, or leads elsewhere by now. Send a test by one that is."</Notice>
            <Routes />
        }
        .into_any(),
        ConfirmStanding::Expired => view! {
            <Notice>"This link is older than three days, so its button does nothing any more. Send another test."</Notice>
            <Routes />
        }
        .into_any(),
    };
    view! {
        <div class="page narrow link-page">
            <div class="stack">
                <h1>{format!("A test for {person}")}</h1>
                {route}
                {what_now}
                <p class="xs quiet">
                    {open.then_some("Opening this page does nothing; only the button does. ")}
                    "Times are in UTC."
                </p>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Routes() -> impl IntoView {
    view! { <div class="row"><LinkButton href="/account/reach">"How to reach me"</LinkButton></div> }
        .into_any()
}
