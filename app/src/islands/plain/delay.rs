//! How long to wait before the next attempt.

/// Milliseconds before attempt number `tries` (from 1): doubling from one
/// second to half a minute, each spread by `random` (0 to 1) so that many
/// browsers do not come back at once.
#[must_use]
pub fn before(tries: u32, random: f64) -> i32 {
    let whole = f64::from(1_000_u32 << tries.saturating_sub(1).min(5)).min(30_000.0);
    (whole * (0.5 + 0.5 * random.clamp(0.0, 1.0))) as i32
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(before(0, 1.0), 1_000);
        assert_eq!(before(1, 0.0), 500);
        assert_eq!(before(3, 1.0), 4_000);
        assert_eq!(before(6, 1.0), 30_000);
        assert_eq!(before(u32::MAX, 2.0), 30_000);
    }
}
