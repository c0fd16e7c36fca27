//! How the engine stands, for everybody: is there a heartbeat, what is due next,
//! what has not left.

use crate::components::{
    Ago, Chip, Clock, DateTime, Due, EmptyState, Head, IconName, Notice, Panel, Table, Tone,
};
use leptos::prelude::*;
use rideout_domain::{
    Channel, Timestamp,
    outbox::{MessageState, Purpose},
};

/// Seconds after which a heartbeat is old.
const OLD: i64 = 30;
/// Seconds after which a message that has not left wants a look.
const LATE: i64 = 60;

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineNode {
    /// Its name.
    pub name: String,
    /// When it started.
    pub started_at: Timestamp,
    /// The number of its last cycle.
    pub cycle: i64,
    /// When that was.
    pub cycled_at: Timestamp,
    /// How long it took, in microseconds.
    pub took_micros: i64,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// Whom it is for.
    pub person: String,
    /// What it travels by.
    pub channel: Channel,
    /// What it is for.
    pub purpose: Purpose,
    /// How it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it is not further, where whoever looks may know.
    pub why: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// When nothing more happened to it.
    pub settled_at: Option<Timestamp>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct EngineViewPage {
    /// The nodes, the youngest heartbeat first.
    pub nodes: Vec<EngineNode>,
    /// When something is due next.
    pub next_due: Option<Timestamp>,
    /// Since when the oldest message should have left.
    pub oldest_unsent: Option<Timestamp>,
    /// How many should have left and have not.
    pub unsent: i64,
    /// The last messages, newest first.
    pub messages: Vec<SentMessage>,
    /// Whether there is a mail server.
    pub mail: bool,
    /// The time of the page.
    pub now: Timestamp,
}

/// The page.
#[component]
pub fn EngineView(
    /// What it shows.
    page: EngineViewPage,
) -> impl IntoView {
    let now = page.now;
    let judged = judge(&page);
    let oldest = page.oldest_unsent;
    let unsent = match page.unsent {
        0 => "Nothing waits: every message that was due has left.".to_owned(),
        1 => "1 message".to_owned(),
        n => format!("{n} messages"),
    };
    view! {
        <div class="page engine">
            <div class="stack">
                <h1>"Engine"</h1>
                <p class="quiet">"It watches open incidents, calls people, and sends what is due."</p>
                {judged}
                {(!page.mail).then(|| view! {
                    <Notice tone=Tone::Warn title="No mail server.">
                        "No page leaves by e-mail until the operator sets smtp_url."
                    </Notice>
                })}
            </div>
            <dl class="figures">
                <div>
                    <dt>"Heartbeat"</dt>
                    <dd>{match page.nodes.first() {
                        Some(node) => view! { <Ago at=node.cycled_at now=now /> }.into_any(),
                        None => "none yet".into_any(),
                    }}</dd>
                </div>
                <div>
                    <dt>"Next due"</dt>
                    <dd>{match page.next_due {
                        Some(at) => view! { <Due at=at now=now /> }.into_any(),
                        None => "nothing".into_any(),
                    }}</dd>
                </div>
                <div>
                    <dt>"Oldest unsent"</dt>
                    <dd>
                        {match oldest {
                            Some(at) => view! { <Ago at=at now=now /> }.into_any(),
                            None => "none".into_any(),
                        }}
                        <span class="quiet sm">{unsent}</span>
                    </dd>
                </div>
            </dl>
            {messages(page.messages, now)}
            {nodes(page.nodes, now)}
            <p class="xs quiet">"This page renews itself every ten seconds."</p>
        </div>
    }
    .into_any()
}

/// One sentence that says whether pages go out.
fn judge(page: &EngineViewPage) -> AnyView {
    let beat = page
        .nodes
        .first()
        .map(|node| page.now.seconds_since(node.cycled_at));
    let late = page
        .oldest_unsent
        .map_or(0, |at| page.now.seconds_since(at));
    match beat {
        None => view! {
            <Notice tone=Tone::Bad title="No heartbeat.">"The engine has not run yet, so nobody can be paged."</Notice>
        }
        .into_any(),
        Some(seconds) if seconds > OLD => view! {
            <Notice tone=Tone::Bad title="The heartbeat is old.">
                "Pages may not go out. Call people by other means, and tell whoever runs Rideout."
            </Notice>
        }
        .into_any(),
        Some(_) if late > LATE => view! {
            <Notice tone=Tone::Warn title="The engine turns, and a message is late.">
                "A mail server or another receiver may be in trouble; see below."
            </Notice>
        }
        .into_any(),
        Some(_) => view! { <Notice tone=Tone::Ok>"The engine turns. Whoever is due is called."</Notice> }.into_any(),
    }
}

fn messages(messages: Vec<SentMessage>, now: Timestamp) -> AnyView {
    if messages.is_empty() {
        return view! {
            <EmptyState title="No message has been sent yet." icon=IconName::Megaphone>
                <p>"Try a contact route of yours: its test shows up here."</p>
            </EmptyState>
        }
        .into_any();
    }
    let rows = messages
        .into_iter()
        .map(|message| {
            let tone = match message.state {
                MessageState::Sent | MessageState::Bundled => Tone::Ok,
                MessageState::Failed => Tone::Bad,
                MessageState::Pending if message.attempts > 0 => Tone::Warn,
                MessageState::Pending | MessageState::Sending => Tone::Accent,
                MessageState::Cancelled => Tone::Neutral,
            };
            let when = match (message.settled_at, message.due_at) {
                (Some(at), _) => view! { <Clock at=at /> }.into_any(),
                (None, Some(at)) => view! { <Due at=at now=now /> }.into_any(),
                (None, None) => "now".into_any(),
            };
            view! {
                <tr>
                    <td data-label="Written"><DateTime at=message.created_at /></td>
                    <td data-label="For">{message.person}</td>
                    <td data-label="What">{message.purpose.title()}</td>
                    <td data-label="By">{message.channel.title()}</td>
                    <td data-label="State">
                        <Chip tone=tone>{message.state.title()}</Chip>
                        {(!message.why.is_empty()).then(|| view! { <p class="sm quiet">{message.why}</p> })}
                    </td>
                    <td data-label="Tried" class="num">{message.attempts}</td>
                    <td data-label="When">{when}</td>
                </tr>
            }
        })
        .collect_view();
    let heads = vec![
        Head::new("Written"),
        Head::new("For"),
        Head::new("What"),
        Head::new("By"),
        Head::new("State"),
        Head::number("Tried"),
        Head::new("When"),
    ];
    view! {
        <Panel title="Last messages" lead="What became of each. Why one was not taken is shown to its person and to admins." flush=true>
            <Table caption="The last messages, newest first" heads=heads>{rows}</Table>
        </Panel>
    }
    .into_any()
}

fn nodes(nodes: Vec<EngineNode>, now: Timestamp) -> AnyView {
    let rows = nodes
        .into_iter()
        .map(|node| {
            let millis = node.took_micros / 1_000;
            view! {
                <tr>
                    <td data-label="Node">{node.name}</td>
                    <td data-label="Heartbeat"><Ago at=node.cycled_at now=now /></td>
                    <td data-label="Cycle" class="num">{node.cycle}</td>
                    <td data-label="Took" class="num">{format!("{millis} ms")}</td>
                    <td data-label="Since"><DateTime at=node.started_at /></td>
                </tr>
            }
        })
        .collect_view();
    let heads = vec![
        Head::new("Node"),
        Head::new("Heartbeat"),
        Head::number("Cycle"),
        Head::number("Took"),
        Head::new("Since"),
    ];
    view! {
        <Panel title="Nodes" lead="Every running Rideout on this database, and those that stopped within a day." flush=true>
            <Table caption="Nodes, the youngest heartbeat first" heads=heads>{rows}</Table>
        </Panel>
    }
    .into_any()
}
