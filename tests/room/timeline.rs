//! Finding one's way in the timeline.

use super::{Room, from, id_of};
use crate::support::{Who, new_id};

#[tokio::test]
async fn the_timeline_can_be_filtered_and_paged() {
    let room = Room::open().await;
    for n in 0..210 {
        let id = new_id();
        room.rosa
            .note(&room.id, &id, &format!("note {n:03}"))
            .await
            .expect(201);
    }
    room.add(&[("kind", "finding"), ("text", "It spins")]).await;
    let page = room.page("").await;
    assert!(
        page.contains("Earlier entries") && !page.contains("note 000") && page.contains("note 209")
    );
    let earlier = page
        .split_once("?before=")
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0;
    let page = room.page(&format!("?before={earlier}")).await;
    assert!(page.contains("note 000") && page.contains("Back to the newest"));
    let page = room.page("?kinds=finding").await;
    assert!(
        from(&page, "timeline").contains("It spins")
            && !page.contains("note 209")
            && page.contains("Only findings")
    );
    let nobody = room.server.person(Who::Bystander).id.clone();
    assert!(
        room.page(&format!("?person={nobody}"))
            .await
            .contains("No entry fits")
    );
    room.page("?kinds=nonsense&person=nobody&before=x&system=2&compose=nonsense")
        .await;
    let first = room.entries().await[0].clone();
    let found = room
        .rosa
        .get(&room.path(&format!("/entries/{}", id_of(&first))))
        .await
        .expect(303);
    let leads = found
        .header("location")
        .split_once('#')
        .unwrap()
        .0
        .to_owned();
    assert!(
        room.rosa
            .get(&leads)
            .await
            .expect(200)
            .text
            .contains("id=\"e-1\""),
        "{leads}"
    );
}

#[tokio::test]
async fn a_page_that_fell_behind_gets_everything_anew() {
    let room = Room::open().await;
    room.add(&[("kind", "finding"), ("text", "It spins")]).await;
    let all = room
        .rosa
        .get(&room.path("?fragment=all"))
        .await
        .expect(200)
        .json();
    assert_eq!(all["seq"], room.entries().await.len());
    assert!(all["timeline"].as_str().unwrap().contains("It spins"));
    let page = room.page("").await;
    for name in ["glance", "thinking", "doing", "roles", "here", "pinned"] {
        let html = all["regions"][name].as_str().unwrap();
        assert!(html.contains(&format!("id=\"region-{name}\"")), "{name}");
        assert!(
            name == "glance" || page.contains(html),
            "the page holds the same {name}"
        );
    }
    assert!(
        all["composer"]
            .as_str()
            .unwrap()
            .contains("id=\"composer\"")
    );
}
