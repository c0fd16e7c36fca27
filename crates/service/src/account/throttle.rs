//! Slowing down those who guess passwords.
//!
//! Failures are counted per account and per address over a sliding window. It
//! only ever concerns logging in: a session that exists goes on, and changing
//! one's password is counted apart. An address from which the account's owner
//! has logged in before is counted on its own, so that a stranger who guesses
//! from elsewhere cannot keep the owner out.

use crate::{Error, args, db::Conn, db::Tx, statements};
use rideout_domain::{Timestamp, UserId, text};
use std::net::IpAddr;
use uuid::Uuid;

/// Length of the window.
pub const WINDOW_SECONDS: i64 = 15 * 60;
/// Failures within the window after which an account takes no more attempts.
pub const PER_ACCOUNT: i64 = 10;
/// Failures within the window after which an address may make no more attempts.
pub const PER_ADDRESS: i64 = 50;
/// How long an address stays known after a log-in from there.
const KNOWN_SECONDS: i64 = 30 * 24 * 3600;
/// How long failures are kept.
const KEPT_SECONDS: i64 = 24 * 3600;

statements! {
    /// The latest failures of an account.
    BY_ACCOUNT = "SELECT COUNT(*) AS n, MIN(at) AS oldest FROM (SELECT at FROM login_failures WHERE email = $1 AND at > $2 ORDER BY at DESC LIMIT $3) AS latest";
    /// The latest failures of an account from one address.
    BY_ACCOUNT_HERE = "SELECT COUNT(*) AS n, MIN(at) AS oldest FROM (SELECT at FROM login_failures WHERE email = $1 AND at > $2 AND address = $4 ORDER BY at DESC LIMIT $3) AS latest";
    /// The latest failures from an address.
    BY_ADDRESS = "SELECT COUNT(*) AS n, MIN(at) AS oldest FROM (SELECT at FROM login_failures WHERE address = $1 AND at > $2 ORDER BY at DESC LIMIT $3) AS latest";
    /// Whether somebody logged in from an address before.
    IS_KNOWN = "SELECT 1 AS yes FROM sessions WHERE user_id = $1 AND address = $2 AND created_at > $3 LIMIT 1";
    /// Notes a failure.
    NOTE = "INSERT INTO login_failures (id, at, email, address) VALUES ($1, $2, $3, $4)";
    /// Forgets the failures of an account.
    FORGIVE = "DELETE FROM login_failures WHERE email = $1";
    /// Forgets failures that no longer count.
    TIDY = "DELETE FROM login_failures WHERE at < $1";
}

/// An attempt, as it is counted.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// The account: its e-mail address, or what stands for something else of it.
    pub(crate) account: String,
    /// Where it comes from, to the network a single customer gets.
    pub(crate) address: String,
}

/// What stands in the way of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// Nothing; this many more may fail.
    Left(i64),
    /// Too many failures.
    None { retry_after_seconds: i64 },
}

impl Attempt {
    /// An attempt to log in. What is no address cannot be an account, and is
    /// counted under a name that none can have.
    pub(crate) fn log_in(email: Option<&str>, typed: &str, address: &str) -> Self {
        let account = match email {
            Some(email) => email.to_owned(),
            None => format!(
                "no address: {}",
                text::clean(typed).chars().take(254).collect::<String>()
            ),
        };
        Self {
            account,
            address: network(address),
        }
    }

    /// An attempt to tell one's present password, which others cannot use up.
    pub(crate) fn present_password(user: UserId) -> Self {
        Self {
            account: format!("password of {user}"),
            address: String::new(),
        }
    }

    /// What is left for this attempt. `owner` is whose account it is, and
    /// the plain address of the attempt.
    pub(crate) async fn allowance(
        &self,
        conn: &mut Conn,
        now: Timestamp,
        owner: Option<(UserId, &str)>,
    ) -> Result<Allowance, Error> {
        let since = now.plus_seconds(-WINDOW_SECONDS).0;
        if !self.address.is_empty() {
            let args = args![self.address.as_str(), since, PER_ADDRESS];
            let row = conn.fetch_one(&BY_ADDRESS, &args).await?;
            let of_address = judge(row.int("n")?, row.opt_int("oldest")?, PER_ADDRESS, now);
            if matches!(of_address, Allowance::None { .. }) {
                return Ok(of_address);
            }
        }
        let known = match owner {
            Some((user, address)) => {
                let args = args![user.0, address, now.plus_seconds(-KNOWN_SECONDS).0];
                conn.fetch_optional(&IS_KNOWN, &args).await?.is_some()
            }
            None => false,
        };
        let row = if known {
            let args = args![
                self.account.as_str(),
                since,
                PER_ACCOUNT,
                self.address.as_str()
            ];
            conn.fetch_one(&BY_ACCOUNT_HERE, &args).await?
        } else {
            conn.fetch_one(
                &BY_ACCOUNT,
                &args![self.account.as_str(), since, PER_ACCOUNT],
            )
            .await?
        };
        Ok(judge(
            row.int("n")?,
            row.opt_int("oldest")?,
            PER_ACCOUNT,
            now,
        ))
    }

    /// Counts a failure.
    pub(crate) async fn failed(&self, tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<(), Error> {
        tx.execute(
            &NOTE,
            &args![id, now.0, self.account.as_str(), self.address.as_str()],
        )
        .await?;
        Ok(())
    }

    /// Forgets the failures of the account; those of the address stay.
    pub(crate) async fn succeeded(&self, tx: &mut Tx) -> Result<(), Error> {
        tx.execute(&FORGIVE, &args![self.account.as_str()]).await?;
        Ok(())
    }
}

/// Forgets failures that no longer count for anything.
pub(crate) async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Error> {
    tx.execute(&TIDY, &args![now.plus_seconds(-KEPT_SECONDS).0])
        .await?;
    Ok(())
}

fn judge(failures: i64, oldest: Option<i64>, limit: i64, now: Timestamp) -> Allowance {
    match oldest {
        Some(oldest) if failures >= limit => {
            let free_again = Timestamp(oldest).plus_seconds(WINDOW_SECONDS);
            let seconds = free_again
                .0
                .saturating_sub(now.0)
                .saturating_add(999_999)
                .div_euclid(1_000_000);
            Allowance::None {
                retry_after_seconds: seconds.clamp(1, WINDOW_SECONDS),
            }
        }
        _ => Allowance::Left(limit - failures),
    }
}

/// The address to count by: with IPv6, one customer has a network of 64 bits.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(ip) => ip.to_string(),
        Err(_) => address.chars().take(64).collect(),
    }
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn addresses_count_as_the_network_they_belong_to() {
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(
            network("2001:db8:1:2:aaaa::1"),
            network("2001:db8:1:2:bbbb::9")
        );
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("unknown"), "unknown");
    }

    #[test]
    fn the_wait_ends_when_the_oldest_failure_leaves_the_window() {
        let now = Timestamp(1_000_000_000_000);
        let oldest = now.plus_seconds(-WINDOW_SECONDS + 30);
        assert_eq!(
            judge(10, Some(oldest.0), 10, now),
            Allowance::None {
                retry_after_seconds: 30
            }
        );
        assert_eq!(judge(9, Some(oldest.0), 10, now), Allowance::Left(1));
        assert_eq!(judge(0, None, 10, now), Allowance::Left(10));
    }
}
