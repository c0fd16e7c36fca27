use super::{GO_LIVE, World, person, worlds};
use crate::{
    Error,
    oncall::{
        self, LayerDraft, NewOverride, NewSchedule, Place, ScheduleChange, Source, Weekday,
        WindowDraft,
    },
};
use rideout_domain::{Action, OverrideId, Role, ScheduleId, Timestamp, UserId};
use std::collections::HashMap;

crate::statements! {
    /// Closes an account without the ceremony.
    DISABLE = "UPDATE users SET disabled_at = $2 WHERE id = $1";
    /// A policy, straight into its table.
    INSERT_POLICY = "INSERT INTO escalation_policies (id, name, description, repeats, levels, is_default, created_at, changed_at) VALUES ($1, $2, '', 0, $3, 0, 0, 0)";
}

/// Tuesday 15 June 2010, 09:00 UTC is 11:00 in Berlin.
const HOUR: i64 = 3_600_000_000;

fn hours(n: i64) -> Timestamp {
    Timestamp(GO_LIVE.0 + n * HOUR)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Daily at 09:00 from Monday, Omar first and then Priya.
fn daily(w: &World) -> LayerDraft {
    LayerDraft {
        name: "Primary".into(),
        rotation: "daily".into(),
        starts_on: "2010-06-14".into(),
        hand_over: "09:00".into(),
        people: vec![w.responder.id, w.commander.id],
        ..LayerDraft::default()
    }
}

async fn made(w: &World, name: &str, layers: Vec<LayerDraft>) -> ScheduleId {
    let new = NewSchedule {
        name: name.into(),
        zone: "Europe/Berlin".into(),
        team: None,
        layers,
    };
    w.service
        .make_schedule(&w.commander, None, new)
        .await
        .unwrap()
}

async fn on_call(w: &World, schedule: ScheduleId, at: Timestamp) -> Vec<UserId> {
    let mut conn = w.service.db.reader().await.unwrap();
    oncall::on_call_at(&mut conn, schedule, at).await.unwrap()
}

fn field(error: &Error) -> (&str, &str) {
    match error {
        Error::Invalid(errors) => (&errors[0].field, &errors[0].message),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_schedule_is_made_read_changed_and_archived() {
    for w in worlds().await {
        let new = || NewSchedule {
            name: " Payments ".into(),
            zone: "europe/berlin".into(),
            team: None,
            layers: vec![daily(&w)],
        };
        let refused = w.service.make_schedule(&w.responder, None, new()).await;
        assert!(matches!(
            refused,
            Err(Error::Forbidden {
                needs: Role::Commander
            })
        ));
        let id = ScheduleId(w.service.new_id());
        for _ in 0..2 {
            let made = w.service.make_schedule(&w.commander, Some(id), new()).await;
            assert_eq!(
                made.unwrap(),
                id,
                "made twice with one id, it is one schedule"
            );
        }
        let twin = w.service.make_schedule(&w.commander, None, new()).await;
        assert_eq!(field(&twin.unwrap_err()).0, "name");

        // It is Tuesday, 11:00 in Berlin: Priya's day, then Omar's.
        let list = w.service.schedules(&w.viewer).await.unwrap();
        assert_eq!(list.len(), 1);
        let listed = &list[0];
        assert_eq!(listed.schedule.name(), "Payments");
        assert_eq!(listed.schedule.zone().name(), "Europe/Berlin");
        assert_eq!(listed.now.people, [w.commander.id]);
        assert_eq!(listed.now.until, at("2010-06-16T07:00:00Z"));
        assert_eq!(listed.next.as_ref().unwrap().people, [w.responder.id]);
        assert_eq!(listed.gaps, []);
        assert_eq!(listed.names.of(w.responder.id).name, "Omar");

        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        let change = |revision| ScheduleChange {
            name: Some("Payments nights".into()),
            layers: Some(vec![LayerDraft {
                windows: vec![WindowDraft {
                    days: Weekday::ALL.to_vec(),
                    from: "18:00".into(),
                    until: "09:00".into(),
                }],
                ..daily(&w)
            }]),
            revision: Some(revision),
            ..ScheduleChange::default()
        };
        w.service
            .change_schedule(&w.commander, id, change(shown.changed_at))
            .await
            .unwrap();
        let stale = w
            .service
            .change_schedule(&w.commander, id, change(shown.changed_at))
            .await;
        assert!(matches!(
            stale,
            Err(Error::Conflict {
                code: "changed_meanwhile",
                ..
            })
        ));
        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        assert_eq!(shown.listed.schedule.name(), "Payments nights");
        assert_eq!(shown.listed.now.people, []);
        assert_eq!(
            shown.listed.gaps.len(),
            15,
            "each day, and what is left of today"
        );

        let level = format!(r#"[{{"minutes":5,"targets":[{{"kind":"schedule","id":"{id}"}}]}}]"#);
        let policy = w.service.new_id();
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&INSERT_POLICY, &crate::args![policy, "Everything", level])
                        .await?;
                    Ok::<_, Error>(())
                })
            })
            .await
            .unwrap();
        match w.service.archive_schedule(&w.commander, id).await {
            Err(Error::Conflict {
                code: "in_use",
                message,
            }) => {
                assert!(message.contains("Everything"), "{message}");
            }
            other => panic!("{other:?}"),
        }
        let spare = made(&w, "Spare", vec![]).await;
        w.service
            .archive_schedule(&w.commander, spare)
            .await
            .unwrap();
        let gone = w.service.schedule(&w.viewer, spare, hours(0)).await;
        assert!(matches!(gone, Err(Error::NotFound)));
        assert_eq!(on_call(&w, spare, hours(0)).await, []);
        // The name is free again.
        made(&w, "Spare", vec![]).await;
    }
}

