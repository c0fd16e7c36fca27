//! Timeline entries: what a person or Rideout put on record.

use crate::{
    AttachmentId, EntryId, EscalationId, IncidentId, IncidentRole, PageId, Severity, Status,
    Timestamp, UserId, incident::words,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

words! {
    /// How a hypothesis stands.
    HypothesisStatus, "hypothesis status", {
        /// Somebody said it.
        Proposed = "proposed" / "proposed",
        /// Somebody is finding out.
        Testing = "testing" / "testing",
        /// Evidence speaks for it.
        Supported = "supported" / "supported",
        /// Ruled out.
        Refuted = "refuted" / "ruled out",
    }
}

words! {
    /// How evidence stands to its hypothesis.
    Stance, "stance", {
        /// Speaks for it.
        For = "for" / "for",
        /// Speaks against it.
        Against = "against" / "against",
        /// Neither yet.
        Neutral = "neutral" / "about",
    }
}

words! {
    /// What an action did.
    Effect, "effect", {
        /// It helped.
        Helped = "helped" / "helped",
        /// Nothing changed.
        NoEffect = "no_effect" / "no effect",
        /// It made things worse.
        Worse = "worse" / "made it worse",
    }
}

words! {
    /// What happened to an earlier entry.
    Change, "change", {
        /// Its text or time was changed; the old revision stays readable.
        Edited = "edited" / "edited",
        /// Its text was taken out; only those who may redact can read it.
        Redacted = "redacted" / "redacted",
        /// Put at the top of the room.
        Pinned = "pinned" / "pinned",
        /// Taken from the top again.
        Unpinned = "unpinned" / "unpinned",
    }
}

words! {
    /// Who is asked by a prompt.
    PromptTo, "prompt", {
        /// Everybody in the room.
        Room = "room" / "the room",
        /// The deputy, or whoever stands above the commander: whoever is stuck
        /// is the last to see it.
        SecondOpinion = "second_opinion" / "a second opinion",
        /// The next level of the escalation policy.
        Policy = "policy" / "the escalation policy",
    }
}

words! {
    /// What a prompt can be answered with.
    AnswerKind, "answer", {
        /// Somebody works on it; look again in some minutes.
        StillOnIt = "still_on_it" / "still on it",
        /// Something is lacking.
        Blocked = "blocked" / "blocked",
        /// Somebody is needed.
        NeedHelp = "need_help" / "need help",
        /// Call the next level now.
        Escalate = "escalate" / "escalate now",
        /// Customers are well again.
        Mitigated = "mitigated" / "mitigated",
        /// The prompt was false.
        NotStuck = "not_stuck" / "not stuck",
    }
}

words! {
    /// What an escalation did.
    EscalationStep, "escalation step", {
        /// It began.
        Started = "started" / "started",
        /// A level is being called.
        Level = "level" / "level called",
        /// Nobody is there at a level; the next one is taken at once.
        Nobody = "nobody" / "nobody there",
        /// Every level was called as often as the policy says, and nobody came.
        Exhausted = "exhausted" / "exhausted",
        /// It ended, because somebody came or the incident is over.
        Ended = "ended" / "ended",
    }
}

/// A signal that fired, as a prompt tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptSignal {
    /// Which signal, as a word: `no_learning`.
    pub id: String,
    /// Why it fired, in a sentence with the facts in it.
    pub why: String,
}

/// Somebody whom a prompt proposes to call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToCall {
    /// Who, if they have an account and can be paged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// Name of the person, or of the dependency whose people have no account.
    pub name: String,
    /// Why they, in half a sentence.
    pub reason: String,
    /// How they are reached; empty when nothing is known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub route: String,
}

/// A file that an evidence carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Identifier, as the upload answered.
    pub id: AttachmentId,
    /// File name, for people. Filled in by the server.
    #[serde(default)]
    pub name: String,
    /// Size in bytes. Filled in by the server.
    #[serde(default)]
    pub size: i64,
    /// Media type. Filled in by the server.
    #[serde(default)]
    pub content_type: String,
}

