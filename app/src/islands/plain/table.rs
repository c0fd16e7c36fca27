//! Rows of texts as one text, for the browser's storage: fields by tab, rows by
//! line, both escaped inside.

/// Rows to one text.
#[must_use]
pub fn pack<'a>(rows: impl IntoIterator<Item = Vec<&'a str>>) -> String {
    let mut out = String::new();
    for row in rows {
        for (n, field) in row.into_iter().enumerate() {
            if n > 0 {
                out.push('\t');
            }
            for c in field.chars() {
                match c {
                    '\\' => out.push_str("\\\\"),
                    '\t' => out.push_str("\\t"),
                    '\n' => out.push_str("\\n"),
                    c => out.push(c),
                }
            }
        }
        out.push('\n');
    }
    out
}

/// Rows from what [`pack`] made.
#[must_use]
pub fn unpack(text: &str) -> Vec<Vec<String>> {
    text.split_terminator('\n')
        .map(|row| row.split('\t').map(field).collect())
        .collect()
}

fn field(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('t') => out.push('\t'),
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(rows in proptest::collection::vec(proptest::collection::vec("[\\\\\t\n\ra-c<\"é]{0,8}", 1..5), 0..5)) {
            let text = pack(rows.iter().map(|row| row.iter().map(String::as_str).collect()));
            prop_assert_eq!(unpack(&text), rows);
        }

        #[test]
        fn any_text_can_be_unpacked(text in ".*") {
            let _ = unpack(&text);
        }
    }
}
