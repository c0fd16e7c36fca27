//! What surrounds every page: the rail, messages, the frame for what is shown.

use crate::{
    components::{Avatar, Icon, IconName, Kbd, Mark, Notice, SkipLink, Tone},
    islands::PageTools,
    pages::paging::{Called, CalledNotice},
};
use leptos::prelude::*;
use rideout_domain::{Action, Role, Timestamp, UserId};
use std::str::FromStr;

/// What a page needs to know besides what it shows.
#[derive(Clone, Debug)]
pub struct PageContext {
    /// Lets our scripts run under the content-security policy.
    pub nonce: String,
    /// The chosen theme; none follows the system.
    pub theme: Option<Theme>,
    /// Who looks; none for a stranger.
    pub viewer: Option<Viewer>,
    /// Where style and browser half are served.
    pub assets: Assets,
    /// Which part of the rail is lit.
    pub nav: Nav,
    /// Number of open incidents that the viewer may see, for the rail.
    pub open_incidents: Option<i64>,
    /// What the last thing somebody did led to.
    pub flash: Option<Flash>,
    /// Pages that wait for whoever looks.
    pub called: Vec<Called>,
    /// The time of the page.
    pub now: Timestamp,
    /// Whether this is the throw-away example.
    pub example: bool,
    /// Whether the browser half is asked for.
    pub islands: bool,
}

/// A theme somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The word in the cookie, the form and the attribute.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl FromStr for Theme {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(()),
        }
    }
}

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Identifier.
    pub id: UserId,
    /// Name.
    pub name: String,
    /// Role in the organisation.
    pub role: Role,
}

/// Paths of the built files, as the browser asks for them: `/pkg/rideout-….css`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// Style.
    pub css: Option<String>,
    /// Glue of the browser half.
    pub js: Option<String>,
    /// The browser half.
    pub wasm: Option<String>,
}

/// Which part of the rail is lit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nav {
    /// Incidents, and what belongs to one.
    Incidents,
    /// On-call schedules.
    OnCall,
    /// How the engine stands.
    Engine,
    /// The stall watch, its figures and policies.
    Stall,
    /// Services, teams and escalation policies.
    Services,
    /// People, for admins.
    People,
    /// The audit log, for admins.
    Audit,
    /// One's own account.
    Account,
    /// None of them.
    #[default]
    None,
}

/// What the last thing somebody did led to, shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flash {
    /// What it means.
    pub tone: Tone,
    /// A sentence.
    pub text: String,
}

/// The rail, messages, and the page in its frame.
#[component]
pub(crate) fn Shell(cx: PageContext, children: Children) -> impl IntoView {
    let waits = cx.viewer.is_some();
    view! {
        <SkipLink />
        <Rail
            viewer=cx.viewer
            nav=cx.nav
            open=cx.open_incidents
            theme=cx.theme
            example=cx.example
        />
        <main id="main" tabindex="-1">
            {waits.then(|| view! {
                <div id="called-pages"><CalledNotice called=cx.called now=cx.now /></div>
            })}
            {cx.flash.map(|flash| view! {
                <div class="flash"><Notice tone=flash.tone>{flash.text}</Notice></div>
            })}
            {children()}
        </main>
        {cx.islands.then(|| view! { <PageTools /> })}
    }
    .into_any()
}

