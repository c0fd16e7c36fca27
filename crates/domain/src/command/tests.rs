use super::*;
use proptest::prelude::*;
use uuid::Uuid;

const DANA: UserId = UserId(Uuid::from_u128(1));
const OMAR: UserId = UserId(Uuid::from_u128(2));
const PRIYA_N: UserId = UserId(Uuid::from_u128(3));
const PRIYA_S: UserId = UserId(Uuid::from_u128(4));
const SAM: UserId = UserId(Uuid::from_u128(5));
const SAMIRA: UserId = UserId(Uuid::from_u128(6));

const PEOPLE: &[(UserId, &str)] = &[
    (DANA, "Dana Kim"),
    (OMAR, "Omar"),
    (PRIYA_N, "Priya Nair"),
    (PRIYA_S, "Priya Shah"),
    (SAM, "Sam Ødegård"),
    (SAMIRA, "Samira O’Neil"),
    (DANA, "me"),
];

fn read(text: &str) -> Draft {
    match parse(text, PEOPLE) {
        Ok(Some(draft)) => draft,
        other => panic!("{text} → {other:?}"),
    }
}

fn fields(draft: &Draft) -> Vec<(&str, &str)> {
    draft.fields.iter().map(|(n, v)| (*n, v.as_str())).collect()
}

fn refused(text: &str) -> String {
    match parse(text, PEOPLE) {
        Err(error) => error.to_string(),
        other => panic!("{text} → {other:?}"),
    }
}

/// What is typed, its kind, its fields, its text.
type Row<'a> = (&'a str, EntryKind, &'a [(&'a str, &'a str)], &'a str);

#[test]
fn every_command_is_understood() {
    use EntryKind as K;
    let (dana, omar) = (DANA.to_string(), OMAR.to_string());
    let (dana, omar) = (dana.as_str(), omar.as_str());
    #[rustfmt::skip]
    let table: &[Row<'_>] = &[
        ("/note hello", K::Note, &[], "hello"),
        ("/FINDING\n it spins", K::Finding, &[], "it spins"),
        ("/hypothesis  threads wait\nfor the carrier ", K::Hypothesis, &[], "threads wait\nfor the carrier"),
        ("/testing", K::HypothesisStatus, &[("to", "testing")], ""),
        ("/testing with a probe", K::HypothesisStatus, &[("to", "testing")], "with a probe"),
        ("/supported", K::HypothesisStatus, &[("to", "supported")], ""),
        ("/refuted no", K::HypothesisStatus, &[("to", "refuted")], "no"),
        ("/evidence queue is deep", K::Evidence, &[("stance", "neutral")], "queue is deep"),
        ("/evidence Against queue is deep", K::Evidence, &[("stance", "against")], "queue is deep"),
        ("/evidence for https://example.org/g", K::Evidence, &[("stance", "for"), ("link", "https://example.org/g")], ""),
        ("/evidence https://example.org/g see p99", K::Evidence, &[("stance", "neutral"), ("link", "https://example.org/g")], "see p99"),
        ("/decision wait", K::Decision, &[], "wait"),
        ("/decision wait | add four\nnow | | turn a|b off", K::Decision, &[("alternatives", "add four now\nturn a|b off")], "wait"),
        ("/action restarted", K::Action, &[], "restarted"),
        ("/task @dana 10m ports", K::Task, &[("owner", dana), ("minutes", "10")], "ports"),
        ("/task 1h @OMAR 3 instances", K::Task, &[("owner", omar), ("minutes", "60")], "3 instances"),
        ("/task @me look", K::Task, &[("owner", dana), ("minutes", "10")], "look"),
        ("/task @dana ask @omar", K::Task, &[("owner", dana), ("minutes", "10")], "ask @omar"),
        ("/breakout @dana, @omar 20m reach it", K::Breakout, &[("minutes", "20"), ("people", dana), ("people", omar)], "reach it"),
        ("/breakout @dana reach it", K::Breakout, &[("minutes", "15"), ("people", dana)], "reach it"),
        ("/blocked no access", K::Blocker, &[], "no access"),
        ("/blocked 30m no access", K::Blocker, &[("minutes", "30")], "no access"),
        ("/blocked on @dana 30m no access", K::Blocker, &[("waiting_on", "Dana Kim"), ("minutes", "30")], "no access"),
        ("/blocked on carrier no access", K::Blocker, &[("waiting_on", "carrier")], "no access"),
        ("/blocked on the carrier: no access", K::Blocker, &[("waiting_on", "the carrier")], "no access"),
        ("/blocked on the carrier team 2h no access", K::Blocker, &[("waiting_on", "the carrier team"), ("minutes", "120")], "no access"),
        ("/blocked on \"the carrier\" no access", K::Blocker, &[("waiting_on", "the carrier")], "no access"),
        ("/wait 6h the restore runs", K::Wait, &[("minutes", "360")], "the restore runs"),
        ("/wait 1h30m\nuntil the rebuild is done", K::Wait, &[("minutes", "90")], "until the rebuild is done"),
        ("/asked carrier for thread counts", K::Asked, &[("whom", "carrier")], "for thread counts"),
        ("/asked the carrier team 15m for thread counts", K::Asked, &[("whom", "the carrier team"), ("minutes", "15")], "for thread counts"),
        ("/page @dana we cannot reach the admin interface", K::Paged, &[("user", dana)], "we cannot reach the admin interface"),
        ("/asked @dana 15m for access", K::Asked, &[("whom", "Dana Kim"), ("minutes", "15")], "for access"),
        ("/asked \"the carrier\" is it you?", K::Asked, &[("whom", "the carrier")], "is it you?"),
        ("/update all is well", K::StakeholderUpdate, &[], "all is well"),
        ("/update next 30m we look", K::StakeholderUpdate, &[("next_minutes", "30")], "we look"),
        ("/update next steps follow", K::StakeholderUpdate, &[], "next steps follow"),
        ("/sev 1", K::Severity, &[("to", "SEV1")], ""),
        ("/sev sev3 calmer", K::Severity, &[("to", "SEV3")], "calmer"),
        ("/status Mitigated load is back", K::Status, &[("to", "mitigated")], "load is back"),
        ("/status resolved over", K::Status, &[("to", "resolved")], "over"),
        ("/resolve traffic goes to the right port", K::Status, &[("to", "resolved")], "traffic goes to the right port"),
        ("/role commander @dana", K::RoleTaken, &[("role", "commander"), ("user", dana)], ""),
        ("/role comms @omar talk to directors", K::RoleTaken, &[("role", "communications"), ("user", omar)], "talk to directors"),
    ];
    for (text, kind, expected, left) in table {
        let draft = read(text);
        assert_eq!(draft.kind, *kind, "{text}");
        assert_eq!(fields(&draft), *expected, "{text}");
        assert_eq!(draft.text, *left, "{text}");
    }
}