#[tokio::test]
async fn a_refused_schedule_names_the_field_of_the_layer() {
    for w in worlds().await {
        let stranger = UserId(w.service.new_id());
        for (layer, expected, says) in [
            (
                LayerDraft {
                    hand_over: "soon".into(),
                    ..daily(&w)
                },
                "layers.1.hand_over",
                "soon",
            ),
            (
                LayerDraft {
                    people: vec![stranger],
                    ..daily(&w)
                },
                "layers.1.people",
                "no account in use",
            ),
            (
                LayerDraft {
                    people: vec![w.responder.id, w.viewer.id],
                    ..daily(&w)
                },
                "layers.1.people",
                "Lena can only look: give them the role responder",
            ),
        ] {
            let new = NewSchedule {
                name: "Payments".into(),
                zone: "UTC".into(),
                team: None,
                layers: vec![daily(&w), layer],
            };
            let refused = w
                .service
                .make_schedule(&w.commander, None, new)
                .await
                .unwrap_err();
            let (field, message) = field(&refused);
            assert_eq!(field, expected);
            assert!(message.contains(says), "{message}");
        }
        let nowhere = NewSchedule {
            name: "Payments".into(),
            zone: "Nowhere".into(),
            ..NewSchedule::default()
        };
        let refused = w.service.make_schedule(&w.commander, None, nowhere).await;
        assert_eq!(field(&refused.unwrap_err()).0, "zone");
    }
}

