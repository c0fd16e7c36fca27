//! Where everything stands in the picture of a schedule.

use super::local;
use rideout_app::pages::on_call::{Picture, PictureDay, PicturePiece, PictureRow, RowKind};
use rideout_domain::Timestamp;
use rideout_service::oncall::{Names, Part, Schedule, Span, Zone};

/// How many days a picture shows.
pub(super) const DAYS: i64 = 28;

/// Seconds below which nothing would be seen of former layers: one that was corrected
/// at once leaves less.
const SEEN: i64 = 15 * 60;

/// The span of a picture: four weeks from the Monday of the week of a moment.
pub(super) fn span(zone: &Zone, at: Timestamp) -> (Timestamp, Timestamp) {
    let from = zone.monday(at);
    (from, zone.days_on(from, DAYS))
}

/// A schedule between two moments as a picture.
pub(super) fn of(
    schedule: &Schedule,
    names: &Names,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Picture {
    let part = |part| schedule.part(part, from, until);
    let place = |at: Timestamp| place(at, from, until);
    let row = |kind, label: &str, spans: Vec<Span>| PictureRow {
        kind,
        label: label.to_owned(),
        summary: summary(label, &spans, schedule.zone(), names, now),
        pieces: spans
            .into_iter()
            .map(|span| {
                let people = names.all(&span.people);
                let names: Vec<String> = people.into_iter().map(|one| one.name).collect();
                let who = if names.is_empty() {
                    "nobody".to_owned()
                } else {
                    names.join(", ")
                };
                let told = |at| local(schedule.zone(), at, now).text;
                PicturePiece {
                    from: place(span.from),
                    to: place(span.until),
                    names,
                    title: format!("{who}: {} to {}", told(span.from), told(span.until)),
                }
            })
            .collect(),
    };
    let mut rows = vec![row(RowKind::All, "On call", part(Part::All))];
    let any = |spans: &[Span], seconds: i64| {
        let mut named = spans.iter().filter(|span| !span.people.is_empty());
        named.any(|span| span.until.seconds_since(span.from) >= seconds)
    };
    for (kind, label, what, seconds) in [
        (RowKind::Overrides, "Standing in", Part::Overrides, 0),
        (RowKind::Imported, "Imported", Part::Imported, 0),
        (RowKind::Layer, "Earlier layers", Part::Former, SEEN),
    ] {
        let spans = part(what);
        if any(&spans, seconds) {
            rows.push(row(kind, label, spans));
        }
    }
    for (at, layer) in schedule.layers().iter().enumerate() {
        rows.push(row(RowKind::Layer, layer.name(), part(Part::Layer(at))));
    }
    Picture {
        days: days(schedule.zone(), from, until),
        rows,
        now: (from <= now && now < until).then(|| place(now)),
    }
}

fn days(zone: &Zone, from: Timestamp, until: Timestamp) -> Vec<PictureDay> {
    (0..DAYS)
        .map(|n| {
            let (begins, ends) = (zone.days_on(from, n), zone.days_on(from, n + 1));
            let (day, month) = zone.day_and_month(begins);
            PictureDay {
                from: place(begins, from, until),
                to: place(ends, from, until),
                week: (n % 7 == 0).then(|| format!("{day} {month}")),
                day,
                weekend: n % 7 > 4,
            }
        })
        .collect()
}

/// Where a moment stands between two others, from 0 to 1.
#[expect(
    clippy::cast_precision_loss,
    reason = "a picture needs no more than a few thousand places"
)]
fn place(at: Timestamp, from: Timestamp, until: Timestamp) -> f64 {
    let (past, whole) = (at.seconds_since(from), until.seconds_since(from));
    (past as f64 / whole.max(1) as f64).clamp(0.0, 1.0)
}

/// A strip in words, for those who cannot see it.
fn summary(label: &str, spans: &[Span], zone: &Zone, names: &Names, now: Timestamp) -> String {
    const MOST: usize = 12;
    let mut told: Vec<String> = spans
        .iter()
        .filter(|span| !span.people.is_empty())
        .take(MOST)
        .map(|span| {
            let people = names.all(&span.people);
            let who: Vec<String> = people.into_iter().map(|one| one.name).collect();
            format!(
                "{} from {}",
                who.join(", "),
                local(zone, span.from, now).text
            )
        })
        .collect();
    if told.is_empty() {
        told.push("nobody".to_owned());
    } else if spans.len() > MOST {
        told.push("and so on; the list below has all".to_owned());
    }
    format!("{label}: {}", told.join("; "))
}
