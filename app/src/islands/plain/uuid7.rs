//! Identifiers that a browser makes: UUIDv7 (RFC 9562 §5.7).

/// An identifier from milliseconds since 1970 and ten random bytes.
#[must_use]
pub fn make(millis: f64, random: [u8; 10]) -> String {
    let time = (millis.max(0.0) as u64).to_be_bytes();
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&time[2..]);
    bytes[6..].copy_from_slice(&random);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let mut text = String::with_capacity(36);
    for (n, byte) in bytes.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::make;

    #[test]
    fn it_is_a_uuid_of_version_seven_that_sorts_by_time() {
        let id = make(1_276_592_400_000.0, [0xff; 10]);
        assert_eq!(id, "01293ad6-2680-7fff-bfff-ffffffffffff");
        let parsed: rideout_domain::EntryId = id.parse().unwrap();
        assert_eq!(parsed.0.get_version_num(), 7);
        assert!(make(1_276_592_400_001.0, [0; 10]) > id);
    }
}
