//! One of a few that want explaining.

use super::words::sentence;
use leptos::prelude::*;
use rideout_domain::Severity;

/// One of a few that want explaining.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RadioCard {
    /// What is sent.
    pub value: String,
    /// Its name.
    pub label: String,
    /// What it means, in a sentence.
    pub explained: String,
    /// Extra class of the card, for its colour; may be empty.
    pub class: &'static str,
}

/// One of a few, each with what it means.
#[component]
pub fn RadioCards(
    /// Field name.
    #[prop(into)]
    name: String,
    /// What it asks for.
    #[prop(into)]
    legend: String,
    /// What there is to choose from.
    cards: Vec<RadioCard>,
    /// What is chosen.
    #[prop(optional, into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Must be answered.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let error_id = format!("f-{name}-error");
    let described = error.is_some().then(|| error_id.clone());
    let cards = cards
        .into_iter()
        .map(|card| {
            let id = format!("f-{name}-{}", card.value);
            let meaning = format!("{id}-meaning");
            let chosen = card.value == value;
            view! {
                <div class=format!("radio-card {}", card.class)>
                    <input
                        type="radio"
                        id=id.clone()
                        name=name.clone()
                        value=card.value
                        checked=chosen
                        required=required
                        aria-describedby=meaning.clone()
                    />
                    <label for=id>
                        <b>{card.label}</b>
                        <span id=meaning>{card.explained}</span>
                    </label>
                </div>
            }
        })
        .collect_view();
    let class = if error.is_some() {
        "field refused"
    } else {
        "field"
    };
    view! {
        <fieldset class=class aria-describedby=described>
            <legend>{legend}</legend>
            <div class="radio-cards">{cards}</div>
            {error.map(|error| view! { <p class="field-error" id=error_id>{sentence(&error)}</p> })}
        </fieldset>
    }
    .into_any()
}

/// How bad it is, each severity with what it means.
#[component]
pub fn SeverityChoice(
    /// The chosen severity's word.
    #[prop(into)]
    value: String,
    /// What is wrong with it.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Field name.
    #[prop(default = "severity".to_owned(), into)]
    name: String,
    /// What it asks for.
    #[prop(default = "How bad is it?".to_owned(), into)]
    legend: String,
) -> impl IntoView {
    let cards = Severity::ALL
        .iter()
        .map(|severity| RadioCard {
            value: severity.word().to_owned(),
            label: severity.title().to_owned(),
            explained: severity.explained().to_owned(),
            class: match severity {
                Severity::Sev1 => "sev1",
                Severity::Sev2 => "sev2",
                Severity::Sev3 => "sev3",
                Severity::Sev4 => "sev4",
            },
        })
        .collect();
    view! { <RadioCards name=name legend=legend cards=cards value=value error=error required=true /> }
}
