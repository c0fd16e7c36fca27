//! Public timelines as JSON Lines: first the incident, then one line for each thing that happened.

use crate::{Timestamp, incident::words, text::TEXT_MAX};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Largest file, in bytes.
pub const BYTES_MAX: usize = 16 * 1024 * 1024;
/// Most lines after the first.
pub const LINES_MAX: usize = 20_000;

words! {
    /// The kinds of lines.
    Kind, "kind", {
        /// Somebody or something noticed.
        Detected = "detected" / "Detected",
        /// The incident was declared.
        Declared = "declared" / "Declared",
        /// Anything else.
        Note = "note" / "Note",
        /// An explanation that can be tested.
        Hypothesis = "hypothesis" / "Hypothesis",
        /// An explanation was ruled out.
        HypothesisRefuted = "hypothesis_refuted" / "Ruled out",
        /// Something was learnt.
        Finding = "finding" / "Finding",
        /// A fact somebody can check.
        Evidence = "evidence" / "Evidence",
        /// Something was done.
        Action = "action" / "Action",
        /// What it did.
        ActionResult = "action_result" / "Effect",
        /// What was decided.
        Decision = "decision" / "Decision",
        /// Somebody was asked to help.
        Escalation = "escalation" / "Escalation",
        /// Somebody came in.
        Joined = "joined" / "Joined",
        /// What stakeholders were told.
        StakeholderUpdate = "stakeholder_update" / "Stakeholder update",
        /// The severity changed.
        Severity = "severity" / "Severity",
        /// Customers were well again.
        Mitigated = "mitigated" / "Mitigated",
        /// It was over.
        Resolved = "resolved" / "Resolved",
    }
}

/// A span in which the responders were stuck, as the source shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Beginning.
    pub from: Timestamp,
    /// End, after the beginning.
    pub to: Timestamp,
    /// Why they were stuck.
    #[serde(default)]
    pub why: String,
}

impl Span {
    /// Whether a moment lies in it; both ends do.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at <= self.to
    }
}

/// The first line's content.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Identifier.
    pub id: String,
    /// What was wrong.
    pub title: String,
    /// Whose incident.
    #[serde(default)]
    pub org: String,
    /// Where it is told.
    #[serde(default)]
    pub source: String,
    /// 1 to 4.
    pub severity: u8,
    /// When it began for customers.
    pub started_at: Timestamp,
    /// When it was noticed.
    pub detected_at: Option<Timestamp>,
    /// When the way out was found.
    #[serde(default)]
    pub turning_point_at: Option<Timestamp>,
    /// What it was.
    #[serde(default)]
    pub turning_point: Option<String>,
    /// When customers were well again.
    pub mitigated_at: Option<Timestamp>,
    /// When it was over.
    pub resolved_at: Option<Timestamp>,
    /// When the responders were stuck.
    #[serde(default)]
    pub stuck_windows: Vec<Span>,
    /// How exact the times are.
    #[serde(default)]
    pub time_precision: Option<String>,
    /// What a reader should know.
    #[serde(default)]
    pub notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    incident: Head,
}

/// A line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Who or what; see [`is_person`].
    pub actor: String,
    /// What.
    pub kind: Kind,
    /// In words.
    pub text: String,
    /// Where the source says so.
    #[serde(default, rename = "ref")]
    pub reference: Option<String>,
}

/// A whole timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The incident.
    pub head: Head,
    /// What happened, in order of time.
    pub lines: Vec<Line>,
}

/// A file that is no timeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATimeline {
    /// Larger than is read.
    #[error("the file has {0} bytes; at most {BYTES_MAX} are read")]
    TooLarge(usize),
    /// More lines than are read.
    #[error("line {0}: more than {LINES_MAX} lines are not read")]
    TooManyLines(usize),
    /// Nothing in it.
    #[error("the file is empty: its first line must be {{\"incident\": …}}")]
    Empty,
    /// A line that cannot be read.
    #[error("line {line}: {why}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

