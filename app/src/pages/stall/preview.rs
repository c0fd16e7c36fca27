//! What other settings would have done to the last incidents: totals by rung, and
//! each incident with what changes.

use crate::components::{Chip, DateTime, Notice, Panel, Tone, words};
use leptos::prelude::*;
use rideout_domain::{
    duration,
    replay::{
        Whom,
        preview::{Change, Preview, Totals, totals},
    },
};

/// Most changes of one incident that are listed.
const LISTED: usize = 30;

/// What new settings would have done to the last incidents.
#[derive(Clone, Debug, Default)]
pub struct PreviewShown {
    /// Incidents that were played, newest first.
    pub played: Vec<PlayedShown>,
    /// Incidents that were left out: reference, title, why.
    pub left_out: Vec<(String, String, String)>,
}

/// An incident that was played.
#[derive(Clone, Debug)]
pub struct PlayedShown {
    /// `INC-7`.
    pub reference: String,
    /// What was wrong.
    pub title: String,
    /// The escalation policy that holds for it, by name.
    pub escalation: Option<String>,
    /// What changes.
    pub preview: Preview,
}

/// A rung, by whom it asks.
fn rung(whom: Whom) -> String {
    match whom {
        Whom::Room => "The room".to_owned(),
        Whom::SecondOpinion => "Second opinion".to_owned(),
        Whom::PolicyLevel(level) => format!("Escalation policy, level {level}"),
        Whom::InCharge => "Everybody in charge".to_owned(),
    }
}

/// The panel above the form.
pub(super) fn preview(shown: &PreviewShown) -> AnyView {
    if shown.played.is_empty() && shown.left_out.is_empty() {
        return view! {
            <Notice tone=Tone::Neutral title="There is nothing to compare with yet.">
                "No incident that this watch policy holds for was declared so far. Once one was, it is played here under the settings as typed, before they are saved."
            </Notice>
        }
        .into_any();
    }
    let played = words::count(i64_of(shown.played.len()), "incident", "incidents");
    let (rungs, incidents) = (by_rung(shown), by_incident(shown));
    let left_out = left_out(shown);
    view! {
        <Panel title="What these settings would have done">
            <div class="stack">
                <p>
                    {format!("The last {played} that this watch policy holds for, played under the settings as they are and as typed below. Nobody answers in such a play, and nobody who is called acknowledges: it climbs as far as it would have without them. Nothing is saved yet.")}
                </p>
                {rungs}
                {incidents}
                {left_out}
            </div>
        </Panel>
    }
    .into_any()
}

fn by_rung(shown: &PreviewShown) -> AnyView {
    let totals = totals(shown.played.iter().map(|one| &one.preview));
    if shown.played.is_empty() {
        return view! { <p>"None of them could be played."</p> }.into_any();
    }
    if totals.is_empty() {
        return view! { <p>"Nobody is asked in any of them, neither now nor then."</p> }.into_any();
    }
    let rows = totals
        .iter()
        .map(|(whom, of)| total(*whom, *of))
        .collect_view();
    // A table on a phone too, unlike longer ones: it is to be taken in at one glance.
    view! {
        <table class="rungs">
            <caption class="sr">"Prompts by rung of the ladder: gained, lost, moved and kept"</caption>
            <thead><tr>
                <th scope="col">"Who is asked"</th>
                <th scope="col" class="num">"Gained"</th>
                <th scope="col" class="num">"Lost"</th>
                <th scope="col" class="num">"Moved"</th>
                <th scope="col" class="num">"Kept"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn total(whom: Whom, of: Totals) -> AnyView {
    let cell = |n: usize| {
        let class = if n == 0 { "num quiet" } else { "num" };
        view! { <td class=class>{n}</td> }
    };
    view! {
        <tr>
            <th scope="row">{rung(whom)}</th>
            {cell(of.gained)}
            {cell(of.lost)}
            {cell(of.moved)}
            {cell(of.kept)}
        </tr>
    }
    .into_any()
}

fn by_incident(shown: &PreviewShown) -> AnyView {
    let changes = |one: &PlayedShown| one.preview.changes.iter().any(|c| !c.is_kept());
    let same = shown.played.iter().filter(|one| !changes(one)).count();
    let changed = shown
        .played
        .iter()
        .filter(|one| changes(one))
        .map(incident)
        .collect_view();
    let same = (same > 0).then(|| {
        let n = words::count(i64_of(same), "incident", "incidents");
        view! { <p class="sm quiet">{format!("Nothing changes in {n}.")}</p> }
    });
    view! {
        <ul class="points">{changed}</ul>
        {same}
    }
    .into_any()
}

/// Which of the last incidents were not played, and why.
fn left_out(shown: &PreviewShown) -> Option<AnyView> {
    if shown.left_out.is_empty() {
        return None;
    }
    let n = words::count(i64_of(shown.left_out.len()), "incident", "incidents");
    let lines = shown
        .left_out
        .iter()
        .map(|(reference, title, why)| {
            view! {
                <li>
                    <b>{title.clone()}</b>
                    " "
                    <span class="xs quiet">{reference.clone()}</span>
                    {format!(": {why}")}
                </li>
            }
        })
        .collect_view();
    let list = view! {
        <p class="sm">{format!("{n} left out:")}</p>
        <ul class="preview-changes">{lines}</ul>
    };
    Some(list.into_any())
}

fn incident(one: &PlayedShown) -> AnyView {
    let changed: Vec<&Change> = one
        .preview
        .changes
        .iter()
        .filter(|c| !c.is_kept())
        .collect();
    let more = changed.len().saturating_sub(LISTED);
    let lines = changed.into_iter().take(LISTED).map(change).collect_view();
    let policy = match &one.escalation {
        Some(name) => format!("{}, escalation policy {name}", one.reference),
        None => format!("{}, no escalation policy", one.reference),
    };
    let more = (more > 0).then(|| view! { <li class="quiet">{format!("and {more} more")}</li> });
    view! {
        <li>
            <b>{one.title.clone()}</b>
            " "
            <span class="xs quiet">{policy}</span>
            <ul class="preview-changes">{lines}{more}</ul>
        </li>
    }
    .into_any()
}

fn change(change: &Change) -> AnyView {
    let at = change.at();
    let why = change.prompt().signals.first().map(|s| s.why.clone());
    let (tone, word, said) = match change {
        Change::Kept { .. } => return ().into_any(),
        Change::Gained { .. } => (
            Tone::Warn,
            "gained",
            view! { " asked " <DateTime at=at /> ": " {why} }.into_any(),
        ),
        Change::Lost { .. } => (
            Tone::Accent,
            "lost",
            view! { " not asked " <DateTime at=at /> ": " {why} }.into_any(),
        ),
        Change::Moved { from, to } => {
            let by = to.at.seconds_since(from.at);
            let way = if by < 0 { "earlier" } else { "later" };
            let by = duration::span(by.abs());
            let said = view! { " asked " <DateTime at=at /> {format!(", {by} {way}")} };
            (Tone::Neutral, "moved", said.into_any())
        }
    };
    view! {
        <li>
            <Chip tone=tone>{word}</Chip>
            " "
            <b>{rung(change.whom())}</b>
            {said}
        </li>
    }
    .into_any()
}

fn i64_of(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
