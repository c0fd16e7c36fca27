//! Reading timelines and exports, and what the watch makes of three public incidents.

use super::*;
use crate::{
    Entry, EntryBody, Severity, Status, Timestamp, UserId,
    escalation::Policy,
    export::{self, IncidentExport},
    room::Room,
    stall::{Settings, Signal},
};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

const CRATES: &str = include_str!("../../../../tests/fixtures/incidents/cratesio-2023-07-20.jsonl");
const MATRIX: &str = include_str!("../../../../tests/fixtures/incidents/matrix-2025-09-02.jsonl");
const PROW: &str = include_str!("../../../../tests/fixtures/incidents/prow-2019-02-08.jsonl");

const HEAD: &str = r#"{"incident": {"id": "i", "title": "t", "severity": 1, "started_at": "2020-01-01T09:00:00Z", "detected_at": "2020-01-01T09:00:00Z", "mitigated_at": null, "resolved_at": null}}"#;

fn line(at: &str, actor: &str, kind: &str, text: &str) -> String {
    format!(
        r#"{{"at": "2020-01-01T{at}:00Z", "actor": "{actor}", "kind": "{kind}", "text": "{text}", "ref": ""}}"#
    )
}

fn file(lines: &[String]) -> String {
    format!("{HEAD}\n{}\n", lines.join("\n"))
}

fn replayed(text: &str) -> Report {
    play(&read(text).unwrap(), &Settings::default(), None)
}

