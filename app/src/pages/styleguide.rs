//! Every part in every state, for those who build pages.

use crate::{
    FormState,
    components::{
        Ago, Avatar, AvatarRow, Bar, Button, Checkbox, Chip, Choice, Clock, Dialog, Disclosure,
        Due, EmptyState, FormError, Head, Icon, IconName, Kbd, KindChip, LinkButton, Menu, Notice,
        Panel, Select, SeverityChip, SeverityChoice, Since, SpanKind, StatusChip, Strip, StripKind,
        StripMark, StripSpan, Tab, Table, Tabs, TextArea, TextInput, Timer, Tone,
        button::ButtonKind, kind_look, text_input::InputKind, time::DateTime,
    },
};
use leptos::prelude::*;
use rideout_domain::{EntryKind, Severity, Status, Timestamp};

/// Every part in every state.
#[component]
pub fn Styleguide(
    /// The time of the page.
    now: Timestamp,
) -> impl IntoView {
    view! {
        <div class="page">
            <div>
                <h1>"Style guide"</h1>
                <p class="quiet">"Every part in every state. Red and amber are for what needs a person now; violet is learning, blue is acting, green is passing, everything else is ink and grey."</p>
            </div>
            <Colours />
            <Words />
            <Buttons />
            <Chips />
            <People />
            <Times now=now />
            <StripPart />
            <Fields />
            <Messages />
            <Folded />
            <Lists />
            <Icons />
        </div>
    }
    .into_any()
}

#[component]
fn Colours() -> impl IntoView {
    let swatches = [
        "bg", "panel", "sunken", "line", "edge", "ink-3", "ink", "accent", "learn", "ok", "warn",
        "danger",
    ];
    view! {
        <Panel title="Colours" lead="From tokens.css; each is a pair for light and dark.">
            <ul class="colours plain-list">
                {swatches.into_iter().map(|name| view! { <li><span class=format!("colour {name}")></span><code>{format!("--{name}")}</code></li> }).collect_view()}
            </ul>
        </Panel>
    }
    .into_any()
}

