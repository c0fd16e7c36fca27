//! Rows of either database, read by column name or index.

use super::DbError;
use sqlx::{
    ColumnIndex, Decode, Postgres, Row as _, Sqlite, Type, error::UnexpectedNullError,
    postgres::PgRow, sqlite::SqliteRow,
};
use std::{fmt::Display, sync::Arc};
use uuid::Uuid;

/// A row of a result.
#[derive(Debug)]
pub struct Row(Inner);

#[derive(Debug)]
enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl From<SqliteRow> for Row {
    fn from(row: SqliteRow) -> Self {
        Self(Inner::Sqlite(row))
    }
}

impl From<PgRow> for Row {
    fn from(row: PgRow) -> Self {
        Self(Inner::Postgres(row))
    }
}

/// What names a column: `"title"`, or its position from 0.
pub trait Column: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Display + Copy {}

impl<T: ColumnIndex<SqliteRow> + ColumnIndex<PgRow> + Display + Copy> Column for T {}

impl Row {
    fn get<'r, T, C>(&'r self, column: C) -> Result<Option<T>, DbError>
    where
        C: Column,
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match &self.0 {
            Inner::Sqlite(row) => row.try_get(column),
            Inner::Postgres(row) => row.try_get(column),
        }
        .map_err(|error| unreadable(column, error))
    }
}

fn unreadable(column: impl Column, error: sqlx::Error) -> DbError {
    DbError::Column {
        column: column.to_string(),
        source: Arc::new(error),
    }
}

macro_rules! getters {
    ($($(#[$doc:meta])* $name:ident, $opt:ident -> $type:ty;)+) => {
        impl Row {$(
            $(#[$doc])*
            ///
            /// # Errors
            /// [`DbError::Column`] if there is no such column, or it holds something else or nothing.
            pub fn $name(&self, column: impl Column) -> Result<$type, DbError> {
                // Asked for directly, a NULL of SQLite would be 0 or empty.
                self.get(column)?.ok_or_else(|| {
                    unreadable(column, sqlx::Error::Decode(Box::new(UnexpectedNullError)))
                })
            }

            $(#[$doc])*
            /// `None` if the column is NULL.
            ///
            /// # Errors
            /// [`DbError::Column`] if there is no such column, or it holds something else.
            pub fn $opt(&self, column: impl Column) -> Result<Option<$type>, DbError> {
                self.get(column)
            }
        )+}
    };
}

getters! {
    /// A BIGINT or INTEGER.
    int, opt_int -> i64;
    /// A TEXT.
    text, opt_text -> String;
    /// An identifier.
    uuid, opt_uuid -> Uuid;
    /// A BYTEA or BLOB.
    bytes, opt_bytes -> Vec<u8>;
    /// A DOUBLE PRECISION or REAL.
    float, opt_float -> f64;
}

impl Row {
    /// A truth value, kept as 0 or 1.
    ///
    /// # Errors
    /// [`DbError::Column`] if there is no such column, or it holds something else or nothing.
    pub fn bool(&self, column: impl Column) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }
}
