//! What must hold of the timeline of an incident.

use crate::tests::simulation::story::MINUTE;
use rideout_domain::{
    PageId,
    entry::{EscalationStep, PromptTo},
};
use std::collections::BTreeMap;

/// The longest a rung lasts, where nothing but absence speaks. A policy that was gone
/// through in vain is begun again sooner.
const RUNG: i64 = 2 * 60 * MINUTE;
/// The longest time in which nobody is called while nobody does anything.
const SILENCE: i64 = RUNG + 5 * MINUTE;
/// From the last that anybody did to a page: a pause of half an hour that was asked
/// for, and the room; a second opinion is paged.
const PAGED: i64 = 30 * MINUTE + SILENCE;
/// Nodes may all be down.
const DOWN: i64 = 20 * MINUTE;

/// Something in the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Prompt(PromptTo),
    Withdrawn,
    Answered,
    /// Somebody wrote.
    Wrote,
    Escalation(EscalationStep),
    /// With its level, if an escalation did it.
    Paged(PageId, Option<u32>),
    Acknowledged(PageId),
    Over,
}

/// When it really happened, whatever clocks showed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) at: i64,
    pub(super) what: What,
}

/// A clock that was set: when, and by how much.
pub(super) type Jump = (i64, i64);

/// By how much clocks that jump may put a step off: a rung may begin anew. Ahead they
/// put nothing off.
fn put_off(jumps: &[Jump], from: i64, to: i64) -> i64 {
    let between = jumps.iter().filter(|(at, _)| (from..=to).contains(at));
    between.map(|(_, by)| (-by).clamp(0, RUNG)).sum()
}

/// Everything that does not hold, in sentences.
pub(super) fn judge(lines: &[Line], calm_from: i64, end: i64, jumps: &[Jump]) -> Vec<String> {
    let mut wrong = Vec::new();
    nobody_is_asked_twice(lines, &mut wrong);
    nobody_is_called_once_somebody_came(lines, &mut wrong);
    nothing_follows_the_end(lines, &mut wrong);
    it_is_never_silent(lines, end, jumps, &mut wrong);
    it_ends_in_a_page(lines, calm_from, end, jumps, &mut wrong);
    wrong
}

fn is_over(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.what == What::Over)
}

/// A rung is taken once, until what was asked is answered or taken back; the policy
/// is begun again only when it was gone through.
fn nobody_is_asked_twice(lines: &[Line], wrong: &mut Vec<String>) {
    let mut asked: Option<PromptTo> = None;
    let mut runs = false;
    for line in lines {
        match line.what {
            What::Prompt(to) => {
                let again = match (asked, to) {
                    (Some(PromptTo::Policy), PromptTo::Policy) => runs,
                    (Some(PromptTo::SecondOpinion), PromptTo::Policy)
                    | (Some(PromptTo::Room), PromptTo::SecondOpinion | PromptTo::Policy)
                    | (None, _) => false,
                    (Some(_), _) => true,
                };
                if again {
                    wrong.push(format!("{to} is asked again at {}", line.at / MINUTE));
                }
                asked = Some(to);
            }
            What::Withdrawn | What::Answered | What::Acknowledged(_) => asked = None,
            What::Escalation(step) => {
                runs = matches!(
                    step,
                    EscalationStep::Started | EscalationStep::Level | EscalationStep::Nobody
                );
            }
            What::Wrote | What::Paged(..) | What::Over => {}
        }
    }
}

/// Whoever comes to a page of the policy ends it, until somebody is asked again.
fn nobody_is_called_once_somebody_came(lines: &[Line], wrong: &mut Vec<String>) {
    let mut levels = BTreeMap::new();
    let mut came = false;
    for line in lines {
        match line.what {
            What::Paged(page, level) => {
                if came && level.is_some() {
                    wrong.push(format!(
                        "somebody is called at {} although somebody came",
                        line.at / MINUTE
                    ));
                }
                levels.insert(page, level);
            }
            What::Acknowledged(page) if levels.get(&page).is_some_and(Option::is_some) => {
                came = true;
            }
            What::Prompt(_) | What::Answered => came = false,
            _ => {}
        }
    }
}

fn nothing_follows_the_end(lines: &[Line], wrong: &mut Vec<String>) {
    let after = lines.iter().skip_while(|line| line.what != What::Over);
    for line in after {
        if matches!(line.what, What::Prompt(_) | What::Paged(..)) {
            wrong.push(format!("it goes on at {} after the end", line.at / MINUTE));
        }
    }
}

