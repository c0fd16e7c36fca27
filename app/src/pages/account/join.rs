//! Making an account: the first one by the set-up link, others by invitation.

use super::words::{first_to_type, with_passwords};
use crate::{
    FormState,
    components::{
        Button, Due, FormError, Icon, IconName, InputKind, LinkButton, Notice, TextInput,
        button::ButtonKind,
    },
};
use leptos::prelude::*;
use rideout_domain::{Role, Timestamp, text};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct JoinPage {
    /// What was typed, but the password, and what was wrong with it.
    pub form: FormState,
    /// Where the form goes: the address of this page.
    pub action: String,
    /// The role that the account will have.
    pub role: Role,
    /// Who invites; none for the set-up link.
    pub invited_by: Option<String>,
    /// The only address that the invitation is for, if it is for one.
    pub email: Option<String>,
    /// When the link ceases to be good.
    pub expires_at: Timestamp,
    /// Who is signed in at this browser, if anybody is.
    pub signed_in: Option<String>,
    /// The time of the page.
    pub now: Timestamp,
}

/// Making an account. Posts `name`, `email` and `password` to where it is.
#[component]
pub fn Join(
    /// What the page shows.
    page: JoinPage,
) -> impl IntoView {
    let JoinPage {
        form,
        action,
        role,
        invited_by,
        email,
        expires_at,
        signed_in,
        now,
    } = page;
    let form = with_passwords(
        form,
        "Look at what is marked, and type the password again: it is not kept.",
    );
    let begin = first_to_type(&form, &["name", "email", "password"]);
    let first = invited_by.is_none();
    let head = match &invited_by {
        None => view! {
            <h1>"Set up Rideout"</h1>
            <p class="quiet">"You are the first. This account is the admin: it invites the others, gives roles and reads the audit log."</p>
        }
        .into_any(),
        Some(name) => view! {
            <h1>"Join Rideout"</h1>
            <p class="quiet">{format!("{name} invites you with the role {role}, who {}", clause(role.explained()))}</p>
        }
        .into_any(),
    };
    let fixed = email.is_some();
    let typed = email.unwrap_or_else(|| form.value("email"));
    view! {
        <div class="page door">
            <div>{head}</div>
            {signed_in.map(|name| view! {
                <Notice>{format!("You are signed in as {name}. Making this account signs {name} out in this browser.")}</Notice>
            })}
            <form class="panel stack loose" method="post" action=action>
                <FormError form=form.clone() />
                <TextInput
                    name="name"
                    label="Your name"
                    hint="As colleagues know you. It stands beside everything you write."
                    value=form.value("name")
                    error=form.error("name")
                    autocomplete="name"
                    maxlength=text::NAME_MAX
                    required=true
                    autofocus=begin == "name"
                />
                {if fixed {
                    view! {
                        <div class="field">
                            <label for="f-email">"E-mail address"</label>
                            <input class="input" type="email" id="f-email" name="email" value=typed readonly=true autocomplete="username" aria-describedby="f-email-hint" />
                            {form.error("email").map(|error| view! { <p class="field-error">{error}</p> })}
                            <p class="field-hint" id="f-email-hint">"The invitation is for this address."</p>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <TextInput
                            name="email"
                            label="E-mail address"
                            hint="To sign in with, and the first way to call you."
                            kind=InputKind::Email
                            value=typed
                            error=form.error("email")
                            autocomplete="username"
                            required=true
                            autofocus=begin == "email"
                        />
                    }.into_any()
                }}
                <TextInput
                    name="password"
                    label="Password"
                    hint="At least 12 characters. A few unrelated words are easy to keep in mind and hard to guess."
                    kind=InputKind::Password
                    error=form.error("password")
                    autocomplete="new-password"
                    required=true
                    autofocus=begin == "password"
                />
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>{if first { "Create the admin account" } else { "Create my account" }}</Button>
                    <span class="quiet sm">"This link works once, and ends "<Due at=expires_at now=now />"."</span>
                </div>
            </form>
            {first.then(|| view! { <Next /> })}
        </div>
    }
    .into_any()
}

/// A sentence as it goes on after a comma.
fn clause(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .chain(chars)
        .collect()
}

/// What happens after set-up.
#[component]
fn Next() -> impl IntoView {
    view! {
        <section class="stack">
            <h2>"What happens next"</h2>
            <ol class="steps next-steps">
                <li><Icon name=IconName::People /><div><b>"Invite the room"</b><p>"Each colleague gets a link that works once, with the role you choose."</p></div></li>
                <li><Icon name=IconName::Flag /><div><b>"Rehearse"</b><p>"Declare a harmless SEV4 together, so that the first real incident is your second."</p></div></li>
                <li><Icon name=IconName::Megaphone /><div><b>"Keep others out of the room"</b><p>"A stakeholder link answers the directors without an account."</p></div></li>
            </ol>
        </section>
    }
    .into_any()
}

/// What the page of a link that is no longer good shows.
#[derive(Clone, Debug)]
pub struct DeadLinkPage {
    /// Why it is not, in a sentence.
    pub why: String,
    /// Whether somebody is signed in at this browser.
    pub signed_in: bool,
}

/// A link that is no longer good, and the way forward.
#[component]
pub fn DeadLink(
    /// What the page shows.
    page: DeadLinkPage,
) -> impl IntoView {
    let DeadLinkPage { why, signed_in } = page;
    view! {
        <div class="page narrow trouble">
            <div class="trouble-icon"><Icon name=IconName::Link /></div>
            <div class="stack">
                <h1>"This link no longer works"</h1>
                <p>{why}</p>
            </div>
            <div class="row">
                {if signed_in {
                    view! { <LinkButton href="/incidents" kind=ButtonKind::Primary>"All incidents"</LinkButton> }
                } else {
                    view! { <LinkButton href="/login" kind=ButtonKind::Primary icon=IconName::Door>"Sign in"</LinkButton> }
                }}
            </div>
        </div>
    }
    .into_any()
}
