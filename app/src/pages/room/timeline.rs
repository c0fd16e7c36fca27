//! The timeline's frame: its filter, the way to earlier entries, the list.

use super::{entry, filter::Filter, scene::Person};
use crate::{
    components::{
        Button, ButtonKind, Checkbox, Choice, Icon, IconName, LinkButton, Select, kind_look,
    },
    render_fragment,
};
use leptos::prelude::*;
use rideout_domain::{EntryKind, IncidentId, Room, UserId};

/// Kinds to filter by, with the word for each.
const KINDS: &[(EntryKind, &str)] = &[
    (EntryKind::Finding, "Findings"),
    (EntryKind::Hypothesis, "Hypotheses"),
    (EntryKind::HypothesisStatus, "How hypotheses stand"),
    (EntryKind::Evidence, "Evidence"),
    (EntryKind::Decision, "Decisions"),
    (EntryKind::Action, "Actions"),
    (EntryKind::ActionEffect, "Effects of actions"),
    (EntryKind::Task, "Tasks"),
    (EntryKind::TaskDone, "Results of tasks"),
    (EntryKind::Breakout, "Breakouts"),
    (EntryKind::BreakoutEnded, "What breakouts brought"),
    (EntryKind::Blocker, "Blockers"),
    (EntryKind::BlockerLifted, "Lifted blockers"),
    (EntryKind::Wait, "Waits"),
    (EntryKind::WaitEnded, "Waits that ended"),
    (EntryKind::Asked, "Questions to dependencies"),
    (EntryKind::Replied, "Responses of dependencies"),
    (EntryKind::Alert, "Alerts"),
    (EntryKind::Prompt, "Prompts"),
    (EntryKind::Answer, "Answers to prompts"),
    (EntryKind::Escalation, "Escalations"),
    (EntryKind::Paged, "Pages"),
    (EntryKind::PageAcknowledged, "Acknowledged pages"),
    (EntryKind::PageFailed, "Failed pages"),
    (EntryKind::StakeholderUpdate, "Stakeholder updates"),
    (EntryKind::Status, "Status"),
    (EntryKind::Severity, "Severity"),
    (EntryKind::Note, "Notes"),
];

/// Entries rendered once, each with its author, so that a page can mark the
/// viewer's own without rendering anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// Each `<li>` and who wrote it.
    pub entries: Vec<(Option<UserId>, String)>,
    /// The first entry shown, when there are earlier ones.
    pub earlier_than: Option<i64>,
    /// Whether there are later ones.
    pub later: bool,
    /// Whether nobody has written anything yet.
    pub fresh: bool,
}

impl Rendered {
    /// Renders the page of the timeline that the filter asks for.
    #[must_use]
    pub fn of(room: &Room, filter: &Filter) -> Self {
        let page = filter.page(room);
        Self {
            entries: page
                .entries
                .iter()
                .map(|e| (e.author, entry_html(room, e)))
                .collect(),
            earlier_than: page.earlier_than,
            later: page.later,
            fresh: room.incident.is_open()
                && !room
                    .entries
                    .iter()
                    .any(|e| e.is_activity() && !entry::is_line(e.kind())),
        }
    }

    /// The list items, those by `me` marked as such.
    #[must_use]
    pub fn items_for(&self, me: UserId) -> String {
        let length: usize = self.entries.iter().map(|(_, html)| html.len() + 12).sum();
        let mut items = String::with_capacity(length);
        for (author, html) in &self.entries {
            match html.strip_prefix("<li") {
                Some(rest) if *author == Some(me) => {
                    items.push_str("<li data-mine=\"\"");
                    items.push_str(rest);
                }
                _ => items.push_str(html),
            }
        }
        items
    }
}

/// One entry as a string: what a live event carries.
#[must_use]
pub fn entry_html(room: &Room, one: &rideout_domain::Entry) -> String {
    render_fragment(|| entry::entry(room, one))
}

