//! The list of incidents.

use crate::components::{
    Ago, Avatar, Button, Choice, Due, EmptyState, Head, Icon, IconName, LinkButton, Select,
    SeverityChip, StatusChip, Tab, Table, Tabs, TextInput, button::ButtonKind,
    text_input::InputKind, time::DateTime,
};
use leptos::prelude::*;
use rideout_domain::{Incident, Severity, Status, Timestamp};
use std::{fmt, str::FromStr};

/// Which incidents are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Open ones first, then what is over.
    #[default]
    All,
    /// Those that need people.
    Open,
    /// Those that are over.
    Resolved,
    /// Those in one status.
    Status(Status),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Status(status) => status.word(),
        })
    }
}

impl FromStr for Which {
    type Err = ();
    /// An unknown word shows everything, rather than nothing.
    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "open" => Self::Open,
            "resolved" => Self::Resolved,
            _ => word.parse().map_or(Self::All, Self::Status),
        })
    }
}

/// What the list is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Which incidents.
    pub which: Which,
    /// Only this severity.
    pub severity: Option<Severity>,
    /// Text that the title or a service holds, or a reference.
    pub text: String,
}

impl Filter {
    fn is_narrow(&self) -> bool {
        self.severity.is_some()
            || !self.text.trim().is_empty()
            || matches!(self.which, Which::Status(_))
    }

    /// The address of the list so narrowed.
    #[must_use]
    pub fn href(&self, cursor: Option<&str>) -> String {
        let mut pairs = vec![("status", self.which.to_string())];
        if let Some(severity) = self.severity {
            pairs.push(("severity", severity.word().to_owned()));
        }
        if !self.text.trim().is_empty() {
            pairs.push(("q", self.text.trim().to_owned()));
        }
        if let Some(cursor) = cursor {
            pairs.push(("cursor", cursor.to_owned()));
        }
        let query: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={}", encoded(&value)))
            .collect();
        format!("/incidents?{}", query.join("&"))
    }
}

/// Percent-encodes everything but letters, digits and a few marks.
pub(super) fn encoded(text: &str) -> String {
    use fmt::Write;
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
}

/// An incident in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The incident.
    pub incident: Incident,
    /// The commander's name.
    pub commander: Option<String>,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct IncidentsPage {
    /// The incidents, open ones first.
    pub incidents: Vec<Listed>,
    /// What the list is narrowed to.
    pub filter: Filter,
    /// Where it goes on.
    pub next: Option<String>,
    /// Whether this is not its beginning.
    pub later: bool,
    /// Number of open incidents.
    pub open: Option<i64>,
    /// Whether the viewer may declare one.
    pub may_declare: bool,
    /// The time of the page.
    pub now: Timestamp,
}

/// The list of incidents.
#[component]
pub fn Incidents(
    /// What the page shows.
    page: IncidentsPage,
) -> impl IntoView {
    let IncidentsPage {
        incidents,
        filter,
        next,
        later,
        open,
        may_declare,
        now,
    } = page;
    let none = incidents.is_empty();
    let older = next.map(|cursor| filter.href(Some(&cursor)));
    let newest = later.then(|| filter.href(None));
    let body = if none {
        nothing(&filter, later, may_declare)
    } else {
        view! { <div class="panel flush"><List incidents=incidents now=now /></div> }.into_any()
    };
    let untouched = none && filter == Filter::default() && !later;
    view! {
        <div class="page">
            <div class="page-head">
                <h1 class="grow">"Incidents"</h1>
            </div>
            {(!untouched).then(|| view! { <Narrow filter=filter open=open /> })}
            {body}
            {(older.is_some() || newest.is_some()).then(|| view! {
                <nav class="page-foot" aria-label="Pages of the list">
                    {newest.map(|href| view! { <LinkButton href=href kind=ButtonKind::Plain>"Back to the newest"</LinkButton> })}
                    {older.map(|href| view! { <LinkButton href=href icon=IconName::Down>"Older incidents"</LinkButton> })}
                </nav>
            })}
        </div>
    }
    .into_any()
}

