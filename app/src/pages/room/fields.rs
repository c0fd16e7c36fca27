//! The fields of the composer that belong to a kind.

use super::{
    composer::option_words,
    people,
    scene::{Person, Scene},
};
use crate::{
    FormState,
    components::{Checkbox, Choice, Icon, IconName, InputKind, Select, TextArea, TextInput},
    entry_form::ME,
};
use leptos::prelude::*;
use rideout_domain::{
    Effect, HypothesisStatus, Room, Severity, Stance, Status, UserId,
    command::{BREAKOUT_MINUTES, TASK_MINUTES},
    room::Board,
};

/// Minutes of a wait when nobody says how long.
const WAIT_MINUTES: u32 = 30;

/// Every field; the style sheet shows those of the chosen kind.
pub(super) fn fields(
    room: &Room,
    board: &Board,
    people: &[Person],
    scene: &Scene,
    form: &FormState,
) -> AnyView {
    view! {
        {hypothesis(board, form)}
        {evidence(room, form)}
        {standing(form)}
        {decision(form)}
        {task(people, scene, form)}
        {breakout(people, scene, form)}
        {blocker(form)}
        {wait(form)}
        {asked(form)}
        {page(people, scene, form)}
        {update(room, form)}
        {status(room, form)}
        {severity(room, form)}
        {effect(board, form)}
        {role(people, scene, form)}
    }
    .into_any()
}

/// Fields that show for some kinds, with a sentence that says what to write.
fn group(kinds: &'static str, hint: &'static str, inside: AnyView) -> AnyView {
    let hint = (!hint.is_empty()).then(|| view! { <p class="hint sm quiet">{hint}</p> });
    view! { <div class=format!("for {kinds}")>{hint} <div class="fields">{inside}</div></div> }
        .into_any()
}

fn minutes(name: &'static str, label: &'static str, form: &FormState, otherwise: &str) -> AnyView {
    view! {
        <TextInput
            name=name
            label=label
            kind=InputKind::Number
            value=form.value_or(name, otherwise)
            error=form.error(name)
        />
    }
    .into_any()
}

fn hypothesis(board: &Board, form: &FormState) -> AnyView {
    let mut choices = vec![Choice::new("", "None of them")];
    let mut all: Vec<_> = board.hypotheses.iter().collect();
    all.sort_by_key(|h| h.status == HypothesisStatus::Refuted);
    choices.extend(all.into_iter().map(|h| {
        let standing = if h.status == HypothesisStatus::Refuted {
            " (ruled out)"
        } else {
            ""
        };
        Choice::new(
            h.id.to_string(),
            format!("{}{standing}", option_words(&h.text)),
        )
    }));
    let field = view! {
        <Select
            name="hypothesis"
            label="Hypothesis"
            choices=choices
            value=form.value("hypothesis")
            error=form.error("hypothesis")
        />
    };
    group("evidence hypothesis_status", "", field.into_any())
}

fn evidence(room: &Room, form: &FormState) -> AnyView {
    let stances = vec![
        Choice::new(Stance::For.word(), "Speaks for it"),
        Choice::new(Stance::Against.word(), "Speaks against it"),
        Choice::new(Stance::Neutral.word(), "Neither yet"),
    ];
    let error = form.error("file").or_else(|| form.error("attachment"));
    let kept = form.value("attachment");
    let kept = (!kept.is_empty()).then(|| {
        view! {
            <p class="sm" id="kept-file">
                <Icon name=IconName::Clip />
                {form.value_or("attachment_name", "The file")}
                " is kept and will be added."
            </p>
            <input type="hidden" name="attachment" value=kept />
            <input type="hidden" name="attachment_name" value=form.value("attachment_name") />
        }
    });
    let invalid = error.is_some().then_some("true");
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    let inside = view! {
        <Select
            name="stance"
            label="How it bears on it"
            choices=stances
            value=form.value_or("stance", Stance::For.word())
            error=form.error("stance")
        />
        <TextInput
            name="link"
            label="Link"
            optional=true
            kind=InputKind::Url
            placeholder="https://"
            value=form.value("link")
            error=form.error("link")
        />
        <div class=class>
            <label for="f-file">"File " <span class="quiet">"optional"</span></label>
            <input
                class="input"
                type="file"
                id="f-file"
                name="file"
                aria-invalid=invalid
                aria-describedby="f-file-hint f-file-error"
                data-upload=format!("/api/v1/incidents/{}/attachments", room.incident.id)
            />
            <p class="field-error" id="f-file-error">{error}</p>
            <p class="field-hint" id="f-file-hint">"Up to 10 MB."</p>
            {kept}
        </div>
    };
    group(
        "evidence",
        "A fact somebody can check: a text, a link or a file.",
        inside.into_any(),
    )
}

