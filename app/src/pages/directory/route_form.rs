//! Changing one route.

use crate::{
    FormState,
    components::{Button, ButtonKind, FormError, InputKind, LinkButton, TextInput},
};
use leptos::prelude::*;
use rideout_domain::{
    Channel, RouteId,
    reach::{LABEL_MAX, TOKEN_MAX},
    text::LINK_MAX,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct RouteFormPage {
    /// Identifier.
    pub id: RouteId,
    /// What a message travels by.
    pub channel: Channel,
    /// The address as far as it is no secret.
    pub shown: String,
    /// Whether it came with the account, whose address is not changed here.
    pub of_account: bool,
    /// Whether an access token is stored with it.
    pub has_secret: bool,
    /// What was typed, and what is wrong with it.
    pub form: FormState,
}

/// The form. Posts to `/account/reach/{id}/edit`.
#[component]
pub fn RouteForm(
    /// What the page shows.
    page: RouteFormPage,
) -> impl IntoView {
    let RouteFormPage {
        id,
        channel,
        shown,
        of_account,
        has_secret,
        form,
    } = page;
    let hidden = matches!(channel, Channel::Slack | Channel::Webhook);
    let hint = if hidden {
        format!("Leave it empty to keep the present one: {shown}")
    } else if of_account {
        "It is the address of your account.".to_owned()
    } else {
        "Where it goes.".to_owned()
    };
    let token = channel == Channel::Ntfy;
    view! {
        <div class="page narrow">
            <div class="page-head"><div class="grow">
                <p class="quiet sm"><a href="/account/reach">"How to reach me"</a></p>
                <h1>{format!("Change the route: {}", channel.title())}</h1>
            </div></div>
            <form class="panel stack loose" method="post" action=format!("/account/reach/{id}/edit")>
                <FormError form=form.clone() />
                {(channel != Channel::Browser && !of_account).then(|| view! {
                    <TextInput
                        name="target"
                        label="Address"
                        hint=hint
                        value=form.value("target")
                        error=form.error("target")
                        maxlength=LINK_MAX
                        required=!hidden
                    />
                })}
                {token.then(|| view! {
                    <TextInput
                        name="token"
                        label="Access token"
                        hint=if has_secret { "One is stored. Leave it empty to keep it." } else { "None is stored." }
                        kind=InputKind::Password
                        error=form.error("token")
                        autocomplete="new-password"
                        maxlength=TOKEN_MAX
                        optional=true
                    />
                })}
                {(token && has_secret).then(|| view! {
                    <crate::components::Checkbox name="forget_token" label="Forget the stored token" checked=form.ticked("forget_token") />
                })}
                <TextInput
                    name="label"
                    label="What do you call it?"
                    value=form.value("label")
                    error=form.error("label")
                    maxlength=LABEL_MAX
                    optional=true
                />
                <p class="quiet sm">"If it was out of use, it is in use again after this."</p>
                <div class="form-foot">
                    <Button kind=ButtonKind::Primary>"Save"</Button>
                    <LinkButton href="/account/reach" kind=ButtonKind::Plain>"Cancel"</LinkButton>
                </div>
            </form>
        </div>
    }
    .into_any()
}