#[test]
fn what_the_form_has_to_ask_is_named() {
    assert_eq!(read("/testing").missing, Some("hypothesis"));
    assert_eq!(read("/evidence for it").missing, Some("hypothesis"));
    assert_eq!(read("/evidence it").missing, None);
    assert_eq!(read("/note it").missing, None);
}

#[test]
fn text_that_is_no_command_stays_text() {
    for text in [
        "",
        "hello",
        " /note x",
        "/",
        "/ x",
        "//note x",
        "/var/log is full",
        "/2 of 3",
        "/a-b",
    ] {
        assert_eq!(parse(text, PEOPLE), Ok(None), "{text}");
    }
    assert_eq!(literal("//note x"), "/note x");
    assert_eq!(literal("/var/log"), "/var/log");
    assert_eq!(literal("a//b"), "a//b");
    assert_eq!(literal("//"), "/");
}

#[test]
fn errors_name_the_nearest_command_and_what_is_left_out() {
    assert!(refused("/hypotesis x").contains("the nearest is /hypothesis"));
    assert!(refused("/desicion x").contains("/decision"));
    assert!(refused("/tsak x").contains("/task"));
    assert!(refused("/res x").contains("/resolve"));
    assert!(refused("/pager @dana").contains("//pager"));
    assert!(refused("/page why").contains("somebody to call"));
    assert!(refused("/page @dana").contains("needs why"));
    assert!(refused("/task look").contains("needs somebody to do it: write /task @who [10m] TEXT"));
    assert!(refused("/task @dana 5m").contains("needs what to do"));
    assert!(refused("/note").contains("needs a text"));
    assert!(refused("/decision | a").contains("before the first alternative"));
    assert!(refused("/sev").contains("1 to 4"));
    assert!(refused("/sev 9").contains("SEV1"));
    assert!(refused("/status done").contains("mitigated"));
    assert!(refused("/status resolved").contains("summary"));
    assert!(refused("/resolve").contains("summary"));
    assert!(refused("/role @dana").contains("a role"));
    assert!(refused("/role boss @dana").contains("commander"));
    assert!(refused("/role scribe").contains("somebody to take it"));
    assert!(refused("/blocked on").contains("on whom"));
    assert!(refused("/breakout 5m why").contains("people"));
    assert!(refused("/wait for the restore").contains("how long"));
    assert!(refused("/wait 6h").contains("what we wait for"));
    assert!(refused("/asked").contains("whom was asked"));
    assert!(refused("/asked carrier 10m").contains("what they were asked"));
}

