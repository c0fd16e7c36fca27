//! Declaring an incident, in one step.

use crate::{
    FormState,
    components::{
        Button, Checkbox, Choice, Disclosure, FormError, IconName, InputKind, LinkButton, Notice,
        Select, SeverityChoice, TextArea, TextInput, Tone, button::ButtonKind, words::sentence,
    },
};
use leptos::prelude::*;
use rideout_domain::{IncidentId, Timestamp, UserId, room::DEFAULT_SEVERITY, text};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct DeclarePage {
    /// What was typed and what was wrong with it.
    pub form: FormState,
    /// Made before the form is sent, so that sending it twice declares one incident.
    pub id: IncidentId,
    /// Everybody who can be named for a restricted incident, but the one who declares.
    pub people: Vec<(UserId, String)>,
    /// Registered services, and those that earlier incidents named, offered while typing.
    pub services: Vec<String>,
}

/// How long ago it may have begun: minutes, and words.
const STARTED: [(&str, &str); 9] = [
    ("", "Just now"),
    ("5", "5 minutes ago"),
    ("10", "10 minutes ago"),
    ("15", "15 minutes ago"),
    ("30", "30 minutes ago"),
    ("60", "1 hour ago"),
    ("120", "2 hours ago"),
    ("240", "4 hours ago"),
    ("at", "At another time"),
];

/// When it began, from the fields `started` (minutes ago, or `at`) and
/// `started_at` (a time in UTC); none for just now.
///
/// # Errors
/// What is wrong with `started_at`, for [`FormState::refuse`].
pub fn started_at(started: &str, at: &str, now: Timestamp) -> Result<Option<Timestamp>, String> {
    let at = at.trim();
    match started.trim() {
        "" if at.is_empty() => Ok(None),
        "" | "at" => {
            // What a field for date and time sends has no zone and often no seconds.
            let zoned = match at.len() {
                16 => format!("{at}:00Z"),
                19 => format!("{at}Z"),
                _ => at.to_owned(),
            };
            zoned.parse().map(Some).map_err(|_| {
                "Say when it began as a date and a time of day in UTC, such as 2010-06-15 09:00.".to_owned()
            })
        }
        minutes => match minutes.parse::<i64>() {
            Ok(minutes @ 0..=20_160) => Ok(Some(now.plus_minutes(-minutes))),
            _ => Err("Choose one of the times, or give one.".to_owned()),
        },
    }
}

/// Declaring an incident, in one step. Posts to `/incidents`.
#[component]
pub fn Declare(
    /// What the page shows.
    page: DeclarePage,
) -> impl IntoView {
    let DeclarePage {
        form,
        id,
        people,
        services,
    } = page;
    let offered = (!services.is_empty()).then(|| {
        view! {
            <datalist id="services-known">
                {services.into_iter().map(|service| view! { <option value=service></option> }).collect_view()}
            </datalist>
        }
    });
    let more = [
        "description",
        "started",
        "started_at",
        "restricted",
        "people",
    ];
    let opened = more
        .iter()
        .any(|field| form.error(field).is_some() || !form.value(field).is_empty());
    let started = STARTED
        .iter()
        .map(|(value, label)| Choice::new(*value, *label))
        .collect();
    let named: Vec<AnyView> = people
        .into_iter()
        .map(|(id, name)| {
            let id = id.to_string();
            let checked = form.has("people", &id);
            view! { <Checkbox name="people" value=id label=name checked=checked /> }.into_any()
        })
        .collect();
    // A refused form opens at the first field that was refused.
    let begin = !form.is_refused() || form.error("title").is_some();
    let nobody = named.is_empty();
    let people_error = form.error("people");
    view! {
        <div class="page narrow">
            <div class="page-head">
                <div class="grow">
                    <h1>"Declare an incident"</h1>
                    <p class="quiet">"The room opens at once. Everything here can be changed later, so do not wait until you are sure."</p>
                </div>
            </div>
            <form class="panel stack loose" method="post" action="/incidents">
                <FormError form=form.clone() />
                <input type="hidden" name="id" value=id.to_string() />
                <TextInput
                    name="title"
                    label="What is wrong?"
                    hint="As people outside would say it: “Reservations crawl and time out”."
                    value=form.value("title")
                    error=form.error("title")
                    maxlength=text::TITLE_MAX
                    required=true
                    autofocus=begin
                />
                <SeverityChoice value=form.value_or("severity", DEFAULT_SEVERITY.word()) error=form.error("severity") />
                <div>
                    <TextInput
                        name="services"
                        label="Which services are affected?"
                        hint="As you call them, with commas between."
                        value=form.value("services")
                        error=form.error("services")
                        optional=true
                        list=offered.is_some().then(|| "services-known".to_owned())
                    />
                    {offered}
                </div>
                <Disclosure label="When it began, a description, who may see it" open=opened>
                    <Select
                        name="started"
                        label="When did it begin?"
                        choices=started
                        value=form.value("started")
                        error=form.error("started")
                    />
                    <div class="if-at">
                        <TextInput
                            name="started_at"
                            label="Day and time"
                            hint="In UTC."
                            kind=InputKind::DateTime
                            utc=true
                            value=form.value("started_at")
                            error=form.error("started_at")
                        />
                    </div>
                    <TextArea
                        name="description"
                        label="What do we know so far?"
                        value=form.value("description")
                        error=form.error("description")
                        maxlength=text::TEXT_MAX
                        optional=true
                        rows=4
                        hint="Markdown works."
                    />
                    <Checkbox
                        name="restricted"
                        label="Only named people may see it"
                        checked=form.ticked("restricted")
                        hint="For security and personnel matters. You are always among them, and others can be named later."
                    />
                    <div class="if-restricted stack">
                        {if nobody {
                            view! { <p class="quiet sm">"Nobody else has an account yet."</p> }.into_any()
                        } else {
                            view! {
                                <fieldset class="field">
                                    <legend>"Who else may see it?"</legend>
                                    <div class="checks">{named}</div>
                                </fieldset>
                            }.into_any()
                        }}
                        {people_error.map(|error| view! { <Notice tone=Tone::Bad>{sentence(&error)}</Notice> })}
                    </div>
                </Disclosure>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary icon=IconName::Flag>"Declare and open the room"</Button>
                    <LinkButton href="/incidents" kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_it_began_is_read_in_every_way_it_can_be_told() {
        let now: Timestamp = "2010-06-15T09:30:00Z".parse().unwrap();
        let clock = |started: &str, at: &str| {
            started_at(started, at, now).map(|t| t.map(Timestamp::clock_utc))
        };
        assert_eq!(clock("", ""), Ok(None));
        assert_eq!(clock("30", ""), Ok(Some("09:00".into())));
        assert_eq!(clock("at", "2010-06-15T09:10"), Ok(Some("09:10".into())));
        assert_eq!(
            clock("", "2010-06-15T09:10:00+02:00"),
            Ok(Some("07:10".into()))
        );
        for (started, at) in [
            ("at", ""),
            ("at", "x"),
            ("-5", ""),
            ("99999999999999999999", ""),
            ("", "2010-06-15T09:é0"),
        ] {
            assert!(clock(started, at).is_err(), "{started} {at}");
        }
    }
}
