//! A schedule as a picture: a strip a layer, a column a day.

use crate::components::avatar::{hue, initials};
use leptos::prelude::*;

/// A day of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureDay {
    /// Where it begins, from 0 to 1.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The day of the month.
    pub day: String,
    /// `Mon 30 Mar` on Mondays and on the first day, for the head.
    pub week: Option<String>,
    /// Saturday or Sunday.
    pub weekend: bool,
}

/// What a strip shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Who is called, all together.
    All,
    /// Who stands in.
    Overrides,
    /// What came out of a calendar.
    Imported,
    /// One layer.
    Layer,
}

/// Somebody's time on a strip, or a gap when it is nobody's.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePiece {
    /// Where it begins, from 0 to 1.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Whose it is.
    pub names: Vec<String>,
    /// The same in words, on hover.
    pub title: String,
}

/// A strip.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureRow {
    /// What it shows.
    pub kind: RowKind,
    /// Its name.
    pub label: String,
    /// What is on it, in order.
    pub pieces: Vec<PicturePiece>,
    /// The same in words.
    pub summary: String,
}

/// The picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its days, in order.
    pub days: Vec<PictureDay>,
    /// Its strips: who is called first.
    pub rows: Vec<PictureRow>,
    /// Where now is, if it is in the picture.
    pub now: Option<f64>,
}

const TALL: u8 = 38;
const LOW: u8 = 28;
/// Narrower than this share of the picture, initials do not fit.
const FOR_INITIALS: f64 = 0.024;
/// Narrower than this, a name does not.
const FOR_NAME: f64 = 0.095;

fn percent(fraction: f64) -> String {
    let inside = if fraction.is_finite() {
        fraction.clamp(0.0, 1.0)
    } else {
        0.0
    };
    format!("{:.3}%", inside * 100.0)
}

/// A schedule as a picture.
#[component]
pub fn Rota(
    /// The picture.
    picture: Picture,
) -> impl IntoView {
    let Picture { days, rows, now } = picture;
    let heads = days
        .iter()
        .filter_map(|day| {
            let text = day.week.clone()?;
            Some(view! {
                <text class="week" x=percent(day.from) dx="3" y="11">{text}</text>
            })
        })
        .collect_view();
    let numbers = days
        .iter()
        .map(|day| {
            view! {
                <text
                    class=if day.weekend { "day weekend" } else { "day" }
                    x=percent(f64::midpoint(day.from, day.to))
                    y="27"
                    text-anchor="middle"
                >
                    {day.day.clone()}
                </text>
            }
        })
        .collect_view();
    let rows = rows
        .into_iter()
        .map(|row| view! { <Row row=row days=days.clone() now=now /> })
        .collect_view();
    view! {
        // On a phone it scrolls sideways, also by keyboard.
        <div class="rota" tabindex="0" role="region" aria-label="The schedule as a picture">
            <div class="rota-inside">
                <div class="rota-row rota-head" aria-hidden="true">
                    <span></span>
                    <svg width="100%" height="32">{heads}{numbers}</svg>
                </div>
                {rows}
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Row(row: PictureRow, days: Vec<PictureDay>, now: Option<f64>) -> impl IntoView {
    let all = row.kind == RowKind::All;
    let height = if all { TALL } else { LOW };
    let tall = height.to_string();
    let grounds = days
        .iter()
        .filter(|day| day.weekend)
        .map(|day| {
            let width = percent(day.to - day.from);
            view! { <rect class="weekend" x=percent(day.from) y="0" width=width height="100%"></rect> }
        })
        .collect_view();
    let lines = days
        .iter()
        .skip(1)
        .map(|day| {
            let class = if day.week.is_some() { "edge week" } else { "edge" };
            view! { <line class=class x1=percent(day.from) x2=percent(day.from) y1="0" y2="100%"></line> }
        })
        .collect_view();
    let label = row.label.clone();
    let pieces = row
        .pieces
        .into_iter()
        .map(|piece| view! { <Piece piece=piece height=height all=all /> })
        .collect_view();
    let now = now.map(|at| {
        view! {
            <rect class="past" x="0" y="0" width=percent(at) height="100%"></rect>
            <line class="now" x1=percent(at) x2=percent(at) y1="0" y2="100%"></line>
        }
    });
    view! {
        <div class=if all { "rota-row rota-all" } else { "rota-row" }>
            <span class="rota-label" title=row.label>{label}</span>
            <svg role="img" aria-label=row.summary width="100%" height=tall>
                <defs>
                    <pattern id="rota-gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <rect class="gap-ground" width="8" height="8"></rect>
                        <rect class="gap-stripe" width="4" height="8"></rect>
                    </pattern>
                </defs>
                {grounds}
                {lines}
                {pieces}
                {now}
            </svg>
        </div>
    }
    .into_any()
}

/// A piece is a drawing of its own, so that what does not fit is cut off.
#[component]
fn Piece(piece: PicturePiece, height: u8, all: bool) -> impl IntoView {
    let width = piece.to - piece.from;
    let (inner, base) = (height - 4, height / 2 + 2);
    let gap = piece.names.is_empty();
    if gap && !all {
        return ().into_any();
    }
    let class = match piece.names.first() {
        None => "piece gap".to_owned(),
        Some(name) => format!("piece hue-{}", hue(name)),
    };
    let words = piece.names.join(", ");
    let short: Vec<String> = piece.names.iter().map(|name| initials(name)).collect();
    let text = if gap {
        (width >= FOR_NAME).then(|| ("nobody".to_owned(), false))
    } else if width >= FOR_NAME {
        Some((words, false))
    } else if width >= FOR_INITIALS {
        Some((short.join(" "), true))
    } else {
        None
    };
    let text = text.map(|(text, middle)| {
        let (x, anchor) = if middle {
            ("50%", "middle")
        } else {
            ("8", "start")
        };
        view! { <text x=x y=(base + 2).to_string() text-anchor=anchor>{text}</text> }
    });
    view! {
        <svg class=class x=percent(piece.from) y="2" width=percent(width) height=inner.to_string()>
            <title>{piece.title}</title>
            <rect x="0.5" y="0" width="100%" height="100%" rx="4"></rect>
            {text}
        </svg>
    }
    .into_any()
}
