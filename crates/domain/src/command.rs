//! Slash commands of the composer: `/task @dana 10m look at the ports`.
//!
//! A command fills in the composer's form; it is never a second way to write an
//! entry. So what it leads to is a [`Draft`]: the kind, the form's fields and
//! the text, named as the fields of the form and the members of the JSON are.

mod people;
mod words;

use crate::{
    EntryKind, HypothesisStatus, IncidentRole, Severity, Stance, Status, UserId, duration, text,
};
use words::Words;

pub use people::{find as find_person, letters};

/// Minutes a task takes when the command names none.
pub const TASK_MINUTES: u32 = 10;
/// Minutes a breakout takes when the command names none.
pub const BREAKOUT_MINUTES: u32 = 15;

/// One slash command, for the help page and for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// What is typed, with its slash.
    pub word: &'static str,
    /// What follows it.
    pub shape: &'static str,
    /// What it does, in a sentence.
    pub explained: &'static str,
}

/// Every slash command, in the order of the help page.
#[rustfmt::skip]
pub const COMMANDS: &[Command] = &[
    Command { word: "/note", shape: "TEXT", explained: "Anything worth writing down." },
    Command { word: "/finding", shape: "TEXT", explained: "Something was learnt." },
    Command { word: "/hypothesis", shape: "TEXT", explained: "An explanation that can be tested." },
    Command { word: "/testing", shape: "[WHY]", explained: "A hypothesis is being tested; the form asks which." },
    Command { word: "/supported", shape: "[WHY]", explained: "Evidence speaks for a hypothesis; the form asks which." },
    Command { word: "/refuted", shape: "[WHY]", explained: "A hypothesis is ruled out; the form asks which." },
    Command { word: "/evidence", shape: "[for|against] [LINK] TEXT", explained: "A fact somebody can check; the form asks for which hypothesis." },
    Command { word: "/decision", shape: "TEXT [| alternative | …]", explained: "What was decided, and what else was considered." },
    Command { word: "/action", shape: "TEXT", explained: "Something was done to the system." },
    Command { word: "/task", shape: "@who [10m] TEXT", explained: "One person does one thing in a given time; ten minutes if none is said." },
    Command { word: "/breakout", shape: "@who @who [15m] QUESTION", explained: "A few people, one question, a timer; fifteen minutes if none is said." },
    Command { word: "/blocked", shape: "[on WHO] [30m] TEXT", explained: "What we lack, on whom we wait, and how long we are ready to." },
    Command { word: "/wait", shape: "6h TEXT", explained: "We wait on purpose, for so long; the stall watch keeps quiet until then." },
    Command { word: "/asked", shape: "WHO [30m] TEXT", explained: "A dependency was asked for help, and when they promised to respond." },
    Command { word: "/page", shape: "@who WHY", explained: "Somebody is called at once." },
    Command { word: "/update", shape: "[next 30m] TEXT", explained: "What stakeholders are told, and when they hear next." },
    Command { word: "/sev", shape: "1 [WHY]", explained: "The severity changes: 1 is the worst, 4 the mildest." },
    Command { word: "/status", shape: "mitigated [WHY]", explained: "The status changes: investigating, identified, mitigated or resolved." },
    Command { word: "/resolve", shape: "SUMMARY", explained: "It is over; the summary is what people read first." },
    Command { word: "/role", shape: "commander @who [NOTE]", explained: "Somebody takes a role, with a hand-over note." },
];

impl Command {
    /// The word and its shape, as shown in help: `/task @who [10m] TEXT`.
    #[must_use]
    pub fn usage(&self) -> String {
        format!("{} {}", self.word, self.shape)
    }
}

/// What a command fills into the composer's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The kind to choose.
    pub kind: EntryKind,
    /// Fields beside the text, under the names of the form and the JSON; a name
    /// stands more than once where the field takes several values.
    pub fields: Vec<(&'static str, String)>,
    /// The text that is left.
    pub text: String,
    /// The field that the command cannot fill in and the form has to ask for.
    pub missing: Option<&'static str>,
}

impl Draft {
    /// The first value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, v)| v.as_str())
    }
}