#[component]
fn Rail(
    viewer: Option<Viewer>,
    nav: Nav,
    open: Option<i64>,
    theme: Option<Theme>,
    example: bool,
) -> impl IntoView {
    let admin = viewer
        .as_ref()
        .is_some_and(|v| v.role.may(Action::ManagePeople));
    let audit = viewer
        .as_ref()
        .is_some_and(|v| v.role.may(Action::ReadAudit));
    let declares = viewer.as_ref().is_some_and(|v| v.role.may(Action::Declare));
    let signed_in = viewer.is_some();
    view! {
        <header class="rail">
            <a class="brand" href="/" aria-label="Rideout"><Mark /><span class="brand-word">"Rideout"</span></a>
            {signed_in.then(|| view! {
                <nav aria-label="Main">
                    <a href="/incidents" aria-current=lit(nav, Nav::Incidents)>
                        "Incidents"
                        {open.filter(|n| *n > 0).map(|n| view! {
                            " "<span class="chip sev1 open-count">{n}<span class="sr">" open"</span></span>
                        })}
                    </a>
                    <a href="/on-call" aria-current=lit(nav, Nav::OnCall)>"On call"</a>
                    <a href="/stall" aria-current=lit(nav, Nav::Stall)>"Stall watch"</a>
                    <a href="/services" aria-current=lit(nav, Nav::Services)>"Services"</a>
                    {admin.then(|| view! { <a href="/people" aria-current=lit(nav, Nav::People)>"People"</a> })}
                    {audit.then(|| view! { <a href="/audit" aria-current=lit(nav, Nav::Audit)>"Audit"</a> })}
                </nav>
                <form class="find" role="search" action="/incidents" method="get">
                    <Icon name=IconName::Search />
                    <label class="sr" for="find">"Find an incident"</label>
                    <input type="hidden" name="status" value="all" />
                    <input type="search" id="find" name="q" placeholder="Find an incident" autocomplete="off" data-key="/" />
                    <Kbd keys="/" />
                </form>
            })}
            <span class="grow"></span>
            {example.then(|| view! {
                <a class="chip warn example" href="/example" title="Everything in here is made up and kept in a throw-away file.">
                    "Example"
                </a>
            })}
            {declares.then(|| view! {
                <a class="button primary declare" href="/incidents/new" data-key="d">
                    <Icon name=IconName::Plus />
                    "Declare"
                    <span class="sr">" an incident"</span>
                    <Kbd keys="D" />
                </a>
            })}
            {match viewer {
                Some(viewer) => view! { <AccountMenu viewer=viewer theme=theme example=example /> }.into_any(),
                None => view! { <ThemeSwitch theme=theme /> }.into_any(),
            }}
        </header>
    }
    .into_any()
}

fn lit(nav: Nav, this: Nav) -> Option<&'static str> {
    (nav == this).then_some("page")
}

#[component]
fn AccountMenu(viewer: Viewer, theme: Option<Theme>, example: bool) -> impl IntoView {
    let name = viewer.name.clone();
    view! {
        <details class="menu account" data-menu="">
            <summary title=name.clone()>
                <Avatar name=name.clone() />
                <span class="sr">{format!("Your account, {name}")}</span>
            </summary>
            <div class="menu-list">
                <p class="menu-head"><b>{name}</b><span class="quiet sm">{viewer.role.word()}</span></p>
                <a class="item" href="/account"><Icon name=IconName::Person />"Your account"</a>
                <a class="item" href="/engine"><Icon name=IconName::Gauge />"Engine"</a>
                <a class="item" href="/account/reach"><Icon name=IconName::Phone />"How to reach me"</a>
                {example.then(|| view! {
                    <a class="item" href="/example"><Icon name=IconName::People />"Enter as somebody else"</a>
                })}
                <ThemeSwitch theme=theme />
                <form method="post" action="/logout">
                    <button class="item" type="submit"><Icon name=IconName::Door />"Sign out"</button>
                </form>
            </div>
        </details>
    }
    .into_any()
}

/// Light, dark or as the system has it: a form, so it works without a script.
#[component]
fn ThemeSwitch(theme: Option<Theme>) -> impl IntoView {
    let choice = |value: &'static str, label: &'static str, icon: IconName, chosen: bool| {
        view! {
            <button type="submit" name="theme" value=value title=label aria-label=label aria-pressed=if chosen { "true" } else { "false" }>
                <Icon name=icon />
            </button>
        }
    };
    view! {
        <form class="theme-form" method="post" action="/theme">
            <div class="theme" role="group" aria-label="Theme">
                {choice("system", "Theme of the system", IconName::Screen, theme.is_none())}
                {choice("light", "Light theme", IconName::Sun, theme == Some(Theme::Light))}
                {choice("dark", "Dark theme", IconName::Moon, theme == Some(Theme::Dark))}
            </div>
        </form>
    }
    .into_any()
}
