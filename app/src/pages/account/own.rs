//! One's own account: name, password, where one is signed in, API tokens.

use super::{secret::Secret, words::with_passwords};
use crate::{
    FormState,
    components::{
        Ago, Avatar, Button, Chip, DateTime, FormError, Head, IconName, InputKind, Notice, Panel,
        Table, TextInput, Tone, button::ButtonKind,
    },
    pages::directory::ReachLink,
};
use leptos::prelude::*;
use rideout_domain::{Role, SessionId, Timestamp, TokenId, text};

/// A session of one's own.
#[derive(Clone, Debug)]
pub struct SessionLine {
    /// Identifier.
    pub id: SessionId,
    /// What the browser says about itself.
    pub user_agent: String,
    /// Where the log-in came from.
    pub address: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub this: bool,
}

/// A token of one's own.
#[derive(Clone, Debug)]
pub struct TokenLine {
    /// Identifier.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A token just made, shown once.
#[derive(Clone, Debug)]
pub struct MadeToken {
    /// What it is for.
    pub name: String,
    /// The secret.
    pub secret: String,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct OwnPage {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Role in the organisation.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether any contact route in use is confirmed.
    pub reached: bool,
    /// Sessions, last used first.
    pub sessions: Vec<SessionLine>,
    /// Tokens, newest first.
    pub tokens: Vec<TokenLine>,
    /// A token just made.
    pub made: Option<MadeToken>,
    /// The next token's identifier, made before the form is sent.
    pub next_token: TokenId,
    /// The form of the name.
    pub name_form: FormState,
    /// The form of the password.
    pub password_form: FormState,
    /// The form of a new token.
    pub token_form: FormState,
    /// The address people type, for an example of a call.
    pub base_url: String,
    /// The time of the page.
    pub now: Timestamp,
}

/// One's own account. Its forms post to `/account/…`.
#[component]
pub fn Own(
    /// What the page shows.
    page: OwnPage,
) -> impl IntoView {
    let OwnPage {
        name,
        email,
        role,
        created_at,
        reached,
        sessions,
        tokens,
        made,
        next_token,
        name_form,
        password_form,
        token_form,
        base_url,
        now,
    } = page;
    view! {
        <div class="page narrow">
            <div class="page-head">
                <Avatar name=name.clone() large=true />
                <div class="grow">
                    <h1>"Your account"</h1>
                    <p class="quiet">{email.clone()}" · "{role.word()}" · since "<DateTime at=created_at /></p>
                </div>
            </div>
            <Name form=name_form name=name />
            <ReachLink reached=reached />
            <Password form=password_form email=email />
            <Sessions sessions=sessions now=now />
            <Tokens tokens=tokens made=made form=token_form next=next_token base_url=base_url now=now />
        </div>
    }
    .into_any()
}

#[component]
fn Name(form: FormState, name: String) -> impl IntoView {
    view! {
        <Panel title="Name" id="name">
            <form class="beside" method="post" action="/account/name">
                <TextInput
                    name="name"
                    label="Your name"
                    hint="Everything you wrote shows the new name, too."
                    value=form.value_or("name", &name)
                    error=form.error("name")
                    autocomplete="name"
                    maxlength=text::NAME_MAX
                    required=true
                />
                <Button>"Save"</Button>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Password(form: FormState, email: String) -> impl IntoView {
    let form = with_passwords(
        form,
        "Look at what is marked, and type both again: passwords are not kept.",
    );
    view! {
        <Panel title="Password" lead="Changing it ends your sessions in other browsers. API tokens stay." id="password">
            <form class="stack" method="post" action="/account/password">
                <FormError form=form.clone() />
                // Password managers want to know whose it is.
                <input type="text" name="username" value=email autocomplete="username" hidden=true readonly=true />
                <TextInput
                    name="current_password"
                    label="Present password"
                    kind=InputKind::Password
                    error=form.error("current_password")
                    autocomplete="current-password"
                    required=true
                />
                <TextInput
                    name="password"
                    label="New password"
                    hint="At least 12 characters. A few unrelated words are easy to keep in mind and hard to guess."
                    kind=InputKind::Password
                    error=form.error("password")
                    autocomplete="new-password"
                    required=true
                />
                <div class="form-foot"><Button>"Change the password"</Button></div>
            </form>
        </Panel>
    }
    .into_any()
}

#[component]
fn Sessions(sessions: Vec<SessionLine>, now: Timestamp) -> impl IntoView {
    let others = sessions.iter().filter(|session| !session.this).count();
    let end_others = (others > 0).then(|| {
        view! {
            <form method="post" action="/account/sessions/end-others">
                <Button small=true>{if others == 1 { "End the other one" } else { "End all others" }}</Button>
            </form>
        }
        .into_any()
    });
    let heads = vec![
        Head::new("Browser"),
        Head::new("Signed in"),
        Head::new("Last used"),
        Head::hidden("End it"),
    ];
    let rows = sessions
        .into_iter()
        .map(|session| {
            let browser = browser(&session.user_agent);
            let label = format!("End the session in {browser}");
            let address = if session.address.is_empty() { "unknown address".to_owned() } else { session.address };
            view! {
                <tr>
                    <td>
                        <div class="row"><b title=session.user_agent>{browser}</b>
                        {session.this.then(|| view! { <Chip tone=Tone::Ok>"this one"</Chip> })}</div>
                        <span class="quiet">{address}</span>
                    </td>
                    <td data-label="Signed in"><DateTime at=session.created_at /></td>
                    <td data-label="Last used"><Ago at=session.last_seen_at now=now /></td>
                    <td class="num">
                        {(!session.this).then(|| view! {
                            <form method="post" action=format!("/account/sessions/{}/end", session.id)>
                                <Button small=true label=label>"End"</Button>
                            </form>
                        })}
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let body = if others == 0 && rows.is_empty() {
        view! { <p class="quiet sm pad">"No browser is signed in. You came here with an API token."</p> }.into_any()
    } else {
        view! { <Table caption="Your sessions, last used first" heads=heads>{rows}</Table> }
            .into_any()
    };
    view! {
        <Panel
            title="Where you are signed in"
            lead="End what you do not recognise, then change your password."
            id="sessions"
            flush=true
            actions=end_others.unwrap_or_else(|| ().into_any())
        >
            {body}
        </Panel>
    }
    .into_any()
}

#[component]
fn Tokens(
    tokens: Vec<TokenLine>,
    made: Option<MadeToken>,
    form: FormState,
    next: TokenId,
    base_url: String,
    now: Timestamp,
) -> impl IntoView {
    let heads = vec![
        Head::new("Token"),
        Head::new("Made"),
        Head::new("Last used"),
        Head::hidden("Revoke it"),
    ];
    let none = tokens.is_empty();
    let rows = tokens
        .into_iter()
        .map(|token| {
            let label = format!("Revoke the token {}", token.name);
            view! {
                <tr>
                    <td><b>{token.name}</b></td>
                    <td data-label="Made"><DateTime at=token.created_at /></td>
                    <td data-label="Last used">{match token.last_used_at {
                        Some(at) => view! { <Ago at=at now=now /> }.into_any(),
                        None => view! { <span class="quiet">"never"</span> }.into_any(),
                    }}</td>
                    <td class="num">
                        <form method="post" action=format!("/account/tokens/{}/revoke", token.id)>
                            <Button small=true label=label>"Revoke"</Button>
                        </form>
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let call = format!("curl -H 'Authorization: Bearer rdo_…' {base_url}/api/v1/incidents");
    view! {
        <Panel title="API tokens" lead="A program with a token acts as you, with your role. Give each program its own." id="tokens" flush=true>
            {made.map(|made| view! {
                <div class="pad">
                    <Notice tone=Tone::Ok title=format!("“{}” is ready.", made.name)>
                        <p>"Copy it now: it is not stored, and this page does not show it again."</p>
                        <Secret id="made-token" label="The token" value=made.secret />
                    </Notice>
                </div>
            })}
            {if none {
                view! { <p class="quiet sm pad">"None yet. With one, a script can declare an incident or write to its timeline: "<code class="call">{call}</code></p> }.into_any()
            } else {
                view! { <Table caption="Your API tokens, newest first" heads=heads>{rows}</Table> }.into_any()
            }}
            <form class="beside pad edge" method="post" action="/account/tokens">
                <input type="hidden" name="id" value=next.to_string() />
                <TextInput
                    name="name"
                    id="token-name"
                    label="What is the next one for?"
                    placeholder="deploy script"
                    value=form.value("name")
                    error=form.error("name").or_else(|| form.error(""))
                    maxlength=text::NAME_MAX
                    required=true
                />
                <Button icon=IconName::Key kind=ButtonKind::Normal>"Make a token"</Button>
            </form>
        </Panel>
    }
    .into_any()
}

/// What a browser calls itself, for people: “Firefox on Linux”.
fn browser(user_agent: &str) -> String {
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) if user_agent.trim().is_empty() => "An unnamed browser".to_owned(),
        (None, None) => user_agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod unit_tests {
    use super::browser;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0";
        assert_eq!(browser(edge), "Edge on Windows");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(iphone), "Safari on iPhone");
        assert_eq!(
            browser("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"),
            "Firefox on Linux"
        );
        assert_eq!(browser("  "), "An unnamed browser");
        assert_eq!(browser(&"é".repeat(50)).chars().count(), 40);
    }
}
