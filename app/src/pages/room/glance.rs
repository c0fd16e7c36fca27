//! The header: how bad, since when, who leads, what we think, when something
//! was last learnt, what is due, who is here.

use super::{scene::Scene, strip, urgency};
use crate::components::{
    Ago, ButtonKind, Chip, Due, Icon, IconName, LinkButton, Menu, SeverityChip, Since, StatusChip,
};
use leptos::prelude::*;
use rideout_domain::{
    HypothesisStatus, IncidentRole, Room, Severity, Timestamp, UserId, room::Board,
};
use std::collections::BTreeSet;

/// Minutes for which whoever acknowledged a page is named in the header.
const ON_IT_MINUTES: i64 = 120;

/// The region `glance`, with its frame.
pub fn glance(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let incident = &room.incident;
    let restricted = incident.restricted.then(|| {
        view! {
            <Chip icon=IconName::Lock title="Only named people see this incident">"Restricted"</Chip>
        }
    });
    let mut beside = incident.reference();
    if !incident.services.is_empty() {
        beside.push_str(&format!(" · {}", incident.services.join(", ")));
    }
    view! {
        <section id="region-glance" class="glance" aria-label="At a glance">
            <div class="glance-head">
                <div class="row chips">
                    <SeverityChip severity=incident.severity over=!incident.is_open() />
                    <StatusChip status=incident.status />
                    {restricted}
                </div>
                <div class="glance-title">
                    <h1>{incident.title.clone()}</h1>
                    <p class="sm quiet">{beside}</p>
                </div>
                {buttons(room)}
            </div>
            <dl class="glance-facts">{facts(room, board, scene)}</dl>
            {strip::strip(room, board, scene.now)}
        </section>
    }
    .into_any()
}

fn buttons(room: &Room) -> AnyView {
    let base = format!("/incidents/{}", room.incident.id);
    let name = room.incident.reference();
    let who = room.incident.restricted.then(|| {
        view! {
            <a class="item write" href=format!("{base}/share")>
                <Icon name=IconName::Lock />
                "Who may look"
            </a>
        }
    });
    let status = if room.incident.is_open() {
        "Update status"
    } else {
        "Reopen"
    };
    view! {
        <div class="row glance-buttons">
            <span class="may-share">
                <LinkButton href=format!("{base}/share") kind=ButtonKind::Plain>"Share"</LinkButton>
            </span>
            <LinkButton href=format!("{base}/catch-up") key="c">"Catch up"</LinkButton>
            <span class="write">
                <LinkButton href="?compose=status#composer" key="s">{status}</LinkButton>
            </span>
            <Menu label="More" icon=IconName::More icon_only=true kind=ButtonKind::Normal>
                <a class="item write" href=format!("{base}/details")>
                    <Icon name=IconName::Edit />
                    "Edit details"
                </a>
                <a class="item write" href="?compose=paged#composer">
                    <Icon name=IconName::Megaphone />
                    "Page somebody"
                </a>
                <a class="item write" href="?compose=severity#composer">
                    <Icon name=IconName::Warning />
                    "Change severity"
                </a>
                {who}
                <a class="item" href=format!("{base}/export.md") download=format!("{name}.md")>
                    <Icon name=IconName::Download />
                    "Export as Markdown"
                </a>
                <a class="item" href=format!("{base}/export.json") download=format!("{name}.json")>
                    <Icon name=IconName::Download />
                    "Export as JSON"
                </a>
            </Menu>
        </div>
    }
    .into_any()
}

/// One fact: a word for it, what it is, and something small beside it.
fn fact(label: &'static str, value: AnyView, beside: AnyView) -> AnyView {
    view! {
        <div class="fact">
            <dt>{label}</dt>
            <dd>
                <span>{value}</span>
                <small>{beside}</small>
            </dd>
        </div>
    }
    .into_any()
}

