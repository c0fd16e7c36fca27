//! Chance that repeats: SplitMix64 (Steele, Lea, Flood 2014).

/// A source of chance.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A seed for another source.
    pub(super) fn seed(&mut self) -> u64 {
        self.next()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, the latter left out.
    pub(super) fn among(&mut self, from: i64, to: i64) -> i64 {
        let span = u64::try_from(to - from).expect("a span forward");
        from + i64::try_from(self.next() % span).expect("it fits")
    }

    /// One of so many.
    pub(super) fn one_of(&mut self, many: usize) -> usize {
        usize::try_from(self.next() % many as u64).expect("it fits")
    }

    /// True in so many of a thousand cases.
    pub(super) fn permille(&mut self, of: u64) -> bool {
        self.next() % 1_000 < of
    }
}
