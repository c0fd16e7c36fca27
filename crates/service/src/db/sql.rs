//! Statements: constants with one text, or one text per database.

use super::{Db, DbError, conn};

/// A statement. Make it with [`statements!`](macro@crate::statements), which
/// also lists it, so that a test can prepare every one on both databases.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    /// Module and name of the constant, for logs and errors.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
    parameters: usize,
}

impl Sql {
    /// A statement in both dialects. In a constant, dialects that take a
    /// different number of arguments do not compile.
    pub const fn new(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        let parameters = highest_parameter(sqlite);
        assert!(
            parameters == highest_parameter(postgres),
            "both dialects must take the same number of arguments"
        );
        Self {
            name,
            sqlite,
            postgres,
            parameters,
        }
    }

    /// The number of arguments: the highest `$N`.
    pub const fn parameters(&self) -> usize {
        self.parameters
    }
}

/// The highest `$N` outside quotes and comments.
const fn highest_parameter(sql: &str) -> usize {
    let text = sql.as_bytes();
    let (mut i, mut highest, mut quoted, mut comment) = (0, 0, false, false);
    while i < text.len() {
        let byte = text[i];
        i += 1;
        if comment {
            comment = byte != b'\n';
        } else if byte == b'\'' {
            quoted = !quoted;
        } else if !quoted && byte == b'-' && i < text.len() && text[i] == b'-' {
            comment = true;
        } else if !quoted && byte == b'$' {
            let mut number = 0;
            while i < text.len() && text[i].is_ascii_digit() {
                number = number * 10 + (text[i] - b'0') as usize;
                i += 1;
            }
            if number > highest {
                highest = number;
            }
        }
    }
    highest
}

/// Declares statements as `pub(crate)` constants, and `ALL`, the list of them.
///
/// ```text
/// statements! {
///     /// Adds a user.
///     INSERT_USER = "INSERT INTO users (id, email) VALUES ($1, $2)";
///     /// Text may be composed, in parentheses.
///     FIND_USER = (concat!("SELECT id, email", " FROM users WHERE id = $1"));
///     /// Where the databases differ.
///     SEARCH = sqlite "… MATCH $1" postgres "… @@ plainto_tsquery($1)";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $first:tt $($sqlite:literal postgres $postgres:literal)? ;)*) => {
        $(
            $(#[$meta])*
            pub(crate) const $name: $crate::db::Sql =
                $crate::statements!(@sql $name $first $($sqlite $postgres)?);
        )*
        /// Every statement of this module.
        pub(crate) const ALL: &[$crate::db::Sql] = &[$($name),*];
    };
    (@sql $name:ident sqlite $sqlite:literal $postgres:literal) => {
        $crate::db::Sql::new(concat!(module_path!(), "::", stringify!($name)), $sqlite, $postgres)
    };
    (@sql $name:ident $text:expr) => {
        $crate::db::Sql::new(concat!(module_path!(), "::", stringify!($name)), $text, $text)
    };
}

/// Prepares every statement and returns those the database refused.
///
/// # Errors
/// Fails only if there is no connection to prepare them on.
pub async fn prepare_all(db: &Db, lists: &[&[Sql]]) -> Result<Vec<(Sql, DbError)>, DbError> {
    let mut refused = Vec::new();
    let mut conn = db.reader().await?;
    for sql in lists.iter().copied().flatten() {
        if let Err(error) = conn::prepare(&mut conn, sql).await {
            refused.push((*sql, error));
        }
    }
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use super::highest_parameter;

    #[test]
    fn parameters_are_counted_outside_quotes_and_comments() {
        assert_eq!(highest_parameter("SELECT 1"), 0);
        assert_eq!(highest_parameter("a = $2 AND b = $1 OR c = $2"), 2);
        assert_eq!(highest_parameter("a = '$7' AND b = $1"), 1);
        assert_eq!(
            highest_parameter("a = $1 -- don't count $3\nAND b = $12"),
            12
        );
    }
}
