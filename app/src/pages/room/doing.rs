//! What we are doing: who is being called, breakouts and tasks with their
//! timers, what we wait for, and actions that nobody reported on yet.

use super::{
    ask::{Ask, choose, confirm},
    entry,
    scene::Scene,
    thinking::title,
    waiting,
};
use crate::components::{AvatarRow, Bar, Chip, LinkButton, TextArea, Timer, Tone, words};
use leptos::prelude::*;
use rideout_domain::{
    Effect, Room, Timestamp, duration,
    room::{ActionTaken, Board, Breakout, Task},
};

/// Actions without a reported effect that are asked about at once.
const ASKED: usize = 3;

/// The region `doing`, with its frame.
pub fn doing(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let breakouts: Vec<AnyView> = board
        .open_breakouts()
        .map(|b| breakout(room, b, scene))
        .collect();
    let mut tasks: Vec<&Task> = board.open_tasks().collect();
    tasks.sort_by_key(|t| t.due);
    let waits = waiting::waits(room, board, scene);
    let asked = waiting::asked(room, board, scene);
    let count = breakouts.len() + tasks.len() + waits.len() + asked.len();
    let tasks = tasks
        .into_iter()
        .map(|t| task(room, t, scene))
        .collect_view();
    let none = (count == 0 && room.incident.is_open()).then(|| {
        view! {
            <p class="empty-line">
                "Nobody has a task. Give the next step to one person, with a time box."
            </p>
        }
    });
    let unreported: Vec<&ActionTaken> = board
        .actions
        .iter()
        .rev()
        .filter(|a| a.effect.is_none())
        .take(ASKED)
        .collect();
    let effects = (!unreported.is_empty()).then(|| {
        let asked = unreported
            .into_iter()
            .map(|a| action(room, a, scene))
            .collect_view();
        view! {
            <h3>"What did it do?"</h3>
            {asked}
        }
    });
    view! {
        <section id="region-doing" class="region stack" aria-labelledby="doing-title">
            {waiting::calling(room, board, scene)}
            <h2 id="doing-title">
                "What we are doing" {(count > 0).then(|| view! { " " <span class="count">{count}</span> })}
            </h2>
            {breakouts}
            {tasks}
            {waiting::offer(room, board, scene)}
            {waits}
            {asked}
            {none}
            <div class="write row">
                <LinkButton href="?compose=task#composer" key="t">"Add a task"</LinkButton>
                <LinkButton href="?compose=breakout#composer" key="b">"Break out"</LinkButton>
            </div>
            {effects}
        </section>
    }
    .into_any()
}

/// A time box as its card shows it. Once the incident is over nothing runs and
/// nothing is late: what was not closed was left open.
pub(super) struct TimeBox {
    pub(super) class: String,
    pub(super) late_at: Option<String>,
    pub(super) timer: AnyView,
    pub(super) bar: AnyView,
}

impl TimeBox {
    pub(super) fn new(
        room: &Room,
        kind: &str,
        label: &'static str,
        from: Timestamp,
        due: Timestamp,
        now: Timestamp,
    ) -> Self {
        if !room.incident.is_open() {
            return Self {
                class: format!("card {kind}"),
                late_at: None,
                timer: view! { <span class="sm quiet">"left open"</span> }.into_any(),
                bar: ().into_any(),
            };
        }
        Self {
            class: format!("card {kind}{}", if due < now { " late" } else { "" }),
            late_at: Some(due.rfc3339()),
            timer: view! { <Timer due=due now=now /> }.into_any(),
            bar: view! { <Bar from=from due=due now=now label=label /> }.into_any(),
        }
    }
}

fn breakout(room: &Room, b: &Breakout, scene: &Scene) -> AnyView {
    let names: Vec<String> = b
        .people
        .iter()
        .map(|id| room.name(*id).to_owned())
        .collect();
    let who = match names.len() {
        1 | 2 => entry::names(room, &b.people),
        n => words::count(i64::try_from(n).unwrap_or(i64::MAX), "person", "people"),
    };
    let ask = Ask::new(room, scene, format!("end-{}", b.seq), "It is over", b.seq);
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="What did it bring?"
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", "breakout_ended", "End the breakout")}</div>
    }
    .into_any();
    let TimeBox {
        class,
        late_at,
        timer,
        bar,
    } = TimeBox::new(
        room,
        "breakout",
        "Time used of the breakout",
        b.from,
        b.due,
        scene.now,
    );
    view! {
        <article class=class data-late-at=late_at>
            <p class="card-head">
                <Chip tone=Tone::Accent>"breakout"</Chip>
                <span class="grow"></span>
                {timer}
            </p>
            {title(room, b.seq, b.id, &b.question)}
            <p class="row sm">
                <AvatarRow names=names /> <span>{who} <span class="quiet">", do not disturb"</span></span>
            </p>
            {bar}
            {ask.show(vec![("breakout", b.id.to_string())], fields)}
        </article>
    }
    .into_any()
}

fn task(room: &Room, t: &Task, scene: &Scene) -> AnyView {
    let asked = u32::try_from(t.due.seconds_since(t.from) / 60).unwrap_or(0);
    let ask = Ask::new(room, scene, format!("done-{}", t.seq), "It is done", t.seq);
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="What is the result?"
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", "task_done", "Done")}</div>
    }
    .into_any();
    let TimeBox {
        class,
        late_at,
        timer,
        bar,
    } = TimeBox::new(
        room,
        "task",
        "Time used of the task",
        t.from,
        t.due,
        scene.now,
    );
    view! {
        <article class=class data-late-at=late_at>
            <p class="card-head">
                <Chip>"task"</Chip>
                <span class="grow"></span>
                {timer}
            </p>
            {title(room, t.seq, t.id, &t.text)}
            <p class="sm">
                {room.name(t.owner).to_owned()}
                <span class="quiet">{format!(" · asked for {}", duration::minutes_in_words(asked))}</span>
            </p>
            {bar}
            {ask.show(vec![("task", t.id.to_string())], fields)}
        </article>
    }
    .into_any()
}

fn action(room: &Room, a: &ActionTaken, scene: &Scene) -> AnyView {
    let ask = Ask::new(
        room,
        scene,
        format!("effect-{}", a.seq),
        "Report its effect",
        a.seq,
    );
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="How can one tell?"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">
            {choose("effect", Effect::Helped.word(), "It helped")}
            {choose("effect", Effect::NoEffect.word(), "No effect")}
            {choose("effect", Effect::Worse.word(), "It made it worse")}
        </div>
    }
    .into_any();
    view! {
        <article class="card action">
            {title(room, a.seq, a.id, &a.text)}
            {ask.show(vec![("kind", "action_effect".to_owned()), ("action", a.id.to_string())], fields)}
        </article>
    }
    .into_any()
}
