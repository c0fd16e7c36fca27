//! Keeps schedules up with the calendars they follow.

use super::Engine;
use futures::FutureExt as _;
use rideout_channels::Client;
use rideout_service::{Error, Service, oncall::BYTES_MAX};
use std::{panic::AssertUnwindSafe, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// How often it is asked what is due.
const PAUSE: Duration = Duration::from_secs(30);
/// Calendars taken in hand at a time.
const AT_A_TIME: i64 = 8;

/// Fetches what is due until the engine is stopped.
pub(super) async fn run(engine: Engine) {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let pass = pass(&engine.inner.service, engine.channels().client());
        match AssertUnwindSafe(pass).catch_unwind().await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "calendars could not be kept up with; it is tried again");
            }
            Err(_) => tracing::error!("keeping up with calendars broke off; it is tried again"),
        }
    }
}

/// Fetches what is due now.
async fn pass(service: &Service, client: &Client) -> Result<(), Error> {
    for calendar in service.calendars_due(AT_A_TIME).await? {
        let fetched = client.fetch(&calendar.url, BYTES_MAX).await;
        let file = match fetched {
            Ok(answer) => Ok(answer.body.to_vec()),
            Err(failure) => {
                // The address may be a secret, so it is not told.
                tracing::warn!(schedule = %calendar.schedule, %failure, "a calendar could not be fetched");
                Err(failure.to_string())
            }
        };
        service.calendar_fetched(&calendar, file).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, extract::State, http::StatusCode, routing::get};
    use rideout_channels::{Authorities, Guard};
    use rideout_domain::{Actor, Role, ScheduleId, Timestamp, UserId};
    use rideout_service::{
        account::NewUser,
        clock::{ManualClock, SeededIds},
        db::{DatabaseUrl, Db, OpenOptions},
        oncall::NewSchedule,
    };
    use std::sync::{Arc, Mutex};

    const T: Timestamp = Timestamp(1_276_592_400_000_000);

    fn calendar(person: &str) -> String {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20100615T060000Z\r\nDTEND:20100616T060000Z\r\nSUMMARY:{person}@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    }

    #[tokio::test]
    async fn a_schedule_follows_its_calendar_and_keeps_its_people_when_that_is_away() {
        let served = Arc::new(Mutex::new((StatusCode::OK, calendar("lena"))));
        let serve = |State(served): State<Arc<Mutex<(StatusCode, String)>>>| async move {
            served.lock().unwrap().clone()
        };
        let router = Router::new()
            .route("/secret.ics", get(serve))
            .with_state(Arc::clone(&served));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret.ics", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let guard = Guard::new(vec!["127.0.0.1".parse().unwrap()]);
        let client = Client::new(guard, &Authorities::default()).unwrap();

        let folder = tempfile::tempdir().unwrap();
        let file = DatabaseUrl::sqlite(folder.path().join("t.db"));
        let db = Db::open(&file, OpenOptions::server()).await.unwrap();
        db.migrate().await.unwrap();
        let clock = Arc::new(ManualClock::new(T));
        let ids = Arc::new(SeededIds::new(1));
        let service = Service::with(db, Default::default(), clock.clone(), ids);
        let mut people = Vec::new();
        for name in ["lena", "omar"] {
            let new = NewUser {
                email: &format!("{name}@example.org"),
                name,
                role: Role::Commander,
                password: "a long pass phrase for a test",
            };
            people.push(service.user_create(new).await.unwrap());
        }
        let actor = Actor {
            id: people[0],
            name: "lena".into(),
            role: Role::Commander,
            address: String::new(),
        };
        let new = NewSchedule {
            name: "Platform".into(),
            zone: "UTC".into(),
            ..NewSchedule::default()
        };
        let schedule = service.make_schedule(&actor, None, new).await.unwrap();
        let file = calendar("lena").into_bytes();
        let reading = service.read_calendar(&actor, schedule, file).await.unwrap();
        let follow = service.follow_calendar(
            &actor,
            schedule,
            reading.shifts,
            Default::default(),
            url.clone(),
        );
        assert_eq!(follow.await.unwrap(), 1);
        let on_call = async || on_call(&service, &actor, schedule).await;
        assert_eq!(on_call().await.0, [people[0]]);

        // Nothing is due within the hour.
        *served.lock().unwrap() = (StatusCode::OK, calendar("omar"));
        clock.advance_seconds(59 * 60);
        pass(&service, &client).await.unwrap();
        assert_eq!(on_call().await.0, [people[0]]);
        clock.advance_seconds(60);
        pass(&service, &client).await.unwrap();
        assert_eq!(on_call().await, (vec![people[1]], None));

        for (status, body, why) in [
            (StatusCode::INTERNAL_SERVER_ERROR, String::new(), "500"),
            (StatusCode::OK, "hello".to_owned(), "calendar"),
            (
                StatusCode::OK,
                calendar("omar").replace("2010", "2009"),
                "no event",
            ),
        ] {
            *served.lock().unwrap() = (status, body);
            clock.advance_seconds(3_600);
            pass(&service, &client).await.unwrap();
            let (people_now, told) = on_call().await;
            assert_eq!(people_now, [people[1]]);
            let told = told.unwrap();
            assert!(told.contains(why) && !told.contains("secret"), "{told}");
        }
        *served.lock().unwrap() = (StatusCode::OK, calendar("nobody"));
        clock.advance_seconds(3_600);
        pass(&service, &client).await.unwrap();
        let shown = service
            .schedule(&actor, schedule, service.now())
            .await
            .unwrap();
        let followed = shown.calendar.unwrap();
        assert_eq!(followed.failed_since, None);
        assert!(followed.why.contains("nobody@example.org"), "{followed:?}");
        assert_eq!(followed.host, url.split('/').nth(2).unwrap());

        service.stop_following(&actor, schedule).await.unwrap();
        clock.advance_seconds(7_200);
        assert!(service.calendars_due(10).await.unwrap().is_empty());
    }

    /// Who is on call, and why the calendar is silent.
    async fn on_call(
        service: &Service,
        actor: &Actor,
        schedule: ScheduleId,
    ) -> (Vec<UserId>, Option<String>) {
        let shown = service
            .schedule(actor, schedule, service.now())
            .await
            .unwrap();
        let followed = shown.calendar.unwrap();
        let why = followed.failed_since.map(|_| followed.why);
        (shown.listed.now.people, why)
    }
}
