//! Laying layers, imported shifts and overrides upon each other.

use super::{Layer, Schedule, Shift, limits};
use crate::{time::DAY, zone::Zone};
use rideout_domain::{Timestamp, UserId};
use serde::Serialize;
use std::collections::BTreeMap;

/// A span of time and who is on call in it; a gap when that is nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// From this moment.
    pub from: Timestamp,
    /// Up to this moment, which no longer belongs to it.
    pub until: Timestamp,
    /// Who is on call, sorted by identifier.
    pub people: Vec<UserId>,
}

/// What a schedule is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything together: who is called.
    All,
    /// The overrides alone.
    Overrides,
    /// The imported shifts alone.
    Imported,
    /// One layer alone, counted from nought, the one that wins first; from when the
    /// layers were last changed.
    Layer(usize),
    /// The layers as they were before that, together.
    Former,
}

/// Who claims to be on call, and how strongly: the smallest rank wins.
struct Claim {
    rank: usize,
    person: UserId,
    /// When the turn or shift began, which may lie before it is visible.
    began: Timestamp,
    from: Timestamp,
    until: Timestamp,
}

/// A span with the turns that make it up, so that a hand-over from a person to
/// the same person is still one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Who, and when the turn of each began.
    pub(crate) turns: Vec<(UserId, Timestamp)>,
    rank: usize,
}

/// The rank of imported shifts: after any number of overrides.
const IMPORTED: usize = usize::MAX / 2;

/// 2200-01-01T00:00:00Z, from which on no layer gives anybody a turn.
const END: Timestamp = Timestamp(7_258_118_400 * crate::time::SECOND);

impl Schedule {
    /// Who is on call at a moment, sorted by identifier. Empty: nobody.
    #[must_use]
    pub fn on_call_at(&self, at: Timestamp) -> Vec<UserId> {
        self.shifts(at, Timestamp(at.0.saturating_add(1)))
            .into_iter()
            .next()
            .map(|span| span.people)
            .unwrap_or_default()
    }

    /// Who is on call from one moment to another: spans in order that cover all
    /// of it, gaps included; neighbours differ. Empty when `until` is not after
    /// `from`. Costs what is shown, wherever in time it lies; layers end with
    /// the year 2199.
    #[must_use]
    pub fn shifts(&self, from: Timestamp, until: Timestamp) -> Vec<Span> {
        self.part(Part::All, from, until)
    }

