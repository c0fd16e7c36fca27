use crate::{db, statements, test_support::databases};

#[tokio::test]
async fn every_statement_can_be_prepared_on_every_database() {
    for db in databases().await {
        let mut all = statements::all();
        all.push(super::ALL);
        all.push(super::oncall::ALL);
        all.push(super::page::ALL);
        all.push(super::simulation::ALL);
        all.push(super::simulation::LADDER);
        all.push(super::stall::ALL);
        let refused = db::prepare_all(&db, &all).await.unwrap();
        let refused: Vec<_> = refused
            .iter()
            .map(|(sql, error)| format!("{}: {error:?}", sql.name))
            .collect();
        assert!(refused.is_empty(), "{refused:#?}");
    }
}
