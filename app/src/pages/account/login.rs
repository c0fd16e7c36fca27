//! Signing in.

use crate::{
    FormState,
    components::{
        Button, FormError, InputKind, LinkButton, Notice, TextInput, Tone, button::ButtonKind,
    },
};
use leptos::prelude::*;

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct LoginPage {
    /// What was typed, but the password, and what was wrong with it.
    pub form: FormState,
    /// Where to go afterwards: a path of this site.
    pub next: String,
    /// Whether nobody has set Rideout up yet.
    pub setup_needed: bool,
    /// Whether the example may be entered without a password.
    pub example: bool,
}

/// Signing in. Posts `email`, `password` and `next` to `/login`.
#[component]
pub fn Login(
    /// What the page shows.
    page: LoginPage,
) -> impl IntoView {
    let LoginPage {
        form,
        next,
        setup_needed,
        example,
    } = page;
    let email = form.value("email");
    let again = !email.is_empty();
    view! {
        <div class="page door">
            <h1>"Sign in"</h1>
            {setup_needed.then(|| view! {
                <Notice tone=Tone::Accent title="Nobody has an account yet.">
                    "Open the set-up link that Rideout printed when it started. It is lost? Start Rideout again, and it prints a new one."
                </Notice>
            })}
            {example.then(|| view! {
                <div class="panel stack">
                    <p>"This is the example. Come in as somebody of its story, without a password."</p>
                    <div><LinkButton href="/example" kind=ButtonKind::Primary>"Choose whom to be"</LinkButton></div>
                </div>
            })}
            <form class="panel stack loose" method="post" action="/login">
                <FormError form=form.clone() />
                <input type="hidden" name="next" value=next />
                <TextInput
                    name="email"
                    label="E-mail address"
                    kind=InputKind::Email
                    value=email
                    error=form.error("email")
                    autocomplete="username"
                    required=true
                    autofocus=!again
                />
                <TextInput
                    name="password"
                    label="Password"
                    kind=InputKind::Password
                    error=form.error("password")
                    autocomplete="current-password"
                    required=true
                    autofocus=again
                />
                <div class="form-foot">
                    <Button kind=if example { ButtonKind::Normal } else { ButtonKind::Primary }>"Sign in"</Button>
                </div>
            </form>
            <p class="quiet sm">
                "No account? Ask an admin for an invitation. Lost the password? Whoever runs Rideout here can set a new one with "
                <code>"rideout user password"</code>"."
            </p>
        </div>
    }
    .into_any()
}
