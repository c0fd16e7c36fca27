//! What the prompts came to.

use super::{head, trend};
use crate::components::{
    Chip, EmptyState, Head, IconName, LinkButton, Panel, SeverityChip, Table, words,
};
use leptos::prelude::*;
use rideout_domain::{
    Incident,
    stall::figures::{Figures, median},
};

/// One incident and its figures.
#[derive(Clone, Debug)]
pub struct FiguresLine {
    /// The incident.
    pub incident: Incident,
    /// What its prompts came to.
    pub figures: Figures,
}

/// The page of the watch's own figures.
#[derive(Clone, Debug)]
pub struct FiguresPage {
    /// Incidents in which it asked, the one asked last first.
    pub incidents: Vec<FiguresLine>,
    /// All together.
    pub all: Figures,
}

/// The page.
pub fn figures_page(page: &FiguresPage) -> AnyView {
    if page.incidents.is_empty() {
        return view! {
            <div class="page">
                {head(false)}
                <EmptyState icon=IconName::Gauge title="The watch has not asked yet">
                    <p>
                        "When an incident stalls, the room is asked whether it is stuck. What became of that is counted here: answers, false prompts, how soon something was learnt."
                    </p>
                    <LinkButton href="/stall/policy">"See when it asks"</LinkButton>
                </EmptyState>
            </div>
        }
        .into_any();
    }
    let picture = trend::trend(&page.incidents).map(|picture| {
        view! { <Panel title="Time to escalate, and to the first thing learnt after a prompt">{picture}</Panel> }
    });
    view! {
        <div class="page">
            {head(false)}
            {summary(page)}
            {picture}
            {table(page)}
        </div>
    }
    .into_any()
}

fn fact(label: &'static str, value: String, beside: String) -> AnyView {
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

fn middle(seconds: &[i64]) -> String {
    median(seconds).map_or_else(|| "none yet".to_owned(), words::span)
}

/// A tenth of a whole: `1.4`.
fn per(count: u32, of: usize) -> String {
    let tenths = u64::from(count) * 10 / u64::try_from(of.max(1)).unwrap_or(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "none yet".to_owned(), |s| format!("{:.0} %", s * 100.0))
}

fn summary(page: &FiguresPage) -> AnyView {
    let all = &page.all;
    let incidents = page.incidents.len();
    let answered = all.answer_seconds.len();
    view! {
        <dl class="glance-facts stall-facts">
            {fact("Prompts", all.prompts.to_string(), format!("{} an incident", per(all.prompts, incidents)))}
            {fact("Answered after", middle(&all.answer_seconds), format!("{answered} answers"))}
            {fact("False prompts", percent(all.false_share()), format!("{} of {}", all.false_prompts, all.prompts))}
            {fact("First learnt after", middle(&all.learning_seconds), "a prompt".to_owned())}
            {fact("Time to escalate", middle(&all.escalate_seconds), "from declaring".to_owned())}
            {fact("Stuck", words::span(all.stuck_minutes() * 60), "in all".to_owned())}
        </dl>
        <p class="sm quiet">
            {match incidents {
                1 => "The one incident in which the watch asked. Times are medians.".to_owned(),
                many => format!("The {many} incidents in which the watch asked last. Times are medians."),
            }}
        </p>
    }
    .into_any()
}

fn table(page: &FiguresPage) -> AnyView {
    let heads = vec![
        Head::new("Incident"),
        Head::number("Prompts"),
        Head::number("False"),
        Head::number("Second opinions"),
        Head::number("Escalated"),
        Head::number("Answered after"),
        Head::number("Learnt after"),
        Head::number("Time to escalate"),
        Head::number("Stuck"),
    ];
    let rows = page.incidents.iter().map(row).collect_view();
    view! {
        <Table caption="Incidents in which the watch asked" heads=heads>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(line: &FiguresLine) -> AnyView {
    let (incident, f) = (&line.incident, &line.figures);
    let open = incident
        .is_open()
        .then(|| view! { " " <Chip>"open"</Chip> });
    let time = |seconds: &[i64]| median(seconds).map_or_else(|| "–".to_owned(), words::span);
    view! {
        <tr>
            <td data-label="Incident">
                <SeverityChip severity=incident.severity over=!incident.is_open() />
                " "
                <a href=format!("/incidents/{}", incident.id)>{incident.title.clone()}</a>
                " "
                <span class="xs quiet">{incident.reference()}</span>
                {open}
            </td>
            <td class="num" data-label="Prompts">{f.prompts}</td>
            <td class="num" data-label="False">{f.false_prompts}</td>
            <td class="num" data-label="Second opinions">{f.second_opinions}</td>
            <td class="num" data-label="Escalated">{f.escalations}</td>
            <td class="num" data-label="Answered after">{time(&f.answer_seconds)}</td>
            <td class="num" data-label="Learnt after">{time(&f.learning_seconds)}</td>
            <td class="num" data-label="Time to escalate">{time(&f.escalate_seconds)}</td>
            <td class="num" data-label="Stuck">{words::span(f.stuck_minutes() * 60)}</td>
        </tr>
    }
    .into_any()
}