/// A fact that turns red at a moment.
fn fact_until(
    label: &'static str,
    late_at: Option<Timestamp>,
    now: Timestamp,
    value: AnyView,
    beside: AnyView,
) -> AnyView {
    let late = urgency::is_late(late_at, now);
    view! {
        <div class=if late { "fact late" } else { "fact" } data-late-at=late_at.map(Timestamp::rfc3339)>
            <dt>{label}</dt>
            <dd>
                <span>{value}</span>
                <small>{beside}</small>
            </dd>
        </div>
    }
    .into_any()
}

fn facts(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    view! {
        {since(room, scene)}
        {leader(room, board, scene)}
        {learnt(room, board, scene)}
        {blocked(room, board, scene)}
        {called(room, board, scene)}
        {thoughts(board)}
        {next_update(room, board, scene)}
        {here(board, scene)}
    }
    .into_any()
}

fn since(room: &Room, scene: &Scene) -> AnyView {
    let incident = &room.incident;
    let began = view! { "began " <crate::components::Clock at=incident.started_at /> }.into_any();
    let clock = view! { <Since at=incident.started_at now=scene.now until=incident.resolved_at /> }
        .into_any();
    fact(
        if incident.is_open() {
            "Since it began"
        } else {
            "Lasted"
        },
        clock,
        began,
    )
}

fn leader(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let deputy = board
        .holder(IncidentRole::Deputy)
        .map(|id| format!("deputy {}", room.name(id)));
    match board.commander() {
        Some(id) => fact(
            "Commander",
            room.name(id).to_owned().into_any(),
            deputy.into_any(),
        ),
        // Somebody must lead now: red from the first moment.
        None if room.incident.is_open() => fact_until(
            "Commander",
            Some(room.incident.declared_at.min(scene.now)),
            scene.now,
            "Nobody leads".into_any(),
            view! { <a class="write" href="#region-roles">"take it"</a> }.into_any(),
        ),
        None => fact("Commander", "Nobody".into_any(), deputy.into_any()),
    }
}

fn learnt(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let late_at = urgency::learning_late_at(&room.incident, board);
    let value = match board.last_learnt {
        // When it is over, how long ago says nothing.
        Some(at) if !room.incident.is_open() => {
            view! { "at " <crate::components::Clock at=at /> }.into_any()
        }
        Some(at) => view! { <Ago at=at now=scene.now /> }.into_any(),
        None => "Nothing yet".into_any(),
    };
    fact_until(
        "Last learnt something",
        late_at,
        scene.now,
        value,
        stuck_or_waiting(room, board),
    )
}

/// Whether the room is being asked if it is stuck, or waits on purpose.
fn stuck_or_waiting(room: &Room, board: &Board) -> AnyView {
    if !room.incident.is_open() {
        return ().into_any();
    }
    if board.watch.open_prompt().is_some() {
        return view! { <a href="#region-prompt">"are we stuck?"</a> }.into_any();
    }
    match board.watch.open_waits().map(|w| w.until).max() {
        Some(until) => view! { "waiting until " <crate::components::Clock at=until /> }.into_any(),
        None => ().into_any(),
    }
}

/// Each once, in the order in which they come first.
fn each_once(all: impl Iterator<Item = UserId>) -> Vec<UserId> {
    let mut each = Vec::new();
    for id in all {
        if !each.contains(&id) {
            each.push(id);
        }
    }
    each
}

/// The first by name, and how many more.
fn names(room: &Room, who: &[UserId]) -> String {
    match who {
        [one] => room.name(*one).to_owned(),
        [one, rest @ ..] => format!("{} and {} more", room.name(*one), rest.len()),
        [] => String::new(),
    }
}

/// Who came when they were called, the last first, for a while.
fn on_it(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let mut came: Vec<(Timestamp, UserId)> = board
        .watch
        .pages
        .iter()
        .filter_map(|page| page.acknowledged)
        .filter(|(at, _)| scene.now.seconds_since(*at) < ON_IT_MINUTES * 60)
        .collect();
    came.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let Some((last, _)) = came.first().copied() else {
        return ().into_any();
    };
    let who = each_once(came.into_iter().map(|(_, id)| id));
    let since = view! { "acknowledged " <Ago at=last now=scene.now /> }.into_any();
    fact("On it", names(room, &who).into_any(), since)
}

