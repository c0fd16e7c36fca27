//! The prompt: are we stuck? Why Rideout asks, what can be answered, whom to call.

use super::{ask::Ask, entry, scene::Scene, whom};
use crate::{
    components::{Ago, Button, ButtonKind, Clock, Due, InputKind, LinkButton, TextInput},
    islands::plain::TITLE_MARK,
};
use leptos::prelude::*;
use rideout_domain::{
    IncidentRole, Room,
    entry::{AnswerKind, PromptTo},
    room::{Board, watch::Prompt},
};

/// Minutes after which “still on it” is asked again.
const AGAIN: [(&str, &str); 4] = [
    ("5", "5 min"),
    ("10", "10 min"),
    ("15", "15 min"),
    ("30", "30 min"),
];

/// The prompt that awaits an answer in this room.
#[must_use]
pub fn open<'a>(room: &Room, board: &'a Board) -> Option<&'a Prompt> {
    board
        .watch
        .open_prompt()
        .filter(|_| room.incident.is_open())
}

/// The region `prompt`, with its frame; empty while nothing is asked.
pub fn prompt(room: &Room, board: &Board, scene: &Scene) -> AnyView {
    let Some(asked) = open(room, board) else {
        return view! { <section id="region-prompt" class="prompt" hidden=true></section> }
            .into_any();
    };
    view! {
        <section
            id="region-prompt"
            class="prompt"
            aria-labelledby="prompt-title"
            data-prompt=asked.id.to_string()
        >
            <div class="prompt-ask">
                <div role="alert">
                    <h2 id="prompt-title">"Are we stuck?"</h2>
                    {signs(asked)}
                </div>
                {next(room, board, asked, scene)}
                {answers(room, asked, scene)}
            </div>
            {whom::whom(room, board, asked, scene)}
        </section>
    }
    .into_any()
}

