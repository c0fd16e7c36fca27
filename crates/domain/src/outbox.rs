//! The outbox: how a message goes from written to sent, and what one attempt to
//! send it can come to.

use crate::{Timestamp, incident::words};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Attempts after which a message of a page is given up: some ten minutes.
pub const ATTEMPTS_MAX: u32 = 8;
/// Longest request to be left alone that is waited for, in seconds. Beyond it the
/// message is given up, so that the page goes on by other routes.
pub const AFTER_MAX: i64 = 600;
/// How long whoever claimed a message may take before others may claim it, in
/// seconds. Sending gives up far sooner.
pub const CLAIM_SECONDS: i64 = 90;
/// Time between a page's first route and its second, and so on, in seconds.
pub const ROUTE_STEP: i64 = 60;
/// Messages waiting for one route from which on they are sent as one.
pub const BUNDLE_FROM: usize = 4;
/// Most pages in one bundle.
pub const BUNDLE_MAX: usize = 50;
/// How far back the throttle looks, in seconds.
pub const THROTTLE_SPAN: i64 = 900;

/// Seconds, and how many messages a route takes within them.
const THROTTLE: [(i64, usize); 2] = [(60, 3), (THROTTLE_SPAN, 10)];
/// However much there was before, a route takes one message a minute.
const GAP: i64 = 60;

/// How much a message presses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// To be read when there is time.
    Low,
    /// To be read soon.
    Normal,
    /// A person is needed now.
    High,
}

words! {
    /// How a message stands.
    MessageState, "state of a message", {
        /// It waits for its time.
        Pending = "pending" / "Waiting",
        /// Somebody has it in hand.
        Sending = "sending" / "Being sent",
        /// The other side has taken it.
        Sent = "sent" / "Sent",
        /// It was given up.
        Failed = "failed" / "Failed",
        /// It was not needed any more.
        Cancelled = "cancelled" / "Not needed",
        /// It went out as part of another.
        Bundled = "bundled" / "Sent together with others",
    }
}

impl MessageState {
    /// Whether a message may go from this state to another.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => matches!(
                next,
                Self::Sending | Self::Failed | Self::Cancelled | Self::Bundled
            ),
            // Back to pending when it is to be tried again, or was left behind.
            Self::Sending => matches!(
                next,
                Self::Pending | Self::Sent | Self::Failed | Self::Cancelled
            ),
            Self::Sent | Self::Failed | Self::Cancelled | Self::Bundled => false,
        }
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        !matches!(self, Self::Pending | Self::Sending)
    }
}

words! {
    /// What a message is for.
    Purpose, "purpose of a message", {
        /// One page.
        Page = "page" / "Page",
        /// Several pages of one person at once.
        Bundle = "bundle" / "Several pages",
        /// Whether a route works.
        Test = "test" / "Test",
    }
}

impl Purpose {
    /// After how many attempts it is given up. A test tells at once how it went.
    #[must_use]
    pub const fn attempts(self) -> u32 {
        match self {
            Self::Page | Self::Bundle => ATTEMPTS_MAX,
            Self::Test => 1,
        }
    }

    /// Whether it goes to an address that is not the account's own as long as nobody
    /// has shown that it reaches its person: it may be a stranger's.
    #[must_use]
    pub const fn goes_unconfirmed(self) -> bool {
        match self {
            // Rather a page too many than a person whom none reaches.
            Self::Page | Self::Bundle | Self::Test => true,
        }
    }
}

/// What one attempt to send a message came to.
///
/// The sentences are for the person whose contact route it is; none holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side has taken it.
    Delivered,
    /// The other side will not take it, now or later.
    Refused {
        /// Whether it would refuse every message, not just this one.
        permanent: bool,
        /// Why, in a sentence.
        why: String,
    },
    /// It may be taken later.
    TryAgain {
        /// Seconds the other side asked to be left alone for.
        after: Option<i64>,
        /// Why not now, in a sentence.
        why: String,
    },
    /// The other side asks never to be written to again; the route is disabled.
    Gone,
}

/// What becomes of a message after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is sent.
    Sent,
    /// It is tried again.
    Again {
        /// When.
        due_at: Timestamp,
        /// Why it was not taken, in a sentence.
        why: String,
    },
    /// It is given up.
    Failed {
        /// Why, in a sentence.
        why: String,
        /// Whether its route is disabled.
        disable: bool,
    },
}

