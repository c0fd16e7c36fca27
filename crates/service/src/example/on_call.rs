//! Who is on call in the example: covered around the clock, with a gap, and by
//! somebody who stands in.

use crate::{
    Error, Service,
    oncall::{LayerDraft, NewOverride, NewSchedule, Weekday, WindowDraft, Zone},
};
use rideout_domain::{Actor, ScheduleId, Timestamp};
use std::collections::HashMap;

type People = HashMap<&'static str, Actor>;

/// Eight weeks before, so that whoever is named first is on call now.
const WEEKS_AGO: i64 = 56;

impl Service {
    /// Three schedules, as they are at the time of the story that is told as if it
    /// were now. Answers with the platform's.
    pub(super) async fn schedules_of_the_example(
        &self,
        people: &People,
        now: Timestamp,
    ) -> Result<ScheduleId, Error> {
        let keeper = &people["priya"];
        let berlin = Zone::named("Europe/Berlin").map_err(Error::internal)?;
        // Handed over yesterday, whenever today is.
        let yesterday = berlin.days_on(now, -1);
        let layer = |name: &str, keys: &[&str]| LayerDraft {
            name: name.into(),
            rotation: "weekly".into(),
            weekday: Some(berlin.weekday(yesterday)),
            starts_on: berlin.date(berlin.days_on(yesterday, -WEEKS_AGO)),
            hand_over: "09:00".into(),
            people: keys.iter().map(|key| people[key].id).collect(),
            ..LayerDraft::default()
        };
        let schedule = |name: &str, zone: &str, layers| NewSchedule {
            name: name.into(),
            zone: zone.into(),
            team: None,
            layers,
        };
        let platform = schedule(
            "Platform",
            "Europe/Berlin",
            vec![layer("Primary", &["dana", "ravi", "tomas"])],
        );
        let platform = self.make_schedule(keeper, None, platform).await?;
        let hours = |days: &[Weekday], from: &str, until: &str| WindowDraft {
            days: days.to_vec(),
            from: from.into(),
            until: until.into(),
        };
        let weekdays = &Weekday::ALL[..5];
        let reservations = vec![
            LayerDraft {
                windows: vec![hours(weekdays, "08:00", "18:00")],
                ..layer("Business hours", &["omar", "lena"])
            },
            LayerDraft {
                rotation: "daily".into(),
                weekday: None,
                ..layer("Nights and weekends", &["lena", "omar", "carla"])
            },
        ];
        let reservations = schedule("Reservations", "Europe/Berlin", reservations);
        self.make_schedule(keeper, None, reservations).await?;
        // The carrier is spoken to in its office hours only: a gap each night.
        let carrier = vec![LayerDraft {
            windows: vec![hours(weekdays, "08:00", "20:00")],
            ..layer("Office hours", &["carla", "omar"])
        }];
        let carrier = schedule("Carrier liaison", "America/New_York", carrier);
        self.make_schedule(keeper, None, carrier).await?;
        let day = berlin.days_on(now, 3);
        let stands_in = NewOverride {
            id: None,
            person: people["ravi"].id,
            from: day.plus_minutes(10 * 60),
            until: day.plus_minutes(18 * 60),
        };
        self.add_override(&people["ravi"], platform, stands_in)
            .await?;
        Ok(platform)
    }
}
