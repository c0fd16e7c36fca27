//! What the watch promises about incidents of others: it catches the spans in which
//! people were stuck as well as a timer of fifteen minutes, and asks in vain less often
//! than one of an hour.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on must fail loudly"
)]

use rideout_domain::{
    replay::{
        self, Script,
        score::{self, Score},
    },
    stall::Settings,
};
use std::{fs, path::Path};

fn scripts() -> Vec<Script> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/incidents/public");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            replay::read(&fs::read_to_string(path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}

#[test]
fn the_watch_catches_like_a_short_timer_and_is_wrong_less_often_than_a_long_one() {
    let mut watch = Score::default();
    let mut timers = [15, 30, 60].map(|minutes| (minutes, Score::default()));
    for script in scripts() {
        let report = replay::play(&script, &Settings::default(), None);
        watch.add(&score::times(&report, true), &script.spans);
        for (minutes, timer) in &mut timers {
            timer.add(&score::idle_timer(&script, *minutes), &script.spans);
        }
    }
    let told = format!("{watch:#?}\n{timers:#?}");
    let [(_, short), (_, middle), (_, long)] = &timers;
    assert!(watch.spans > 80, "{told}");
    assert!(watch.caught >= short.caught, "{told}");
    assert!(watch.caught > middle.caught, "{told}");
    assert!(watch.false_prompts <= long.false_prompts, "{told}");
    // While much of the span is still ahead.
    assert!(watch.share_ahead() > 0.5, "{told}");
}