#[test]
fn people_are_found_by_what_names_them_alone() {
    for (word, who) in [
        ("@dana", DANA),
        ("@DanaKim", DANA),
        ("@DanaK,", DANA),
        ("@kim", DANA),
        ("@PriyaN", PRIYA_N),
        ("@shah", PRIYA_S),
        ("@sam", SAM),
        ("@SAMØ", SAM),
        ("@sami", SAMIRA),
        ("@oneil", SAMIRA),
        ("@o’neil:", SAMIRA),
        ("@me", DANA),
    ] {
        assert_eq!(
            find_person(word, PEOPLE).map(|(id, _)| id),
            Ok(who),
            "{word}"
        );
    }
    let two = find_person("@priya", PEOPLE).unwrap_err().to_string();
    assert!(
        two.contains("Priya Nair or Priya Shah") && two.contains("@PriyaNair"),
        "{two}"
    );
    let none = find_person("@zoe", PEOPLE).unwrap_err().to_string();
    assert!(none.contains("@zoe") && none.contains("Dana Kim"), "{none}");
    assert!(find_person("@!", PEOPLE).is_err());
    assert!(
        find_person("@a", &[])
            .unwrap_err()
            .to_string()
            .contains("nobody to name")
    );
}

#[test]
fn letters_are_compared_in_lower_case() {
    assert_eq!(letters("@ÉmILE Ødegård’s-Łukasz"), "émileødegårdsłukasz");
    for c in ('\0'..'\u{180}').chain('Α'..='Ω').chain('Ѐ'..='Я') {
        let ours = letters(&c.to_string());
        // Two letters have no single lower case that one types.
        if c.is_alphabetic() && !matches!(c, 'ª' | 'µ' | 'º' | 'İ' | 'Ÿ' | 'ϴ') && c != '\u{3a2}'
        {
            assert_eq!(ours, c.to_lowercase().to_string(), "{c}");
        }
    }
}

#[test]
fn completion_follows_the_typing() {
    let words = |typed: &str| completions(typed).map(|c| c.word).collect::<Vec<_>>();
    assert_eq!(words("/s"), ["/supported", "/sev", "/status"]);
    assert_eq!(words("/TASK"), ["/task"]);
    assert_eq!(words("/").len(), COMMANDS.len());
    assert!(words("/task ").is_empty() && words("//").is_empty() && words("").is_empty());
}

#[test]
fn the_table_and_the_reader_agree() {
    for command in COMMANDS {
        assert!(command.word.starts_with('/') && command.explained.ends_with('.'));
        assert!(
            !matches!(
                parse(command.word, PEOPLE),
                Err(CommandError::Unknown { .. }) | Ok(None)
            ),
            "{}",
            command.word
        );
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in "(/[a-z]{0,12})?[ @\\|a-zø0-9:\"“”\n/]{0,60}", wild in ".{0,40}") {
        let _ = parse(&text, PEOPLE);
        let _ = parse(&format!("{text}{wild}"), PEOPLE);
        for command in COMMANDS {
            let _ = parse(&format!("{} {wild}", command.word), PEOPLE);
        }
    }

    #[test]
    fn two_slashes_are_always_text(text in ".{0,60}") {
        let doubled = format!("//{text}");
        prop_assert_eq!(parse(&doubled, PEOPLE), Ok(None));
        prop_assert_eq!(literal(&doubled), format!("/{text}"));
    }

    #[test]
    fn a_plain_text_survives_its_command(text in "[a-z][a-z |@0-9\n]{0,40}[a-z]") {
        let draft = parse(&format!("/finding {text}"), PEOPLE).unwrap().unwrap();
        prop_assert_eq!(draft.text, text);
    }
}
