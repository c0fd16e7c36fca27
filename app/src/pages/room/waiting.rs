//! For whom and for what we wait: people being called, waits on purpose,
//! dependencies that were asked.

use super::{
    ask::{Ask, confirm},
    doing::TimeBox,
    entry::link_to,
    quote,
    scene::Scene,
    thinking::title,
    urgency,
};
use crate::components::{Avatar, Chip, Clock, Due, TextArea, Timer, Tone};
use leptos::prelude::*;
use rideout_domain::{
    Entry, EntryKind, Room, Timestamp,
    room::{
        Board,
        watch::{Asked, Page, Wait},
    },
    stall::wait,
};

/// Entries that are looked through for a wait that somebody named.
const OFFERED_ENTRIES: usize = 20;
/// Minutes for which declaring it is offered.
const OFFERED_MINUTES: i64 = 30;

/// Who is being called and has not acknowledged, with its heading.
pub(super) fn calling(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    if !room.incident.is_open() {
        return ().into_any();
    }
    let cards: Vec<AnyView> = board
        .watch
        .open_pages()
        .map(|p| page(room, p, scene))
        .collect();
    if cards.is_empty() {
        return ().into_any();
    }
    view! {
        <h2>"Who is being called"</h2>
        {cards}
    }
    .into_any()
}

fn page(room: &Room, p: &Page, scene: &Scene) -> AnyView {
    let name = room.name(p.user).to_owned();
    let how = match (p.level, p.by) {
        (Some(level), _) => format!("level {level} of the escalation policy"),
        (None, Some(by)) => format!("paged by {}", room.name(by)),
        (None, None) => "paged by Rideout".to_owned(),
    };
    view! {
        <article class="card page">
            <p class="card-head">
                <Chip tone=Tone::Bad>"paged"</Chip>
                <span class="grow"></span>
                <Timer due=p.at now=scene.now />
            </p>
            <p class="row">
                <Avatar name=name.clone() />
                <b>{name}</b>
            </p>
            <p class="sm quiet">{how} ", not acknowledged yet"</p>
        </article>
    }
    .into_any()
}

/// A wait that somebody named without declaring it, to be declared by one press.
pub(super) fn offer(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let Some((entry, until)) = named(room, board, scene.now) else {
        return ().into_any();
    };
    let ask = Ask::new(room, scene, format!("offer-{}", entry.seq), "", entry.seq);
    let fields = view! {
        <div class="row">{confirm("kind", "wait", "Wait until then")}</div>
    };
    let text = quote::excerpt(&entry.text, 160);
    let hidden = vec![("wait_until", until.rfc3339()), ("text", text.clone())];
    view! {
        <article class="card offer write">
            <p class="sm">
                {room.author(entry).to_owned()} ": " <a href=link_to(room, entry.seq, entry.id)>{text}</a>
            </p>
            <p class="sm quiet">
                "Do we wait on purpose? Then the stall watch keeps quiet until " <Clock at=until /> "."
            </p>
            {ask.bare(hidden, fields.into_any())}
        </article>
    }
    .into_any()
}

/// The newest entry of late that names how long something will take, or when it
/// ends, and after which nobody declared a wait.
fn named<'a>(room: &'a Room, board: &Board, now: Timestamp) -> Option<(&'a Entry, Timestamp)> {
    if !room.incident.is_open() {
        return None;
    }
    let waited = board.watch.waits.last().map_or(0, |w| w.seq);
    let until_already = board.watch.open_waits().map(|w| w.until).max();
    let late = now.plus_minutes(-OFFERED_MINUTES);
    room.entries
        .iter()
        .rev()
        .take(OFFERED_ENTRIES)
        .take_while(|e| e.seq > waited)
        .filter(|e| e.is_activity() && e.redacted_at.is_none() && e.recorded_at >= late)
        // Those have an end of their own, or are an answer that the watch has heard.
        .filter(|e| {
            !matches!(
                e.kind(),
                EntryKind::Task | EntryKind::Breakout | EntryKind::Answer | EntryKind::Asked
            )
        })
        .find_map(|e| {
            let named = wait::find(&e.text, e.occurred_at, 0)?;
            (named.until > now && until_already.is_none_or(|at| at < named.until))
                .then(|| (e.as_ref(), named.until))
        })
}

/// Waits on purpose that have not ended.
pub(super) fn waits(room: &Room, board: &Board, scene: &Scene) -> Vec<AnyView> {
    let mut waits: Vec<&Wait> = board.watch.open_waits().collect();
    waits.sort_by_key(|w| w.until);
    waits.into_iter().map(|w| wait(room, w, scene)).collect()
}

fn wait(room: &Room, w: &Wait, scene: &Scene) -> AnyView {
    let ask = Ask::new(
        room,
        scene,
        format!("waited-{}", w.seq),
        "It is over",
        w.seq,
    );
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="What did it bring?"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", "wait_ended", "End the wait")}</div>
    }
    .into_any();
    let TimeBox {
        class,
        late_at,
        timer,
        bar,
    } = TimeBox::new(
        room,
        "wait",
        "Time used of the wait",
        w.from,
        w.until,
        scene.now,
    );
    view! {
        <article class=class data-late-at=late_at>
            <p class="card-head">
                <Chip>"waiting"</Chip>
                <span class="grow"></span>
                {timer}
            </p>
            {title(room, w.seq, w.id, &w.text)}
            <p class="sm quiet">"on purpose, until " <Clock at=w.until /></p>
            {bar}
            {ask.show(vec![("wait", w.id.to_string())], fields)}
        </article>
    }
    .into_any()
}

/// Dependencies that were asked and have not responded.
pub(super) fn asked(room: &Room, board: &Board, scene: &Scene) -> Vec<AnyView> {
    board
        .watch
        .open_asked()
        .map(|a| question(room, a, scene))
        .collect()
}

fn question(room: &Room, a: &Asked, scene: &Scene) -> AnyView {
    let due = a.due.filter(|_| room.incident.is_open());
    let late = urgency::is_late(due, scene.now);
    let promised = match due {
        Some(at) => view! { ", response due " <Due at=at now=scene.now /> }.into_any(),
        None => ().into_any(),
    };
    let ask = Ask::new(
        room,
        scene,
        format!("replied-{}", a.seq),
        "They responded",
        a.seq,
    );
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="What did they say?"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", "replied", "They responded")}</div>
    }
    .into_any();
    view! {
        <article
            class=if late { "card asked late" } else { "card asked" }
            data-late-at=due.map(Timestamp::rfc3339)
        >
            <p class="card-head">
                <Chip tone=Tone::Accent>"asked"</Chip>
                <b class="sm">{a.whom.clone()}</b>
            </p>
            {title(room, a.seq, a.id, &a.text)}
            <p class="sm quiet">"at " <Clock at=a.at /> {promised}</p>
            {ask.show(vec![("asked", a.id.to_string())], fields)}
        </article>
    }
    .into_any()
}