#[component]
fn Words() -> impl IntoView {
    view! {
        <Panel title="Words">
            <div class="stack">
                <p class="type-2xl">"No go"</p>
                <h1>"A page's title"</h1>
                <h2>"A heading"</h2>
                <h3>"A smaller heading"</h3>
                <p>"Fifteen pixels of plain text with a " <a href="#">"link"</a> ", some " <b>"weight"</b> ", " <code>"code"</code> " and a key " <Kbd keys="/" /> "."</p>
                <p class="sm">"Small text."</p>
                <p class="quiet">"Quiet text."</p>
                <p class="quiet xs">"Very small and quiet."</p>
                <div class="prose">
                    <blockquote>"Markdown that people wrote: a quotation,"</blockquote>
                    <ul><li>"a list"</li><li>"of two"</li></ul>
                    <pre tabindex="0"><code>"curl -s http://instance-4:8081/admin/stats | jq .threads"</code></pre>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Buttons() -> impl IntoView {
    view! {
        <Panel title="Buttons" lead="One primary a page. Urgent is for what calls or stops people.">
            <div class="stack">
                <div class="row">
                    <Button kind=ButtonKind::Primary inert=true>"Primary"</Button>
                    <Button inert=true>"Normal"</Button>
                    <Button kind=ButtonKind::Urgent inert=true>"Urgent"</Button>
                    <Button kind=ButtonKind::Plain inert=true>"Plain"</Button>
                    <Button disabled=true inert=true>"Disabled"</Button>
                    <LinkButton href="#">"A link"</LinkButton>
                </div>
                <div class="row">
                    <Button kind=ButtonKind::Primary icon=IconName::Plus inert=true>"With an icon"</Button>
                    <Button key="y" inert=true>"With a key"</Button>
                    <Button small=true inert=true>"Small"</Button>
                    <Button small=true kind=ButtonKind::Primary inert=true>"Small primary"</Button>
                    <Button small=true kind=ButtonKind::Plain icon=IconName::Edit inert=true>"Small plain"</Button>
                </div>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Chips() -> impl IntoView {
    view! {
        <Panel title="Chips">
            <div class="stack">
                <div class="row">
                    {Severity::ALL.iter().map(|s| view! { <SeverityChip severity=*s /> }).collect_view()}
                    <SeverityChip severity=Severity::Sev1 over=true />
                    <span class="quiet sm">"the last one is over"</span>
                </div>
                <div class="row">{Status::ALL.iter().map(|s| view! { <StatusChip status=*s /> }).collect_view()}</div>
                <div class="row">{Tone::ALL.into_iter().map(|t| view! { <Chip tone=t>{t.word()}</Chip> }).collect_view()}</div>
                <div class="row">{EntryKind::ALL.iter().map(|k| view! { <KindChip kind=*k /> }).collect_view()}</div>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn People() -> impl IntoView {
    let names = [
        "Priya N.",
        "Sam Adeyemi",
        "Omar Haddad",
        "Lena Vogt",
        "Ravi Kumar",
        "Dana K.",
        "Grace O.",
        "Tomás Vega",
    ];
    view! {
        <Panel title="People">
            <div class="row">
                <Avatar name="Priya N." large=true alone=true />
                <AvatarRow names=names.map(str::to_owned).to_vec() />
                <span class="person"><Avatar name="Lena Vogt" />"Lena Vogt"</span>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Times(now: Timestamp) -> impl IntoView {
    let ago = move |minutes: i64| now.plus_minutes(-minutes);
    view! {
        <Panel title="Times" lead="Relative, with the absolute on hover and focus; local time where scripts run.">
            <div class="stack">
                <p><Clock at=ago(26) />" · "<DateTime at=ago(60 * 26) />" · "<Ago at=ago(0) now=now />" · "<Ago at=ago(14) now=now />" · "<Ago at=ago(130) now=now />" · "<Ago at=ago(5_000) now=now /></p>
                <p>"Update "<Due at=now.plus_minutes(4) now=now />" · "<Due at=ago(3) now=now />" · running "<Since at=ago(31) now=now />" · stopped "<Since at=ago(200) now=now until=Some(ago(20)) /></p>
                <div class="row">"Breakout "<Timer due=now.plus_minutes(6) now=now /></div>
                <Bar from=ago(4) due=now.plus_minutes(6) now=now label="Time of the breakout" />
                <div class="row">"Task "<Timer due=ago(3) now=now /></div>
                <Bar from=ago(8) due=ago(3) now=now label="Time of the task" />
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn StripPart() -> impl IntoView {
    let mark = |at: f64, kind: StripKind, title: &str| StripMark {
        at,
        kind,
        title: title.to_owned(),
    };
    let marks = vec![
        mark(0.0, StripKind::Turn, "09:00 declared"),
        mark(0.06, StripKind::Entry, "09:02 note"),
        mark(0.13, StripKind::Learn, "09:04 finding"),
        mark(0.22, StripKind::Act, "09:07 action"),
        mark(0.29, StripKind::Learn, "09:09 evidence"),
        mark(0.41, StripKind::Entry, "09:13 note"),
        mark(0.54, StripKind::Learn, "09:17 evidence"),
        mark(0.64, StripKind::Blocked, "09:20 blocked"),
        mark(0.74, StripKind::Entry, "09:23 note"),
        mark(1.0, StripKind::Entry, "09:31 note"),
    ];
    let span = |from: f64, to: f64, kind: SpanKind, title: &str| StripSpan {
        kind,
        from,
        to,
        title: title.to_owned(),
    };
    let spans = vec![
        span(0.36, 0.5, SpanKind::Waiting, "Waited for 4 minutes"),
        span(0.64, 1.0, SpanKind::Blocked, "Blocked for 11 minutes"),
        span(0.9, 1.0, SpanKind::Stuck, "Stuck for 3 minutes"),
    ];
    view! {
        <Panel title="The incident in one line">
            <Strip
                marks=marks
                spans=spans
                from="09:00".into_any()
                to="now".into_any()
                summary="31 minutes: something was learnt at minutes 4, 9 and 17; blocked since minute 20."
            />
        </Panel>
    }
    .into_any()
}

#[component]
fn Fields() -> impl IntoView {
    let refused = FormState::new()
        .with("sg-bad", "javascript:alert(1)")
        .refuse(
            "sg-bad",
            "This is not a link: it must begin with https:// or http://.",
        );
    let choices = || {
        vec![
            Choice::new("a", "The first"),
            Choice::new("b", "The second"),
        ]
    };
    view! {
        <Panel title="Fields">
            <form class="stack loose" method="get" action="#">
                <FormError form=refused.clone() />
                <TextInput name="sg-title" label="A line" hint="How to answer, in a sentence." required=true placeholder="Reservations crawl" />
                <TextInput name="sg-bad" label="A refused line" value=refused.value("sg-bad") error=refused.error("sg-bad") />
                <TextInput name="sg-password" label="A password" kind=InputKind::Password autocomplete="new-password" />
                <TextInput name="sg-when" label="A time" kind=InputKind::DateTime optional=true />
                <TextArea name="sg-text" label="Several lines" value="</textarea> is only text in here.\nIt grows with what is typed." />
                <TextArea name="sg-refused" label="Refused lines" error="The text is empty: write something.".to_owned() rows=2 />
                <Select name="sg-select" label="One of several" choices=choices() value="b" />
                <SeverityChoice name="sg-severity" value="SEV2" />
                <SeverityChoice name="sg-severity2" legend="How bad is it? (refused)" value="" error="Choose one.".to_owned() />
                <Checkbox name="sg-check" label="Only named people may see it" hint="What follows from it." checked=true />
                <div class="row"><Button kind=ButtonKind::Primary>"Send"</Button><Button kind=ButtonKind::Plain>"Cancel"</Button></div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Messages() -> impl IntoView {
    view! {
        <Panel title="Messages">
            <div class="stack">
                {Tone::ALL.into_iter().map(|tone| view! {
                    <Notice tone=tone title=format!("Tone “{}”.", tone.word())>"It says what happened and offers a way forward."</Notice>
                }).collect_view()}
            </div>
        </Panel>
        <Panel>
            <EmptyState title="Nothing here yet." icon=IconName::Flag>
                <p>"It teaches the next step."</p>
                <LinkButton href="#">"The next step"</LinkButton>
            </EmptyState>
        </Panel>
    }
    .into_any()
}

#[component]
fn Folded() -> impl IntoView {
    view! {
        <Panel title="What opens when asked" lead="All of it opens without a script.">
            <div class="row">
                <Dialog label="Open a dialog" title="Update the status" icon=IconName::Gauge>
                    <form class="stack" method="get" action="#">
                        <TextArea name="sg-reason" label="Why?" rows=2 />
                        <Button kind=ButtonKind::Primary>"Save"</Button>
                    </form>
                </Dialog>
                <Menu label="A menu" kind=ButtonKind::Normal start=true>
                    <a class="item" href="#"><Icon name=IconName::Edit />"Edit"</a>
                    <a class="item" href="#"><Icon name=IconName::Pin />"Pin"</a>
                    <hr />
                    <a class="item bad" href="#"><Icon name=IconName::EyeOff />"Redact"</a>
                </Menu>
                <Menu label="More about this entry" icon=IconName::More icon_only=true small=true start=true>
                    <a class="item" href="#"><Icon name=IconName::Link />"Copy the link"</a>
                </Menu>
            </div>
            <Disclosure label="More, in place"><p>"Here it is."</p></Disclosure>
        </Panel>
    }
    .into_any()
}

#[component]
fn Lists() -> impl IntoView {
    let tabs = vec![
        Tab::new("#", "All", true),
        Tab::new("#", "Open", false).count(3),
        Tab::new("#", "Resolved", false),
    ];
    let heads = vec![
        Head::new("Item"),
        Head::number("Seen"),
        Head::number("Must be"),
        Head::hidden("Actions"),
    ];
    view! {
        <Tabs label="Example tabs" tabs=tabs />
        <Panel title="A table" lead="On a phone each row becomes a card." flush=true>
            <Table caption="An example table" heads=heads>
                <tr>
                    <td><b>"Live pool sizes equal the declared ones"</b></td>
                    <td class="num" data-label="Seen">"8"</td>
                    <td class="num" data-label="Must be">"32"</td>
                    <td class="num"><Button small=true inert=true>"Look"</Button></td>
                </tr>
                <tr>
                    <td><b>"Two experts for each component"</b></td>
                    <td class="num" data-label="Seen">"1"</td>
                    <td class="num" data-label="Must be">"2"</td>
                    <td class="num"><Button small=true inert=true>"Look"</Button></td>
                </tr>
            </Table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Icons() -> impl IntoView {
    let kinds = EntryKind::ALL
        .iter()
        .map(|kind| {
            let (icon, tone) = kind_look(*kind);
            view! { <li><span class=format!("kind-mark {}", tone.word())><Icon name=icon /></span>{kind.title()}</li> }
        })
        .collect_view();
    view! {
        <Panel title="Drawings" lead="They stand beside a word and never for one.">
            <ul class="icons plain-list">
                {IconName::ALL.iter().map(|name| view! { <li><Icon name=*name />{format!("{name:?}")}</li> }).collect_view()}
            </ul>
        </Panel>
        <Panel title="Marks of the timeline"><ul class="icons plain-list">{kinds}</ul></Panel>
    }
    .into_any()
}