    /// The same for one part of the schedule alone, as if the others were not there.
    #[must_use]
    pub fn part(&self, part: Part, from: Timestamp, until: Timestamp) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for piece in self.pieces(part, from, until) {
            let people: Vec<UserId> = piece.turns.iter().map(|(person, _)| *person).collect();
            match spans.last_mut() {
                Some(last) if last.people == people => last.until = piece.until,
                _ => spans.push(Span {
                    from: piece.from,
                    until: piece.until,
                    people,
                }),
            }
        }
        spans
    }

    /// When nobody is on call between two moments.
    #[must_use]
    pub fn gaps(&self, from: Timestamp, until: Timestamp) -> Vec<Span> {
        let mut gaps = self.shifts(from, until);
        gaps.retain(|span| span.people.is_empty());
        gaps
    }

    /// Who is on call at a moment and until when, and who is next. Looks at
    /// most 400 days ahead; the last known span ends there.
    #[must_use]
    pub fn now_and_next(&self, at: Timestamp) -> (Span, Option<Span>) {
        let plus = |days: i64| Timestamp(at.0.saturating_add(days * DAY));
        for days in [2, 32, 400] {
            let mut spans = self.shifts(at, plus(days)).into_iter();
            if let (Some(now), Some(mut next)) = (spans.next(), spans.next()) {
                // The last span was cut by where the look ended.
                if next.until == plus(days) {
                    next = self.uncut(next, plus(400));
                }
                return (now, Some(next));
            }
        }
        let now = Span {
            from: at,
            until: plus(400),
            people: self.on_call_at(at),
        };
        (now, None)
    }

    fn uncut(&self, span: Span, until: Timestamp) -> Span {
        self.shifts(span.from, until)
            .into_iter()
            .next()
            .unwrap_or(span)
    }

    /// The longest that a turn can have begun before it is seen.
    pub(crate) fn longest_turn(&self) -> i64 {
        let former = self.former.iter().flat_map(|former| &former.layers);
        let turns = self.layers.iter().chain(former);
        let turns = turns.map(|layer| layer.rotation.seconds());
        let turns = turns.max().unwrap_or(0) * crate::time::SECOND + DAY;
        // A shift that goes on over a change is made of two turns.
        let changes = i64::try_from(self.former.len()).unwrap_or(i64::MAX);
        let turns = turns.saturating_mul(changes.saturating_add(1));
        let shifts = self.overrides.iter().chain(&self.imported);
        let shifts = shifts.map(|shift| shift.until.0.saturating_sub(shift.from.0));
        let turns = turns.min(limits::SHIFT_DAYS * DAY);
        shifts.max().unwrap_or(0).max(turns)
    }

    /// The pieces that cover a span of time, gaps included.
    pub(crate) fn pieces(&self, part: Part, from: Timestamp, until: Timestamp) -> Vec<Piece> {
        if until <= from {
            return Vec::new();
        }
        let mut edges = BTreeMap::from([(from, Vec::new()), (until, Vec::new())]);
        let claims = self.claims(part, from, until);
        for (at, claim) in claims.iter().enumerate() {
            edges.entry(claim.from).or_default().push((at, true));
            edges.entry(claim.until).or_default().push((at, false));
        }
        // What holds at the moment: by rank and person, the turns and how many.
        let mut holding: BTreeMap<(usize, UserId), BTreeMap<Timestamp, usize>> = BTreeMap::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut begins = from;
        let mut current: Option<(usize, Vec<(UserId, Timestamp)>)> = None;
        for (edge, changes) in &edges {
            if let Some((rank, turns)) = current.take().filter(|_| *edge > begins) {
                push(&mut pieces, begins, *edge, rank, turns);
            }
            begins = *edge;
            for (at, starts) in changes {
                let claim = &claims[*at];
                let turns = holding.entry((claim.rank, claim.person)).or_default();
                if *starts {
                    *turns.entry(claim.began).or_default() += 1;
                } else if let Some(count) = turns.get_mut(&claim.began) {
                    *count -= 1;
                    if *count == 0 {
                        turns.remove(&claim.began);
                    }
                }
                if turns.is_empty() {
                    holding.remove(&(claim.rank, claim.person));
                }
            }
            current = Some(strongest(&holding));
        }
        self.carried_over(pieces)
    }

    /// The same, with shifts going on over a change of the layers that leaves their
    /// people in place.
    fn carried_over(&self, pieces: Vec<Piece>) -> Vec<Piece> {
        if self.former.is_empty() {
            return pieces;
        }
        let people = |piece: &Piece| -> Vec<UserId> {
            piece.turns.iter().map(|(person, _)| *person).collect()
        };
        let mut carried: Vec<Piece> = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let changed = |at: Timestamp| self.former.iter().any(|former| former.until == at);
            match carried.last_mut() {
                Some(last)
                    if last.rank > IMPORTED
                        && piece.rank > IMPORTED
                        && people(last) == people(&piece)
                        && changed(piece.from) =>
                {
                    last.until = piece.until;
                    last.rank = piece.rank;
                }
                _ => carried.push(piece),
            }
        }
        carried
    }

    /// Everything that claims part of a span of time, cut to it.
    fn claims(&self, part: Part, from: Timestamp, until: Timestamp) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut claim = |rank, person, began, from_: Timestamp, until_: Timestamp| {
            let (from, mut until) = (from_.max(from), until_.min(until));
            if let Some(gone) = self.absent.get(&person) {
                until = until.min(*gone);
            }
            if from < until {
                claims.push(Claim {
                    rank,
                    person,
                    began,
                    from,
                    until,
                });
            }
        };
        if matches!(part, Part::All | Part::Overrides) {
            // The last that was added has the smallest rank.
            for (
                rank,
                Shift {
                    person,
                    from,
                    until,
                },
            ) in self.overrides.iter().rev().enumerate()
            {
                claim(rank, *person, *from, *from, *until);
            }
        }
        if matches!(part, Part::All | Part::Imported) {
            for Shift {
                person,
                from,
                until,
            } in &self.imported
            {
                claim(IMPORTED, *person, *from, *from, *until);
            }
        }
        let mut begins = Timestamp(i64::MIN);
        for former in &self.former {
            if matches!(part, Part::All | Part::Former) {
                let (from, until) = (from.max(begins), until.min(former.until));
                for (at, layer) in former.layers.iter().enumerate() {
                    layer_claims(
                        layer,
                        &former.zone,
                        from,
                        until,
                        |person, began, from, until| {
                            claim(IMPORTED + 1 + at, person, began, from, until);
                        },
                    );
                }
            }
            begins = former.until;
        }
        let from = from.max(begins);
        for (at, layer) in self.layers.iter().enumerate() {
            if part == Part::All || part == Part::Layer(at) {
                layer_claims(
                    layer,
                    &self.zone,
                    from,
                    until,
                    |person, began, from, until| {
                        claim(IMPORTED + 1 + at, person, began, from, until);
                    },
                );
            }
        }
        claims
    }
}

fn layer_claims(
    layer: &Layer,
    zone: &Zone,
    from: Timestamp,
    until: Timestamp,
    mut claim: impl FnMut(UserId, Timestamp, Timestamp, Timestamp),
) {
    let (from, until) = (from.max(layer.begins(zone)), until.min(END));
    if until <= from {
        return;
    }
    let turns = layer.turns(zone, from, until);
    let open = layer.open(zone, from, until);
    let (mut turn, mut window) = (0, 0);
    while let (Some(t), Some((opens, closes))) = (turns.get(turn), open.get(window)) {
        let (begin, end) = (t.from.max(*opens), t.until.min(*closes));
        if begin < end {
            claim(t.person, t.from, begin, end);
        }
        if t.until <= *closes {
            turn += 1;
        } else {
            window += 1;
        }
    }
}

/// Who holds with the smallest rank, and whose turns.
fn strongest(
    holding: &BTreeMap<(usize, UserId), BTreeMap<Timestamp, usize>>,
) -> (usize, Vec<(UserId, Timestamp)>) {
    let Some(((rank, _), _)) = holding.first_key_value() else {
        return (usize::MAX, Vec::new());
    };
    let turns = holding
        .iter()
        .take_while(|((other, _), _)| other == rank)
        .filter_map(|((_, person), turns)| turns.keys().next().map(|began| (*person, *began)))
        .collect();
    (*rank, turns)
}

fn push(
    pieces: &mut Vec<Piece>,
    from: Timestamp,
    until: Timestamp,
    rank: usize,
    turns: Vec<(UserId, Timestamp)>,
) {
    match pieces.last_mut() {
        Some(last) if last.rank == rank && last.turns == turns => last.until = until,
        _ => pieces.push(Piece {
            from,
            until,
            turns,
            rank,
        }),
    }
}