/// The timeline with its head.
pub(super) fn timeline(
    incident: IncidentId,
    filter: &Filter,
    authors: &[Person],
    rendered: &Rendered,
    me: UserId,
) -> AnyView {
    let base = format!("/incidents/{incident}");
    let earlier = rendered.earlier_than.map(|seq| {
        let href = format!(
            "{base}{}",
            Filter {
                before: Some(seq),
                ..filter.clone()
            }
            .query()
        );
        view! { <p class="page-link"><a href=href>"Earlier entries"</a></p> }
    });
    let later = (rendered.later).then(|| {
        let href = format!(
            "{base}{}",
            Filter {
                before: None,
                ..filter.clone()
            }
            .query()
        );
        view! { <p class="page-link"><a href=href>"Back to the newest entries"</a></p> }
    });
    let whole = !filter.is_narrow() && filter.before.is_none();
    let none = (rendered.entries.is_empty() && !whole).then(|| {
        let all = base.clone();
        view! { <p class="empty-line">"No entry fits. " <a href=all>"Show the whole timeline"</a></p> }
    });
    let steps = (rendered.fresh && whole).then(first_steps);
    let toggle = Filter {
        system: !filter.system,
        before: None,
        ..filter.clone()
    };
    let verb = if filter.system { "Hide" } else { "Show" };
    view! {
        <div class="timeline-head">
            <h2 id="timeline-title">"Timeline"<noscript>", times in UTC"</noscript></h2>
            <a class="button plain small" href=format!("{base}{}", toggle.query())>
                <span class="verb">{verb}</span>
                " comings and goings"
            </a>
            {filter_form(&base, filter, authors)}
        </div>
        {narrowed(&base, filter, authors)}
        <div class="timeline-box" id="timeline-box" tabindex="0" role="region" aria-labelledby="timeline-title">
            <div class="timeline-inner">
                {earlier}
                {none}
                <ol
                    id="timeline"
                    class="timeline"
                    data-kinds=filter.kind_words()
                    data-person=filter.person.map(|p| p.to_string()).unwrap_or_default()
                    data-system=if filter.system { "1" } else { "0" }
                    data-before=filter.before.map(|seq| seq.to_string()).unwrap_or_default()
                    inner_html=rendered.items_for(me)
                ></ol>
                {steps}
                {later}
            </div>
        </div>
    }
    .into_any()
}

/// What to do in a room where nobody has written anything yet.
fn first_steps() -> AnyView {
    view! {
        <div class="first-steps">
            <p>"Nobody has written anything yet. Three steps get a room going:"</p>
            <ol>
                <li>
                    <a href="?compose=finding#composer">"Write down what you see"</a>
                    <span>"First-hand: what, where, since when. Guesses come later."</span>
                </li>
                <li>
                    <a href="#region-roles">"Agree who leads"</a>
                    <span>"One person decides and keeps it moving; a deputy watches the clock."</span>
                </li>
                <li>
                    <a href="?compose=stakeholder_update#composer">"Tell those who ask"</a>
                    <span>"One plain sentence, and when they hear next, keeps the door closed."</span>
                </li>
            </ol>
        </div>
    }
    .into_any()
}

/// Says that something is left out, and how to get it back.
fn narrowed(base: &str, filter: &Filter, authors: &[Person]) -> AnyView {
    if !filter.is_narrow() {
        return ().into_any();
    }
    let mut said: Vec<String> = KINDS
        .iter()
        .filter(|(kind, _)| filter.kinds.contains(kind))
        .map(|(_, word)| word.to_lowercase())
        .collect();
    if said.is_empty() {
        said.push("entries".to_owned());
    }
    let by = filter.person.map(|id| {
        let name = authors
            .iter()
            .find(|p| p.id == id)
            .map_or("somebody", |p| p.name.as_str());
        format!(" by {name}")
    });
    let said = format!("Only {}{}.", said.join(", "), by.unwrap_or_default());
    view! { <p class="narrowed sm">{said} " " <a href=base.to_owned()>"Show all"</a></p> }
        .into_any()
}

fn filter_form(base: &str, filter: &Filter, authors: &[Person]) -> AnyView {
    let kinds = KINDS
        .iter()
        .map(|(kind, word)| {
            let checked = filter.kinds.contains(kind);
            let tone = kind_look(*kind).1.word();
            view! {
                <div class=format!("pick {tone}")>
                    <Checkbox
                        name="kinds"
                        value=kind.word()
                        label=*word
                        checked=checked
                        id=format!("filter-{}", kind.word())
                    />
                </div>
            }
        })
        .collect_view();
    let mut people = vec![Choice::new("", "Everybody")];
    people.extend(
        authors
            .iter()
            .map(|p| Choice::new(p.id.to_string(), p.name.clone())),
    );
    let system = filter
        .system
        .then(|| view! { <input type="hidden" name="system" value="1" /> });
    view! {
        <details class="menu filter" data-menu="">
            <summary class="button plain small">
                <Icon name=IconName::Filter />
                "Filter"
            </summary>
            <form class="menu-list stack" method="get" action=base.to_owned()>
                <fieldset>
                    <legend>"Kinds"</legend>
                    <div class="picks">{kinds}</div>
                </fieldset>
                <Select
                    name="person"
                    id="filter-person"
                    label="Written by"
                    choices=people
                    value=filter.person.map(|p| p.to_string()).unwrap_or_default()
                />
                {system}
                <div class="row">
                    <Button small=true kind=ButtonKind::Primary>"Show"</Button>
                    <LinkButton small=true kind=ButtonKind::Plain href=base.to_owned()>"Show all"</LinkButton>
                </div>
            </form>
        </details>
    }
    .into_any()
}