/// What an entry says beyond its text. In JSON the fields stand beside `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryBody {
    /// Anything worth writing down.
    Note,
    /// Something was learnt.
    Finding,
    /// An explanation that can be tested; the text is the hypothesis.
    Hypothesis,
    /// A hypothesis changed its standing; the text says why.
    HypothesisStatus {
        /// The entry that proposed it.
        hypothesis: EntryId,
        /// How it stands now.
        to: HypothesisStatus,
    },
    /// A fact somebody can check, perhaps for or against a hypothesis.
    Evidence {
        /// Where to look.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
        /// A file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attachment: Option<Attachment>,
        /// The hypothesis it bears on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hypothesis: Option<EntryId>,
        /// How it bears on it.
        #[serde(default = "neutral")]
        stance: Stance,
    },
    /// What was decided.
    Decision {
        /// What else was considered.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        alternatives: Vec<String>,
    },
    /// Something was done to the system.
    Action,
    /// What an action did; the text says how one can tell.
    ActionEffect {
        /// The action.
        action: EntryId,
        /// What it did.
        effect: Effect,
    },
    /// One person does one thing in a given time.
    Task {
        /// Who does it.
        owner: UserId,
        /// Time box, in minutes from when it was given.
        minutes: u32,
    },
    /// The task is done; the text is the result.
    TaskDone {
        /// The task.
        task: EntryId,
    },
    /// A few people, one question, a timer; the text is the question.
    Breakout {
        /// Who goes.
        people: Vec<UserId>,
        /// Timer, in minutes.
        minutes: u32,
    },
    /// The breakout is over; the text is what it brought.
    BreakoutEnded {
        /// The breakout.
        breakout: EntryId,
    },
    /// We cannot go on for lack of something; the text says what.
    Blocker {
        /// On whom or what we wait.
        #[serde(default)]
        waiting_on: String,
        /// How long we are ready to wait, in minutes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
    },
    /// The blocker is gone; the text says how.
    BlockerLifted {
        /// The blocker.
        blocker: EntryId,
    },
    /// What stakeholders are told.
    StakeholderUpdate {
        /// Minutes to the next update; none when there will be none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_minutes: Option<u32>,
    },
    /// The status changed; the text is the reason, or the summary when resolved.
    Status {
        /// Before. Filled in by the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Status>,
        /// Now.
        to: Status,
    },
    /// The severity changed; the text is the reason.
    Severity {
        /// Before. Filled in by the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Severity>,
        /// Now.
        to: Severity,
    },
    /// Somebody took a role, or was handed it; the text is the hand-over note.
    RoleTaken {
        /// The role.
        role: IncidentRole,
        /// Who has it now.
        user: UserId,
        /// Who had it. Filled in by the server.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<UserId>,
    },
    /// Somebody gave a role back.
    RoleReleased {
        /// The role.
        role: IncidentRole,
        /// Who had it.
        user: UserId,
    },
    /// We wait on purpose, and the watch keeps quiet until then; the text says for what.
    Wait {
        /// How long, in minutes.
        minutes: u32,
    },
    /// The wait is over; the text is what it brought.
    WaitEnded {
        /// The wait.
        wait: EntryId,
    },
    /// A dependency was asked for help; the text is the question.
    Asked {
        /// Who was asked: a service, a supplier, a team.
        whom: String,
        /// Minutes within which they promise to respond, if they promise anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
    },
    /// They responded; the text is what they said.
    Replied {
        /// The question.
        asked: EntryId,
    },
    /// An alert fires, or no longer does.
    Alert {
        /// What identifies the alert: its name with its labels.
        name: String,
        /// Whether it fires.
        firing: bool,
        /// Where to look.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        link: Option<String>,
    },
    /// Rideout asks whether the room is stuck.
    Prompt {
        /// Who is asked.
        to: PromptTo,
        /// Who is asked by name; empty for the whole room.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        people: Vec<UserId>,
        /// Stall level, 1 to 3.
        level: u32,
        /// What made it ask.
        signals: Vec<PromptSignal>,
        /// When the next step follows, unless somebody answers.
        answer_by: Timestamp,
        /// Whom to call, the first to be called first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        call: Vec<ToCall>,
    },
    /// The prompt is answered by what was learnt or by the incident's end.
    PromptWithdrawn {
        /// The prompt.
        prompt: EntryId,
    },
    /// Somebody answered a prompt; the text is a word on what is being tried.
    Answer {
        /// The prompt.
        prompt: EntryId,
        /// What they answered.
        answer: AnswerKind,
        /// Minutes until the watch looks again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        minutes: Option<u32>,
    },
    /// An escalation went on.
    Escalation {
        /// Which.
        escalation: EscalationId,
        /// What it did.
        step: EscalationStep,
        /// The level of the policy, from 1; 0 before the first.
        level: u32,
    },
    /// Somebody is being paged; the text is what they are told.
    Paged {
        /// The page.
        page: PageId,
        /// Who.
        user: UserId,
        /// The level of the policy; none when somebody paged by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level: Option<u32>,
    },
    /// A page was acknowledged.
    PageAcknowledged {
        /// The page.
        page: PageId,
        /// By whom.
        user: UserId,
    },
    /// A page reached nobody; the text says why.
    PageFailed {
        /// The page.
        page: PageId,
        /// Whom it should have reached.
        user: UserId,
    },
    /// The incident was declared.
    Declared {
        /// How bad it was thought to be.
        severity: Severity,
    },
    /// Title, services or description were changed; the text says what.
    Details,
    /// Somebody was named who may see a restricted incident.
    AccessGranted {
        /// Who.
        user: UserId,
    },
    /// Somebody came into the room.
    Joined,
    /// Somebody left the room.
    Left,
    /// An earlier entry was edited, redacted or pinned; the text is the reason.
    Changed {
        /// The earlier entry.
        entry: EntryId,
        /// What happened to it.
        change: Change,
    },
}

