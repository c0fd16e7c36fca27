//! What the pages of accounts show, and what they never show.

use super::*;
use crate::{FormState, render_fragment};
use leptos::prelude::*;
use rideout_domain::{InviteId, Role, SessionId, Timestamp, TokenId, UserId};

const NOW: Timestamp = Timestamp(1_276_592_400_000_000);

fn user(n: u128) -> UserId {
    UserId(uuid_of(n))
}

fn uuid_of<T: std::str::FromStr>(n: u128) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{:08x}-0000-7000-8000-000000000000", n)
        .parse()
        .unwrap()
}

fn own(made: Option<MadeToken>) -> OwnPage {
    OwnPage {
        name: "Omar <b>".into(),
        email: "omar@example.org".into(),
        role: Role::Responder,
        created_at: NOW,
        reached: false,
        sessions: vec![
            SessionLine {
                id: SessionId(uuid_of(1)),
                user_agent: "<script>alert(1)</script>".into(),
                address: "192.0.2.1".into(),
                created_at: NOW,
                last_seen_at: NOW,
                this: true,
            },
            SessionLine {
                id: SessionId(uuid_of(2)),
                user_agent: "Firefox".into(),
                address: String::new(),
                created_at: NOW,
                last_seen_at: NOW,
                this: false,
            },
        ],
        tokens: Vec::new(),
        made,
        next_token: TokenId(uuid_of(3)),
        name_form: FormState::new(),
        password_form: FormState::new()
            .refuse("current_password", "This is not your present password."),
        token_form: FormState::new(),
        base_url: "http://127.0.0.1:4000".into(),
        now: NOW,
    }
}

#[test]
fn passwords_never_come_back() {
    let form = FormState::new()
        .with("email", "a@b")
        .with("password", "hunter2hunter2")
        .with("current_password", "hunter2hunter2")
        .refuse("", "no");
    let login = LoginPage {
        form: form.clone(),
        next: "/x".into(),
        ..LoginPage::default()
    };
    let html = render_fragment(|| view! { <Login page=login /> }.into_any());
    assert!(html.contains("a@b") && !html.contains("hunter2"), "{html}");
    let page = OwnPage {
        password_form: form.clone(),
        ..own(None)
    };
    let html = render_fragment(|| view! { <Own page=page /> }.into_any());
    assert!(!html.contains("hunter2"));
    let join = JoinPage {
        form,
        action: "/setup/t".into(),
        role: Role::Admin,
        invited_by: None,
        email: None,
        expires_at: NOW,
        signed_in: None,
        now: NOW,
    };
    let html = render_fragment(|| view! { <Join page=join /> }.into_any());
    assert!(html.contains("a@b") && !html.contains("hunter2"));
}

#[test]
fn only_other_sessions_can_be_ended_and_nothing_hostile_runs() {
    let html = render_fragment(|| view! { <Own page=own(None) /> }.into_any());
    assert!(!html.contains("<script>") && !html.contains("Omar <b>"));
    assert!(html.contains("this one"));
    let of_session = |n: u128| format!("/account/sessions/{}/end\"", SessionId(uuid_of(n)));
    assert!(!html.contains(&of_session(1)) && html.contains(&of_session(2)));
    assert!(html.contains("This is not your present password."));
}

#[test]
fn a_new_token_is_shown_with_its_name() {
    let made = MadeToken {
        name: "deploy".into(),
        secret: "rdo_abc".into(),
    };
    let html = render_fragment(|| view! { <Own page=own(Some(made)) /> }.into_any());
    assert!(html.contains("value=\"rdo_abc\"") && html.contains("“deploy” is ready."));
}

#[test]
fn one_cannot_shut_oneself_out_by_the_page() {
    let person = |n: u128, disabled_at| PersonLine {
        id: user(n),
        name: format!("Person {n}"),
        email: format!("p{n}@example.org"),
        role: Role::Admin,
        disabled_at,
        last_seen_at: None,
    };
    let page = PeoplePage {
        people: vec![person(1, None), person(2, None), person(3, Some(NOW))],
        invites: Vec::new(),
        made: None,
        next_invite: InviteId(uuid_of(9)),
        form: FormState::new(),
        refused: Some("Grace is the only admin.".into()),
        viewer: user(1),
        now: NOW,
    };
    let html = render_fragment(|| view! { <People page=page /> }.into_any());
    let action = |n: u128, verb: &str| format!("/people/{}/{verb}\"", user(n));
    assert!(!html.contains(&action(1, "disable")) && html.contains(&action(2, "disable")));
    assert!(html.contains(&action(3, "enable")) && !html.contains(&action(3, "disable")));
    assert!(html.contains("Grace is the only admin.") && html.contains("2 people can sign in."));
}

#[test]
fn the_log_speaks_in_words_and_escapes_what_people_typed() {
    let line = |action: &str, subject: &str| AuditLine {
        at: NOW,
        actor: "Grace".into(),
        action: action.into(),
        subject: subject.into(),
        address: "192.0.2.1".into(),
        detail: serde_json::json!({"from": "viewer", "to": "<img src=x>", "nothing": null}),
    };
    let page = AuditPage {
        lines: vec![
            line("user.role", "omar@example.org"),
            line("some.thing", "</td><script>"),
        ],
        query: AuditQuery {
            text: "\"><script>".into(),
            from: "yesterday".into(),
            ..AuditQuery::default()
        },
        form: FormState::new().refuse("from", "Write a day as 2010-06-15."),
        next: Some("1.a".into()),
        later: false,
    };
    let html = render_fragment(|| view! { <Audit page=page /> }.into_any());
    assert!(html.contains("changed the role of") && html.contains("some.thing"));
    assert!(!html.contains("<script>") && !html.contains("<img"));
    assert!(
        html.contains("value=\"yesterday\"") && html.contains("Write a day as"),
        "nothing typed is lost"
    );
    assert!(html.contains("cursor=1.a"));
}