#[tokio::test]
async fn responders_stand_in_themselves_and_commanders_anybody() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let lena = person(&w.service, "Mona", Role::Responder).await;
        let span = |person, from, until| NewOverride {
            id: None,
            person,
            from: hours(from),
            until: hours(until),
        };
        let viewer = w
            .service
            .add_override(&w.viewer, id, span(w.viewer.id, 1, 2))
            .await;
        assert!(matches!(
            viewer,
            Err(Error::Forbidden {
                needs: Role::Responder
            })
        ));
        let other = w
            .service
            .add_override(&w.responder, id, span(lena.id, 1, 2))
            .await;
        assert!(matches!(
            other,
            Err(Error::Forbidden {
                needs: Role::Commander
            })
        ));
        let over = w
            .service
            .add_override(&w.responder, id, span(w.responder.id, -3, 0))
            .await;
        assert_eq!(field(&over.unwrap_err()).0, "until");
        let backwards = w
            .service
            .add_override(&w.responder, id, span(w.responder.id, 3, 2))
            .await;
        assert_eq!(field(&backwards.unwrap_err()).0, "until");

        let own = NewOverride {
            id: Some(OverrideId(w.service.new_id())),
            ..span(w.responder.id, -5, 4)
        };
        for _ in 0..2 {
            w.service.add_override(&w.responder, id, own).await.unwrap();
        }
        let by_commander = w
            .service
            .add_override(&w.commander, id, span(lena.id, 2, 3))
            .await
            .unwrap();
        assert_eq!(on_call(&w, id, hours(0)).await, [w.responder.id]);
        assert_eq!(
            on_call(&w, id, hours(2)).await,
            [lena.id],
            "the last added holds"
        );
        assert_eq!(on_call(&w, id, hours(3)).await, [w.responder.id]);
        assert_eq!(on_call(&w, id, hours(4)).await, [w.commander.id]);
        assert_eq!(
            on_call(&w, id, hours(-1)).await,
            [w.commander.id],
            "what was is not changed afterwards"
        );
        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        assert_eq!(shown.overrides.len(), 2);
        assert_eq!(shown.overrides[0].person.name, "Omar");
        assert_eq!(shown.overrides[1].created_by.name, "Priya");
        assert_eq!(shown.overrides[1].source, Source::Person);

        let not_own = w
            .service
            .remove_override(&w.responder, id, by_commander)
            .await;
        assert!(matches!(
            not_own,
            Err(Error::Forbidden {
                needs: Role::Commander
            })
        ));
        let name = w
            .service
            .remove_override(&lena, id, by_commander)
            .await
            .unwrap();
        assert_eq!(name, "Mona");
        let twice = w
            .service
            .remove_override(&w.commander, id, by_commander)
            .await;
        assert!(matches!(twice, Err(Error::NotFound)));
        assert_eq!(on_call(&w, id, hours(2)).await, [w.responder.id]);

        // What has begun ends, and stays true until then.
        w.clock.advance_seconds(3_600);
        w.service
            .remove_override(&w.responder, id, own.id.unwrap())
            .await
            .unwrap();
        assert_eq!(on_call(&w, id, hours(0)).await, [w.responder.id]);
        assert_eq!(on_call(&w, id, hours(1)).await, [w.commander.id]);
        assert!(w.outsider.may(Action::ManageSchedules));
    }
}

/// Who was on call each hour between two moments.
async fn each_hour(w: &World, id: ScheduleId, from: i64, until: i64) -> Vec<Vec<UserId>> {
    let mut all = Vec::new();
    for hour in from..until {
        all.push(on_call(w, id, hours(hour)).await);
    }
    all
}

fn layers(layers: Vec<LayerDraft>) -> ScheduleChange {
    ScheduleChange {
        layers: Some(layers),
        ..ScheduleChange::default()
    }
}

#[tokio::test]
async fn a_change_of_layers_keeps_who_was_on_call_before() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let (_, token) = w
            .service
            .make_feed(&w.viewer, None, Some(id))
            .await
            .unwrap();
        w.clock.advance_seconds(3_600);
        let stands_in = NewOverride {
            id: None,
            person: w.responder.id,
            from: hours(2),
            until: hours(4),
        };
        let by = &w.responder;
        w.service.add_override(by, id, stands_in).await.unwrap();
        w.clock.set(hours(5));
        let before = each_hour(&w, id, -40, 5).await;
        let tuesday = "DTSTART:20100615T070000Z\r\nDTEND:20100615T110000Z\r\nSUMMARY:Priya";
        let feed = w.service.feed(&token).await.unwrap().text;
        assert!(feed.contains(tuesday), "{feed}");

        let turned = LayerDraft {
            people: vec![w.commander.id, w.responder.id],
            ..daily(&w)
        };
        let change = layers(vec![turned.clone()]);
        let changed = w.service.change_schedule(&w.commander, id, change).await;
        changed.unwrap();
        assert_eq!(each_hour(&w, id, -40, 5).await, before);
        assert_eq!(on_call(&w, id, hours(5)).await, [w.responder.id]);
        // Priya's shift ends at the change, where Omar's begins.
        let feed = w.service.feed(&token).await.unwrap().text;
        for words in [
            tuesday,
            "DTSTART:20100615T130000Z\r\nDTEND:20100615T140000Z\r\nSUMMARY:Priya",
            "DTSTART:20100615T140000Z\r\nDTEND:20100616T070000Z\r\nSUMMARY:Omar",
        ] {
            assert!(feed.contains(words), "{words}: {feed}");
        }
        let since = hours(-40);
        let shown = w.service.schedule(&w.viewer, id, since).await.unwrap();
        let spans = shown.part(oncall::Part::All, since, hours(5));
        assert_eq!(spans.last().unwrap().until, hours(5));
        assert_eq!(spans.last().unwrap().people, [w.commander.id]);

        // Another zone keeps it, too; a name alone is no change of who is on call.
        w.clock.set(hours(30));
        let before = each_hour(&w, id, -40, 30).await;
        let moved = ScheduleChange {
            zone: Some("Asia/Tokyo".into()),
            ..ScheduleChange::default()
        };
        let changed = w.service.change_schedule(&w.commander, id, moved).await;
        changed.unwrap();
        assert_eq!(each_hour(&w, id, -40, 30).await, before);
        w.clock.set(hours(40));
        let renamed = ScheduleChange {
            name: Some("Payments all day".into()),
            ..layers(vec![turned])
        };
        let changed = w.service.change_schedule(&w.commander, id, renamed).await;
        changed.unwrap();
        assert_eq!(each_hour(&w, id, -40, 30).await, before);
        let shown = w.service.schedule(&w.viewer, id, since).await.unwrap();
        let since = shown.listed.schedule.layers_since();
        assert_eq!(since, Some(hours(30)));
    }
}