/// Why it is asked: the facts.
fn signs(asked: &Prompt) -> AnyView {
    let whys = asked
        .signals
        .iter()
        .map(|s| {
            // What it is comes first; what it is about may be long.
            let (what, about) = match s.why.split_once(": ") {
                Some((what, about)) => (format!("{what}:"), format!(" {about}")),
                None => (s.why.clone(), String::new()),
            };
            view! {
                <li>
                    <b>{what}</b>
                    {about}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="whys">{whys}</ul> }.into_any()
}

/// What follows when nobody answers, and how long ago something was learnt. It
/// ticks, so it stands outside of what is read aloud.
fn next(room: &Room, board: &Board, asked: &Prompt, scene: &Scene) -> AnyView {
    let by = view! { <Due at=asked.answer_by now=scene.now /> };
    let follows = match asked.to {
        PromptTo::Room => {
            let whom = match board.holder(IncidentRole::Deputy) {
                Some(deputy) if board.commander() != Some(deputy) => {
                    format!("{} (deputy) is asked", room.name(deputy))
                }
                _ => "a second opinion is asked for".to_owned(),
            };
            view! { {format!("Unless somebody answers, {whom} ")} {by} "." }.into_any()
        }
        PromptTo::SecondOpinion => {
            let whom = entry::names(room, &asked.people);
            view! {
                {format!("A second opinion is asked of {whom}. Unless somebody answers, the escalation policy is called ")}
                {by}
                "."
            }
            .into_any()
        }
        PromptTo::Policy => match board.watch.escalating() {
            Some(running) if running.level > 0 => {
                view! { {format!("Level {} of the escalation policy is being called.", running.level)} }
                    .into_any()
            }
            Some(_) => view! { "The escalation policy is being called." }.into_any(),
            None => view! { "The escalation policy was called and nobody came; it begins again." }
                .into_any(),
        },
    };
    let learnt = match board.last_learnt {
        Some(at) => view! { " Last learnt something " <Ago at=at now=scene.now /> "." }.into_any(),
        None => " Nothing was learnt yet.".into_any(),
    };
    view! {
        <p class="sm prompt-next">
            "Asked at " <Clock at=asked.at /> ". " {follows} {learnt}
        </p>
    }
    .into_any()
}

/// What can be answered, each by one press or with a word.
fn answers(room: &Room, asked: &Prompt, scene: &Scene) -> AnyView {
    let to = format!(
        "/incidents/{}/prompts/{}/answer",
        room.incident.id, asked.id
    );
    let ask = |key: &str, words: &'static str| {
        Ask::new(
            room,
            scene,
            // The same on every rung: what somebody types stays in it.
            format!("answer-{key}"),
            words,
            asked.seq,
        )
        .to(to.clone())
        .one_of("answer")
    };
    view! {
        <div class="write prompt-answers">
            {still_on_it(ask("still", ""))}
            <div class="row prompt-more">
                {escalate(ask("escalate", ""))}
                {help(room, asked, ask("help", "Need help from …"))}
                {blocked(ask("blocked", "Blocked on …"))}
                {mitigated(ask("mitigated", "Mitigated"))}
                {not_stuck(ask("not-stuck", ""))}
            </div>
        </div>
    }
    .into_any()
}

fn sends(words: &'static str) -> AnyView {
    view! { <Button small=true kind=ButtonKind::Primary>{words}</Button> }.into_any()
}

fn answer(kind: AnswerKind) -> Vec<(&'static str, String)> {
    vec![("answer", kind.word().to_owned())]
}

fn still_on_it(ask: Ask) -> AnyView {
    let buttons = AGAIN
        .into_iter()
        .map(|(minutes, words)| {
            view! { <Button small=true name="minutes" value=minutes>{words}</Button> }
        })
        .collect_view();
    let label = ask.id("again");
    let fields = view! {
        <TextInput
            id=ask.id("text")
            name="text"
            label="Still on it: what is being tried"
            optional=true
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row" role="group" aria-labelledby=label.clone()>
            <span class="sm" id=label.clone()>"Look again in"</span>
            {buttons}
        </div>
    }
    .into_any();
    ask.bare(answer(AnswerKind::StillOnIt), fields)
}

fn escalate(ask: Ask) -> AnyView {
    let fields = view! { <Button small=true kind=ButtonKind::Urgent>"Escalate now"</Button> };
    ask.bare(answer(AnswerKind::Escalate), fields.into_any())
}

fn not_stuck(ask: Ask) -> AnyView {
    let fields = view! {
        <Button small=true kind=ButtonKind::Plain label="Not stuck: a false prompt">"Not stuck"</Button>
    };
    ask.bare(answer(AnswerKind::NotStuck), fields.into_any())
}

fn blocked(ask: Ask) -> AnyView {
    let fields = view! {
        <TextInput
            id=ask.id("text")
            name="text"
            label="What we lack"
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <TextInput
            id=ask.id("waiting_on")
            name="waiting_on"
            label="On whom or what we wait"
            optional=true
            value=ask.form.value("waiting_on")
            error=ask.form.error("waiting_on")
        />
        <TextInput
            id=ask.id("minutes")
            name="minutes"
            label="Ask again after, in minutes"
            optional=true
            kind=InputKind::Number
            value=ask.form.value("minutes")
            error=ask.form.error("minutes")
        />
        <div class="row">{sends("We are blocked")}</div>
    }
    .into_any();
    ask.show(answer(AnswerKind::Blocked), fields)
}

fn help(room: &Room, asked: &Prompt, ask: Ask) -> AnyView {
    let proposed: Vec<(String, String)> = asked
        .call
        .iter()
        .filter_map(|c| c.user.map(|id| (id.to_string(), room.name(id).to_owned())))
        .collect();
    let error = ask.form.error("user");
    let chosen = ask.form.value("user");
    let boxes = proposed
        .iter()
        .enumerate()
        .map(|(at, (id, name))| {
            let field = ask.id(&format!("user-{at}"));
            let checked = *id == chosen || (chosen.is_empty() && at == 0);
            view! {
                <span class="pick">
                    <input type="radio" name="user" id=field.clone() value=id.clone() checked=checked />
                    <label for=field>{name.clone()}</label>
                </span>
            }
        })
        .collect_view();
    let nobody = proposed.is_empty();
    let send = (!nobody).then(|| {
        view! {
            <TextInput
                id=ask.id("text")
                name="text"
                label="What for"
                optional=true
                value=ask.form.value("text")
                error=ask.form.error("text")
            />
        }
    });
    let page = (!nobody).then(|| sends("Page them"));
    let fields = view! {
        <fieldset class="field">
            <legend>"From whom"</legend>
            {nobody.then(|| view! { <p class="sm quiet">"Nobody is registered who knows more."</p> })}
            <div class="picks">{boxes}</div>
            {error.map(|e| view! { <p class="field-error">{e}</p> })}
        </fieldset>
        {send}
        <div class="row">
            {page}
            <LinkButton href="?compose=paged#composer" small=true kind=ButtonKind::Plain>
                "Somebody else"
            </LinkButton>
        </div>
    }
    .into_any();
    ask.show(answer(AnswerKind::NeedHelp), fields)
}

fn mitigated(ask: Ask) -> AnyView {
    let fields = view! {
        <TextInput
            id=ask.id("text")
            name="text"
            label="How one can tell"
            optional=true
            value=ask.form.value("text")
            error=ask.form.error("text")
        />
        <div class="row">{sends("Customers are well again")}</div>
    }
    .into_any();
    ask.show(answer(AnswerKind::Mitigated), fields)
}

/// The words that the page's title begins with while something is asked.
#[must_use]
pub fn title_mark(room: &Room, board: &Board) -> &'static str {
    if open(room, board).is_some() {
        TITLE_MARK
    } else {
        ""
    }
}
