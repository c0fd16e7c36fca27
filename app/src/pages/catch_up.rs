//! For whoever joins late: what is wrong, how bad, since when, who leads, what
//! we believe, what was ruled out, what is being done. Read in thirty seconds,
//! or printed.

use super::room::{entry::names, prompt, quote};
use crate::components::{
    Ago, ButtonKind, Chip, Clock, DateTime, Due, IconName, LinkButton, SeverityChip, StatusChip,
    Timer, Tone, words,
};
use leptos::prelude::*;
use rideout_domain::{
    Entry, EntryBody, EntryId, HypothesisStatus, IncidentRole, Room, Stance, Status, Timestamp,
    room::{Board, Hypothesis},
};

/// Things learnt that are told.
const LEARNT: usize = 5;

/// The page for whoever joins late.
pub fn catch_up(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let incident = &room.incident;
    let base = format!("/incidents/{}", incident.id);
    let restricted = incident
        .restricted
        .then(|| view! { <Chip icon=IconName::Lock>"Restricted"</Chip> });
    view! {
        <div class="page catch-up">
            <header class="page-head">
                <div class="grow stack">
                    <div class="row">
                        <SeverityChip severity=incident.severity over=!incident.is_open() />
                        <StatusChip status=incident.status />
                        {restricted}
                        <span class="sm quiet">{incident.reference()}</span>
                    </div>
                    <h1>{incident.title.clone()}</h1>
                </div>
                <div class="row no-print">
                    <LinkButton href=format!("{base}/export.md") icon=IconName::Download download=format!("{}.md", incident.reference())>
                        "Export"
                    </LinkButton>
                    <LinkButton href=base kind=ButtonKind::Primary>"Open the room"</LinkButton>
                </div>
            </header>
            <p class="lead">{in_a_sentence(room, board, now)}</p>
            {ending(room)}
            <div class="catch-up-columns">
                <div class="stack loose">
                    {what(room)}
                    {believed(room, board)}
                    {ruled_out(room, board)}
                    {decisions(room)}
                </div>
                <div class="stack loose">
                    {asked(room, board, now)}
                    {blocked(board, now)}
                    {called(room, board, now)}
                    {done_now(room, board, now)}
                    {waited_for(room, board, now)}
                    {learnt(room, now)}
                    {told(room, board, now)}
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// How bad, since when, how far, who leads.
fn in_a_sentence(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let incident = &room.incident;
    let end = incident.resolved_at.unwrap_or(now);
    let long = words::span(end.seconds_since(incident.started_at));
    let leads = match (board.commander(), board.holder(IncidentRole::Deputy)) {
        (Some(lead), Some(deputy)) => format!(
            "{} leads, {} is deputy.",
            room.name(lead),
            room.name(deputy)
        ),
        (Some(lead), None) => format!("{} leads.", room.name(lead)),
        (None, _) if incident.is_open() => "Nobody leads.".to_owned(),
        (None, _) => String::new(),
    };
    let since = if incident.is_open() {
        format!(", for {long} now. ")
    } else {
        format!(", for {long}. ")
    };
    view! {
        {incident.severity.explained()}
        " It began "
        <DateTime at=incident.started_at />
        {since}
        {leads}
    }
    .into_any()
}

/// How it ended, when it did.
fn ending(room: &Room) -> AnyView {
    let end = room.entries.iter().rev().find(|e| {
        matches!(
            e.body,
            EntryBody::Status {
                to: Status::Resolved,
                ..
            }
        )
    });
    match end {
        Some(end) if !room.incident.is_open() => view! {
            <section class="panel ending">
                <h2>"How it ended"</h2>
                <div class="prose" inner_html=end.html.clone()></div>
            </section>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

/// A part with its heading; what to say when it is empty.
fn part(title: &'static str, empty: bool, nothing: &'static str, inside: AnyView) -> AnyView {
    let inside = if empty {
        view! { <p class="quiet">{nothing}</p> }.into_any()
    } else {
        inside
    };
    view! {
        <section class="part">
            <h2>{title}</h2>
            {inside}
        </section>
    }
    .into_any()
}

/// A link to an entry in the room, quoting it.
fn entry_link(room: &Room, entry: &Entry) -> AnyView {
    let text = quote::excerpt(&entry.text, 240);
    let text = if text.is_empty() {
        "Redacted".to_owned()
    } else {
        text
    };
    let href = format!("/incidents/{}/entries/{}", room.incident.id, entry.id);
    view! { <a class="quiet-link" href=href>{text}</a> }.into_any()
}

fn what(room: &Room) -> AnyView {
    let incident = &room.incident;
    let services = (!incident.services.is_empty())
        .then(|| view! { <p>"Affected: " <b>{incident.services.join(", ")}</b></p> });
    let described = !incident.description_html.trim().is_empty();
    let description = described
        .then(|| view! { <div class="prose" inner_html=incident.description_html.clone()></div> });
    let pinned = room
        .pinned()
        .into_iter()
        .map(|e| view! { <li>{entry_link(room, e)} <span class="sm quiet">" " {room.author(e).to_owned()}</span></li> })
        .collect_view();
    let nothing = incident.services.is_empty() && !described && room.pinned().is_empty();
    part(
        "What is wrong",
        nothing,
        "Nobody has described it yet.",
        view! {
            {description}
            {services}
            <ul class="points">{pinned}</ul>
        }
        .into_any(),
    )
}

fn standing(room: &Room, h: &Hypothesis) -> AnyView {
    let tone = match h.status {
        HypothesisStatus::Supported => Tone::Ok,
        HypothesisStatus::Testing => Tone::Accent,
        HypothesisStatus::Proposed => Tone::Learn,
        HypothesisStatus::Refuted => Tone::Neutral,
    };
    let (speaks_for, against) = (h.count(Stance::For), h.count(Stance::Against));
    let evidence = if h.evidence.is_empty() {
        "no evidence yet".to_owned()
    } else {
        format!("{speaks_for} for, {against} against")
    };
    let reason = quote::excerpt(&h.reason, 200);
    let reason = (!reason.is_empty()).then(|| view! { <span class="sm quiet">{reason}</span> });
    let link = room.entry(h.id).map(|e| entry_link(room, e));
    let stands = h.status.title();
    view! {
        <li>
            <p>{link} " " <Chip tone=tone>{stands}</Chip> " " <span class="sm quiet nowrap">{evidence}</span></p>
            {reason}
        </li>
    }
    .into_any()
}

fn believed(room: &Room, board: &Board) -> AnyView {
    let live: Vec<AnyView> = board.live_hypotheses().map(|h| standing(room, h)).collect();
    part(
        "What we believe",
        live.is_empty(),
        "There is no explanation at the moment.",
        view! { <ul class="points">{live}</ul> }.into_any(),
    )
}

fn ruled_out(room: &Room, board: &Board) -> AnyView {
    let out: Vec<AnyView> = board
        .ruled_out()
        .map(|h| {
            let reason = quote::excerpt(&h.reason, 200);
            let reason = (!reason.is_empty()).then(|| format!(": {reason}"));
            let link = room.entry(h.id).map(|e| entry_link(room, e));
            view! { <li>{link} <span class="quiet">{reason}</span></li> }.into_any()
        })
        .collect();
    part(
        "Tried and ruled out",
        out.is_empty(),
        "Nothing has been ruled out yet.",
        view! { <ul class="points">{out}</ul> }.into_any(),
    )
}

fn decisions(room: &Room) -> AnyView {
    let decided: Vec<AnyView> = room
        .in_order()
        .into_iter()
        .rev()
        .filter_map(|e| match &e.body {
            EntryBody::Decision { alternatives } => Some((e, alternatives)),
            _ => None,
        })
        .take(8)
        .map(|(e, alternatives)| {
            let instead = (!alternatives.is_empty()).then(|| {
                view! { <span class="sm quiet">"Also considered: " {alternatives.join("; ")}</span> }
            });
            let who = room.author(e).to_owned();
            view! {
                <li>
                    <p>{entry_link(room, e)} <span class="sm quiet">" " {who} ", " <Clock at=e.occurred_at /></span></p>
                    {instead}
                </li>
            }
            .into_any()
        })
        .collect();
    part(
        "Decisions",
        decided.is_empty(),
        "None so far.",
        view! { <ul class="points">{decided}</ul> }.into_any(),
    )
}

/// That the room is being asked whether it is stuck, and why.
fn asked(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let Some(asked) = prompt::open(room, board) else {
        return ().into_any();
    };
    let whys = asked
        .signals
        .iter()
        .map(|s| view! { <li>{s.why.clone()}</li> })
        .collect_view();
    let at = asked.at;
    let room = format!("/incidents/{}#region-prompt", room.incident.id);
    view! {
        <section class="notice warn part">
            <div class="grow">
                <h2>"Are we stuck?"</h2>
                <ul class="points">{whys}</ul>
                <p class="sm">
                    "Asked " <Ago at=at now=now /> ". " <a href=room>"Answer in the room"</a>
                </p>
            </div>
        </section>
    }
    .into_any()
}

fn blocked(board: &Board, now: Timestamp) -> AnyView {
    let open: Vec<AnyView> = board
        .open_blockers()
        .map(|b| {
            let on = (!b.waiting_on.is_empty()).then(|| format!(", waiting on {}", b.waiting_on));
            let text = quote::excerpt(&b.text, 240);
            let long = words::span(now.seconds_since(b.from));
            view! { <li><b>{text}</b> <span class="sm">{format!(" For {long}")}{on} "."</span></li> }.into_any()
        })
        .collect();
    if open.is_empty() {
        return ().into_any();
    }
    view! {
        <section class="notice warn part">
            <div class="grow">
                <h2>"What blocks us"</h2>
                <ul class="points">{open}</ul>
            </div>
        </section>
    }
    .into_any()
}

fn done_now(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let breakouts = board
        .open_breakouts()
        .map(|b| (b.due, b.id, names(room, &b.people), "in a breakout"));
    let tasks = board
        .open_tasks()
        .map(|t| (t.due, t.id, room.name(t.owner).to_owned(), ""));
    let mut all: Vec<_> = breakouts.chain(tasks).collect();
    all.sort_by_key(|(due, ..)| *due);
    let none = all.is_empty();
    let all = all
        .into_iter()
        .map(|(due, id, who, how)| {
            let link = room.entry(id).map(|e| entry_link(room, e));
            view! {
                <li class="spread">
                    <span>{link} <span class="sm quiet">" " {who} " " {how}</span></span>
                    <Timer due=due now=now />
                </li>
            }
        })
        .collect_view();
    part(
        "What is being done",
        none,
        "Nobody has a task or is in a breakout.",
        view! { <ul class="points">{all}</ul> }.into_any(),
    )
}

/// Who is being called, while somebody is.
fn called(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let open: Vec<AnyView> = board
        .watch
        .open_pages()
        .map(|p| {
            let name = room.name(p.user).to_owned();
            view! { <li><b>{name}</b> <span class="sm quiet">" paged " <Ago at=p.at now=now /> ", not acknowledged yet"</span></li> }.into_any()
        })
        .collect();
    if open.is_empty() || !room.incident.is_open() {
        return ().into_any();
    }
    let list = view! { <ul class="points">{open}</ul> }.into_any();
    part("Who is being called", false, "", list)
}

/// Waits on purpose, and questions to dependencies; nothing where there is none.
fn waited_for(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let line = |id: EntryId, beside: AnyView| {
        let link = room.entry(id).map(|e| entry_link(room, e));
        view! { <li>{link} <span class="sm quiet">" " {beside}</span></li> }.into_any()
    };
    let waits = board.watch.open_waits().map(|w| {
        let until = view! { "until " <Clock at=w.until /> ", due " <Due at=w.until now=now /> };
        line(w.id, until.into_any())
    });
    let asked = board.watch.open_asked().map(|a| {
        let due = a
            .due
            .map(|at| view! { ", response due " <Due at=at now=now /> });
        let whom = a.whom.clone();
        line(
            a.id,
            view! { "asked " {whom} " " <Ago at=a.at now=now /> {due} }.into_any(),
        )
    });
    let all: Vec<AnyView> = waits.chain(asked).collect();
    if all.is_empty() || !room.incident.is_open() {
        return ().into_any();
    }
    let list = view! { <ul class="points">{all}</ul> }.into_any();
    part("What we wait for", false, "", list)
}

fn learnt(room: &Room, now: Timestamp) -> AnyView {
    let learnt: Vec<AnyView> = room
        .in_order()
        .into_iter()
        .rev()
        .filter(|e| {
            matches!(e.body, EntryBody::Finding | EntryBody::Evidence { .. }) && e.redacted_at.is_none()
        })
        .take(LEARNT)
        .map(|e| {
            let about = match &e.body {
                EntryBody::Evidence { hypothesis: Some(id), stance, .. } => {
                    let word = match stance {
                        Stance::For => "for",
                        Stance::Against => "against",
                        Stance::Neutral => "about",
                    };
                    Some(format!(" ({word} {})", quote::entry(room, *id)))
                }
                _ => None,
            };
            let who = room.author(e).to_owned();
            view! {
                <li>
                    {entry_link(room, e)}
                    <span class="sm quiet">{about} " " {who} ", " <Ago at=e.occurred_at now=now /></span>
                </li>
            }
            .into_any()
        })
        .collect();
    part(
        "Last learnt",
        learnt.is_empty(),
        "Nothing yet.",
        view! { <ul class="points">{learnt}</ul> }.into_any(),
    )
}

fn told(room: &Room, board: &Board, now: Timestamp) -> AnyView {
    let last = board.last_update.and_then(|id| room.entry(id));
    let next = match board.next_update {
        Some(at) if room.incident.is_open() => {
            view! { <p class="sm">"The next update is due " <Due at=at now=now /> "."</p> }
                .into_any()
        }
        _ => ().into_any(),
    };
    let inside = last.map(|e| {
        view! {
            <p class="sm quiet">{room.author(e).to_owned()} ", " <Ago at=e.occurred_at now=now /></p>
            <div class="prose" inner_html=e.html.clone()></div>
            {next}
        }
    });
    part(
        "What stakeholders were told",
        last.is_none(),
        "Nothing yet.",
        inside.into_any(),
    )
}
