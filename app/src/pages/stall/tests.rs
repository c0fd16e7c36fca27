//! What the pages of the stall watch show, and what their form says.

use super::*;
use crate::render_fragment;
use rideout_domain::{
    Incident, IncidentId, Severity, Status, Timestamp, UserId,
    replay::{
        Prompted, SignalSaid, Whom,
        preview::{Change, Preview},
    },
    stall::{Settings, Signal, figures::Figures},
};

fn incident(number: i64) -> Incident {
    let at = Timestamp(1_276_592_400_000_000);
    Incident {
        id: "01890000-0000-7000-8000-000000000007"
            .parse::<IncidentId>()
            .unwrap(),
        number,
        title: "Reservations <crawl>".into(),
        description: String::new(),
        description_html: String::new(),
        services: Vec::new(),
        severity: Severity::Sev1,
        status: Status::Investigating,
        restricted: false,
        declared_at: at,
        declared_by: "01890000-0000-7000-8000-000000000001"
            .parse::<UserId>()
            .unwrap(),
        started_at: at,
        resolved_at: None,
        commander: None,
        last_human_at: at,
        last_learnt_at: None,
        next_update_at: None,
        last_seq: 1,
    }
}

fn policy(form: crate::FormState) -> PolicyPage {
    PolicyPage {
        choices: Vec::new(),
        current: PolicyChoice {
            service: None,
            name: "The organisation".into(),
            own: true,
        },
        severity: Severity::Sev1,
        form,
        defaults: Settings::default().sev1,
        changed: None,
        may_change: true,
        preview: None,
        now: Timestamp(0),
    }
}