fn standing(form: &FormState) -> AnyView {
    let choices = HypothesisStatus::ALL
        .iter()
        .map(|s| Choice::new(s.word(), s.title()))
        .collect::<Vec<_>>();
    let inside = view! {
        <Select
            name="hypothesis_to"
            label="It is"
            choices=choices
            value=form.value_or("hypothesis_to", HypothesisStatus::Testing.word())
            error=form.error("hypothesis_to")
        />
    };
    group(
        "hypothesis_status",
        "Say why in the text.",
        inside.into_any(),
    )
}

fn decision(form: &FormState) -> AnyView {
    let inside = view! {
        <TextArea
            name="alternatives"
            label="Also considered"
            optional=true
            rows=2
            hint="One alternative a line."
            value=form.value("alternatives")
            error=form.error("alternatives")
        />
    };
    group("decision", "", inside.into_any())
}

fn task(people: &[Person], scene: &Scene, form: &FormState) -> AnyView {
    let owner = view! {
        <Select
            name="owner"
            label="Who does it"
            choices=people::choices(Choice::new(ME, "Me"), people, scene)
            value=form.value("owner")
            error=form.error("owner")
        />
    };
    let box_of = minutes("task_minutes", "Minutes", form, &TASK_MINUTES.to_string());
    group(
        "task",
        "One person, one thing, a time box.",
        view! { {owner} {box_of} }.into_any(),
    )
}

fn breakout(people: &[Person], scene: &Scene, form: &FormState) -> AnyView {
    let here = |id: UserId| scene.here.iter().any(|p| p.id == id);
    let mut sorted: Vec<&Person> = people.iter().collect();
    sorted.sort_by_key(|p| (!here(p.id), p.name.to_lowercase()));
    let boxes = sorted
        .into_iter()
        .map(|p| {
            let value = p.id.to_string();
            let checked = form.has("people", &value);
            view! { <Checkbox name="people" value=value label=p.name.clone() checked=checked /> }
        })
        .collect_view();
    let error = form.error("people");
    let described = error.is_some().then_some("f-people-error");
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    let inside = view! {
        <fieldset class=class aria-describedby=described>
            <legend>"Who goes"</legend>
            <div class="picks scroll">{boxes}</div>
            {error.map(|e| view! { <p class="field-error" id="f-people-error">{e}</p> })}
        </fieldset>
        {minutes("breakout_minutes", "Minutes", form, &BREAKOUT_MINUTES.to_string())}
    };
    group(
        "breakout",
        "The text is the question. Whoever goes looks at nothing else.",
        inside.into_any(),
    )
}

fn blocker(form: &FormState) -> AnyView {
    let inside = view! {
        <TextInput
            name="waiting_on"
            label="On whom or what we wait"
            optional=true
            value=form.value("waiting_on")
            error=form.error("waiting_on")
        />
        {minutes("blocker_minutes", "Ask again after, in minutes", form, "")}
    };
    group("blocker", "Say what we lack.", inside.into_any())
}

fn wait(form: &FormState) -> AnyView {
    let inside = minutes(
        "wait_minutes",
        "How long, in minutes",
        form,
        &WAIT_MINUTES.to_string(),
    );
    group(
        "wait",
        "A restore, a rebuild, an observation: the stall watch keeps quiet until it should be over.",
        inside,
    )
}

fn asked(form: &FormState) -> AnyView {
    let inside = view! {
        <TextInput
            name="whom"
            label="Whom was asked"
            placeholder="A service, a supplier, a team"
            value=form.value("whom")
            error=form.error("whom")
        />
        {minutes("asked_minutes", "They respond within, in minutes", form, "")}
    };
    group(
        "asked",
        "The text is the question. Leave the minutes empty where nothing was promised.",
        inside.into_any(),
    )
}

