//! How one is reached: routes in their order, and quiet hours.

use crate::{
    FormState,
    components::{
        Ago, Button, ButtonKind, Chip, Choice, EmptyState, FormError, Icon, IconName, InputKind,
        LinkButton, Menu, Notice, Panel, RadioCard, RadioCards, Select, TextInput, Tone,
    },
    pages::account::secret::Secret,
};
use leptos::prelude::*;
use rideout_domain::{
    Channel, RouteId, Severity, Timestamp,
    outbox::MessageState,
    reach::{LABEL_MAX, TOKEN_MAX},
    text::LINK_MAX,
};

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteLine {
    /// Identifier.
    pub id: RouteId,
    /// What a message travels by.
    pub channel: Channel,
    /// The address as far as it is no secret; empty for the browser.
    pub shown: String,
    /// What it is called; may be empty.
    pub label: String,
    /// Whether it came with the account.
    pub of_account: bool,
    /// Whether a secret is stored with it.
    pub has_secret: bool,
    /// Since when and why it is out of use.
    pub disabled: Option<(Timestamp, String)>,
    /// When a test was last sent, and how it went.
    pub tested: Option<(Timestamp, String)>,
    /// When its person last showed that it reaches them.
    pub confirmed: Option<Timestamp>,
}

/// A webhook just made; what signs it is shown once.
#[derive(Clone, Debug)]
pub struct MadeSecret {
    /// The secret.
    pub secret: String,
}

/// How a test of a route stands.
#[derive(Clone, Debug)]
pub struct TestLine {
    /// How far the message is.
    pub state: MessageState,
    /// Why it is not further; may be empty.
    pub why: String,
    /// Where this page shows it again.
    pub again: String,
}

/// Quiet hours as they are, or as typed.
#[derive(Clone, Debug)]
pub struct QuietPage {
    /// Whether there are any.
    pub set: bool,
    /// The form, filled.
    pub form: FormState,
    /// Names of time zones.
    pub zones: Vec<String>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct ReachPage {
    /// Routes in their order.
    pub routes: Vec<RouteLine>,
    /// Where a page goes when no route works.
    pub last_resort: String,
    /// Whether any route in use is confirmed.
    pub confirmed: bool,
    /// The form of a new route.
    pub form: FormState,
    /// The next route's identifier, made before the form is sent.
    pub next: RouteId,
    /// A webhook just made.
    pub made: Option<MadeSecret>,
    /// How a test just asked for stands.
    pub test: Option<TestLine>,
    /// Quiet hours.
    pub quiet: QuietPage,
    /// The time of the page.
    pub now: Timestamp,
}

/// The icon of a channel.
pub(super) const fn icon(channel: Channel) -> IconName {
    match channel {
        Channel::Browser => IconName::Screen,
        Channel::Email => IconName::Mail,
        Channel::Slack => IconName::Megaphone,
        Channel::Webhook => IconName::Link,
        Channel::Ntfy => IconName::Phone,
    }
}

/// How one is reached. Its forms post to `/account/reach/…`.
#[component]
pub fn Reach(
    /// What the page shows.
    page: ReachPage,
) -> impl IntoView {
    let ReachPage {
        routes,
        last_resort,
        confirmed,
        form,
        next,
        made,
        test,
        quiet,
        now,
    } = page;
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/account">"Your account"</a></p>
                <h1>"How to reach me"</h1>
                <p class="quiet">"When you are paged, Rideout tries these in their order. Others see only what kinds there are, never an address."</p>
            </div></div>
            {made.map(|made| view! {
                <Notice tone=Tone::Ok title="The webhook is ready.">
                    <p>"Give your program this secret to check signatures with. Copy it now: this page does not show it again."</p>
                    <Secret id="made-secret" label="The signing secret" value=made.secret />
                </Notice>
            })}
            {test.map(|test| view! { <Test test=test /> })}
            {(!confirmed).then(|| view! {
                <Notice tone=Tone::Warn title="No route of yours is confirmed:">
                    "nobody knows whether a page reaches you while no page of Rideout is open. Send a test, and press the button behind its link."
                </Notice>
            })}
            <Routes routes=routes last_resort=last_resort now=now />
            <Add form=form next=next />
            <Quiet quiet=quiet />
        </div>
    }
    .into_any()
}

#[component]
fn Test(test: TestLine) -> impl IntoView {
    let TestLine { state, why, again } = test;
    let look = || view! { <a href=again>"Look again"</a> };
    match state {
        MessageState::Pending | MessageState::Sending if why.is_empty() => view! {
            <Notice tone=Tone::Accent title="The test is on its way.">"It leaves within a few seconds. "{look()}</Notice>
        }
        .into_any(),
        MessageState::Pending | MessageState::Sending => view! {
            <Notice tone=Tone::Warn title="The test could not be sent yet.">{why}" It is tried again by itself. "{look()}</Notice>
        }
        .into_any(),
        MessageState::Sent | MessageState::Bundled => view! {
            <Notice tone=Tone::Ok title="The test was sent.">"Look whether it has reached you, open its link and press the button: then the route is confirmed."</Notice>
        }
        .into_any(),
        MessageState::Failed | MessageState::Cancelled => view! {
            <Notice tone=Tone::Bad title="The test did not get through.">{why}</Notice>
        }
        .into_any(),
    }
}