fn to_the_room(report: &Report) -> Vec<Timestamp> {
    score::times(report, true)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_quick_incident_is_left_in_peace() {
    assert_eq!(replayed(CRATES).prompts, []);
}

#[test]
fn a_long_restore_is_prompted_in_its_stuck_spans_and_hardly_elsewhere() {
    let report = replayed(MATRIX);
    let room = to_the_room(&report);
    for span in &report.spans {
        let first = room.iter().find(|at| span.from <= **at && **at <= span.to);
        let after = first.unwrap().seconds_since(span.from) / 60;
        assert!(after <= 60, "{} after {after} min", span.from);
    }
    let outside = room
        .iter()
        .filter(|at| !report.spans.iter().any(|s| s.from <= **at && **at <= s.to));
    assert!(outside.count() <= 2, "{room:?}");
    // The night's download is a wait on purpose, and somebody said so.
    let night = time("2025-09-02T20:30:00Z")..time("2025-09-03T04:00:00Z");
    assert!(!room.iter().any(|at| night.contains(at)), "{room:?}");
}

#[test]
fn a_busy_room_that_goes_in_circles_is_prompted() {
    let report = replayed(PROW);
    let room = to_the_room(&report);
    assert!(
        room.iter()
            .any(|at| report.spans[0].from <= *at && *at <= report.spans[0].to),
        "{room:?}"
    );
    // Nothing before anybody knew.
    assert!(*room.first().unwrap() > time("2019-02-09T00:04:00Z"));
}

#[test]
fn nobody_answers_so_the_ladder_climbs_once() {
    let report = replayed(&file(&[
        line("09:00", "on-call", "declared", "We look"),
        line("09:05", "on-call", "action_result", "Restart has no effect"),
        line("12:00", "on-call", "finding", "It was the cache"),
    ]));
    let climbed: Vec<(u32, String)> = report
        .prompts
        .iter()
        .map(|p| (p.level, p.to.to_string()))
        .collect();
    let told = |level, to: &str| (level, to.to_owned());
    assert_eq!(
        climbed,
        [
            told(1, "room"),
            told(2, "second opinion"),
            told(3, "policy level 1")
        ]
    );
    assert_eq!(report.prompts[0].at, time("2020-01-01T09:13:00Z"));
    let why = |prompt: usize| report.prompts[prompt].signals.iter().map(|s| s.id);
    assert!(why(0).any(|signal| signal == Signal::Quiet));
    assert!(why(1).any(|signal| signal == Signal::Circles));
}

/// Minutes of each level, and how often all are called again.
fn policy(minutes: &[u32], repeats: u32) -> Policy {
    let levels: Vec<_> = minutes
        .iter()
        .map(|minutes| serde_json::json!({"minutes": minutes}))
        .collect();
    read_policy(&serde_json::json!({"repeats": repeats, "levels": levels}).to_string()).unwrap()
}

/// What was asked from the first call on, with the minutes since then.
fn called(text: &str, policy: &Policy) -> Vec<(i64, u32, String)> {
    let report = play(&read(text).unwrap(), &Settings::default(), Some(policy));
    let calls = report.prompts.iter().skip_while(|p| p.level < 3);
    let first = calls.clone().next().unwrap().at;
    calls
        .map(|p| (p.at.seconds_since(first) / 60, p.level, p.to.to_string()))
        .collect()
}

/// A room that falls silent after a fruitless try until `then` is written at `at`.
fn silent_until(at: &str, kind: &str, text: &str) -> Vec<String> {
    vec![
        line("09:00", "on-call", "declared", "We look"),
        line("09:05", "on-call", "action_result", "Restart has no effect"),
        line(at, "on-call", kind, text),
    ]
}

#[test]
fn a_policys_levels_are_called_in_their_time_and_all_again_as_live() {
    let silent = file(&silent_until("12:00", "finding", "It was the cache"));
    let told = |minute, level, to: &str| (minute, level, to.to_owned());
    let all = called(&silent, &policy(&[5, 10], 1));
    let (one, two, charge) = ("policy level 1", "policy level 2", "everybody in charge");
    assert_eq!(
        all[..10],
        [
            told(0, 3, one),
            told(5, 4, two),
            told(15, 3, one),
            told(20, 4, two),
            told(30, 5, charge),
            // A quarter of an hour later all begins anew, then after twice that.
            told(45, 3, one),
            told(50, 4, two),
            told(60, 3, one),
            told(65, 4, two),
            told(75, 5, charge),
        ]
    );
    assert_eq!(all[10], told(105, 3, one));
}

#[test]
fn where_there_is_no_policy_everybody_in_charge_is_called_again_and_again() {
    let silent = file(&silent_until("12:00", "finding", "It was the cache"));
    let empty = Policy {
        name: "none".into(),
        repeats: 0,
        levels: Vec::new(),
    };
    let all = called(&silent, &empty);
    let minutes: Vec<i64> = all.iter().map(|(minute, ..)| *minute).collect();
    assert_eq!(minutes, [0, 15, 45, 105], "{all:?}");
    assert!(all.iter().all(|(_, level, _)| *level == 3));
}

#[test]
fn something_learnt_ends_the_escalation_and_a_mere_entry_does_not() {
    let calls = |lines: Vec<String>| -> Vec<i64> {
        called(&file(&lines), &policy(&[20, 20, 20], 0))
            .into_iter()
            .filter(|(_, level, _)| *level > 2)
            .map(|(minute, ..)| minute)
            .collect()
    };
    let first = play(
        &read(&file(&silent_until("12:00", "note", "x"))).unwrap(),
        &Settings::default(),
        Some(&policy(&[20], 0)),
    );
    let first = first.prompts.iter().find(|p| p.level == 3).unwrap().at;
    let later = |minutes| first.plus_minutes(minutes).rfc3339()[11..16].to_owned();
    let mut learnt = silent_until(&later(10), "finding", "It was the cache");
    learnt.push(line(&later(15), "on-call", "note", "We go on"));
    assert_eq!(calls(learnt), [0]);
    let mut noted = silent_until(&later(10), "note", "Still no effect");
    noted.push(line(&later(50), "on-call", "note", "Still no effect"));
    assert_eq!(calls(noted), [0, 20, 40]);
}

#[test]
fn people_who_were_called_and_do_not_come_count_as_live() {
    let silent = file(&silent_until("12:00", "finding", "It was the cache"));
    let script = read(&silent).unwrap();
    let report = play(&script, &Settings::default(), Some(&policy(&[10, 10], 0)));
    let second = report.prompts.iter().find(|p| p.level == 4).unwrap();
    let unanswered = |p: &Prompted| p.signals.iter().any(|s| s.id == Signal::PageUnanswered);
    assert!(unanswered(second), "{second:?}");
    // Without a policy nobody is called, so nobody lets a call wait.
    assert!(!replayed(&silent).prompts.iter().any(unanswered));
}

#[test]
fn a_play_in_which_nobody_ever_comes_ends() {
    let mut lines = silent_until("12:00", "note", "Still no effect");
    lines.push(line("13:00", "on-call", "note", "x").replace("2020-", "2090-"));
    let script = read(&file(&lines)).unwrap();
    let policy = policy(&[1; 10], 9);
    let report = play(&script, &Settings::default(), Some(&policy));
    assert!(report.cut);
    let calls = report.prompts.iter().filter(|p| p.level > 2).count();
    assert_eq!(calls, CALLS_MAX);
    assert!(!play(&script, &Settings::default(), None).cut);
}

#[test]
fn a_policy_is_read_as_the_api_gives_it() {
    let told = r#"{"id": "01890000-0000-7000-8000-000000000001", "description": "", "default": true,
        "name": "Night", "repeats": 2,
        "levels": [{"minutes": 5, "targets": [{"kind": "person", "id": "01890000-0000-7000-8000-000000000002"}]}],
        "told": "First …", "targets": [], "empty_levels": [], "used_by": [], "changed_at": "2020-01-01T09:00:00Z"}"#;
    let policy = read_policy(told).unwrap();
    assert_eq!((policy.name.as_str(), policy.repeats), ("Night", 2));
    for (text, says) in [
        ("[]", "this is no escalation policy"),
        (r#"{"levels": []}"#, "1 to 10 levels"),
        (r#"{"levels": [{"minutes": 0}]}"#, "level 1: 0 minutes"),
        (
            r#"{"levels": [{"minutes": 5}], "repeats": 10}"#,
            "10 repeats",
        ),
        (
            r#"{"levels": [{"minutes": 5}], "repeat": 1}"#,
            "unknown field `repeat`",
        ),
    ] {
        let error = read_policy(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn the_json_has_the_promised_shape() {
    let report = replayed(PROW);
    let json = serde_json::to_value(&report).unwrap();
    let keys = |value: &serde_json::Value| {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&json), ["incident", "prompts"]);
    assert_eq!(json["incident"], "prow-2019-02-08");
    let prompt = &json["prompts"][0];
    assert_eq!(keys(prompt), ["at", "level", "signals", "to"]);
    assert_eq!(keys(&prompt["signals"][0]), ["id", "why"]);
    assert_eq!(prompt["to"], "room");
}

#[test]
fn machines_and_bystanders_move_no_clock() {
    let people = [
        line("09:00", "on-call", "declared", "We look"),
        line("09:50", "on-call", "finding", "It was the cache"),
    ];
    let alone = replayed(&file(&people));
    let mut lines = vec![people[0].clone()];
    for (at, actor) in [
        ("09:05", "monitoring"),
        ("09:15", "ci"),
        ("09:20", "deploy bot"),
        ("09:25", "alertmanager"),
        ("09:30", "customer"),
    ] {
        lines.push(line(at, actor, "evidence", "Still slow"));
    }
    lines.push(people[1].clone());
    assert_eq!(replayed(&file(&lines)).prompts, alone.prompts);
    assert!(!alone.prompts.is_empty());
}

#[test]
fn actors_are_told_apart_by_their_names() {
    for (actor, person, responder) in [
        ("on-call", true, true),
        ("responder-2", true, true),
        ("Ada", true, true),
        ("hosting provider", true, true),
        ("monitoring team", true, true),
        ("customer support", true, true),
        ("monitoring", false, false),
        ("CI", false, false),
        ("deploy-bot", false, false),
        ("Alertmanager", false, false),
        ("Icinga", false, false),
        ("load balancer", false, false),
        ("user", true, false),
        ("community member", true, false),
        ("Customers", true, false),
    ] {
        assert_eq!(timeline::is_person(actor), person, "{actor}");
        assert_eq!(timeline::is_responder(actor), responder, "{actor}");
    }
}

#[test]
fn an_alert_after_the_all_clear_is_asked_about() {
    let started = line("09:00", "on-call", "detected", "Checks fail");
    let fixed = line("09:07", "on-call", "action_result", "Full recovery seen");
    let alert = |at| line(at, "monitoring", "evidence", "Checks fail");
    let end = line("11:00", "on-call", "resolved", "Over");
    let late = file(&[started.clone(), fixed.clone(), alert("09:30"), end.clone()]);
    assert_eq!(
        to_the_room(&replayed(&late)),
        [time("2020-01-01T09:40:00Z")]
    );
    // What fired before says nothing: records rarely tell when an alert ends.
    let early = file(&[started, alert("09:05"), fixed, end]);
    assert_eq!(to_the_room(&replayed(&early)), []);
}

#[test]
fn before_anybody_who_responds_knows_nobody_is_asked() {
    let report = replayed(&file(&[
        line("09:00", "user", "detected", "It is slow"),
        line("10:00", "monitoring", "evidence", "Latency rises"),
        line("11:00", "on-call", "finding", "It is the cache"),
        line("11:05", "on-call", "resolved", "Cache emptied"),
    ]));
    assert_eq!(report.prompts, []);
    // Somebody who was asked and does not come is another matter.
    let report = replayed(&file(&[
        line("09:00", "user", "detected", "It is slow"),
        line("09:10", "user", "escalation", "On-call asked to look"),
        line("11:00", "on-call", "finding", "It is the cache"),
    ]));
    assert_eq!(to_the_room(&report), [time("2020-01-01T09:18:00Z")]);
}

#[test]
fn after_mitigation_silence_is_no_sign() {
    let lines = |end: &str| {
        file(&[
            line("09:00", "on-call", "declared", "We look"),
            line("09:05", "on-call", end, "Rolled back"),
            line("20:00", "on-call", "note", "Written up"),
        ])
    };
    assert_eq!(replayed(&lines("mitigated")).prompts, []);
    assert_eq!(replayed(&lines("resolved")).prompts, []);
    assert_ne!(replayed(&lines("note")).prompts, []);
    // The head may know it alone.
    let head_knows = lines("note").replace(
        r#""mitigated_at": null"#,
        r#""mitigated_at": "2020-01-01T09:05:00Z""#,
    );
    assert_eq!(replayed(&head_knows).prompts, []);
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    let good = line("09:00", "a", "note", "x");
    for (text, says) in [
        (String::new(), "empty"),
        (good.clone(), "line 1: "),
        (format!("{HEAD}\nnot json"), "line 2: "),
        (format!("{HEAD}\n\n{}", good.replace("note", "rumour")), "line 3: unknown variant `rumour`"),
        (format!("{HEAD}\n{}", good.replace("ref", "source")), "unknown field `source`"),
        (format!("{HEAD}\n{}", good.replace("2020-01-01T", "")), "is not a time"),
        (HEAD.replace(r#""severity": 1"#, r#""severity": 5"#), "severity 5 will not do"),
        (HEAD.replace("title", "name"), "line 1: unknown field `name`"),
        (
            format!("{HEAD}\n{}\n{}", line("10:00", "a", "note", "x"), good),
            "line 3: 2020-01-01T09:00:00Z lies before the line above it, 2020-01-01T10:00:00Z",
        ),
        (
            HEAD.replace(
                r#""resolved_at": null"#,
                r#""resolved_at": null, "stuck_windows": [{"from": "2020-01-01T10:00:00Z", "to": "2020-01-01T10:00:00Z", "why": ""}]"#,
            ),
            "does not end after it",
        ),
        (
            format!("{HEAD}\n{}", line("09:00", "a", "note", &"x".repeat(20_001))),
            "more than 20000 characters",
        ),
        ("x".repeat(timeline::BYTES_MAX + 1), "at most"),
        (
            format!("{HEAD}\n{}", format!("{good}\n").repeat(timeline::LINES_MAX + 1)),
            "more than 20000 lines",
        ),
        (r#"{"format": "rideout.incident/9"}"#.into(), "is not known"),
        (r#"{"format": "rideout.incident/1"}"#.into(), "cannot be read"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

/// An incident that went silent after a fruitless try, as Rideout kept it.
fn kept() -> Room {
    let began = time("2020-01-01T09:00:00Z");
    let one = UserId(Uuid::from_u128(1));
    let mut incident = read(&file(&[])).unwrap().incident;
    incident.severity = Severity::Sev2;
    incident.status = Status::Resolved;
    let mut room = Room {
        incident,
        entries: Vec::new(),
        people: HashMap::from([(one, "Ada".to_owned())]),
    };
    let bodies = [
        (
            0,
            Some(one),
            EntryBody::Declared {
                severity: Severity::Sev1,
            },
            "",
        ),
        (
            0,
            Some(one),
            EntryBody::RoleTaken {
                role: crate::IncidentRole::Commander,
                user: one,
                from: None,
            },
            "",
        ),
        (5, Some(one), EntryBody::Note, "The restart had no effect"),
        (
            20,
            None,
            EntryBody::Prompt {
                to: crate::entry::PromptTo::Room,
                people: Vec::new(),
                level: 2,
                signals: Vec::new(),
                call: Vec::new(),
                answer_by: began.plus_minutes(30),
            },
            "",
        ),
        (
            50,
            Some(one),
            EntryBody::Severity {
                from: Some(Severity::Sev1),
                to: Severity::Sev2,
            },
            "",
        ),
        (
            55,
            Some(one),
            EntryBody::Status {
                from: Some(Status::Investigating),
                to: Status::Resolved,
            },
            "Over",
        ),
    ];
    for (n, (minute, author, body, text)) in bodies.into_iter().enumerate() {
        let seq = n as i64 + 1;
        room.entries.push(Arc::new(Entry {
            id: crate::EntryId(Uuid::from_u128(n as u128 + 1)),
            incident: room.incident.id,
            seq,
            changed_seq: seq,
            author,
            body,
            text: text.into(),
            html: String::new(),
            occurred_at: began.plus_minutes(minute),
            recorded_at: began.plus_minutes(minute),
            revision: 1,
            redacted_at: None,
            pinned_at: None,
        }));
    }
    room
}

#[test]
fn an_exported_incident_is_replayed_as_it_was() {
    let json = serde_json::to_string_pretty(&export::to_data(&kept())).unwrap();
    let report = replayed(&json);
    assert_eq!(report.incident, "INC-1");
    // It began as SEV1, and the prompt that was shown then is asked anew.
    assert_eq!(to_the_room(&report), [time("2020-01-01T09:13:00Z")]);
}

#[test]
fn one_that_was_written_down_afterwards_is_played_as_it_happened() {
    let mut data: IncidentExport = export::to_data(&kept());
    for entry in &mut data.entries {
        entry.entry.recorded_at = time("2020-03-01T12:00:00Z");
    }
    let report = replayed(&serde_json::to_string(&data).unwrap());
    assert_eq!(to_the_room(&report), [time("2020-01-01T09:13:00Z")]);
}

#[test]
fn prompts_are_scored_against_spans() {
    let span = |from: i64, to: i64| timeline::Span {
        from: Timestamp(0).plus_minutes(from),
        to: Timestamp(0).plus_minutes(to),
        why: String::new(),
    };
    let at = |minutes: &[i64]| -> Vec<Timestamp> {
        minutes
            .iter()
            .map(|m| Timestamp(0).plus_minutes(*m))
            .collect()
    };
    let mut score = score::Score::default();
    score.add(&at(&[5, 25, 30, 90]), &[span(10, 30), span(40, 60)]);
    score.add(&at(&[]), &[]);
    assert_eq!((score.spans, score.caught, score.false_prompts), (2, 1, 2));
    assert!((score.catch() - 0.5).abs() < 1e-9);
    assert!((score.share_ahead() - 0.25).abs() < 1e-9);
    assert!((score.false_each() - 1.0).abs() < 1e-9);
}

#[test]
fn an_idle_timer_tells_once_a_silence() {
    let script = read(&file(&[
        line("09:00", "on-call", "declared", "We look"),
        line("09:10", "monitoring", "evidence", "Slow"),
        line("10:00", "on-call", "note", "Looking"),
        line("10:05", "on-call", "resolved", "Over"),
        line("13:00", "on-call", "note", "Written up"),
    ]))
    .unwrap();
    assert_eq!(
        score::idle_timer(&script, 15),
        [time("2020-01-01T09:25:00Z")]
    );
    assert_eq!(score::idle_timer(&script, 5).len(), 2);
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    /// Any timeline plays to its end, in order, and each stall asks the room first.
    #[test]
    fn any_timeline_plays(steps in proptest::collection::vec((0_i64..120, 0_usize..16, 0_usize..3), 0..40)) {
        let mut minute = 0;
        let mut lines = Vec::new();
        for (pause, kind, actor) in steps {
            minute += pause;
            let kind = timeline::Kind::ALL[kind].word();
            let actor = ["on-call", "monitoring", "user"][actor];
            let (day, hour, minute) = (minute / 1440 + 1, minute / 60 % 24, minute % 60);
            lines.push(format!(r#"{{"at": "2020-01-{day:02}T{hour:02}:{minute:02}:00Z", "actor": "{actor}", "kind": "{kind}", "text": "Still failing"}}"#));
        }
        let report = replayed(&file(&lines));
        let mut rung = 0;
        for pair in report.prompts.windows(2) {
            prop_assert!(pair[0].at <= pair[1].at);
        }
        for prompt in &report.prompts {
            prop_assert!(prompt.level == 1 || prompt.level == rung + 1, "{:?}", report.prompts);
            rung = prompt.level;
        }
    }
}
