//! The audit log: who did what that matters for security.

use crate::{
    FormState,
    components::{
        Button, Choice, DateTime, EmptyState, Field, FormError, Head, Icon, IconName, InputKind,
        LinkButton, Select, Table, TextInput, Tone, button::ButtonKind,
    },
    pages::incidents::encoded,
};
use leptos::prelude::*;
use rideout_domain::Timestamp;
use serde_json::Value;

/// A line of the log.
#[derive(Clone, Debug)]
pub struct AuditLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done, a dotted word.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// Where from.
    pub address: String,
    /// More, by name.
    pub detail: Value,
}

/// What the log is narrowed to, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// An action or the part before its dot.
    pub action: String,
    /// Text in any column.
    pub text: String,
    /// First day, `2010-06-15`.
    pub from: String,
    /// Last day.
    pub until: String,
}

impl AuditQuery {
    /// An address with this query.
    #[must_use]
    pub fn href(&self, path: &str, cursor: Option<&str>) -> String {
        let pairs = [
            ("action", self.action.as_str()),
            ("q", self.text.as_str()),
            ("from", self.from.as_str()),
            ("until", self.until.as_str()),
            ("cursor", cursor.unwrap_or_default()),
        ];
        let query: Vec<String> = pairs
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .map(|(name, value)| format!("{name}={}", encoded(value.trim())))
            .collect();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    fn is_narrow(&self) -> bool {
        *self != Self::default()
    }
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The lines, newest first.
    pub lines: Vec<AuditLine>,
    /// What the log is narrowed to.
    pub query: AuditQuery,
    /// What is wrong with the query.
    pub form: FormState,
    /// Where it goes on.
    pub next: Option<String>,
    /// Whether this is not its beginning.
    pub later: bool,
}

/// What can be chosen, by the part before the dot.
const AREAS: &[(&str, &str)] = &[
    ("", "Everything"),
    ("login", "Signing in"),
    ("session", "Sessions"),
    ("password", "Passwords"),
    ("token", "API tokens"),
    ("invite", "Invitations"),
    ("user", "People and roles"),
    ("incident", "Who may see incidents"),
    ("stakeholder_link", "Stakeholder links"),
    ("schedule", "On-call schedules"),
    ("override", "Standing in"),
    ("calendar", "Imported calendars"),
    ("feed", "Calendar feeds"),
    ("entry", "Redactions"),
    ("export", "Exports"),
    ("audit", "Exports of this log"),
    ("team", "Teams"),
    ("service", "Services"),
    ("component", "Components"),
    ("policy", "Escalation policies"),
    ("route", "Contact routes"),
    ("setup", "Set-up"),
    ("example", "The example"),
];

/// What was done, in words between who did it and what it was done to.
fn said(action: &str) -> (Option<&'static str>, Tone) {
    let words = match action {
        "login.ok" => "signed in",
        "login.failed" => "failed to sign in as",
        "login.throttled" => "must wait after too many failures to sign in as",
        "session.logged_out" => "signed out",
        "session.ended" => "ended one of their sessions",
        "session.others_ended" => "ended their other sessions",
        "session.all_ended" => "ended all sessions of",
        "password.changed" => "changed their password",
        "password.set" => "set the password of",
        "token.made" => "made the API token",
        "token.revoked" => "revoked the API token",
        "invite.made" => "invited",
        "invite.used" => "joined by invitation, as",
        "invite.revoked" => "took back the invitation for",
        "setup.made" => "made a",
        "setup.used" => "set up Rideout, as",
        "user.created" => "made an account for",
        "user.role" => "changed the role of",
        "user.disabled" => "shut out",
        "user.enabled" => "let in again",
        "user.renamed" => "changed their name",
        "incident.restricted" => "declared, for named people only,",
        "incident.access_granted" => "let somebody see",
        "stakeholder_link.made" => "made a stakeholder link for",
        "stakeholder_link.revoked" => "revoked a stakeholder link of",
        "schedule.made" => "made the on-call schedule",
        "schedule.changed" => "changed the on-call schedule",
        "schedule.archived" => "archived the on-call schedule",
        "override.added" => "put somebody on call in",
        "override.removed" => "took an override back in",
        "calendar.imported" => "imported a calendar into",
        "calendar.followed" => "imported a calendar to be followed into",
        "calendar.changed" => "follows a calendar, which changed, in",
        "calendar.left" => "stopped following a calendar in",
        "feed.made" => "made a calendar feed of",
        "feed.revoked" => "took back a calendar feed of",
        "entry.redacted" => "redacted an entry of",
        "export.incident" => "exported",
        "export.all" => "exported",
        "audit.exported" => "exported this log as",
        "team.made" => "made the team",
        "team.changed" => "changed the team",
        "team.archived" => "archived the team",
        "service.made" => "registered the service",
        "service.changed" => "changed the service",
        "service.archived" => "archived the service",
        "service.dependency_put" | "service.dependency_removed" => "changed what is relied on by",
        "component.made" => "added the component",
        "component.changed" => "changed the component",
        "component.archived" => "archived the component",
        "policy.made" => "made the escalation policy",
        "policy.changed" => "changed the escalation policy",
        "policy.archived" => "archived the escalation policy",
        "route.made" => "added one of their contact routes",
        "route.changed" => "changed one of their contact routes",
        "route.confirmed" => "confirmed that one of their contact routes works",
        "route.enabled" => "took one of their contact routes into use again",
        "route.moved" => "changed the order of their contact routes",
        "route.removed" => "removed one of their contact routes",
        "route.quiet_hours" => "changed their quiet hours",
        "example.entered" => "entered the example",
        _ => return (None, Tone::Neutral),
    };
    let tone = match action {
        "login.failed" => Tone::Warn,
        "login.throttled" => Tone::Bad,
        _ => Tone::Neutral,
    };
    (Some(words), tone)
}

/// The audit log.
#[component]
pub fn Audit(
    /// What the page shows.
    page: AuditPage,
) -> impl IntoView {
    let AuditPage {
        lines,
        query,
        form,
        next,
        later,
    } = page;
    let older = next.map(|cursor| query.href("/audit", Some(&cursor)));
    let newest = later.then(|| query.href("/audit", None));
    let (csv, json) = (
        query.href("/audit.csv", None),
        query.href("/audit.json", None),
    );
    let narrow = query.is_narrow();
    let body = if lines.is_empty() {
        view! {
            <EmptyState title="Nothing matches." icon=IconName::List>
                <p>{if later { "There are no older lines." } else { "No line of the log fits what you asked for." }}</p>
                {narrow.then(|| view! { <LinkButton href="/audit">"Show everything"</LinkButton> })}
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <section class="panel flush"><Lines lines=lines /></section> }.into_any()
    };
    view! {
        <div class="page">
            <div class="page-head">
                <div class="grow">
                    <h1>"Audit log"</h1>
                    <p class="quiet">"Who signed in, who was let in, and who changed what others may see. Nothing here can be changed."</p>
                </div>
                <div class="row">
                <LinkButton href=csv icon=IconName::Download download="rideout-audit.csv" label="Export as CSV what is shown here">"CSV"</LinkButton>
                <LinkButton href=json icon=IconName::Download download="rideout-audit.json" label="Export as JSON what is shown here">"JSON"</LinkButton>
                </div>
            </div>
            <Narrow query=query form=form narrow=narrow />
            {body}
            {(older.is_some() || newest.is_some()).then(|| view! {
                <nav class="page-foot" aria-label="Pages of the log">
                    {newest.map(|href| view! { <LinkButton href=href kind=ButtonKind::Plain>"Back to the newest"</LinkButton> })}
                    {older.map(|href| view! { <LinkButton href=href icon=IconName::Down>"Older lines"</LinkButton> })}
                </nav>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Narrow(query: AuditQuery, form: FormState, narrow: bool) -> impl IntoView {
    let mut areas: Vec<Choice> = AREAS
        .iter()
        .map(|(value, label)| Choice::new(*value, *label))
        .collect();
    if !AREAS.iter().any(|(value, _)| *value == query.action) {
        areas.push(Choice::new(query.action.as_str(), query.action.as_str()));
    }
    view! {
        <form class="filter-form audit-filter" method="get" action="/audit" role="search" aria-label="Narrow the log">
            <FormError form=form.clone() />
            <TextInput name="q" label="Name, subject or address" kind=InputKind::Search value=query.text />
            <Select name="action" label="What was done" choices=areas value=query.action />
            <Day name="from" label="From" value=query.from error=form.error("from") />
            <Day name="until" label="Until and with" value=query.until error=form.error("until") />
            <Button icon=IconName::Filter>"Filter"</Button>
            {narrow.then(|| view! { <LinkButton href="/audit" kind=ButtonKind::Plain>"Clear"</LinkButton> })}
        </form>
    }
    .into_any()
}

/// A day, in UTC. What a browser would drop is shown as text, so that nothing typed is lost.
#[component]
fn Day(
    name: &'static str,
    label: &'static str,
    value: String,
    error: Option<String>,
) -> impl IntoView {
    let id = format!("f-{name}");
    let plain = value.is_empty()
        || (value.len() == 10 && format!("{value}T00:00:00Z").parse::<Timestamp>().is_ok());
    let described = error.is_some().then(|| format!("{id}-error"));
    let refused = error.is_some().then_some("true");
    view! {
        <Field id=id.clone() label=label error=error>
            <input
                class="input"
                type=if plain { "date" } else { "text" }
                id=id
                name=name
                value=value
                aria-invalid=refused
                aria-describedby=described
            />
        </Field>
    }
    .into_any()
}

#[component]
fn Lines(lines: Vec<AuditLine>) -> impl IntoView {
    let heads = vec![
        Head::new("When"),
        Head::new("What happened"),
        Head::new("From"),
        Head::new("Details"),
    ];
    let rows = lines
        .into_iter()
        .map(|line| {
            let (words, tone) = said(&line.action);
            let words = words.map_or_else(|| line.action.clone(), str::to_owned);
            let subject = (line.subject != line.actor).then(|| view! { " "<b>{line.subject}</b> });
            view! {
                <tr>
                    <td class="nowrap quiet"><DateTime at=line.at /></td>
                    <td class="audit-what" title=line.action>
                        {(tone != Tone::Neutral).then(|| view! { <span class=format!("audit-mark {}", tone.word())><Icon name=IconName::Warning /></span> })}
                        <b>{line.actor}</b>" "{words}{subject}
                    </td>
                    <td class="quiet">{line.address}</td>
                    <td class="audit-detail">{details(&line.detail)}</td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    view! { <Table caption="The audit log, newest first" heads=heads>{rows}</Table> }
}

/// Details behind a fold, when there are any.
fn details(detail: &Value) -> Option<AnyView> {
    let members = detail.as_object().filter(|members| !members.is_empty())?;
    let rows = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            view! { <dt>{name.replace('_', " ")}</dt><dd>{text}</dd> }
        })
        .collect_view();
    Some(view! { <details class="disclosure"><summary>"Show"</summary><dl class="facts">{rows}</dl></details> }.into_any())
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_was_asked() {
        let query = AuditQuery {
            action: "token".into(),
            text: " a&b ".into(),
            ..AuditQuery::default()
        };
        assert_eq!(
            query.href("/audit.csv", None),
            "/audit.csv?action=token&q=a%26b"
        );
        assert_eq!(
            query.href("/audit", Some("1.a")),
            "/audit?action=token&q=a%26b&cursor=1.a"
        );
        assert_eq!(AuditQuery::default().href("/audit", None), "/audit");
    }
}