const fn neutral() -> Stance {
    Stance::Neutral
}

words! {
    /// The kinds of entries, without what they carry.
    EntryKind, "kind", {
        /// See [`EntryBody::Note`].
        Note = "note" / "Note",
        /// See [`EntryBody::Finding`].
        Finding = "finding" / "Finding",
        /// See [`EntryBody::Hypothesis`].
        Hypothesis = "hypothesis" / "Hypothesis",
        /// See [`EntryBody::HypothesisStatus`].
        HypothesisStatus = "hypothesis_status" / "Hypothesis",
        /// See [`EntryBody::Evidence`].
        Evidence = "evidence" / "Evidence",
        /// See [`EntryBody::Decision`].
        Decision = "decision" / "Decision",
        /// See [`EntryBody::Action`].
        Action = "action" / "Action",
        /// See [`EntryBody::ActionEffect`].
        ActionEffect = "action_effect" / "Effect",
        /// See [`EntryBody::Task`].
        Task = "task" / "Task",
        /// See [`EntryBody::TaskDone`].
        TaskDone = "task_done" / "Task done",
        /// See [`EntryBody::Breakout`].
        Breakout = "breakout" / "Breakout",
        /// See [`EntryBody::BreakoutEnded`].
        BreakoutEnded = "breakout_ended" / "Breakout ended",
        /// See [`EntryBody::Blocker`].
        Blocker = "blocker" / "Blocked",
        /// See [`EntryBody::BlockerLifted`].
        BlockerLifted = "blocker_lifted" / "Blocker lifted",
        /// See [`EntryBody::StakeholderUpdate`].
        StakeholderUpdate = "stakeholder_update" / "Stakeholder update",
        /// See [`EntryBody::Status`].
        Status = "status" / "Status",
        /// See [`EntryBody::Severity`].
        Severity = "severity" / "Severity",
        /// See [`EntryBody::RoleTaken`].
        RoleTaken = "role_taken" / "Role",
        /// See [`EntryBody::RoleReleased`].
        RoleReleased = "role_released" / "Role",
        /// See [`EntryBody::Wait`].
        Wait = "wait" / "Wait",
        /// See [`EntryBody::WaitEnded`].
        WaitEnded = "wait_ended" / "Wait ended",
        /// See [`EntryBody::Asked`].
        Asked = "asked" / "Asked",
        /// See [`EntryBody::Replied`].
        Replied = "replied" / "Replied",
        /// See [`EntryBody::Alert`].
        Alert = "alert" / "Alert",
        /// See [`EntryBody::Prompt`].
        Prompt = "prompt" / "Prompt",
        /// See [`EntryBody::PromptWithdrawn`].
        PromptWithdrawn = "prompt_withdrawn" / "Prompt withdrawn",
        /// See [`EntryBody::Answer`].
        Answer = "answer" / "Answer",
        /// See [`EntryBody::Escalation`].
        Escalation = "escalation" / "Escalation",
        /// See [`EntryBody::Paged`].
        Paged = "paged" / "Page",
        /// See [`EntryBody::PageAcknowledged`].
        PageAcknowledged = "page_acknowledged" / "Page acknowledged",
        /// See [`EntryBody::PageFailed`].
        PageFailed = "page_failed" / "Page failed",
        /// See [`EntryBody::Declared`].
        Declared = "declared" / "Declared",
        /// See [`EntryBody::Details`].
        Details = "details" / "Details",
        /// See [`EntryBody::AccessGranted`].
        AccessGranted = "access_granted" / "Access",
        /// See [`EntryBody::Joined`].
        Joined = "joined" / "Joined",
        /// See [`EntryBody::Left`].
        Left = "left" / "Left",
        /// See [`EntryBody::Changed`].
        Changed = "changed" / "Changed",
    }
}