/// Decides what becomes of a message after its attempt number `attempts` (from 1).
/// `jitter` is random, 0 to 999.
#[must_use]
pub fn settle(
    outcome: Outcome,
    purpose: Purpose,
    attempts: u32,
    now: Timestamp,
    jitter: u32,
) -> Settled {
    match outcome {
        Outcome::Delivered => Settled::Sent,
        Outcome::Refused { why, .. } => Settled::Failed {
            why,
            disable: false,
        },
        Outcome::Gone => Settled::Failed {
            why: "The other side asks not to be written to any more (status 410), so this route is disabled.".to_owned(),
            disable: true,
        },
        Outcome::TryAgain { after, why } => {
            let wait = after.unwrap_or(0).max(back_off(attempts, jitter));
            if attempts >= purpose.attempts() || wait > AFTER_MAX {
                Settled::Failed {
                    why,
                    disable: false,
                }
            } else {
                Settled::Again {
                    due_at: now.plus_seconds(wait),
                    why,
                }
            }
        }
    }
}

/// Seconds until the next attempt: 5 after the first and twice as long each time,
/// at most 320, and up to a quarter more by `jitter` (0 to 999), so that what
/// failed together does not come back together.
#[must_use]
pub fn back_off(attempts: u32, jitter: u32) -> i64 {
    let base = 5_i64 << attempts.saturating_sub(1).min(6);
    base + base * i64::from(jitter.min(999)) / 4_000
}

/// When a route takes its next message, given when it took those of the last
/// quarter of an hour. Never later than a minute after the last of them, so what
/// waits meanwhile goes out as one; and at once when there was none within a minute.
#[must_use]
pub fn throttle(sent: &[Timestamp], now: Timestamp) -> Timestamp {
    // What was sent later than now was sent before the clock was set back. If it
    // counted, the route would wait for its own past, a minute again and again.
    let latest = now.plus_seconds(GAP);
    let mut sorted: Vec<Timestamp> = sent.iter().copied().filter(|at| *at <= latest).collect();
    sorted.sort_unstable();
    let Some(last) = sorted.last() else {
        return now;
    };
    let free_at = |(span, most): (i64, usize)| {
        let nth = sorted.len().checked_sub(most)?;
        sorted.get(nth).map(|at| at.plus_seconds(span))
    };
    let earliest = THROTTLE.into_iter().filter_map(free_at).max();
    earliest
        .map_or(now, |at| at.min(last.plus_seconds(GAP)))
        .clamp(now, latest)
}

