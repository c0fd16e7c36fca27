//! The editor of a watch policy: thresholds and ladder, one severity at a time.

use super::{
    head,
    preview::{PreviewShown, preview},
    rules_form::{NUMBERS, number, signal_label},
};
use crate::{
    FormState,
    components::{
        Ago, Button, ButtonKind, Checkbox, Choice, FormError, Head, InputKind, Panel, Select, Tab,
        Table, Tabs, TextInput,
    },
};
use leptos::prelude::*;
use rideout_domain::{
    ServiceId, Severity, Timestamp,
    stall::{Rules, Signal},
};

/// A policy that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChoice {
    /// The service; none for the organisation.
    pub service: Option<ServiceId>,
    /// Its name.
    pub name: String,
    /// Whether it has settings of its own.
    pub own: bool,
}

/// The page of a watch policy.
#[derive(Clone, Debug)]
pub struct PolicyPage {
    /// The organisation first, then services.
    pub choices: Vec<PolicyChoice>,
    /// Whose is shown.
    pub current: PolicyChoice,
    /// Which severity is shown.
    pub severity: Severity,
    /// The settings as typed; see [`super::policy_form`].
    pub form: FormState,
    /// The settings one gets by doing nothing.
    pub defaults: Rules,
    /// When it was changed last, and by whom.
    pub changed: Option<(Timestamp, String)>,
    /// Whether whoever looks may change it.
    pub may_change: bool,
    /// What the settings as typed would have done.
    pub preview: Option<PreviewShown>,
    /// The time.
    pub now: Timestamp,
}

fn address(service: Option<ServiceId>, severity: Severity) -> String {
    match service {
        Some(id) => format!("/stall/policy?service={id}&severity={severity}"),
        None => format!("/stall/policy?severity={severity}"),
    }
}

/// The page.
pub fn policy_page(page: &PolicyPage) -> AnyView {
    let severities = Severity::ALL
        .iter()
        .map(|s| {
            let href = address(page.current.service, *s);
            Tab::new(href, s.title(), *s == page.severity)
        })
        .collect();
    view! {
        <div class="page">
            {head(true)}
            {whose(page)}
            <Tabs label="Severity" tabs=severities />
            {page.preview.as_ref().map(preview)}
            {editor(page)}
        </div>
    }
    .into_any()
}

fn whose(page: &PolicyPage) -> AnyView {
    let choices = page
        .choices
        .iter()
        .map(|c| {
            let value = c.service.map_or_else(String::new, |id| id.to_string());
            let own = if c.own && c.service.is_some() {
                " (its own)"
            } else {
                ""
            };
            Choice::new(value, format!("{}{own}", c.name))
        })
        .collect::<Vec<_>>();
    let current = page
        .current
        .service
        .map_or_else(String::new, |id| id.to_string());
    let said = match (&page.changed, page.current.service) {
        (Some((at, who)), _) => {
            let who = who.clone();
            view! { "Changed by " {who} " " <Ago at=*at now=page.now /> "." }.into_any()
        }
        (None, Some(_)) => {
            "It has no settings of its own: those of the organisation hold.".into_any()
        }
        (None, None) => "These are the defaults.".into_any(),
    };
    view! {
        <form class="row form-line" method="get" action="/stall/policy">
            <Select name="service" label="Watch policy of" choices=choices value=current />
            <input type="hidden" name="severity" value=page.severity.word() />
            <Button>"Show"</Button>
        </form>
        <p class="sm quiet">
            {said}
            " An incident goes by the watch policy of the first of its services that has its own."
        </p>
    }
    .into_any()
}

fn editor(page: &PolicyPage) -> AnyView {
    let form = &page.form;
    let mut defaults = page.defaults.clone();
    let numbers = |from: usize, to: usize, defaults: &mut Rules| {
        NUMBERS
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .map(|(field, label, hint)| {
                let usual = number(defaults, field).map_or(0, |n| *n);
                view! {
                    <TextInput
                        name=*field
                        label=*label
                        kind=InputKind::Number
                        hint=format!("{hint} Default {usual}.")
                        value=form.value(field)
                        error=form.error(field)
                    />
                }
            })
            .collect_view()
    };
    let together = numbers(0, 2, &mut defaults);
    let patience = numbers(2, 6, &mut defaults);
    let ladder = numbers(6, 11, &mut defaults);
    let service = page
        .current
        .service
        .map_or_else(String::new, |id| id.to_string());
    let buttons = page.may_change.then(|| {
        let reset = page.changed.is_some().then(|| {
            let words = if page.current.service.is_some() {
                "Use the organisation's settings"
            } else {
                "Back to the defaults"
            };
            view! { <Button kind=ButtonKind::Plain name="do" value="reset" unchecked=true>{words}</Button> }
        });
        view! {
            <div class="row">
                <Button kind=ButtonKind::Primary name="do" value="save">"Save"</Button>
                <Button name="do" value="preview">"What would it have done?"</Button>
                {reset}
            </div>
        }
    });
    let note = (!page.may_change).then(|| {
        view! { <p class="sm quiet">"Commanders and admins change watch policies."</p> }
    });
    view! {
        <form class="stack loose" method="post" action="/stall/policy" id="policy">
            <input type="hidden" name="service" value=service />
            <input type="hidden" name="severity" value=page.severity.word() />
            <FormError form=form.clone() />
            {signals(page)}
            <Panel title="Together">
                <div class="policy-numbers">{together}</div>
            </Panel>
            <Panel title="When silence is expected">
                <div class="policy-numbers">{patience}</div>
            </Panel>
            <Panel title="The ladder">
                <div class="policy-numbers">{ladder}</div>
            </Panel>
            {buttons}
            {note}
        </form>
    }
    .into_any()
}

fn signals(page: &PolicyPage) -> AnyView {
    let heads = vec![
        Head::new("Signal"),
        Head::new("Counts"),
        Head::number("After, minutes"),
        Head::number("Points"),
    ];
    let rows = Signal::ALL
        .iter()
        .map(|signal| signal_row(page, *signal))
        .collect_view();
    view! {
        <Table caption="Signals and their thresholds" heads=heads>
            {rows}
        </Table>
        <p class="sm quiet">
            "A signal counts its points after its minutes, and twice as many after twice its minutes."
        </p>
    }
    .into_any()
}

fn signal_row(page: &PolicyPage, signal: Signal) -> AnyView {
    let form = &page.form;
    let usual = page.defaults.rule(signal);
    let cell = |what: &str, usual: u32| {
        let field = format!("{what}-{signal}");
        let error = form.error(&field);
        let id = format!("f-{field}");
        let described = format!("{id}-error");
        view! {
            <label class="sr" for=id.clone()>{signal_label(&field)}</label>
            <input
                class="input number"
                inputmode="numeric"
                id=id
                name=field.clone()
                value=form.value(&field)
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described.clone()
            />
            <span class="xs quiet">{format!(" default {usual}")}</span>
            <span class="field-error" id=described>{error}</span>
        }
    };
    let (minutes, weight) = (cell("minutes", usual.minutes), cell("weight", usual.weight));
    let on = form.has("on", signal.word());
    view! {
        <tr>
            <td data-label="Signal">
                <b>{signal.title()}</b>
                <br />
                <span class="xs quiet">{signal.explained()}</span>
            </td>
            <td data-label="Counts">
                <Checkbox name="on" value=signal.word() label="on" checked=on />
            </td>
            <td class="num" data-label="After, minutes">{minutes}</td>
            <td class="num" data-label="Points">{weight}</td>
        </tr>
    }
    .into_any()
}