#[tokio::test]
async fn a_change_made_by_a_clock_that_was_ahead_holds_at_once() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let only = |who: UserId| {
            layers(vec![LayerDraft {
                people: vec![who],
                ..daily(&w)
            }])
        };
        let before = each_hour(&w, id, -40, 1).await;
        for (hour, who) in [(10, w.responder.id), (12, w.commander.id)] {
            w.clock.set(hours(hour));
            let changed = w.service.change_schedule(&w.commander, id, only(who)).await;
            changed.unwrap();
        }
        w.clock.set(hours(1));
        w.service.clock_set_back().await.unwrap();
        assert_eq!(on_call(&w, id, hours(1)).await, [w.commander.id]);
        assert_eq!(each_hour(&w, id, -40, 1).await, before);
        // Nobody noticed the clock: the next change does.
        w.clock.set(hours(12));
        let changed = w
            .service
            .change_schedule(&w.commander, id, only(w.responder.id))
            .await;
        changed.unwrap();
        w.clock.set(hours(2));
        let changed = w
            .service
            .change_schedule(&w.commander, id, only(w.outsider.id))
            .await;
        changed.unwrap();
        assert_eq!(on_call(&w, id, hours(2)).await, [w.outsider.id]);
        assert_eq!(on_call(&w, id, hours(1)).await, [w.commander.id]);
        assert_eq!(each_hour(&w, id, -40, 1).await, before);
    }
}

#[tokio::test]
async fn a_viewer_is_not_put_on_call_and_whoever_became_one_is_told() {
    for w in worlds().await {
        let nights = LayerDraft {
            name: "Nights".into(),
            people: vec![w.commander.id],
            ..daily(&w)
        };
        let id = made(&w, "Payments", vec![daily(&w), nights.clone()]).await;
        let span = |person| NewOverride {
            id: None,
            person,
            from: hours(1),
            until: hours(2),
        };
        let refused = w
            .service
            .add_override(&w.commander, id, span(w.viewer.id))
            .await
            .unwrap_err();
        assert_eq!(field(&refused).0, "person");
        assert!(field(&refused).1.contains("Lena can only look"));
        let stands_in = span(w.responder.id);
        let added = w.service.add_override(&w.commander, id, stands_in).await;
        added.unwrap();
        let troubles = async || {
            let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
            let found = shown.cannot_respond().into_iter();
            let told = found.map(|(who, places)| (who.trouble().unwrap(), places));
            told.collect::<Vec<_>>()
        };
        assert_eq!(troubles().await, []);

        let set = w
            .service
            .set_role(&w.outsider, w.responder.id, Role::Viewer)
            .await;
        set.unwrap();
        let told = troubles().await;
        assert!(told[0].0.contains("Omar can only look"), "{told:?}");
        assert_eq!(told[0].1, [Place::Layer(0), Place::Override]);
        assert_eq!(on_call(&w, id, hours(1)).await, [w.responder.id]);

        // That keeps nobody from changing another layer, but from changing his.
        let longer = LayerDraft {
            starts_on: "2010-06-01".into(),
            ..nights
        };
        let change = layers(vec![daily(&w), longer.clone()]);
        let changed = w.service.change_schedule(&w.commander, id, change).await;
        changed.unwrap();
        let his = LayerDraft {
            hand_over: "10:00".into(),
            ..daily(&w)
        };
        let change = layers(vec![his, longer]);
        let refused = w.service.change_schedule(&w.commander, id, change).await;
        assert_eq!(field(&refused.unwrap_err()).0, "layers.0.people");
    }
}

