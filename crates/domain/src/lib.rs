//! Rideout.
