//! What we think: what blocks us, the hypotheses with their evidence, and what
//! was tried and ruled out.

use super::{
    ask::{Ask, choose, confirm},
    entry, quote,
    scene::Scene,
    urgency,
};
use crate::components::{Ago, ButtonKind, Chip, Clock, Due, LinkButton, TextArea, Tone, words};
use leptos::prelude::*;
use rideout_domain::{
    HypothesisStatus, Room, Stance,
    room::{Blocker, Board, Hypothesis},
};

/// The region `thinking`, with its frame.
pub fn thinking(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let blockers = board
        .open_blockers()
        .map(|b| blocker(room, b, scene))
        .collect_view();
    let blocked = board.open_blockers().next().is_some().then(|| {
        view! {
            <h2>"What blocks us"</h2>
            {blockers}
        }
    });
    let mut live: Vec<&Hypothesis> = board.live_hypotheses().collect();
    live.sort_by_key(|h| match h.status {
        HypothesisStatus::Supported => 0,
        HypothesisStatus::Testing => 1,
        _ => 2,
    });
    let count = live.len();
    let live = live
        .into_iter()
        .map(|h| hypothesis(room, h, scene))
        .collect_view();
    let ruled_out: Vec<AnyView> = board
        .ruled_out()
        .map(|h| hypothesis(room, h, scene))
        .collect();
    let ruled_out = (!ruled_out.is_empty()).then(|| {
        view! {
            <h3>"Tried and ruled out " <span class="count">{ruled_out.len()}</span></h3>
            {ruled_out}
        }
    });
    let none = board.hypotheses.is_empty().then(|| {
        view! {
            <p class="empty-line">
                "No explanation yet. Write down the first one, even if it may be wrong: ruling it out is progress."
            </p>
        }
    });
    view! {
        <section id="region-thinking" class="region stack" aria-labelledby="thinking-title">
            {blocked}
            <h2 id="thinking-title">
                "What we think" {(count > 0).then(|| view! { " " <span class="count">{count}</span> })}
            </h2>
            {none}
            {live}
            <div class="write">
                <LinkButton href="?compose=hypothesis#composer" key="h">"Add a hypothesis"</LinkButton>
            </div>
            {ruled_out}
        </section>
    }
    .into_any()
}

const fn tone(status: HypothesisStatus) -> Tone {
    match status {
        HypothesisStatus::Proposed => Tone::Learn,
        HypothesisStatus::Testing => Tone::Accent,
        HypothesisStatus::Supported => Tone::Ok,
        HypothesisStatus::Refuted => Tone::Neutral,
    }
}

fn hypothesis(room: &Room, h: &Hypothesis, scene: &Scene) -> AnyView {
    let refuted = h.status == HypothesisStatus::Refuted;
    let when = if refuted || !room.incident.is_open() {
        view! { "at " <Clock at=h.since /> }.into_any()
    } else {
        let who = h.author.map(|id| format!(" · {}", room.name(id)));
        view! { <Ago at=h.since now=scene.now /> {who} }.into_any()
    };
    let reason = (!h.reason.trim().is_empty()).then(|| {
        view! { <p class="sm">{quote::excerpt(&h.reason, 160)}</p> }
    });
    let (tone, stands) = (tone(h.status), h.status.title());
    view! {
        <article class=format!("card hypothesis {}", h.status.word())>
            <p class="card-head">
                <Chip tone=tone>{stands}</Chip>
                <span class="xs quiet">{when}</span>
            </p>
            {title(room, h.seq, h.id, &h.text)}
            {reason}
            {evidence(room, h)}
            {standing(room, h, scene)}
        </article>
    }
    .into_any()
}

/// The text as the card's title, leading to its entry.
pub(super) fn title(room: &Room, seq: i64, id: rideout_domain::EntryId, text: &str) -> AnyView {
    let text = quote::excerpt(text, 160);
    let text = if text.is_empty() {
        "Redacted".to_owned()
    } else {
        text
    };
    view! {
        <h3 class="card-title">
            <a href=entry::link_to(room, seq, id)>{text}</a>
        </h3>
    }
    .into_any()
}