impl EntryKind {
    /// Whether an entry of this kind means that something was learnt.
    #[must_use]
    pub const fn is_learning(self) -> bool {
        matches!(
            self,
            Self::Finding
                | Self::Evidence
                | Self::Decision
                | Self::Hypothesis
                | Self::HypothesisStatus
        )
    }

    /// Whether it is hidden until asked for: comings, goings and book-keeping.
    #[must_use]
    pub const fn is_system_noise(self) -> bool {
        matches!(
            self,
            Self::Joined
                | Self::Left
                | Self::Changed
                | Self::Details
                | Self::AccessGranted
                | Self::PromptWithdrawn
        )
    }

    /// Whether clients may write it as an entry. The others are written by
    /// Rideout as part of another use case.
    #[must_use]
    pub const fn is_written_by_clients(self) -> bool {
        !matches!(
            self,
            Self::Declared
                | Self::Details
                | Self::AccessGranted
                | Self::Joined
                | Self::Left
                | Self::Changed
                | Self::Prompt
                | Self::PromptWithdrawn
                | Self::Answer
                | Self::Escalation
                | Self::Paged
                | Self::PageAcknowledged
                | Self::PageFailed
        )
    }

    /// Whether the text may be left empty.
    #[must_use]
    pub const fn may_be_silent(self) -> bool {
        matches!(
            self,
            Self::RoleTaken
                | Self::RoleReleased
                | Self::HypothesisStatus
                | Self::Severity
                | Self::Status
                | Self::BlockerLifted
                | Self::WaitEnded
                | Self::Replied
                | Self::Alert
                | Self::Prompt
                | Self::PromptWithdrawn
                | Self::Answer
                | Self::Escalation
                | Self::Paged
                | Self::PageAcknowledged
                | Self::PageFailed
                | Self::Declared
                | Self::AccessGranted
                | Self::Joined
                | Self::Left
                | Self::Changed
                | Self::ActionEffect
        )
    }
}

