//! What the pages of the directory show, and what they never show.

use super::*;
use crate::{FormState, render_fragment};
use rideout_domain::{Channel, PolicyId, RouteId, ServiceId, ServiceKind, Timestamp};

const NOW: Timestamp = Timestamp(1_276_592_400_000_000);

fn id<T: std::str::FromStr>(n: u32) -> T
where
    T::Err: std::fmt::Debug,
{
    format!("{n:08x}-0000-7000-8000-000000000000")
        .parse()
        .unwrap()
}

fn named(name: &str, active: bool) -> Named {
    Named {
        id: id(1),
        name: name.into(),
        active,
    }
}

fn service(name: &str) -> ServiceLine {
    ServiceLine {
        id: id::<ServiceId>(2),
        name: name.into(),
        description: String::new(),
        kind: ServiceKind::Service,
        owner: None,
        team: None,
        policy: None,
        contact: String::new(),
        response_minutes: None,
    }
}

fn services(services: Vec<ServiceLine>, may_change: bool) -> String {
    let page = ServicesPage {
        services,
        default_policy: None,
        may_change,
    };
    render_fragment(move || view! { <Services page=page /> }.into_any())
}

fn editor(draft: PolicyDraft) -> String {
    let page = PolicyFormPage {
        id: id::<PolicyId>(3),
        name: None,
        draft,
        errors: FormState::new().refuse("levels.2", "level 2 calls nobody"),
        told: None,
        choices: vec![choice("team:x", "everybody in <i>", "Teams")],
        default_policy: None,
        unsaved: true,
    };
    render_fragment(move || view! { <PolicyForm page=page /> }.into_any())
}

fn choice(value: &str, whom: &str, group: &'static str) -> TargetChoice {
    TargetChoice {
        value: value.into(),
        label: whom.into(),
        whom: whom.into(),
        group,
        trouble: None,
    }
}

fn level(targets: &[&str]) -> LevelDraft {
    LevelDraft {
        minutes: "5".into(),
        targets: targets.iter().map(|t| choice(t, t, "People")).collect(),
    }
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "<script>alert(1)</script>";
    let line = ServiceLine {
        description: hostile.into(),
        owner: Some(named(hostile, false)),
        contact: hostile.into(),
        ..service(hostile)
    };
    let html = services(vec![line], true);
    assert!(!html.contains("<script"), "{html}");
    assert!(html.contains("no account"), "{html}");
    let html = editor(PolicyDraft {
        levels: vec![level(&["<b>"])],
        ..PolicyDraft::default()
    });
    assert!(!html.contains("<b>") && !html.contains("in <i>"), "{html}");
}

#[test]
fn an_empty_directory_teaches_the_next_step() {
    let html = services(Vec::new(), true);
    assert!(html.contains(r#"href="/services/new""#), "{html}");
    let html = services(Vec::new(), false);
    assert!(!html.contains(r#"href="/services/new""#), "{html}");
    assert!(html.contains("Commanders and admins"), "{html}");
}

#[test]
fn a_service_without_anybody_says_so() {
    let html = services(vec![service("Store app")], false);
    assert!(html.contains("nobody to call"), "{html}");
    let with = ServiceLine {
        contact: "Carrier desk".into(),
        ..service("Carrier API")
    };
    let html = services(vec![with], false);
    assert!(!html.contains("nobody to call") && html.contains("Carrier desk"));
}

#[test]
fn return_in_the_editor_saves_and_each_error_stands_at_its_level() {
    let html = editor(PolicyDraft {
        levels: vec![level(&["person:a"]), level(&[])],
        ..PolicyDraft::default()
    });
    let first = html.find(r#"type="submit""#).unwrap();
    assert_eq!(
        html[first..].find(r#"value="save""#),
        html[first..].find("value=")
    );
    let second = html.find(r#"id="level-2""#).unwrap();
    let error = html.find("Level 2 calls nobody.").unwrap();
    assert!(error > second, "{html}");
    assert!(html.contains(r#"value="remove-target 0 0""#), "{html}");
    // Nothing can be removed from one level alone.
    let html = editor(PolicyDraft {
        levels: vec![level(&["person:a"])],
        ..PolicyDraft::default()
    });
    assert!(!html.contains("remove-level"), "{html}");
}

#[test]
fn a_signing_secret_is_shown_once_and_tokens_never_come_back() {
    let page = |made| ReachPage {
        routes: vec![RouteLine {
            id: id::<RouteId>(4),
            channel: Channel::Webhook,
            shown: "https://pager.example.org/…".into(),
            label: String::new(),
            of_account: false,
            has_secret: true,
            disabled: Some((NOW, "The other side answered 410 Gone.".into())),
            tested: None,
            confirmed: None,
        }],
        last_resort: "omar@example.org".into(),
        confirmed: false,
        form: FormState::new()
            .with("token", "tk_typed")
            .refuse("target", "no"),
        next: id(5),
        made,
        test: Some(TestLine {
            state: rideout_domain::outbox::MessageState::Failed,
            why: "<b>no such host".into(),
            again: "/account/reach?test=x".into(),
        }),
        quiet: QuietPage {
            set: false,
            form: FormState::new(),
            zones: vec!["Europe/Berlin".into()],
        },
        now: NOW,
    };
    let made = page(Some(MadeSecret {
        secret: "whsec_once".into(),
    }));
    let html = render_fragment(move || view! { <Reach page=made /> }.into_any());
    assert!(html.contains("whsec_once"), "{html}");
    assert!(!html.contains("tk_typed"), "{html}");
    assert!(html.contains("&lt;b&gt;no such host"), "{html}");
    assert!(html.contains("No route of yours is confirmed:"), "{html}");
    // No route works, so the last resort is named.
    assert!(html.contains("omar@example.org"), "{html}");
    let later = page(None);
    let html = render_fragment(move || view! { <Reach page=later /> }.into_any());
    assert!(!html.contains("whsec_"), "{html}");
}