#[tokio::test]
async fn a_calendar_that_names_a_viewer_says_why_they_are_left_out() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let both =
            "SUMMARY:Primary\nATTENDEE:mailto:lena@example.org\nATTENDEE:mailto:omar@example.org";
        let file = calendar(
            &[
                event("20100616T080000Z", "SUMMARY:Lena"),
                event("20100617T080000Z", both),
            ]
            .concat(),
        );
        let read = w.service.read_calendar(&w.commander, id, file.clone());
        let reading = read.await.unwrap();
        assert_eq!(reading.viewers[0].1, 2);
        assert_eq!(reading.unmatched[0].whom, "Lena");
        assert_eq!(reading.shifts[1].people, [w.responder.id]);
        let unsaid = w
            .service
            .import_shifts(&w.commander, id, reading.shifts.clone(), HashMap::new())
            .await
            .unwrap_err();
        assert!(field(&unsaid).1.contains("cannot respond"), "{unsaid:?}");
        let again = w
            .service
            .reading_again(&w.commander, id, reading.shifts.clone())
            .await;
        assert_eq!(again.unwrap().viewers, reading.viewers);

        // The same in a calendar that is followed, also for whom somebody was said to be.
        let who = HashMap::from([("Lena".to_owned(), Some(w.commander.id))]);
        let url = "https://calendar.example.org/secret.ics".to_owned();
        let follow = w
            .service
            .follow_calendar(&w.commander, id, reading.shifts, who, url);
        assert_eq!(follow.await.unwrap(), 2);
        let set = w
            .service
            .set_role(&w.outsider, w.responder.id, Role::Viewer);
        set.await.unwrap();
        w.clock.advance_seconds(3_600);
        let due = w.service.calendars_due(10).await.unwrap().remove(0);
        let fetched = w.service.calendar_fetched(&due, Ok(file));
        fetched.await.unwrap();
        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        let calendar = shown.calendar.unwrap();
        assert_eq!(calendar.failed_since, None);
        for words in ["Lena can only look", "Omar can only look"] {
            assert!(calendar.why.contains(words), "{}", calendar.why);
        }
        assert_eq!(shown.overrides.len(), 1);
    }
}

#[tokio::test]
async fn whoever_lost_their_account_is_on_call_no_longer() {
    for w in worlds().await {
        let nights = LayerDraft {
            people: vec![w.responder.id],
            ..daily(&w)
        };
        let id = made(&w, "Payments", vec![daily(&w), nights]).await;
        assert_eq!(on_call(&w, id, hours(0)).await, [w.commander.id]);
        let (gone, now) = (w.commander.id, GO_LIVE);
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&DISABLE, &crate::args![gone.0, now.0]).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
            .unwrap();
        assert_eq!(
            on_call(&w, id, hours(0)).await,
            [w.responder.id],
            "their turn falls to the layer below"
        );
        let mut conn = w.service.db.reader().await.unwrap();
        let everybody = oncall::everybody_on_call(&mut conn, hours(0))
            .await
            .unwrap();
        assert_eq!(
            everybody,
            [(id, "Payments".to_owned(), vec![w.responder.id])]
        );
        let gaps = oncall::gaps(&mut conn, id, hours(0), hours(99))
            .await
            .unwrap();
        assert_eq!(gaps, Some(vec![]));
        let none = oncall::gaps(
            &mut conn,
            ScheduleId(w.service.new_id()),
            hours(0),
            hours(1),
        );
        assert_eq!(none.await.unwrap(), None);
    }
}

fn calendar(events: &str) -> Vec<u8> {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Rota\n{events}END:VCALENDAR\n").into_bytes()
}

fn event(start: &str, whom: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{start}\nDTSTART:{start}\nDURATION:PT8H\n{whom}\nEND:VEVENT\n")
}