#[component]
fn Routes(routes: Vec<RouteLine>, last_resort: String, now: Timestamp) -> impl IntoView {
    let none = routes.is_empty();
    let none_works = !routes.iter().any(|r| r.disabled.is_none());
    let count = routes.len();
    let items = routes
        .into_iter()
        .enumerate()
        .map(|(at, route)| view! { <Route route=route first=at == 0 last=at + 1 == count number=at + 1 now=now /> })
        .collect_view();
    view! {
        <Panel title="Routes" lead="The first is used at once, the next one each minute until you acknowledge." flush=true id="routes">
            {if none {
                view! {
                    <EmptyState icon=IconName::Phone title="There is no route">
                        <p>"Add one below. Until then a page goes to the address of your account."</p>
                    </EmptyState>
                }.into_any()
            } else {
                view! { <ol class="plain-list routes">{items}</ol> }.into_any()
            }}
            {none_works.then(|| view! {
                <p class="sm pad edge">"Pages go to "<b>{last_resort.clone()}</b>", the address of your account, since no route works."</p>
            })}
        </Panel>
    }
    .into_any()
}

#[component]
fn Route(
    route: RouteLine,
    first: bool,
    last: bool,
    number: usize,
    now: Timestamp,
) -> impl IntoView {
    let base = format!("/account/reach/{}", route.id);
    let name = if route.label.is_empty() {
        route.channel.title().to_owned()
    } else {
        route.label.clone()
    };
    let off = route.disabled.is_some();
    let browser = route.channel == Channel::Browser;
    let unconfirmed = !off && route.confirmed.is_none();
    let mut sub = Vec::new();
    if !route.label.is_empty() {
        sub.push(route.channel.title().to_owned());
    }
    if !route.shown.is_empty() {
        sub.push(route.shown.clone());
    }
    if route.of_account {
        sub.push("the address of your account".to_owned());
    }
    if route.channel == Channel::Browser {
        sub.push("every page of Rideout you have open".to_owned());
    }
    let up = format!("Try {name} earlier");
    let down = format!("Try {name} later");
    view! {
        <li class=if off { "route off" } else { "route" }>
            <span class="step-number" aria-hidden="true">{number}</span>
            <span class="kind-mark"><Icon name=icon(route.channel) /></span>
            <div class="grow">
                <div class="row"><b>{name.clone()}</b>
                    {if off {
                        view! { <Chip tone=Tone::Warn icon=IconName::Warning>"out of use"</Chip> }.into_any()
                    } else if browser {
                        view! { <Chip tone=Tone::Ok icon=IconName::Check>"works"</Chip> }.into_any()
                    } else {
                        match route.confirmed {
                            Some(at) => view! { <Chip tone=Tone::Ok icon=IconName::Check>"confirmed "<Ago at=at now=now /></Chip> }.into_any(),
                            None => view! { <Chip tone=Tone::Warn>"not confirmed yet"</Chip> }.into_any(),
                        }
                    }}
                </div>
                <p class="quiet sm route-sub">{sub.join(" · ")}</p>
                {route.disabled.map(|(at, why)| view! {
                    <p class="sm">{why}" "<span class="quiet"><Ago at=at now=now /></span></p>
                })}
                {unconfirmed.then(|| view! {
                    <p class="sm">"Send a test and press the button behind its link."</p>
                })}
                {route.tested.map(|(at, outcome)| view! {
                    <p class="sm"><span class="quiet">"Test "<Ago at=at now=now />": "</span>{outcome}</p>
                })}
            </div>
            <div class="route-actions">
                <form method="post" action=format!("{base}/move")>
                    <button class="button plain small icon-only" name="to" value="earlier" type="submit" aria-label=up.clone() title=up disabled=first><Icon name=IconName::Up /></button>
                    <button class="button plain small icon-only" name="to" value="later" type="submit" aria-label=down.clone() title=down disabled=last><Icon name=IconName::Down /></button>
                </form>
                {(!off).then(|| view! {
                    <form method="post" action=format!("{base}/test")>
                        <Button small=true label=format!("Send a test by {name}")>"Send a test"</Button>
                    </form>
                })}
                {off.then(|| view! {
                    <form method="post" action=format!("{base}/enable")>
                        <Button small=true label=format!("Use {name} again")>"Use again"</Button>
                    </form>
                })}
                <Menu label=format!("More about {name}") icon=IconName::More icon_only=true small=true>
                    <a class="item" href=format!("{base}/edit")><Icon name=IconName::Edit />"Change"</a>
                    <form method="post" action=format!("{base}/remove")>
                        <button class="item bad" type="submit"><Icon name=IconName::Cross />"Remove"</button>
                    </form>
                </Menu>
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Add(form: FormState, next: RouteId) -> impl IntoView {
    let cards = Channel::ALL
        .iter()
        .map(|channel| RadioCard {
            value: channel.word().to_owned(),
            label: channel.title().to_owned(),
            explained: channel.explained().to_owned(),
            class: "",
        })
        .collect();
    view! {
        <Panel title="Add a route" id="add">
            <form class="stack loose route-form" method="post" action="/account/reach#add">
                <FormError form=form.clone() />
                <input type="hidden" name="id" value=next.to_string() />
                <RadioCards
                    name="channel"
                    legend="By what?"
                    cards=cards
                    value=form.value_or("channel", Channel::Ntfy.word())
                    error=form.error("channel")
                    required=true
                />
                <div class="if-addressed">
                    <TextInput
                        name="target"
                        label="Address"
                        hint="An e-mail address, or a web address that begins with https://. For ntfy it ends in your topic: https://ntfy.example.org/my-topic."
                        value=form.value("target")
                        error=form.error("target")
                        maxlength=LINK_MAX
                    />
                </div>
                <div class="if-ntfy">
                    <TextInput
                        name="token"
                        label="Access token"
                        hint="If the ntfy server asks for one. It is not shown again."
                        kind=InputKind::Password
                        error=form.error("token")
                        autocomplete="new-password"
                        maxlength=TOKEN_MAX
                        optional=true
                    />
                </div>
                <p class="if-webhook quiet sm">"Requests are signed as Standard Webhooks describes. The secret is made here and shown once."</p>
                <TextInput
                    name="label"
                    label="What do you call it?"
                    placeholder="my phone"
                    value=form.value("label")
                    error=form.error("label")
                    maxlength=LABEL_MAX
                    optional=true
                />
                <div class="form-foot"><Button kind=ButtonKind::Primary>"Add the route"</Button></div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Quiet(quiet: QuietPage) -> impl IntoView {
    let QuietPage { set, form, zones } = quiet;
    let severities = Severity::ALL
        .iter()
        .map(|severity| {
            let label = match severity {
                Severity::Sev1 => "SEV1 only".to_owned(),
                Severity::Sev4 => "Every incident".to_owned(),
                other => format!("{} and worse", other.title()),
            };
            Choice::new(severity.word(), label)
        })
        .collect();
    let zones = zones
        .into_iter()
        .map(|zone| view! { <option value=zone></option> })
        .collect_view();
    let lead = if set {
        "You have quiet hours. What is bad enough disturbs you all the same."
    } else {
        "You have none: pages reach you at any time."
    };
    view! {
        <Panel title="Quiet hours" lead=lead id="quiet">
            <form class="stack loose" method="post" action="/account/reach/quiet-hours#quiet">
                <FormError form=form.clone() />
                <div class="pair">
                    <TextInput name="from" label="From" placeholder="22:00" value=form.value("from") error=form.error("from") maxlength=8_usize required=true />
                    <TextInput name="until" label="Until" placeholder="07:00" value=form.value("until") error=form.error("until") maxlength=8_usize required=true />
                </div>
                <div>
                    <TextInput
                        name="zone"
                        label="Time zone"
                        hint="Where you are, such as Europe/Berlin."
                        value=form.value("zone")
                        error=form.error("zone")
                        list=Some("zones".to_owned())
                        maxlength=60_usize
                        required=true
                    />
                    <datalist id="zones">{zones}</datalist>
                </div>
                <Select
                    name="loud_severity"
                    label="What may disturb you all the same?"
                    choices=severities
                    value=form.value_or("loud_severity", Severity::Sev1.word())
                    error=form.error("loud_severity")
                />
                <div class="form-foot">
                    <Button>{if set { "Save" } else { "Set quiet hours" }}</Button>
                    {set.then(|| view! {
                        <Button kind=ButtonKind::Plain formaction="/account/reach/quiet-hours/clear" unchecked=true>"No quiet hours any more"</Button>
                    })}
                </div>
            </form>
        </Panel>
    }
    .into_any()
}

/// The link that leads here from one's account.
#[component]
pub fn ReachLink(
    /// Whether any route in use is confirmed.
    reached: bool,
) -> impl IntoView {
    view! {
        <Panel title="How to reach me" lead="Where pages go, in which order, and when you are left in peace.">
            <div class="stack">
                {(!reached).then(|| view! {
                    <Notice tone=Tone::Warn title="No route of yours is confirmed:">
                        "nobody knows whether a page reaches you while no page of Rideout is open. Send a test, and press the button behind its link."
                    </Notice>
                })}
                <div class="row"><LinkButton href="/account/reach" icon=IconName::Phone>"Routes and quiet hours"</LinkButton></div>
            </div>
        </Panel>
    }
    .into_any()
}
