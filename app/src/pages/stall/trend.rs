//! How the times develop from incident to incident, as a picture.

use super::figures::FiguresLine;
use crate::components::words;
use leptos::prelude::*;
use rideout_domain::stall::figures::median;

/// Incidents that are drawn.
const MOST: usize = 40;
const HEIGHT: i64 = 120;

/// Two bars an incident, oldest first: time to escalate, and from a prompt to the
/// first thing learnt; none where there is no time yet. The table below says the
/// same in numbers.
pub(super) fn trend(incidents: &[FiguresLine]) -> Option<AnyView> {
    let mut shown: Vec<&FiguresLine> = incidents.iter().take(MOST).collect();
    shown.reverse();
    let of = |line: &FiguresLine| {
        let f = &line.figures;
        (median(&f.escalate_seconds), median(&f.learning_seconds))
    };
    let most = shown
        .iter()
        .flat_map(|line| <[Option<i64>; 2]>::from(of(line)))
        .flatten()
        .max()?
        .max(60);
    let step = 100.0 / f64::from(u32::try_from(shown.len().max(1)).unwrap_or(1));
    let bars = shown
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let left = step * f64::from(u32::try_from(at).unwrap_or(0));
            let (escalate, learnt) = of(line);
            let bar = |seconds: Option<i64>, place: f64, class: &'static str, what: &str| {
                seconds.map(|seconds| {
                    let height = (seconds * HEIGHT / most).clamp(2, HEIGHT);
                    let title = format!(
                        "{}: {what} {}",
                        line.incident.reference(),
                        words::span(seconds)
                    );
                    view! {
                        <rect
                            class=class
                            x=format!("{:.2}%", left + step * place)
                            y=(HEIGHT - height).to_string()
                            width=format!("{:.2}%", (step * 0.36).min(2.5))
                            height=height.to_string()
                            rx="1"
                        >
                            <title>{title}</title>
                        </rect>
                    }
                })
            };
            view! {
                {bar(escalate, 0.1, "escalate", "escalated after")}
                {bar(learnt, 0.52, "learn", "learnt something after")}
            }
        })
        .collect_view();
    let summary = format!(
        "Bars for {} incidents, the longest {}; the table below has the numbers.",
        shown.len(),
        words::span(most)
    );
    Some(
        view! {
            <figure class="trend">
                <svg role="img" aria-label=summary width="100%" height=HEIGHT.to_string()>
                    {bars}
                </svg>
                <figcaption>
                    <span>{format!("oldest · tallest {}", words::span(most))}</span>
                    <ul class="strip-legend">
                        <li>
                            <span class="swatch escalate"></span>
                            "declared to escalated"
                        </li>
                        <li>
                            <span class="swatch learn"></span>
                            "prompt to first learning"
                        </li>
                    </ul>
                    <span>"newest"</span>
                </figcaption>
            </figure>
        }
        .into_any(),
    )
}
