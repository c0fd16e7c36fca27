//! Migrations.

use super::*;
use crate::test_support::{databases, empty_databases, empty_sqlite};
use sqlx::{
    SqlStr,
    migrate::{Migration, MigrationType, Migrator},
};
use std::collections::{BTreeMap, BTreeSet};

crate::statements! {
    /// The columns of every table.
    COLUMNS = sqlite "SELECT m.name AS t, c.name AS c, CASE WHEN c.\"notnull\" <> 0 THEN 'NOT NULL' ELSE 'NULL' END AS n, c.type AS ty
            FROM sqlite_schema m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
        postgres "SELECT table_name::text AS t, column_name::text AS c, CASE is_nullable WHEN 'NO' THEN 'NOT NULL' ELSE 'NULL' END AS n, data_type::text AS ty
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'";
    /// Constraints checked at the commit only.
    DEFERRED = sqlite "SELECT COUNT(*) FROM sqlite_schema WHERE sql LIKE '%DEFERR%' OR sql LIKE '%INITIALLY%'"
        postgres "SELECT COUNT(*) FROM pg_constraint WHERE condeferrable";
    PRETEND = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ($1, 'future', TRUE, $2, 0)";
    TAMPER = "UPDATE _sqlx_migrations SET checksum = $1 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    BREAK_OFF = "UPDATE _sqlx_migrations SET success = FALSE WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
}