fn page(people: &[Person], scene: &Scene, form: &FormState) -> AnyView {
    let inside = view! {
        <Select
            name="page_user"
            label="Who"
            choices=people::choices(Choice::new("", "Choose"), people, scene)
            value=form.value("page_user")
            error=form.error("page_user")
        />
    };
    group(
        "paged",
        "They are called at once by their first route, and each minute by the next one until they answer. The text is why; they get it with a link to what they need to know.",
        inside.into_any(),
    )
}

fn update(room: &Room, form: &FormState) -> AnyView {
    let mut choices: Vec<Choice> = [10, 15, 20, 30, 60, 120, 240]
        .iter()
        .map(|m| {
            Choice::new(
                m.to_string(),
                format!("In {}", rideout_domain::duration::minutes_in_words(*m)),
            )
        })
        .collect();
    choices.push(Choice::new("", "There will be none"));
    let usual = match room.incident.severity {
        Severity::Sev1 | Severity::Sev2 => "30",
        _ => "60",
    };
    let chosen = form.value_or("next_minutes", usual);
    if !choices.iter().any(|c| c.value == chosen) {
        choices.insert(0, Choice::new(chosen.clone(), format!("In {chosen} min")));
    }
    let inside = view! {
        <Select
            name="next_minutes"
            label="Next update"
            choices=choices
            value=chosen
            error=form.error("next_minutes")
        />
    };
    group(
        "stakeholder_update",
        "Shown on the stakeholder page: what is wrong in plain words, what people can do meanwhile, when they hear next.",
        inside.into_any(),
    )
}

fn status(room: &Room, form: &FormState) -> AnyView {
    let choices = Status::ALL
        .iter()
        .filter(|s| **s != room.incident.status)
        .map(|s| Choice::new(s.word(), s.title()))
        .collect::<Vec<_>>();
    let next = Status::ALL
        .iter()
        .find(|s| **s > room.incident.status)
        .unwrap_or(&Status::Investigating);
    let inside = view! {
        <Select
            name="status_to"
            label="New status"
            choices=choices
            value=form.value_or("status_to", next.word())
            error=form.error("status_to").or_else(|| form.error("to"))
        />
    };
    group(
        "status",
        "The text is the reason. To resolve, it is the summary that people read first.",
        inside.into_any(),
    )
}

fn severity(room: &Room, form: &FormState) -> AnyView {
    let choices = Severity::ALL
        .iter()
        .filter(|s| **s != room.incident.severity)
        .map(|s| Choice::new(s.word(), format!("{}: {}", s.title(), s.explained())))
        .collect::<Vec<_>>();
    let inside = view! {
        <Select
            name="severity_to"
            label="New severity"
            choices=choices
            value=form.value("severity_to")
            error=form.error("severity_to")
        />
    };
    group("severity", "The text is the reason.", inside.into_any())
}

fn effect(board: &Board, form: &FormState) -> AnyView {
    let actions = board
        .actions
        .iter()
        .rev()
        .map(|a| Choice::new(a.id.to_string(), option_words(&a.text)))
        .collect::<Vec<_>>();
    let effects = Effect::ALL
        .iter()
        .map(|e| Choice::new(e.word(), e.title()))
        .collect::<Vec<_>>();
    let hint = if actions.is_empty() {
        "There is no action yet: report it first."
    } else {
        "Say in the text how one can tell."
    };
    let inside = view! {
        <Select
            name="action"
            label="Action"
            choices=actions
            value=form.value("action")
            error=form.error("action")
        />
        <Select
            name="effect"
            label="It"
            choices=effects
            value=form.value("effect")
            error=form.error("effect")
        />
    };
    group("action_effect", hint, inside.into_any())
}

fn role(people: &[Person], scene: &Scene, form: &FormState) -> AnyView {
    let roles = people::roles_to_choose();
    let inside = view! {
        <Select
            name="role"
            id="composer-role"
            label="Role"
            choices=roles
            value=form.value("role")
            error=form.error("role")
        />
        <Select
            name="user"
            id="composer-user"
            label="Who"
            choices=people::choices(Choice::new(ME, "Me"), people, scene)
            value=form.value("user")
            error=form.error("user")
        />
    };
    group(
        "role_taken",
        "The text is the hand-over note.",
        inside.into_any(),
    )
}