/// When a page's message to the route number `index` (from 0) is due: the first
/// at once, each further one a minute later, and none in quiet hours.
#[must_use]
pub fn route_due(now: Timestamp, index: usize, quiet_until: Option<Timestamp>) -> Timestamp {
    let steps = i64::try_from(index).unwrap_or(i64::MAX);
    let from = quiet_until.map_or(now, |until| until.max(now));
    from.plus_seconds(ROUTE_STEP.saturating_mul(steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const T: Timestamp = Timestamp(1_276_592_400_000_000);

    fn later(after: Option<i64>) -> Outcome {
        let why = "Not now.".to_owned();
        Outcome::TryAgain { after, why }
    }

    #[test]
    fn the_legal_steps_of_a_message() {
        use MessageState::{Bundled, Cancelled, Failed, Pending, Sending, Sent};
        let legal = [
            (Pending, Sending),
            (Pending, Failed),
            (Pending, Cancelled),
            (Pending, Bundled),
            (Sending, Pending),
            (Sending, Sent),
            (Sending, Failed),
            (Sending, Cancelled),
        ];
        for from in MessageState::ALL {
            for to in MessageState::ALL {
                assert_eq!(
                    from.may_become(*to),
                    legal.contains(&(*from, *to)),
                    "{from} → {to}"
                );
                assert!(!(from.is_settled() && from.may_become(*to)));
            }
        }
    }

    #[test]
    fn back_off_doubles_up_to_some_minutes() {
        let plain: Vec<i64> = (1..=9).map(|n| back_off(n, 0)).collect();
        assert_eq!(plain, [5, 10, 20, 40, 80, 160, 320, 320, 320]);
        assert_eq!(back_off(1, 999), 6);
        assert_eq!(back_off(7, 999), 399);
        let whole: i64 = (1..ATTEMPTS_MAX).map(|n| back_off(n, 999)).sum();
        assert!((600..900).contains(&whole), "{whole}");
    }

    #[test]
    fn what_becomes_of_a_message() {
        let page = |outcome, attempts| settle(outcome, Purpose::Page, attempts, T, 0);
        assert_eq!(page(Outcome::Delivered, 1), Settled::Sent);
        assert!(matches!(
            page(Outcome::Gone, 1),
            Settled::Failed { disable: true, .. }
        ));
        let refused = Outcome::Refused {
            permanent: true,
            why: "No.".into(),
        };
        assert!(matches!(
            page(refused, 1),
            Settled::Failed { disable: false, .. }
        ));
        let due = |settled| match settled {
            Settled::Again { due_at, .. } => Some(due_at.seconds_since(T)),
            _ => None,
        };
        assert_eq!(due(page(later(None), 3)), Some(20));
        assert_eq!(due(page(later(Some(60)), 1)), Some(60));
        assert_eq!(due(page(later(Some(1)), 1)), Some(5));
        assert_eq!(due(page(later(Some(601)), 1)), None);
        assert_eq!(due(page(later(None), ATTEMPTS_MAX)), None);
        assert_eq!(due(settle(later(None), Purpose::Test, 1, T, 0)), None);
    }

    #[test]
    fn a_route_takes_three_messages_a_minute_and_ten_a_quarter_and_one_a_minute_always() {
        let at = |seconds: i64| T.plus_seconds(seconds);
        assert_eq!(throttle(&[], T), T);
        assert_eq!(throttle(&[at(-1), at(-2)], T), T);
        assert_eq!(throttle(&[at(-1), at(-2), at(-50)], T), at(10));
        assert_eq!(throttle(&[at(-1), at(-2), at(-60)], T), T);
        let ten: Vec<Timestamp> = (1..=10).map(|n| at(-61 * n)).collect();
        assert_eq!(throttle(&ten, T), T);
        let ten: Vec<Timestamp> = (1..=10).map(|n| at(-60 * n + 30)).collect();
        assert_eq!(throttle(&ten, T), at(30));
    }

    #[test]
    fn a_route_does_not_wait_for_what_it_sent_before_the_clock_was_set_back() {
        let at = |seconds: i64| T.plus_seconds(seconds);
        let before = [at(3_600), at(3_601), at(3_602)];
        assert_eq!(throttle(&before, T), T);
        // Together with what was sent since, it does not count either.
        assert_eq!(throttle(&[at(3_600), at(3_601), at(-1), at(-2)], T), T);
        // Clocks of two servers differ a little.
        assert_eq!(throttle(&[at(1), at(2), at(3)], T), at(60));
    }

    #[test]
    fn routes_are_used_one_after_the_other_and_not_in_quiet_hours() {
        assert_eq!(route_due(T, 0, None), T);
        assert_eq!(route_due(T, 2, None), T.plus_minutes(2));
        let morning = T.plus_minutes(480);
        assert_eq!(route_due(T, 1, Some(morning)), T.plus_minutes(481));
        assert_eq!(route_due(T, 0, Some(T.plus_minutes(-5))), T);
    }

    proptest! {
        #[test]
        fn the_throttle_delays_by_at_most_a_minute_and_never_the_first(
            ago in prop::collection::vec(-300..2_000_i64, 0..40),
        ) {
            let sent: Vec<Timestamp> = ago.iter().map(|s| T.plus_seconds(-s)).collect();
            let at = throttle(&sent, T);
            prop_assert!(at >= T && at <= T.plus_seconds(60));
            if sent.iter().all(|s| T.seconds_since(*s) >= 60) {
                prop_assert_eq!(at, T);
            }
        }

        #[test]
        fn a_route_that_is_always_asked_sends_at_most_three_in_any_minute(
            asks in prop::collection::vec(0..20_i64, 1..200),
        ) {
            let (mut now, mut sent) = (T, Vec::<Timestamp>::new());
            for wait in asks {
                now = now.plus_seconds(wait);
                if throttle(&sent, now) <= now {
                    sent.push(now);
                }
                let last_minute = sent.iter().filter(|at| now.seconds_since(**at) < 60).count();
                prop_assert!(last_minute <= 3);
            }
        }

        #[test]
        fn every_message_ends(outcomes in prop::collection::vec((0..4_u8, 0..2_000_i64, 0..1_000_u32), 20)) {
            let (mut now, mut attempts) = (T, 0);
            for (outcome, after, jitter) in outcomes {
                attempts += 1;
                let outcome = if outcome == 0 { Outcome::Delivered } else { later((outcome == 1).then_some(after)) };
                match settle(outcome, Purpose::Page, attempts, now, jitter) {
                    Settled::Again { due_at, .. } => {
                        prop_assert!(due_at > now && due_at <= now.plus_seconds(AFTER_MAX));
                        now = due_at;
                    }
                    _ => return Ok(()),
                }
            }
            prop_assert!(false, "a message was tried for ever");
        }
    }
}