fn migrations(texts: &[&'static str]) -> Migrator {
    let migration = |(n, text): (usize, &&'static str)| {
        let version = i64::try_from(n).unwrap() + 1;
        Migration::new(
            version,
            format!("step {version}").into(),
            MigrationType::Simple,
            SqlStr::from_static(text),
            false,
        )
    };
    Migrator::with_migrations(texts.iter().enumerate().map(migration).collect())
}

async fn change(db: &Db, sql: &'static Sql, args: Vec<Value>) {
    db.write(move |tx| Box::pin(async move { tx.execute(sql, &args).await }))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_twice_changes_nothing() {
    for db in empty_databases().await {
        let before = db.migration_status().await.unwrap();
        assert!(before.applied.is_empty() && !before.pending.is_empty());
        assert_eq!(db.migrate().await.unwrap(), before.pending);
        let after = db.migration_status().await.unwrap();
        assert_eq!(after.applied, before.pending);
        assert_eq!(
            after,
            MigrationStatus {
                applied: before.pending,
                ..MigrationStatus::default()
            }
        );
        assert!(db.migrate().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_may_migrate_at_once() {
    for db in empty_databases().await {
        if !db.is_sqlite() {
            let node = Db::open(db.url(), OpenOptions::tool()).await.unwrap();
            let (here, there) = tokio::join!(db.migrate(), node.migrate());
            here.unwrap();
            there.unwrap();
            assert!(node.migration_status().await.unwrap().pending.is_empty());
            node.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_left_alone() {
    for db in databases().await {
        change(&db, &PRETEND, args![9999_i64, vec![0_u8; 48]].to_vec()).await;
        let error = db.migrate().await.unwrap_err();
        assert!(
            matches!(error, MigrateError::Newer { database: 9999, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("newer Rideout"));
        let status = db.migration_status().await.unwrap();
        assert_eq!(status.unknown.len(), 1);
        assert_eq!(status.unknown[0].name, "future");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_build_is_left_alone() {
    for db in databases().await {
        change(&db, &TAMPER, args![vec![1_u8; 48]].to_vec()).await;
        assert!(matches!(
            db.migrate().await,
            Err(MigrateError::Changed { .. })
        ));
        assert_eq!(db.migration_status().await.unwrap().changed.len(), 1);
        change(&db, &BREAK_OFF, vec![]).await;
        assert!(matches!(
            db.migrate().await,
            Err(MigrateError::Unfinished { .. })
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_program_is_left_alone() {
    let db = empty_sqlite().await;
    with_table(&db).await;
    let error = db.migrate().await.unwrap_err();
    assert!(matches!(error, MigrateError::Foreign), "{error}");
    assert_eq!(count(&db).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_is_rolled_back() {
    for db in empty_databases().await {
        let good = "CREATE TABLE a (n INTEGER)";
        let bad = migrations(&[
            good,
            "CREATE TABLE b (n INTEGER); CREATE TABLE a (n INTEGER)",
        ]);
        let error = db.migrate_with(&bad).await.unwrap_err();
        assert!(
            matches!(error, MigrateError::Failed { version: 2, .. }),
            "{error}"
        );
        let mended = migrations(&[good, "CREATE TABLE b (n INTEGER)"]);
        let applied = db.migrate_with(&mended).await.unwrap();
        assert_eq!(
            applied.iter().map(|info| info.version).collect::<Vec<_>>(),
            [2]
        );
    }
}

/// SQLite changes a column by building the table anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_be_rebuilt_without_losing_what_refers_to_it() {
    let db = empty_sqlite().await;
    let first = "CREATE TABLE parent (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE samples (parent INTEGER REFERENCES parent (id) ON DELETE CASCADE) STRICT;
        INSERT INTO parent VALUES (1); INSERT INTO samples VALUES (1);";
    let rebuild = "CREATE TABLE parent_new (id INTEGER PRIMARY KEY, name TEXT) STRICT;
        INSERT INTO parent_new (id) SELECT id FROM parent;
        DROP TABLE parent; ALTER TABLE parent_new RENAME TO parent;";
    db.migrate_with(&migrations(&[first, rebuild]))
        .await
        .unwrap();
    assert_eq!(count(&db).await, 1);

    let careless = migrations(&[first, rebuild, "DELETE FROM parent"]);
    let error = db.migrate_with(&careless).await.unwrap_err();
    assert!(
        matches!(error, MigrateError::DanglingReferences { rows: 1 }),
        "{error}"
    );
}

#[test]
fn both_databases_have_the_same_migrations() {
    let list = |migrator: &Migrator| -> Vec<(i64, String)> {
        migrator
            .iter()
            .map(|m| (m.version, m.description.to_string()))
            .collect()
    };
    let (sqlite, postgres) = super::super::migrate::migrators();
    assert_eq!(list(sqlite), list(postgres));
    assert_eq!(
        list(sqlite)
            .iter()
            .map(|(version, _)| *version)
            .collect::<Vec<_>>(),
        (1..=i64::try_from(list(sqlite).len()).unwrap()).collect::<Vec<_>>(),
        "numbers run from 1 without a gap"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_schemas_are_the_same_and_check_at_once() {
    let mut schemas = Vec::new();
    for db in databases().await {
        let mut conn = db.reader().await.unwrap();
        assert_eq!(
            conn.fetch_one(&DEFERRED, &[])
                .await
                .unwrap()
                .int(0)
                .unwrap(),
            0
        );
        let mut schema: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in conn.fetch_all(&COLUMNS, &[]).await.unwrap() {
            let kind = match row.text("ty").unwrap().to_ascii_lowercase().as_str() {
                "integer" | "bigint" => "integer",
                "blob" | "bytea" | "uuid" => "bytes",
                "real" | "double precision" => "real",
                "text" => "text",
                // A search column has no counterpart on SQLite, which has a table for it.
                "tsvector" => continue,
                other => panic!(
                    "{}.{} is {other}",
                    row.text("t").unwrap(),
                    row.text("c").unwrap()
                ),
            };
            let column = format!(
                "{} {kind} {}",
                row.text("c").unwrap(),
                row.text("n").unwrap()
            );
            schema
                .entry(row.text("t").unwrap())
                .or_default()
                .insert(column);
        }
        schemas.push((db.dialect(), schema));
    }
    if let [(_, sqlite), (_, postgres)] = schemas.as_slice() {
        assert_eq!(sqlite, postgres);
    }
}
