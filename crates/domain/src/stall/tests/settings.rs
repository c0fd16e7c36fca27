//! Settings: defaults, what may be left out, what is refused.

use super::*;

fn read(json: &str) -> Result<Settings, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

#[test]
fn the_defaults_are_in_range_and_survive_their_json() {
    let settings = Settings::default();
    settings.validate().unwrap();
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(read(&json).unwrap(), settings);
    assert_eq!(read("{}").unwrap(), settings);
}

#[test]
fn a_graver_incident_is_never_watched_more_patiently() {
    let settings = Settings::default();
    for pair in Severity::ALL.windows(2) {
        let (graver, milder) = (settings.rules(pair[0]), settings.rules(pair[1]));
        for signal in Signal::ALL {
            assert!(
                graver.rule(*signal).minutes <= milder.rule(*signal).minutes,
                "{signal}"
            );
        }
        assert!(graver.ladder.answer <= milder.ladder.answer);
        assert!(graver.patience.step <= milder.patience.step);
    }
}

#[test]
fn what_is_given_changes_only_itself() {
    let settings = read(
        r#"{"SEV1": {"stalled_at": 8, "patience": {"step": 30}, "ladder": {"answer": 5},
            "signals": {"quiet": {"minutes": 20}, "circles": {"on": false}}}}"#,
    )
    .unwrap();
    let mut expected = Settings::default();
    let rules = expected.rules_mut(Severity::Sev1);
    rules.stalled_at = 8;
    rules.patience.step = 30;
    rules.ladder.answer = 5;
    rules.signals.get_mut(&Signal::Quiet).unwrap().minutes = 20;
    rules.signals.get_mut(&Signal::Circles).unwrap().on = false;
    assert_eq!(settings, expected);
}

#[test]
fn unknown_words_and_values_out_of_range_are_refused_by_name() {
    for (json, says) in [
        (r#"{"SEV5": {}}"#, "SEV5"),
        (r#"{"SEV1": {"stalledat": 3}}"#, "stalledat"),
        (r#"{"SEV1": {"signals": {"silence": {}}}}"#, "silence"),
        (
            r#"{"SEV1": {"signals": {"quiet": {"minute": 3}}}}"#,
            "minute",
        ),
        (r#"{"SEV1": {"patience": {"naps": 3}}}"#, "naps"),
        (r#"{"SEV1": {"ladder": {"naps": 3}}}"#, "naps"),
        (
            r#"{"SEV2": {"signals": {"quiet": {"minutes": 99999}}}}"#,
            "SEV2, signals.quiet.minutes: 99999 will not do; choose 0 to 10080",
        ),
        (
            r#"{"SEV2": {"signals": {"quiet": {"weight": 0}}}}"#,
            "signals.quiet.weight",
        ),
        (r#"{"SEV3": {"stalled_at": 0}}"#, "stalled_at"),
        (r#"{"SEV3": {"after_mitigation": 0}}"#, "after_mitigation"),
        (r#"{"SEV4": {"patience": {"lead": 0}}}"#, "patience.lead"),
        (r#"{"SEV4": {"ladder": {"answer": 0}}}"#, "ladder.answer"),
        (r#"{"SEV1": {"stalled_at": -1}}"#, "-1"),
    ] {
        let error = read(json).unwrap_err();
        assert!(error.contains(says), "{json}: {error}");
    }
}

#[test]
fn a_signal_that_is_off_never_fires() {
    let mut room = Room::new();
    let rules = room.settings.rules_mut(Severity::Sev1);
    for signal in [Signal::Quiet, Signal::NoLearning, Signal::NoIdea] {
        rules.signals.get_mut(&signal).unwrap().on = false;
    }
    let then = room.judge(at(6_000));
    assert_eq!((then.level, then.next_look), (Level::Clear, None));
}