/// Why a command is not understood. The sentence is meant for whoever typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// No command is called so.
    #[error(
        "“{found}” is no command; the nearest is {nearest}. To begin a text with a slash, write two: /{found}"
    )]
    Unknown {
        /// What was typed, with its slash.
        found: String,
        /// The nearest command.
        nearest: &'static str,
    },
    /// Something the command needs was left out.
    #[error("{command} needs {what}: write {usage}")]
    Needs {
        /// The command, with its slash.
        command: &'static str,
        /// What was left out.
        what: &'static str,
        /// How it is written in full.
        usage: String,
    },
    /// Nobody is called so.
    #[error("nobody here is called {found}; {known}")]
    Nobody {
        /// What was typed, with its at sign.
        found: String,
        /// Who there is, as a half sentence.
        known: String,
    },
    /// Several people are called so.
    #[error("{found} could be {names}: add letters of the last name, as in {example}")]
    Ambiguous {
        /// What was typed, with its at sign.
        found: String,
        /// The people it could be.
        names: String,
        /// A longer form that names one of them.
        example: String,
    },
    /// A word that is none of the possible ones.
    #[error(transparent)]
    Word(#[from] text::UnknownWord),
}

/// Commands whose word begins with what has been typed, for completion. An
/// empty list when a space follows or nothing fits.
pub fn completions(typed: &str) -> impl Iterator<Item = &'static Command> {
    let typed = typed.to_ascii_lowercase();
    let asks = typed.starts_with('/') && !typed.starts_with("//");
    COMMANDS
        .iter()
        .filter(move |c| asks && c.word.starts_with(&typed))
}

/// The text to record where there is no command: two slashes at the beginning
/// stand for one.
#[must_use]
pub fn literal(text: &str) -> &str {
    if text.starts_with("//") {
        text.get(1..).unwrap_or(text)
    } else {
        text
    }
}

/// Reads a slash command. `people` are those who can be named with an at sign.
///
/// A text whose first word is not a slash and letters, such as `/var/log is
/// full`, is no command.
///
/// # Errors
/// [`CommandError`] names the nearest right command, or what is left out.
pub fn parse(text: &str, people: &[(UserId, &str)]) -> Result<Option<Draft>, CommandError> {
    let Some(after) = text.strip_prefix('/') else {
        return Ok(None);
    };
    let end = after.find(char::is_whitespace).unwrap_or(after.len());
    let (word, rest) = after.split_at_checked(end).unwrap_or((after, ""));
    if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphabetic()) {
        return Ok(None);
    }
    let found = format!("/{}", word.to_ascii_lowercase());
    let Some(command) = COMMANDS.iter().find(|c| c.word == found) else {
        let found: String = found.chars().take(32).collect();
        return Err(CommandError::Unknown {
            nearest: words::nearest_command(&found),
            found,
        });
    };
    Reader {
        command,
        words: Words::new(rest),
        people,
    }
    .read()
    .map(Some)
}

struct Reader<'a> {
    command: &'static Command,
    words: Words<'a>,
    people: &'a [(UserId, &'a str)],
}

