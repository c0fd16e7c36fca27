//! How large a schedule may be.

/// Most layers of a schedule.
pub const LAYERS: usize = 10;
/// Most turns of a rotation.
pub const PEOPLE: usize = 100;
/// Most windows of a layer.
pub const WINDOWS: usize = 7;
/// Longest turn counted in days.
pub const EVERY_DAYS: u32 = 90;
/// Longest turn counted in hours.
pub const EVERY_HOURS: u32 = 168;
/// Longest override or imported shift, in days.
pub const SHIFT_DAYS: i64 = 366;