/// The filter: which as links, severity and text as a form.
#[component]
fn Narrow(filter: Filter, open: Option<i64>) -> impl IntoView {
    let tab = |which: Which, label: &str| {
        let href = Filter {
            which,
            ..filter.clone()
        }
        .href(None);
        Tab::new(href, label, filter.which == which)
    };
    let mut tabs = vec![
        tab(Which::All, "All"),
        tab(Which::Open, "Open"),
        tab(Which::Resolved, "Resolved"),
    ];
    if let Some(open) = open {
        tabs[1].count = Some(open);
    }
    if let Which::Status(status) = filter.which
        && status != Status::Resolved
    {
        tabs.push(tab(filter.which, status.title()));
    }
    let severities = std::iter::once(Choice::new("", "Every severity"))
        .chain(
            Severity::ALL
                .iter()
                .map(|s| Choice::new(s.word(), s.title())),
        )
        .collect();
    let narrow = filter.is_narrow();
    let clear = Filter {
        which: plain(filter.which),
        ..Filter::default()
    }
    .href(None);
    view! {
        <div class="filters">
            <Tabs label="Which incidents" tabs=tabs />
            <form class="filter-form" method="get" action="/incidents" role="search" aria-label="Narrow the list">
                <input type="hidden" name="status" value=filter.which.to_string() />
                <TextInput
                    name="q"
                    id="narrow-q"
                    label="Title, service or number"
                    hide_label=true
                    kind=InputKind::Search
                    value=filter.text.clone()
                    placeholder="Title, service or INC-7"
                />
                <Select
                    name="severity"
                    label="Severity"
                    hide_label=true
                    choices=severities
                    value=filter.severity.map(Severity::word).unwrap_or_default()
                />
                <Button icon=IconName::Filter>"Filter"</Button>
                {narrow.then(|| view! { <LinkButton href=clear kind=ButtonKind::Plain>"Clear"</LinkButton> })}
            </form>
        </div>
    }
    .into_any()
}

/// The tab that a filter for one status belongs to.
const fn plain(which: Which) -> Which {
    match which {
        Which::Status(_) => Which::All,
        other => other,
    }
}

fn nothing(filter: &Filter, later: bool, may_declare: bool) -> AnyView {
    if later {
        return view! {
            <EmptyState title="That was the last one." icon=IconName::Check>
                <p>"There are no older incidents."</p>
            </EmptyState>
        }
        .into_any();
    }
    if filter.is_narrow() {
        let clear = Filter {
            which: plain(filter.which),
            ..Filter::default()
        }
        .href(None);
        let all = Filter {
            which: Which::All,
            ..filter.clone()
        }
        .href(None);
        let elsewhere = filter.which != Which::All;
        return view! {
            <EmptyState title="No incident matches." icon=IconName::Search>
                <p>"Incidents that are restricted to other people do not show here."</p>
                <div class="row">
                    {elsewhere.then(|| view! { <LinkButton href=all kind=ButtonKind::Primary>"Look among all incidents"</LinkButton> })}
                    <LinkButton href=clear>"Clear the filter"</LinkButton>
                </div>
            </EmptyState>
        }
        .into_any();
    }
    match filter.which {
        Which::Open => view! {
            <EmptyState title="Nothing is on fire." icon=IconName::Check>
                <p>"No incident is open. When something breaks, declare it early: a false alarm costs a minute, a late one costs the evening."</p>
                <div class="row">
                    {may_declare.then(|| view! { <LinkButton href="/incidents/new">"Declare an incident"</LinkButton> })}
                    <LinkButton href="/incidents?status=resolved" kind=ButtonKind::Plain>"Look at resolved ones"</LinkButton>
                </div>
            </EmptyState>
        }
        .into_any(),
        Which::Resolved => view! {
            <EmptyState title="No incident has been resolved yet." icon=IconName::Flag>
                <p>"Once one is resolved, its timeline, decisions and summary stay readable here."</p>
                <LinkButton href="/incidents">"All incidents"</LinkButton>
            </EmptyState>
        }
        .into_any(),
        _ => first_time(may_declare),
    }
}