/// Who is being called, only while somebody is; then who came.
fn called(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    if !room.incident.is_open() {
        return ().into_any();
    }
    let mut pages: Vec<_> = board.watch.open_pages().collect();
    pages.sort_by_key(|p| p.at);
    let Some(first) = pages.first() else {
        return on_it(room, board, scene);
    };
    let who = each_once(pages.iter().map(|p| p.user));
    let value = names(room, &who);
    let since = view! { "paged " <Ago at=first.at now=scene.now /> }.into_any();
    fact_until(
        "Being called",
        Some(first.at.min(scene.now)),
        scene.now,
        value.into_any(),
        since,
    )
}

/// What blocks us, only while something does.
fn blocked(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    if !room.incident.is_open() {
        return ().into_any();
    }
    let Some(since) = board.open_blockers().map(|b| b.from).min() else {
        return ().into_any();
    };
    let open = board.open_blockers().count();
    let late_at = board.open_blockers().filter_map(|b| b.until).min();
    let late = urgency::is_late(late_at, scene.now);
    let more = if open > 1 {
        format!("by {open} things")
    } else {
        String::new()
    };
    view! {
        <div
            class=if late { "fact blocked late" } else { "fact blocked" }
            data-late-at=late_at.map(Timestamp::rfc3339)
        >
            <dt>"Blocked"</dt>
            <dd>
                <span>
                    <Since at=since now=scene.now />
                </span>
                <small>{more}</small>
            </dd>
        </div>
    }
    .into_any()
}

fn thoughts(board: &Board) -> AnyView {
    let count = |status: HypothesisStatus| {
        board
            .hypotheses
            .iter()
            .filter(|h| h.status == status)
            .count()
    };
    let (supported, testing, proposed, out) = (
        count(HypothesisStatus::Supported),
        count(HypothesisStatus::Testing),
        count(HypothesisStatus::Proposed),
        count(HypothesisStatus::Refuted),
    );
    let value = match (supported, testing, proposed) {
        (0, 0, 0) if out == 0 => "No idea yet".to_owned(),
        (0, 0, 0) => "Nothing left".to_owned(),
        (0, 0, proposed) => format!("{proposed} untested"),
        (0, testing, _) => format!("{testing} testing"),
        (supported, ..) => format!("{supported} supported"),
    };
    let beside = if out > 0 {
        format!("{out} ruled out")
    } else {
        String::new()
    };
    fact("We think", value.into_any(), beside.into_any())
}

fn next_update(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let label = "Next stakeholder update";
    let write =
        || view! { <a class="write" href="?compose=stakeholder_update#composer">"write it"</a> };
    match board.next_update {
        Some(at) if room.incident.is_open() => {
            let due = view! { <Due at=at now=scene.now /> }.into_any();
            let soon = at.seconds_since(scene.now) < 10 * 60;
            fact_until(label, Some(at), scene.now, due, soon.then(write).into_any())
        }
        _ if !room.incident.is_open() => fact(label, "None due".into_any(), ().into_any()),
        _ => {
            let wanted = matches!(room.incident.severity, Severity::Sev1 | Severity::Sev2);
            fact(
                label,
                "None promised".into_any(),
                wanted.then(write).into_any(),
            )
        }
    }
}

fn here(board: &Board, scene: &Scene) -> AnyView {
    let away: BTreeSet<UserId> = board
        .open_breakouts()
        .flat_map(|b| b.people.iter().copied())
        .collect();
    let beside = if away.is_empty() {
        String::new()
    } else {
        format!("{} in a breakout", away.len())
    };
    let count =
        view! { <span data-here-count="">{scene.here_count().to_string()}</span> }.into_any();
    fact("Here now", count, beside.into_any())
}