/// Reads a timeline.
///
/// # Errors
/// [`NotATimeline`] with the number of the first line that will not do.
pub fn read(text: &str) -> Result<Timeline, NotATimeline> {
    if text.len() > BYTES_MAX {
        return Err(NotATimeline::TooLarge(text.len()));
    }
    let bad = |line: usize, why: String| NotATimeline::Line { line, why };
    let mut numbered = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim().is_empty());
    let (number, first) = numbered.next().ok_or(NotATimeline::Empty)?;
    let First { incident: head } =
        serde_json::from_str(first).map_err(|error| bad(number, error.to_string()))?;
    check(&head).map_err(|why| bad(number, why))?;
    let mut lines: Vec<Line> = Vec::new();
    for (number, line) in numbered {
        if lines.len() >= LINES_MAX {
            return Err(NotATimeline::TooManyLines(number));
        }
        let line: Line =
            serde_json::from_str(line).map_err(|error| bad(number, error.to_string()))?;
        if let Some(last) = lines.last()
            && line.at < last.at
        {
            return Err(bad(
                number,
                format!("{} lies before the line above it, {}", line.at, last.at),
            ));
        }
        if line.text.chars().count() > TEXT_MAX {
            return Err(bad(
                number,
                format!("the text has more than {TEXT_MAX} characters"),
            ));
        }
        lines.push(line);
    }
    Ok(Timeline { head, lines })
}

fn check(head: &Head) -> Result<(), String> {
    if !(1..=4).contains(&head.severity) {
        return Err(format!(
            "severity {} will not do: it is 1 to 4",
            head.severity
        ));
    }
    if let Some(span) = head.stuck_windows.iter().find(|s| s.to <= s.from) {
        return Err(format!(
            "the stuck span from {} does not end after it",
            span.from
        ));
    }
    Ok(())
}

/// Words in the names of actors that are other programs. What programs write is on
/// record and moves no clock.
const PROGRAMS: &[&str] = &[
    "alarm",
    "alarms",
    "ci",
    "cd",
    "bot",
    "bots",
    "automation",
    "automatic",
    "automated",
    "automatically",
    "system",
    "systems",
    "scheduler",
    "cron",
    "cronjob",
    "script",
    "autoscaler",
    "autoscaling",
    "kubernetes",
    "robot",
    "deployer",
    "pipeline",
    "dependabot",
    "service",
    "services",
    "server",
    "servers",
    "software",
    "database",
    "cluster",
    "cdn",
    "balancer",
    "machine",
];

/// Words in the names of programs that watch and raise alerts.
const WATCHERS: &[&str] = &[
    "monitoring",
    "monitor",
    "monitors",
    "alert",
    "alerts",
    "alerting",
    "alertmanager",
    "prometheus",
    "grafana",
    "nagios",
    "icinga",
    "zabbix",
    "sentry",
    "pingdom",
    "datadog",
    "pagerduty",
    "opsgenie",
    "pager",
    "watchdog",
    "healthcheck",
    "probe",
    "probes",
    "check",
    "checks",
];

/// Words in the names of people, whatever else stands there: “monitoring team”.
const PEOPLE: &[&str] = &[
    "team",
    "teams",
    "engineer",
    "engineers",
    "developer",
    "developers",
    "operator",
    "operators",
    "call",
    "oncall",
    "sre",
    "sres",
    "staff",
    "admin",
    "admins",
    "administrator",
    "administrators",
    "responder",
    "responders",
    "lead",
    "commander",
    "manager",
    "managers",
    "colleague",
    "colleagues",
    "support",
    "helpdesk",
    "owner",
    "owners",
    "maintainer",
    "maintainers",
    "specialist",
    "expert",
    "experts",
    "person",
    "people",
    "group",
    "coordinator",
];

/// Words in the names of actors outside the room: they report and do not respond.
const OUTSIDERS: &[&str] = &[
    "user",
    "users",
    "customer",
    "customers",
    "client",
    "clients",
    "reporter",
    "reporters",
    "community",
    "public",
    "press",
    "visitor",
    "visitors",
    "contributor",
    "contributors",
    "researcher",
    "researchers",
    "student",
    "students",
    "author",
    "authors",
    "subscriber",
    "subscribers",
    "tenant",
    "tenants",
];

fn names(actor: &str, words: &[&str]) -> bool {
    actor
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| words.contains(&word.to_lowercase().as_str()))
}

fn is_program(actor: &str) -> bool {
    names(actor, PROGRAMS) || names(actor, WATCHERS)
}

/// Whether an actor is a program that watches and raises alerts, by its name.
#[must_use]
pub fn is_monitoring(actor: &str) -> bool {
    names(actor, WATCHERS) && !names(actor, PEOPLE)
}

/// Whether an actor is a person or a group of people, by its name.
#[must_use]
pub fn is_person(actor: &str) -> bool {
    names(actor, PEOPLE) || !is_program(actor)
}

/// Whether an actor is in the room, by its name: a person, and not one who only
/// reports what they see.
#[must_use]
pub fn is_responder(actor: &str) -> bool {
    names(actor, PEOPLE) || !(is_program(actor) || names(actor, OUTSIDERS))
}
