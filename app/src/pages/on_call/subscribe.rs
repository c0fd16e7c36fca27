//! Addresses that calendars subscribe to.

use crate::{
    components::{Ago, Button, Head, IconName, Notice, Panel, Table, Tone},
    pages::account::secret::Secret,
};
use leptos::prelude::*;
use rideout_domain::{FeedId, ScheduleId, Timestamp};

/// A feed in use.
#[derive(Clone, Debug)]
pub struct FeedLine {
    /// Identifier.
    pub id: FeedId,
    /// The schedule it shows and its name; nothing for one's own shifts.
    pub schedule: Option<(ScheduleId, String)>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Feeds in use, and a form for another.
#[component]
pub fn SubscribePanel(
    /// Feeds in use, newest first.
    feeds: Vec<FeedLine>,
    /// The address of a feed just made.
    made: Option<String>,
    /// The next feed's identifier.
    next: FeedId,
    /// Where the form posts to.
    #[prop(into)]
    action: String,
    /// The heading.
    #[prop(into)]
    title: String,
    /// What such an address shows.
    #[prop(into)]
    lead: String,
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    let heads = vec![
        Head::new("Shows"),
        Head::new("Made"),
        Head::hidden("Take it back"),
    ];
    let none = feeds.is_empty();
    let rows = feeds
        .into_iter()
        .map(|feed| {
            let what = feed
                .schedule
                .map_or_else(|| "your own shifts".to_owned(), |(_, name)| name);
            let label = format!("Take back the feed of {what}");
            view! {
                <tr>
                    <td><b>{what}</b></td>
                    <td data-label="Made"><Ago at=feed.created_at now=now /></td>
                    <td class="num">
                        <form method="post" action=format!("/on-call/feeds/{}/revoke", feed.id)>
                            <Button small=true label=label>"Take back"</Button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title=title lead=lead id="feeds">
            <div class="stack">
                {made.map(|link| view! {
                    <Notice tone=Tone::Ok title="The feed is ready.">
                        <p>"Add this address to your calendar as a subscription. It is shown here once, and works until you take it back."</p>
                        <Secret id="made-feed" label="The address" value=link />
                    </Notice>
                })}
                {(!none).then(|| view! { <Table caption="Your calendar feeds, newest first" heads=heads>{rows}</Table> })}
                <form method="post" action=action>
                    <input type="hidden" name="id" value=next.to_string() />
                    <Button icon=IconName::Link>"Make an address"</Button>
                </form>
            </div>
        </Panel>
    }
    .into_any()
}
