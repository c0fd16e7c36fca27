//! The audit log as a table for other programs.

use super::AuditEntry;
use std::borrow::Cow;

/// The first line of the table.
pub const CSV_HEAD: &str = "at,actor,actor_id,action,subject,address,detail,id\r\n";

/// A line of the table, after RFC 4180.
///
/// What people typed must not become a formula when a spreadsheet opens the
/// file: a cell that begins like one gets an apostrophe before it.
#[must_use]
pub fn csv_line(entry: &AuditEntry) -> String {
    let cells: [Cow<'_, str>; 8] = [
        entry.at.rfc3339().into(),
        entry.actor.as_str().into(),
        entry
            .actor_id
            .map(|id| id.to_string())
            .unwrap_or_default()
            .into(),
        entry.action.as_str().into(),
        entry.subject.as_str().into(),
        entry.address.as_str().into(),
        entry.detail.to_string().into(),
        entry.id.to_string().into(),
    ];
    let mut line = String::with_capacity(256);
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        push_cell(&mut line, cell);
    }
    line.push_str("\r\n");
    line
}

fn push_cell(line: &mut String, cell: &str) {
    line.push('"');
    // Spreadsheets skip white space before they look for a formula.
    if cell
        .trim_start()
        .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r', '\n'])
    {
        line.push('\'');
    }
    for c in cell.chars() {
        match c {
            '"' => line.push_str("\"\""),
            c => line.push(c),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut line = String::new();
        push_cell(&mut line, text);
        line
    }

    #[test]
    fn formulas_become_text() {
        assert_eq!(
            cell("=HYPERLINK(\"http://x\")"),
            "\"'=HYPERLINK(\"\"http://x\"\")\""
        );
        for bad in ["+1", "-1", "@SUM(1)", " =1", "\t=1", "\r1"] {
            assert!(cell(bad).starts_with("\"'"), "{bad:?}");
        }
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        assert_eq!(cell("Priya, on call"), "\"Priya, on call\"");
        assert_eq!(cell("2010-06-15T09:00:00Z"), "\"2010-06-15T09:00:00Z\"");
    }
}