impl Reader<'_> {
    fn read(mut self) -> Result<Draft, CommandError> {
        match self.command.word {
            "/note" => self.plain(EntryKind::Note),
            "/finding" => self.plain(EntryKind::Finding),
            "/hypothesis" => self.plain(EntryKind::Hypothesis),
            "/action" => self.plain(EntryKind::Action),
            "/testing" => Ok(self.standing(HypothesisStatus::Testing)),
            "/supported" => Ok(self.standing(HypothesisStatus::Supported)),
            "/refuted" => Ok(self.standing(HypothesisStatus::Refuted)),
            "/evidence" => self.evidence(),
            "/decision" => self.decision(),
            "/task" => self.task(),
            "/breakout" => self.breakout(),
            "/blocked" => self.blocked(),
            "/wait" => self.wait(),
            "/asked" => self.asked(),
            "/page" => self.page(),
            "/update" => self.update(),
            "/sev" => self.severity(),
            "/status" => self.status(),
            "/resolve" => {
                let text = self.text("a summary")?;
                Ok(draft(EntryKind::Status, text).with("to", Status::Resolved.word()))
            }
            _ => self.role(),
        }
    }

    fn needs(&self, what: &'static str) -> CommandError {
        CommandError::Needs {
            command: self.command.word,
            what,
            usage: self.command.usage(),
        }
    }

    fn text(&self, what: &'static str) -> Result<String, CommandError> {
        let text = self.words.rest();
        if text.is_empty() {
            Err(self.needs(what))
        } else {
            Ok(text.to_owned())
        }
    }

    fn person(&mut self) -> Result<Option<(UserId, String)>, CommandError> {
        match self.words.take_if(|w| w.len() > 1 && w.starts_with('@')) {
            Some(word) => people::find(word, self.people).map(Some),
            None => Ok(None),
        }
    }

    fn minutes(&mut self) -> Option<u32> {
        let minutes = duration::with_unit(self.words.peek()?)?;
        self.words.take_if(|_| true);
        Some(minutes)
    }

    fn plain(&self, kind: EntryKind) -> Result<Draft, CommandError> {
        Ok(draft(kind, self.text("a text")?))
    }

    fn standing(&self, to: HypothesisStatus) -> Draft {
        let mut draft =
            draft(EntryKind::HypothesisStatus, self.words.rest().to_owned()).with("to", to.word());
        draft.missing = Some("hypothesis");
        draft
    }

    fn evidence(&mut self) -> Result<Draft, CommandError> {
        let stance = match self
            .words
            .take_if(|w| w.eq_ignore_ascii_case("for") || w.eq_ignore_ascii_case("against"))
        {
            Some(word) if word.eq_ignore_ascii_case("for") => Stance::For,
            Some(_) => Stance::Against,
            None => Stance::Neutral,
        };
        let link = self
            .words
            .take_if(|w| text::link(w).is_ok())
            .map(str::to_owned);
        let text = match &link {
            Some(_) => self.words.rest().to_owned(),
            None => self.text("a text or a link")?,
        };
        let mut draft = draft(EntryKind::Evidence, text).with("stance", stance.word());
        if let Some(link) = link {
            draft = draft.with("link", &link);
        }
        if stance != Stance::Neutral {
            draft.missing = Some("hypothesis");
        }
        Ok(draft)
    }

    fn decision(&self) -> Result<Draft, CommandError> {
        let text = self.text("a text")?;
        let mut parts = words::split_on_bars(&text);
        let decided = parts.next().unwrap_or_default().trim().to_owned();
        if decided.is_empty() {
            return Err(self.needs("a text before the first alternative"));
        }
        let alternatives: Vec<String> = parts
            .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|p| !p.is_empty())
            .collect();
        let draft = draft(EntryKind::Decision, decided);
        Ok(if alternatives.is_empty() {
            draft
        } else {
            draft.with("alternatives", &alternatives.join("\n"))
        })
    }

    /// People and a time box in any order before the text.
    fn people_and_minutes(
        &mut self,
        at_most: usize,
    ) -> Result<(Vec<UserId>, Option<u32>), CommandError> {
        let (mut who, mut minutes) = (Vec::new(), None);
        loop {
            if who.len() < at_most
                && let Some((id, _)) = self.person()?
            {
                who.push(id);
            } else if minutes.is_none()
                && let Some(m) = self.minutes()
            {
                minutes = Some(m);
            } else {
                return Ok((who, minutes));
            }
        }
    }

    fn task(&mut self) -> Result<Draft, CommandError> {
        let (who, minutes) = self.people_and_minutes(1)?;
        let owner = who.first().ok_or_else(|| self.needs("somebody to do it"))?;
        Ok(draft(EntryKind::Task, self.text("what to do")?)
            .with("owner", &owner.to_string())
            .with("minutes", &minutes.unwrap_or(TASK_MINUTES).to_string()))
    }

    fn breakout(&mut self) -> Result<Draft, CommandError> {
        let (who, minutes) = self.people_and_minutes(20)?;
        if who.is_empty() {
            return Err(self.needs("the people who go"));
        }
        let mut draft = draft(EntryKind::Breakout, self.text("a question")?)
            .with("minutes", &minutes.unwrap_or(BREAKOUT_MINUTES).to_string());
        for id in who {
            draft = draft.with("people", &id.to_string());
        }
        Ok(draft)
    }

    /// Somebody by an at sign, or whatever else is called so.
    fn whom(&mut self, what: &'static str) -> Result<String, CommandError> {
        match self.person()? {
            Some((_, name)) => Ok(name),
            None => self.words.take_whom().ok_or_else(|| self.needs(what)),
        }
    }

    fn wait(&mut self) -> Result<Draft, CommandError> {
        let minutes = self.minutes();
        let minutes = minutes.ok_or_else(|| self.needs("how long, such as 30m or 6h"))?;
        Ok(draft(EntryKind::Wait, self.text("what we wait for")?)
            .with("minutes", &minutes.to_string()))
    }

    fn asked(&mut self) -> Result<Draft, CommandError> {
        let whom = self.whom("whom was asked")?;
        let minutes = self.minutes();
        let draft = draft(EntryKind::Asked, self.text("what they were asked")?).with("whom", &whom);
        Ok(match minutes {
            Some(m) => draft.with("minutes", &m.to_string()),
            None => draft,
        })
    }

    fn page(&mut self) -> Result<Draft, CommandError> {
        let (who, _) = self
            .person()?
            .ok_or_else(|| self.needs("somebody to call"))?;
        Ok(draft(EntryKind::Paged, self.text("why")?).with("user", &who.to_string()))
    }

    fn blocked(&mut self) -> Result<Draft, CommandError> {
        let mut on = String::new();
        if self
            .words
            .take_if(|w| w.eq_ignore_ascii_case("on"))
            .is_some()
        {
            on = self.whom("on whom we wait")?;
        }
        let minutes = self.minutes();
        let mut draft = draft(EntryKind::Blocker, self.text("what we lack")?);
        if !on.is_empty() {
            draft = draft.with("waiting_on", &on);
        }
        Ok(match minutes {
            Some(m) => draft.with("minutes", &m.to_string()),
            None => draft,
        })
    }

    fn update(&mut self) -> Result<Draft, CommandError> {
        let before = self.words;
        let mut next = None;
        if self
            .words
            .take_if(|w| w.eq_ignore_ascii_case("next"))
            .is_some()
        {
            next = self.minutes();
            if next.is_none() {
                // “next steps are …” is a text like any other.
                self.words = before;
            }
        }
        let draft = draft(
            EntryKind::StakeholderUpdate,
            self.text("what they are told")?,
        );
        Ok(match next {
            Some(m) => draft.with("next_minutes", &m.to_string()),
            None => draft,
        })
    }

    fn severity(&mut self) -> Result<Draft, CommandError> {
        let Some(word) = self.words.take_if(|_| true) else {
            return Err(self.needs("a number from 1 to 4"));
        };
        let full = if word.len() == 1 {
            format!("SEV{word}")
        } else {
            word.to_owned()
        };
        let to: Severity = full.parse()?;
        Ok(draft(EntryKind::Severity, self.words.rest().to_owned()).with("to", to.word()))
    }

    fn status(&mut self) -> Result<Draft, CommandError> {
        let Some(word) = self.words.take_if(|_| true) else {
            return Err(self.needs("the new status"));
        };
        let to: Status = word.parse()?;
        let text = match to {
            Status::Resolved => self.text("a summary when it is over")?,
            _ => self.words.rest().to_owned(),
        };
        Ok(draft(EntryKind::Status, text).with("to", to.word()))
    }

    fn role(&mut self) -> Result<Draft, CommandError> {
        let Some(word) = self.words.take_if(|w| !w.starts_with('@')) else {
            return Err(self.needs("a role"));
        };
        let role = match word.to_ascii_lowercase().as_str() {
            "ic" | "lead" => IncidentRole::Commander,
            "comms" => IncidentRole::Communications,
            "sme" => IncidentRole::Expert,
            other => other.parse()?,
        };
        let (who, _) = self
            .person()?
            .ok_or_else(|| self.needs("somebody to take it"))?;
        Ok(draft(EntryKind::RoleTaken, self.words.rest().to_owned())
            .with("role", role.word())
            .with("user", &who.to_string()))
    }
}

fn draft(kind: EntryKind, text: String) -> Draft {
    Draft {
        kind,
        fields: Vec::new(),
        text,
        missing: None,
    }
}

impl Draft {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }
}

#[cfg(test)]
mod tests;