#[test]
fn the_form_says_what_the_rules_say() {
    let mut rules = Settings::default().sev2;
    rules.stalled_at = 9;
    rules.ladder.again = 77;
    if let Some(rule) = rules.signals.get_mut(&Signal::Circles) {
        rule.on = false;
        rule.minutes = 5;
    }
    let form = policy_form(&rules);
    assert_eq!(
        read_rules(&form, &Settings::default().sev1, Severity::Sev2),
        Ok(rules)
    );
    let html = render_fragment(|| policy_page(&policy(form.clone())));
    for signal in Signal::ALL {
        assert!(
            html.contains(signal.explained()),
            "{signal} is not explained"
        );
        assert!(html.contains(&format!(r#"name="minutes-{signal}""#)));
    }
    assert!(html.contains(r#"value="77""#) && html.contains("Default 15."));
    assert_eq!(html.matches(" checked").count(), Signal::ALL.len() - 1);
}

#[test]
fn what_is_no_number_is_refused_beside_its_field_and_kept() {
    let rules = Settings::default().sev1;
    let form = policy_form(&rules)
        .with("answer", "soon")
        .with("weight-quiet", "");
    let refused = read_rules(&form, &rules, Severity::Sev1).unwrap_err();
    for field in ["answer", "weight-quiet"] {
        assert!(refused.error(field).is_some(), "{field}");
    }
    assert!(refused.error("again").is_none());
    let html = render_fragment(|| policy_page(&policy(refused)));
    assert!(html.contains(r#"value="soon""#) && html.contains("Write a whole number."));
}

#[test]
fn a_number_out_of_range_is_refused_at_its_field_in_the_words_of_its_label() {
    let rules = Settings::default().sev1;
    let form = policy_form(&rules)
        .with("second_opinion", "0")
        .with("lead", "20000")
        .with("weight-quiet", "11")
        .with("again", "99999999999")
        .with("round", "7");
    let refused = read_rules(&form, &rules, Severity::Sev1).unwrap_err();
    for (field, says) in [
        (
            "second_opinion",
            "For the second opinion: choose 1 to 10080; 0 will not do.",
        ),
        (
            "lead",
            "After something was learnt: choose 1 to 10080; 20000 will not do.",
        ),
        (
            "weight-quiet",
            "Quiet, points: choose 1 to 10; 11 will not do.",
        ),
        ("again", "This number is too large."),
    ] {
        assert_eq!(refused.error(field).as_deref(), Some(says));
    }
    assert_eq!(refused.errors.iter().count(), 4);
    let html = render_fragment(|| policy_page(&policy(refused)));
    for kept in ["20000", "11", "99999999999", "7"] {
        assert!(html.contains(&format!(r#"value="{kept}""#)), "{kept}");
    }
    assert!(html.contains("4 fields need another look"));
}

#[test]
fn figures_are_told_in_words_and_as_a_picture() {
    let figures = Figures {
        prompts: 3,
        false_prompts: 1,
        answer_seconds: vec![60, 120, 600],
        learning_seconds: vec![240],
        escalate_seconds: vec![1_860],
        ..Figures::default()
    };
    let page = FiguresPage {
        incidents: vec![FiguresLine {
            incident: incident(7),
            figures: figures.clone(),
        }],
        all: figures,
    };
    let html = render_fragment(|| figures_page(&page));
    for words in [
        "33 %",
        "1 of 3",
        "2 min",
        "31 min",
        "INC-7",
        "&lt;crawl&gt;",
        "<svg",
    ] {
        assert!(html.contains(words), "no {words} in {html}");
    }
    let empty = FiguresPage {
        incidents: Vec::new(),
        all: Figures::default(),
    };
    let html = render_fragment(|| figures_page(&empty));
    assert!(html.contains("The watch has not asked yet"));
}

fn prompt(to: Whom, minute: i64) -> Prompted {
    Prompted {
        at: Timestamp(1_276_592_400_000_000).plus_minutes(minute),
        level: 1,
        to,
        signals: vec![SignalSaid {
            id: Signal::Quiet,
            why: "Nobody wrote <anything> for 10 min.".into(),
        }],
    }
}

fn played(number: i64, changes: Vec<Change>) -> PlayedShown {
    PlayedShown {
        reference: format!("INC-{number}"),
        title: "Reservations <crawl>".into(),
        escalation: (number == 7).then(|| "Night".to_owned()),
        preview: Preview {
            incident: format!("INC-{number}"),
            changes,
        },
    }
}

fn previewed(shown: PreviewShown) -> String {
    let rules = Settings::default().sev1;
    let page = PolicyPage {
        preview: Some(shown),
        ..policy(policy_form(&rules))
    };
    render_fragment(|| policy_page(&page))
}

#[test]
fn a_preview_counts_by_rung_and_lists_by_incident_whom_each_asks() {
    let kept = Change::Kept {
        prompt: prompt(Whom::Room, 0),
    };
    let moved = Change::Moved {
        from: prompt(Whom::SecondOpinion, 10),
        to: prompt(Whom::SecondOpinion, 14),
    };
    let lost = Change::Lost {
        prompt: prompt(Whom::PolicyLevel(2), 30),
    };
    let html = previewed(PreviewShown {
        played: vec![
            played(7, vec![kept.clone(), moved, lost]),
            played(6, vec![kept]),
        ],
        left_out: vec![("INC-5".into(), "<Endless>".into(), "it is too long".into())],
    });
    for words in [
        "The last 2 incidents",
        "Nobody answers in such a play",
        "The room</th><td class=\"num quiet\">0</td><td class=\"num quiet\">0</td><td class=\"num quiet\">0</td><td class=\"num\">2</td>",
        "Second opinion</th><td class=\"num quiet\">0</td><td class=\"num quiet\">0</td><td class=\"num\">1</td>",
        "Escalation policy, level 2",
        ", 4 min later",
        "Nobody wrote &lt;anything&gt;",
        "Nothing changes in 1 incident.",
        "INC-7, escalation policy Night",
        "1 incident left out:",
        "&lt;Endless&gt;</b> <span class=\"xs quiet\">INC-5</span>: it is too long",
    ] {
        assert!(html.contains(words), "no {words} in {html}");
    }
    assert!(!html.contains("INC-6"));
}

#[test]
fn a_preview_without_past_incidents_says_so() {
    let html = previewed(PreviewShown::default());
    assert!(html.contains("There is nothing to compare with yet"));
    let calm = previewed(PreviewShown {
        played: vec![played(7, Vec::new())],
        left_out: Vec::new(),
    });
    assert!(calm.contains("Nobody is asked in any of them"));
}