impl EntryBody {
    /// The kind, without what it carries.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Note => EntryKind::Note,
            Self::Finding => EntryKind::Finding,
            Self::Hypothesis => EntryKind::Hypothesis,
            Self::HypothesisStatus { .. } => EntryKind::HypothesisStatus,
            Self::Evidence { .. } => EntryKind::Evidence,
            Self::Decision { .. } => EntryKind::Decision,
            Self::Action => EntryKind::Action,
            Self::ActionEffect { .. } => EntryKind::ActionEffect,
            Self::Task { .. } => EntryKind::Task,
            Self::TaskDone { .. } => EntryKind::TaskDone,
            Self::Breakout { .. } => EntryKind::Breakout,
            Self::BreakoutEnded { .. } => EntryKind::BreakoutEnded,
            Self::Blocker { .. } => EntryKind::Blocker,
            Self::BlockerLifted { .. } => EntryKind::BlockerLifted,
            Self::StakeholderUpdate { .. } => EntryKind::StakeholderUpdate,
            Self::Status { .. } => EntryKind::Status,
            Self::Severity { .. } => EntryKind::Severity,
            Self::RoleTaken { .. } => EntryKind::RoleTaken,
            Self::RoleReleased { .. } => EntryKind::RoleReleased,
            Self::Wait { .. } => EntryKind::Wait,
            Self::WaitEnded { .. } => EntryKind::WaitEnded,
            Self::Asked { .. } => EntryKind::Asked,
            Self::Replied { .. } => EntryKind::Replied,
            Self::Alert { .. } => EntryKind::Alert,
            Self::Prompt { .. } => EntryKind::Prompt,
            Self::PromptWithdrawn { .. } => EntryKind::PromptWithdrawn,
            Self::Answer { .. } => EntryKind::Answer,
            Self::Escalation { .. } => EntryKind::Escalation,
            Self::Paged { .. } => EntryKind::Paged,
            Self::PageAcknowledged { .. } => EntryKind::PageAcknowledged,
            Self::PageFailed { .. } => EntryKind::PageFailed,
            Self::Declared { .. } => EntryKind::Declared,
            Self::Details => EntryKind::Details,
            Self::AccessGranted { .. } => EntryKind::AccessGranted,
            Self::Joined => EntryKind::Joined,
            Self::Left => EntryKind::Left,
            Self::Changed { .. } => EntryKind::Changed,
        }
    }
}

/// What a client asks to be put on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// Made by the client; the same id with the same content is the same entry.
    pub id: EntryId,
    /// What it is.
    #[serde(flatten)]
    pub body: EntryBody,
    /// Markdown.
    #[serde(default)]
    pub text: String,
    /// When it happened, if not now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

/// An entry on record, in its current revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Identifier made by the client.
    pub id: EntryId,
    /// The incident it belongs to.
    pub incident: IncidentId,
    /// Place in the incident's one sequence, from 1.
    pub seq: i64,
    /// Sequence of the entry that last changed this one.
    #[serde(skip)]
    pub changed_seq: i64,
    /// Who wrote it; nobody when Rideout did.
    pub author: Option<UserId>,
    /// What it is.
    #[serde(flatten)]
    pub body: EntryBody,
    /// Markdown; empty when redacted.
    pub text: String,
    /// The text as safe HTML.
    #[serde(skip_serializing, default)]
    pub html: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When Rideout recorded it.
    pub recorded_at: Timestamp,
    /// From 1; more when edited or redacted.
    pub revision: i64,
    /// When it was redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_at: Option<Timestamp>,
    /// When it was pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Timestamp>,
}

impl Entry {
    /// The kind, without what it carries.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        self.body.kind()
    }

    /// Whether a person wrote it and it is no book-keeping; only such entries are
    /// activity. An alert is a machine's word, whoever handed it in.
    #[must_use]
    pub fn is_activity(&self) -> bool {
        let kind = self.kind();
        self.author.is_some() && !kind.is_system_noise() && !matches!(kind, EntryKind::Alert)
    }

    /// Whether it was written down more than a minute after it happened.
    #[must_use]
    pub const fn is_back_dated(&self) -> bool {
        self.recorded_at.seconds_since(self.occurred_at) > 60
    }

    /// Whether its text or time was changed after it was written.
    #[must_use]
    pub const fn is_edited(&self) -> bool {
        self.revision > 1 && self.redacted_at.is_none()
    }
}
