//! Arguments of statements, in the few types both databases share.

use sqlx::{Arguments, error::BoxDynError, postgres::PgArguments, sqlite::SqliteArguments};
use uuid::Uuid;

/// An argument. A missing value keeps its type, which PostgreSQL asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// BIGINT and INTEGER; also truth values, as 0 and 1.
    Int(Option<i64>),
    /// TEXT.
    Text(Option<String>),
    /// UUID and BLOB of 16 bytes.
    Uuid(Option<Uuid>),
    /// BYTEA and BLOB.
    Bytes(Option<Vec<u8>>),
    /// DOUBLE PRECISION and REAL.
    Float(Option<f64>),
}

/// Builds an array of [`Value`]s: `conn.execute(&SQL, &args![id, "text", 5_i64])`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}

macro_rules! from {
    ($($variant:ident: $($from:ty => $convert:expr),+;)+) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let convert: fn($from) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }
        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                let convert: fn($from) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )+)+};
}

from! {
    Int: i64 => |n| n, i32 => i64::from, u32 => i64::from, u16 => i64::from, u8 => i64::from, bool => i64::from;
    Text: String => |s| s, &str => str::to_owned, &String => String::clone;
    Uuid: Uuid => |id| id, &Uuid => |id| *id;
    Bytes: Vec<u8> => |b| b, &[u8] => <[u8]>::to_vec;
    Float: f64 => |x| x;
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

pub(super) fn sqlite(args: &[Value]) -> Result<SqliteArguments, BoxDynError> {
    fill(args)
}

pub(super) fn postgres(args: &[Value]) -> Result<PgArguments, BoxDynError> {
    fill(args)
}

fn fill<A>(args: &[Value]) -> Result<A, BoxDynError>
where
    A: Arguments + Default,
    Option<i64>: Bind<A>,
    Option<String>: Bind<A>,
    Option<Uuid>: Bind<A>,
    Option<Vec<u8>>: Bind<A>,
    Option<f64>: Bind<A>,
{
    let mut filled = A::default();
    filled.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Value::Int(v) => v.bind(&mut filled)?,
            Value::Text(v) => v.bind(&mut filled)?,
            Value::Uuid(v) => v.bind(&mut filled)?,
            Value::Bytes(v) => v.bind(&mut filled)?,
            Value::Float(v) => v.bind(&mut filled)?,
        }
    }
    Ok(filled)
}

/// A value that a database's argument list can take.
trait Bind<A> {
    fn bind(&self, to: &mut A) -> Result<(), BoxDynError>;
}

impl<A, T> Bind<A> for T
where
    A: Arguments,
    T: Clone + for<'t> sqlx::Encode<'t, A::Database> + sqlx::Type<A::Database>,
{
    fn bind(&self, to: &mut A) -> Result<(), BoxDynError> {
        to.add(self.clone())
    }
}
