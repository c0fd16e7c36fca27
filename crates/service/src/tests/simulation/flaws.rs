//! The verdict notices what it is there for: a world with a flaw does not hold.

use super::{chance::Chance, model::Model, run, story::Story, verdict};

/// What a world can do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A step is taken and its people are not called.
    CallsNobody,
    /// Of a level, only the first is called.
    CallsTheFirstOnly,
    /// What is sent is not asked for once more.
    SendsUnasked,
    /// That it was sent is not written down.
    ForgetsThatItWasSent,
    /// What is tried again has another identifier.
    TriesAgainAsAnother,
    /// Whoever comes does not end the escalation.
    GoesOnAfterSomebodyCame,
    /// What a crash left behind stays there.
    LeavesBehind,
    /// An escalation is over after its first level.
    StopsAfterTheFirst,
    /// A busy route waits for an hour more.
    PutsOffForLong,
}

/// Whether the verdict on some story of this flaw says so.
async fn is_told(flaw: Flaw, says: &str) -> bool {
    for seed in 1..=30 {
        let story = Story::make(&mut Chance::new(seed), 6, 20, 21);
        let told = run::run(Model::flawed(&story, flaw), story).await;
        if verdict::judge(&told)
            .iter()
            .any(|wrong| wrong.contains(says))
        {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "current_thread")]
async fn the_verdict_notices_every_flaw() {
    for (flaw, says) in [
        (Flaw::CallsNobody, "the pages are"),
        (Flaw::CallsTheFirstOnly, "the pages are"),
        (Flaw::SendsUnasked, "after everybody came"),
        (Flaw::ForgetsThatItWasSent, "although its sender knew"),
        (Flaw::TriesAgainAsAnother, "as another message"),
        (Flaw::GoesOnAfterSomebodyCame, "after everybody came"),
        (Flaw::LeavesBehind, "is still sending"),
        (Flaw::StopsAfterTheFirst, "stopped in silence"),
        (Flaw::PutsOffForLong, "waits"),
    ] {
        assert!(is_told(flaw, says).await, "{flaw:?} is not told");
    }
}
