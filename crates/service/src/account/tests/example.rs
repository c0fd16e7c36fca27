use super::*;

#[tokio::test]
async fn the_door_without_a_password_opens_in_the_example_only() {
    for world in worlds().await {
        let enter = || world.service.enter_as_example(world.omar.id, visit(HOME));
        assert!(matches!(enter().await, Err(Error::NotFound)));
        assert!(matches!(
            world.service.example_people().await,
            Err(Error::NotFound)
        ));
        world
            .service
            .db
            .write(|tx| {
                Box::pin(async { tx.execute(&MARK_EXAMPLE, &[]).await.map_err(Error::from) })
            })
            .await
            .unwrap();
        assert_eq!(world.service.example_people().await.unwrap().len(), 2);
        let here = enter().await.unwrap();
        assert_eq!(world.who(&here).await.unwrap(), world.omar);
        assert!(
            world
                .actions()
                .await
                .contains(&"example.entered".to_owned())
        );
        world
            .service
            .disable_person(&world.grace, world.omar.id)
            .await
            .unwrap();
        assert!(matches!(enter().await, Err(Error::NotFound)));
    }
}
