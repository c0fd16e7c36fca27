//! Whoever is paged is told so on every page.

use crate::components::{
    Ago, Button, Icon, IconName, LinkButton, SeverityChip, button::ButtonKind,
};
use leptos::prelude::*;
use rideout_domain::{IncidentId, PageId, Severity, Timestamp};

/// A page that waits for whoever looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The page.
    pub id: PageId,
    /// Its incident.
    pub incident: IncidentId,
    /// The incident's number.
    pub number: i64,
    /// The incident's title.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Why they are called.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
}

/// What waits for whoever looks, the oldest first; nothing when nothing does.
#[component]
pub fn CalledNotice(
    /// The pages.
    called: Vec<Called>,
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    if called.is_empty() {
        return ().into_any();
    }
    let pages = called
        .into_iter()
        .map(|page| {
            let room = format!("/incidents/{}/catch-up", page.incident);
            let what = format!("INC-{} {}", page.number, page.title);
            view! {
                <li>
                    <div class="grow">
                        <p>
                            <SeverityChip severity=page.severity />
                            " "
                            <a href=room.clone()><b>{what.clone()}</b></a>
                            " "
                            <span class="quiet sm"><Ago at=page.since now=now /></span>
                        </p>
                        <p>{page.reason}</p>
                    </div>
                    <form method="post" action=format!("/pages/{}/acknowledge", page.id)>
                        <Button kind=ButtonKind::Primary small=true icon=IconName::Check label=format!("Acknowledge the page to {what}")>
                            "Acknowledge"
                        </Button>
                        <Button small=true formaction=format!("/pages/{}/escalate", page.id) label=format!("Call the next level of {what}")>
                            "Escalate"
                        </Button>
                        <LinkButton small=true kind=ButtonKind::Plain href=room label=format!("Catch up on {what}")>
                            "Catch up"
                        </LinkButton>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="called" role="alert" aria-labelledby="called">
            <h2 id="called"><Icon name=IconName::Megaphone />"You are paged"</h2>
            <ul>{pages}</ul>
        </section>
    }
    .into_any()
}