#[tokio::test]
async fn a_calendar_is_read_looked_at_and_imported() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let file = calendar(
            &[
                event("20100616T080000Z", "SUMMARY:On call: Omar"),
                event(
                    "20100617T080000Z",
                    "SUMMARY:Primary\nATTENDEE:mailto:priya@example.org",
                ),
                event("20100618T080000Z", "SUMMARY:Dana"),
                event("20100101T080000Z", "SUMMARY:long over"),
                event("nonsense", "SUMMARY:Broken"),
            ]
            .concat(),
        );
        let refused = w
            .service
            .read_calendar(&w.responder, id, file.clone())
            .await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })));
        let broken = w
            .service
            .read_calendar(&w.commander, id, b"<html>".to_vec())
            .await;
        assert_eq!(field(&broken.unwrap_err()).0, "file");
        let reading = w
            .service
            .read_calendar(&w.commander, id, file)
            .await
            .unwrap();
        assert_eq!(reading.name.as_deref(), Some("Rota"));
        assert_eq!(reading.shifts.len(), 3);
        let matched: Vec<_> = reading
            .matched
            .iter()
            .map(|(who, n)| (who.name.as_str(), *n))
            .collect();
        assert_eq!(matched, [("Omar", 1), ("Priya", 1)]);
        assert_eq!(reading.unmatched[0].whom, "Dana");
        assert_eq!(reading.skipped[0].title, "Broken");
        assert_eq!(reading.replaces, 0);
        assert_eq!(
            on_call(&w, id, at("2010-06-16T09:00:00Z")).await,
            [w.responder.id]
        );

        let unsaid = w
            .service
            .import_shifts(&w.commander, id, reading.shifts.clone(), HashMap::new())
            .await;
        let unsaid = unsaid.unwrap_err();
        assert_eq!(field(&unsaid).0, "who");
        assert!(field(&unsaid).1.contains("Dana"));
        let viewer = HashMap::from([("Dana".to_owned(), Some(w.viewer.id))]);
        let refused = w
            .service
            .import_shifts(&w.commander, id, reading.shifts.clone(), viewer)
            .await
            .unwrap_err();
        assert_eq!(field(&refused).0, "who");
        assert!(field(&refused).1.contains("Lena can only look"));
        let who = HashMap::from([("Dana".to_owned(), Some(w.outsider.id))]);
        let total = w
            .service
            .import_shifts(&w.commander, id, reading.shifts.clone(), who)
            .await
            .unwrap();
        assert_eq!(total, 3);
        for (moment, who) in [
            ("2010-06-17T06:30:00Z", w.responder.id),
            ("2010-06-17T08:00:00Z", w.commander.id),
            ("2010-06-18T09:00:00Z", w.outsider.id),
        ] {
            assert_eq!(on_call(&w, id, at(moment)).await, [who], "{moment}");
        }
        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        assert_eq!(shown.overrides.len(), 3);
        assert_eq!(shown.overrides[0].source, Source::Import);
        let first = shown.overrides[0].id;

        // Imported again in the middle of the first shift, without the last.
        w.clock.set(at("2010-06-16T10:00:00Z"));
        let again = calendar(
            &[
                event("20100616T080000Z", "SUMMARY:Omar"),
                event("20100617T080000Z", "SUMMARY:Omar"),
            ]
            .concat(),
        );
        let reading = w
            .service
            .read_calendar(&w.commander, id, again)
            .await
            .unwrap();
        assert_eq!((reading.replaces, reading.unmatched.len()), (3, 0));
        w.service
            .import_shifts(&w.commander, id, reading.shifts, HashMap::new())
            .await
            .unwrap();
        let shown = w.service.schedule(&w.viewer, id, hours(0)).await.unwrap();
        assert_eq!(shown.overrides.len(), 2);
        assert_eq!(
            shown.overrides[0].id, first,
            "what did not change stays as it was"
        );
        assert_eq!(
            on_call(&w, id, at("2010-06-17T09:00:00Z")).await,
            [w.responder.id]
        );
    }
}

