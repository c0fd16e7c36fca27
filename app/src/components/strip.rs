//! A whole incident in one line.

use leptos::prelude::*;

/// What a mark on the strip stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StripKind {
    /// Somebody wrote something.
    Entry,
    /// Something was learnt.
    Learn,
    /// Something was done.
    Act,
    /// We were blocked.
    Blocked,
    /// Status or severity changed.
    Turn,
}

impl StripKind {
    const ALL: [Self; 5] = [
        Self::Entry,
        Self::Learn,
        Self::Act,
        Self::Blocked,
        Self::Turn,
    ];

    const fn class(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Learn => "learn",
            Self::Act => "act",
            Self::Blocked => "blocked",
            Self::Turn => "turn",
        }
    }

    const fn legend(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Learn => "learnt something",
            Self::Act => "did something",
            Self::Blocked => "hit a blocker",
            Self::Turn => "status or severity",
        }
    }

    /// Width, and how far from the edge it begins: a shape besides the colour.
    const fn shape(self) -> (u8, u8) {
        match self {
            Self::Entry => (2, 10),
            Self::Learn => (4, 3),
            Self::Act => (3, 7),
            Self::Blocked => (4, 12),
            Self::Turn => (1, 0),
        }
    }
}

/// A mark on the strip.
#[derive(Clone, Debug, PartialEq)]
pub struct StripMark {
    /// Where, from 0 (the beginning) to 1 (now).
    pub at: f64,
    /// What it stands for.
    pub kind: StripKind,
    /// What happened, on hover.
    pub title: String,
}

/// What a shaded stretch stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// We lacked something.
    Blocked,
    /// Rideout asked whether the room is stuck, and nothing was learnt yet.
    Stuck,
    /// We waited on purpose.
    Waiting,
}

impl SpanKind {
    const ALL: [Self; 3] = [Self::Blocked, Self::Stuck, Self::Waiting];

    const fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Stuck => "stuck",
            Self::Waiting => "waiting",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Blocked => "span blocked-span",
            Self::Stuck => "span stuck-span",
            Self::Waiting => "span waiting-span",
        }
    }

    /// How far from the edge it begins: a shape besides the colour.
    const fn inset(self) -> u8 {
        match self {
            Self::Stuck => 0,
            Self::Blocked => 6,
            Self::Waiting => 12,
        }
    }
}

/// A stretch of the strip that is shaded.
#[derive(Clone, Debug, PartialEq)]
pub struct StripSpan {
    /// What it stands for.
    pub kind: SpanKind,
    /// Where it begins, from 0 to 1.
    pub from: f64,
    /// Where it ends, from 0 to 1.
    pub to: f64,
    /// What it was: “blocked for 11 minutes”.
    pub title: String,
}

const HEIGHT: u8 = 34;

fn percent(fraction: f64) -> String {
    let inside = if fraction.is_finite() {
        fraction.clamp(0.0, 1.0)
    } else {
        0.0
    };
    // A mark at the very end would be cut off.
    format!("{:.2}%", inside * 99.6)
}

/// A whole incident in one line: a mark for each entry, learning tall and
/// violet, acting blue; stuck, blocked and waiting stretches shaded. `summary`
/// says the same in words.
#[component]
pub fn Strip(
    /// The marks, oldest first.
    marks: Vec<StripMark>,
    /// Shaded stretches.
    #[prop(optional)]
    spans: Vec<StripSpan>,
    /// What stands at the left end: “09:00”.
    #[prop(into)]
    from: AnyView,
    /// What stands at the right end: “now”.
    #[prop(into)]
    to: AnyView,
    /// The same in words.
    #[prop(into)]
    summary: String,
) -> impl IntoView {
    let seen: Vec<StripKind> = StripKind::ALL
        .into_iter()
        .filter(|kind| marks.iter().any(|m| m.kind == *kind))
        .collect();
    let shaded: Vec<SpanKind> = SpanKind::ALL
        .into_iter()
        .filter(|kind| spans.iter().any(|s| s.kind == *kind))
        .collect();
    let legend = view! {
        <ul class="strip-legend">
            {seen.into_iter().map(|kind| view! {
                <li><span class=format!("swatch {}", kind.class())></span>{kind.legend()}</li>
            }).collect_view()}
            {shaded.into_iter().map(|kind| view! {
                <li><span class=format!("swatch {}", kind.class())></span>{kind.word()}</li>
            }).collect_view()}
        </ul>
    };
    let spans = spans
        .into_iter()
        .map(|span| {
            let width = percent((span.to - span.from).max(0.004));
            let inset = span.kind.inset();
            view! {
                <rect
                    class=span.kind.class()
                    x=percent(span.from)
                    y=inset.to_string()
                    width=width
                    height=(HEIGHT - 2 * inset).to_string()
                >
                    <title>{span.title}</title>
                </rect>
            }
        })
        .collect_view();
    let marks = marks
        .into_iter()
        .map(|mark| {
            let (width, top) = mark.kind.shape();
            view! {
                <rect
                    class=mark.kind.class()
                    x=percent(mark.at)
                    y=top.to_string()
                    width=width.to_string()
                    height=(HEIGHT - 2 * top).to_string()
                    rx="1"
                >
                    <title>{mark.title}</title>
                </rect>
            }
        })
        .collect_view();
    view! {
        <figure class="strip">
            <svg role="img" aria-label=summary width="100%" height=HEIGHT.to_string()>
                <defs>
                    <pattern id="stripes" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <rect class="stripe" width="6" height="10"></rect>
                    </pattern>
                </defs>
                {spans}
                {marks}
            </svg>
            <figcaption>
                <span class="strip-end">{from}</span>
                {legend}
                <span class="strip-end">{to}</span>
            </figcaption>
        </figure>
    }
    .into_any()
}