/// Nobody has declared anything yet: teaches how it goes.
fn first_time(may_declare: bool) -> AnyView {
    view! {
        <div class="panel first-time">
            <EmptyState title="No incident yet." icon=IconName::Flag>
                {if may_declare {
                    view! {
                        <p>"When something breaks for customers, declare it: one title, one severity, and the room is open. Try it with a rehearsal, so that the first real one is your second."</p>
                        <LinkButton href="/incidents/new" kind=ButtonKind::Primary icon=IconName::Plus>"Declare the first incident"</LinkButton>
                    }.into_any()
                } else {
                    view! {
                        <p>"Once somebody declares an incident you can follow it here, live. To declare one yourself you need the role responder; an admin can give it to you."</p>
                    }.into_any()
                }}
            </EmptyState>
            <ol class="steps">
                <li><Icon name=IconName::Flag /><div><b>"Declare"</b><p>"Say what is wrong as a customer would. You lead until somebody takes over."</p></div></li>
                <li><Icon name=IconName::Diamond /><div><b>"Work in one timeline"</b><p>"Findings, hypotheses, evidence, decisions and tasks, live on every screen."</p></div></li>
                <li><Icon name=IconName::Megaphone /><div><b>"Keep others informed"</b><p>"A stakeholder link answers the directors, so that the room can work."</p></div></li>
                <li><Icon name=IconName::Check /><div><b>"Resolve"</b><p>"With a summary in a sentence. The whole story can be exported."</p></div></li>
            </ol>
        </div>
    }
    .into_any()
}

#[component]
fn List(incidents: Vec<Listed>, now: Timestamp) -> impl IntoView {
    let heads = vec![
        Head::new("Severity"),
        Head::new("Incident"),
        Head::new("Status"),
        Head::new("Commander"),
        Head::new("Began"),
        Head::new("Last learnt"),
        Head::new("Next update"),
    ];
    let rows = incidents
        .into_iter()
        .map(|listed| view! { <Row listed=listed now=now /> })
        .collect_view();
    view! { <Table caption="Incidents, open ones first" heads=heads>{rows}</Table> }
}

#[component]
fn Row(listed: Listed, now: Timestamp) -> impl IntoView {
    let Listed {
        incident,
        commander,
    } = listed;
    let open = incident.is_open();
    let reference = incident.reference();
    let href = format!("/incidents/{}", incident.id);
    let services = (!incident.services.is_empty()).then(|| incident.services.join(", "));
    view! {
        <tr class=if open { "incident" } else { "incident over" }>
            <td class="incident-severity"><SeverityChip severity=incident.severity over=!open /></td>
            <td class="incident-title">
                <a class="row-link" href=href>{incident.title}</a>
                <div class="quiet sm incident-sub">
                    <span>{reference}</span>
                    {services.map(|services| view! { <span>{services}</span> })}
                    {incident.restricted.then(|| view! {
                        <span class="restricted" title="Only named people may see it"><Icon name=IconName::Lock />"restricted"</span>
                    })}
                </div>
            </td>
            <td class="incident-status"><StatusChip status=incident.status /></td>
            <td data-label="Commander">{match commander {
                Some(name) => view! { <span class="person"><Avatar name=name.clone() />{name}</span> }.into_any(),
                None if open => view! { <span class="late">"nobody leads"</span> }.into_any(),
                None => view! { <span class="quiet">"–"</span> }.into_any(),
            }}</td>
            {if open {
                view! {
                    <td data-label="Began"><Ago at=incident.started_at now=now /></td>
                    <td data-label="Last learnt">{match incident.last_learnt_at {
                        Some(at) => view! { <Ago at=at now=now /> }.into_any(),
                        None => view! { <span class="quiet">"nothing yet"</span> }.into_any(),
                    }}</td>
                    <td data-label="Next update">{match incident.next_update_at {
                        Some(at) => view! { <Due at=at now=now /> }.into_any(),
                        None => view! { <span class="quiet">"not set"</span> }.into_any(),
                    }}</td>
                }.into_any()
            } else {
                let took = incident.resolved_at.unwrap_or(now).seconds_since(incident.started_at);
                view! {
                    <td><span class="quiet">{format!("took {}", crate::components::words::span(took))}</span></td>
                    <td class="incident-ended" colspan="2">
                        <span class="quiet">"resolved "{incident.resolved_at.map(|at| view! { <DateTime at=at /> })}</span>
                    </td>
                }.into_any()
            }}
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_every_text() {
        let filter = Filter {
            which: Which::Open,
            severity: Some(Severity::Sev1),
            text: " a&b=c “ü” ".into(),
        };
        assert_eq!(
            filter.href(Some("o7")),
            "/incidents?status=open&severity=SEV1&q=a%26b%3Dc%20%E2%80%9C%C3%BC%E2%80%9D&cursor=o7"
        );
        assert_eq!("mitigated".parse(), Ok(Which::Status(Status::Mitigated)));
        assert_eq!("nonsense".parse(), Ok(Which::All));
        assert_eq!("resolved".parse(), Ok(Which::Resolved));
    }
}