/// While an incident is open there is always somebody who does something, or
/// somebody who is called.
fn it_is_never_silent(lines: &[Line], end: i64, jumps: &[Jump], wrong: &mut Vec<String>) {
    let loud = |line: &&Line| {
        matches!(
            line.what,
            What::Prompt(_)
                | What::Paged(..)
                | What::Answered
                | What::Wrote
                | What::Acknowledged(_)
                | What::Over
        )
    };
    let mut times: Vec<i64> = lines.iter().filter(loud).map(|line| line.at).collect();
    if !is_over(lines) {
        times.push(end);
    }
    for (from, to) in times.iter().zip(times.iter().skip(1)) {
        let most = SILENCE + DOWN + put_off(jumps, *from, *to);
        if to - from > most {
            wrong.push(format!(
                "nobody is called from {} to {}",
                from / MINUTE,
                to / MINUTE
            ));
        }
    }
}

fn it_ends_in_a_page(
    lines: &[Line],
    calm_from: i64,
    end: i64,
    jumps: &[Jump],
    wrong: &mut Vec<String>,
) {
    if is_over(lines) || lines.is_empty() {
        return;
    }
    // A jump before counts as far as what it put off was still to come.
    let latest = calm_from + PAGED + put_off(jumps, calm_from - RUNG, end).min(RUNG);
    assert!(latest < end, "there is time to page somebody");
    let paged = lines.iter().any(|line| {
        matches!(line.what, What::Paged(..)) && (calm_from..=latest).contains(&line.at)
    });
    if !paged {
        wrong.push("nobody answered, and nobody was paged".to_owned());
    }
}

/// The verdict notices what it is there for.
mod tests {
    use super::*;
    use What::{Acknowledged, Answered, Escalation, Over, Paged, Prompt, Withdrawn, Wrote};

    const END: i64 = 360 * MINUTE;

    fn page(n: u128) -> PageId {
        PageId(uuid::Uuid::from_u128(n))
    }

    /// What is told of a timeline of minutes, quiet from its beginning.
    fn told(lines: &[(i64, What)]) -> String {
        let line = |(minute, what): &(i64, What)| Line {
            at: minute * MINUTE,
            what: *what,
        };
        let lines: Vec<Line> = lines.iter().map(line).collect();
        judge(&lines, 0, END, &[]).join("\n")
    }

    fn good() -> Vec<(i64, What)> {
        vec![
            (0, Wrote),
            (15, Prompt(PromptTo::Room)),
            (25, Prompt(PromptTo::SecondOpinion)),
            (25, Paged(page(1), None)),
            (40, Prompt(PromptTo::Policy)),
            (40, Escalation(EscalationStep::Level)),
            (40, Paged(page(2), Some(1))),
            (45, Escalation(EscalationStep::Exhausted)),
            (100, Prompt(PromptTo::Policy)),
            (100, Escalation(EscalationStep::Level)),
            (100, Paged(page(3), Some(1))),
            (110, Acknowledged(page(3))),
            (200, Prompt(PromptTo::Room)),
            (210, Answered),
            (220, Prompt(PromptTo::Room)),
        ]
    }

    #[test]
    fn a_ladder_that_is_climbed_holds() {
        assert_eq!(told(&good()), "");
    }

    #[test]
    fn a_rung_that_is_taken_twice_is_noticed() {
        for (at, to) in [
            (16, PromptTo::Room),
            (26, PromptTo::SecondOpinion),
            (41, PromptTo::Policy),
            (101, PromptTo::Room),
        ] {
            let mut lines = good();
            let after = lines.iter().position(|(minute, _)| *minute > at).unwrap();
            lines.insert(after, (at, Prompt(to)));
            let wrong = told(&lines);
            assert!(
                wrong.contains(&format!("is asked again at {at}")),
                "{wrong}"
            );
            lines.insert(after, (at, Withdrawn));
            assert!(!told(&lines).contains(&format!("is asked again at {at}")));
        }
    }

    #[test]
    fn a_page_after_somebody_came_or_after_the_end_is_noticed() {
        let mut lines = good();
        lines.insert(12, (111, Paged(page(4), Some(2))));
        assert!(told(&lines).contains("although somebody came"));
        let mut lines = good();
        lines.insert(3, (25, Over));
        assert!(told(&lines).contains("after the end"));
    }

    #[test]
    fn silence_is_noticed() {
        let mut lines = good();
        lines.truncate(8);
        assert!(told(&lines).contains("nobody is called from 40 to 360"));
        let lines = [(0, Wrote), (70, Prompt(PromptTo::Room))];
        assert!(told(&lines).contains("nobody was paged"));
    }
}