fn evidence(room: &Room, h: &Hypothesis) -> AnyView {
    let (speaks_for, against) = (h.count(Stance::For), h.count(Stance::Against));
    let neutral = h.count(Stance::Neutral);
    let mut said = format!("{speaks_for} for · {against} against");
    if neutral > 0 {
        said.push_str(&format!(" · {neutral} open"));
    }
    if h.evidence.is_empty() {
        return view! { <p class="sm quiet">"No evidence yet."</p> }.into_any();
    }
    let pieces = h
        .evidence
        .iter()
        .filter_map(|(id, stance)| room.entry(*id).map(|e| (e, *stance)))
        .map(|(e, stance)| {
            let (class, word) = match stance {
                Stance::For => ("for", "For"),
                Stance::Against => ("against", "Against"),
                Stance::Neutral => ("open", "Open"),
            };
            let text = quote::excerpt(&e.text, 90);
            let text = if text.is_empty() {
                "a link or a file".to_owned()
            } else {
                text
            };
            view! {
                <li class=class>
                    <b>{word}</b>
                    " "
                    <a href=entry::link_to(room, e.seq, e.id)>{text}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="evidence">
            <summary class="sm">{said}</summary>
            <ul>{pieces}</ul>
        </details>
    }
    .into_any()
}

fn standing(room: &Room, h: &Hypothesis, scene: &Scene) -> AnyView {
    let ask = Ask::new(
        room,
        scene,
        format!("standing-{}", h.seq),
        "Say how it stands",
        h.since.0,
    );
    let buttons = [
        (
            HypothesisStatus::Testing,
            if h.status == HypothesisStatus::Refuted {
                "Test it again"
            } else {
                "We test it"
            },
        ),
        (HypothesisStatus::Supported, "Supported"),
        (HypothesisStatus::Refuted, "Rule out"),
    ]
    .into_iter()
    .filter(|(to, _)| *to != h.status)
    .map(|(to, words)| choose("hypothesis_to", to.word(), words))
    .collect_view();
    let add = format!("?compose=evidence&hypothesis={}#composer", h.id);
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="Why"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">
            {buttons} <LinkButton href=add small=true kind=ButtonKind::Plain>"Add evidence"</LinkButton>
        </div>
    }
    .into_any();
    ask.show(
        vec![
            ("kind", "hypothesis_status".to_owned()),
            ("hypothesis", h.id.to_string()),
        ],
        fields,
    )
}

fn blocker(room: &Room, b: &Blocker, scene: &Scene) -> AnyView {
    let until = b.until.filter(|_| room.incident.is_open());
    let late = urgency::is_late(until, scene.now);
    let waits = (!b.waiting_on.is_empty())
        .then(|| view! { <span>"waiting on " <b>{b.waiting_on.clone()}</b></span> });
    let limit = until.map(|at| {
        view! { <span>"until " <Clock at=at /> ", " <Due at=at now=scene.now /></span> }
    });
    let for_how_long = words::span(scene.now.seconds_since(b.from));
    let ask = Ask::new(room, scene, format!("lift-{}", b.seq), "It is gone", b.seq);
    let fields = view! {
        <TextArea
            id=ask.id("text")
            name="text"
            label="How was it lifted?"
            optional=true
            rows=2
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{confirm("kind", "blocker_lifted", "Lifted")}</div>
    }
    .into_any();
    view! {
        <article
            class=if late { "card blocker late" } else { "card blocker" }
            data-late-at=until.map(rideout_domain::Timestamp::rfc3339)
        >
            <p class="card-head">
                <Chip tone=Tone::Warn>"blocked"</Chip>
                <span class="xs quiet">{for_how_long}</span>
            </p>
            {title(room, b.seq, b.id, &b.text)}
            <p class="sm row">{waits} {limit}</p>
            {ask.show(vec![("blocker", b.id.to_string())], fields)}
        </article>
    }
    .into_any()
}