#[tokio::test]
async fn a_feed_gives_shifts_until_it_is_taken_back() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let (of_schedule, token) = w
            .service
            .make_feed(&w.viewer, None, Some(id))
            .await
            .unwrap();
        let (_, own_token) = w.service.make_feed(&w.responder, None, None).await.unwrap();
        let again = w
            .service
            .make_feed(&w.viewer, Some(of_schedule), Some(id))
            .await;
        assert!(matches!(
            again,
            Err(Error::Conflict {
                code: "already_made",
                ..
            })
        ));
        let all = w.service.feed(&token).await.unwrap().text;
        assert!(
            all.contains("SUMMARY:Omar\r\n") && all.contains("SUMMARY:Priya\r\n"),
            "{all}"
        );
        assert!(
            all.contains("DTSTART:20100615T070000Z\r\nDTEND:20100616T070000Z\r\n"),
            "{all}"
        );
        let own = w.service.feed(&own_token).await.unwrap().text;
        assert!(own.contains("SUMMARY:On call: Payments\r\n"), "{own}");
        assert!(
            !own.contains("DTSTART:20100615T070000Z"),
            "Priya's day: {own}"
        );

        let feeds = w.service.feeds(&w.viewer).await.unwrap();
        assert_eq!(feeds[0].schedule, Some((id, "Payments".to_owned())));
        let not_own = w.service.revoke_feed(&w.commander, of_schedule).await;
        assert!(matches!(not_own, Err(Error::NotFound)));
        w.service.revoke_feed(&w.viewer, of_schedule).await.unwrap();
        for secret in [token.as_str(), "guess", ""] {
            assert!(matches!(w.service.feed(secret).await, Err(Error::NotFound)));
        }
        assert_eq!(w.service.feeds(&w.viewer).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_followed_calendar_is_fetched_by_one_node_and_only_what_changed_is_written() {
    for w in worlds().await {
        let id = made(&w, "Payments", vec![daily(&w)]).await;
        let file = |whom: &str| {
            let events = [
                event("20100616T080000Z", &format!("SUMMARY:{whom}")),
                event("20100617T080000Z", "SUMMARY:Dana"),
            ];
            calendar(&events.concat())
        };
        let read = w.service.read_calendar(&w.commander, id, file("Omar"));
        let shifts = read.await.unwrap().shifts;
        // Dana is Priya here.
        let who = HashMap::from([("Dana".to_owned(), Some(w.commander.id))]);
        let url = "https://calendar.example.org/secret.ics".to_owned();
        let refused =
            w.service
                .follow_calendar(&w.responder, id, shifts.clone(), who.clone(), url.clone());
        assert!(matches!(refused.await, Err(Error::Forbidden { .. })));
        let follow = w
            .service
            .follow_calendar(&w.commander, id, shifts, who, url);
        assert_eq!(follow.await.unwrap(), 2);

        assert!(w.service.calendars_due(10).await.unwrap().is_empty());
        w.clock.advance_seconds(3_600);
        let (one, other) = tokio::join!(w.service.calendars_due(10), w.service.calendars_due(10));
        let mut due = [one.unwrap(), other.unwrap()].concat();
        assert_eq!(due.len(), 1);
        let due = due.remove(0);
        let before = w
            .service
            .schedule(&w.commander, id, hours(0))
            .await
            .unwrap();
        let same = w.service.calendar_fetched(&due, Ok(file("Omar")));
        same.await.unwrap();
        let after = w
            .service
            .schedule(&w.commander, id, hours(0))
            .await
            .unwrap();
        assert_eq!(before.changed_at, after.changed_at);
        assert_eq!(after.calendar.as_ref().unwrap().read_at, w.service.now());

        let changed = w.service.calendar_fetched(&due, Ok(file("Priya")));
        changed.await.unwrap();
        let wednesday = at("2010-06-16T09:00:00Z");
        assert_eq!(on_call(&w, id, wednesday).await, [w.commander.id]);
        assert_eq!(
            on_call(&w, id, at("2010-06-17T09:00:00Z")).await,
            [w.commander.id]
        );

        // Who had it followed lost their account: nobody decides for them.
        w.clock.advance_seconds(3_600);
        let (gone, now) = (w.commander.id, w.service.now());
        w.service
            .db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(&DISABLE, &crate::args![gone.0, now.0]).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
            .unwrap();
        assert!(w.service.calendars_due(10).await.unwrap().is_empty());
        let shown = w
            .service
            .schedule(&w.commander, id, hours(0))
            .await
            .unwrap();
        let why = shown.calendar.unwrap().why;
        assert_eq!(why, "Priya has no right to any more");

        // Importing a file ends it.
        let read = w.service.read_calendar(&w.commander, id, file("Omar"));
        let mut shifts = read.await.unwrap().shifts;
        shifts.truncate(1);
        let import = w
            .service
            .import_shifts(&w.commander, id, shifts, HashMap::new());
        import.await.unwrap();
        let shown = w
            .service
            .schedule(&w.commander, id, hours(0))
            .await
            .unwrap();
        assert_eq!(shown.calendar, None);
    }
}
