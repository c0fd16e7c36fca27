//! What the watch makes of an incident now, and its own figures.

use super::look;
use crate::{Error, Service, args, incident, statements, timeline};
use rideout_domain::{
    Action, Actor, Incident, IncidentId, Timestamp,
    entry::ToCall,
    room::watch::Prompt,
    stall::{Assessment, Facts, assess, figures::Figures, ladder::Rung},
};

statements! {
    /// The incidents prompted last that the asker may see.
    PROMPTED = "SELECT i.id, i.number, i.title, i.description, i.description_html, i.services, i.severity, i.status, i.restricted, i.declared_at, i.declared_by, i.started_at, i.resolved_at, i.commander_id, i.last_human_at, i.last_learnt_at, i.next_update_at, i.last_seq FROM watches w JOIN incidents i ON i.id = w.incident_id WHERE w.prompted_at IS NOT NULL AND (i.restricted = 0 OR EXISTS (SELECT 1 FROM incident_access a WHERE a.incident_id = i.id AND a.user_id = $1)) ORDER BY w.prompted_at DESC LIMIT $2";
    /// When the watch looks at an incident next.
    LOOKS = "SELECT look_at FROM incidents WHERE id = $1";
}

/// Incidents whose figures are told.
pub const FIGURES_MOST: i64 = 100;

/// What the watch makes of an incident now.
#[derive(Debug, Clone)]
pub struct StallView {
    /// Which signals fire, how strongly and why.
    pub judged: Assessment,
    /// Where the ladder stands.
    pub rung: Rung,
    /// The prompt that awaits an answer.
    pub prompt: Option<Prompt>,
    /// Whom to call, the first to be called first.
    pub call: Vec<ToCall>,
    /// The incident's own figures.
    pub figures: Figures,
    /// When the watch looks next; none once it is over.
    pub looks_at: Option<Timestamp>,
}

/// An incident and what its prompts came to.
#[derive(Debug, Clone)]
pub struct PromptedIncident {
    /// The incident.
    pub incident: Incident,
    /// Its figures.
    pub figures: Figures,
}

/// The watch's own figures.
#[derive(Debug, Clone, Default)]
pub struct StallFigures {
    /// Incidents in which it asked, the one asked last first.
    pub incidents: Vec<PromptedIncident>,
    /// All of them together.
    pub all: Figures,
}

impl Service {
    /// What the watch makes of an incident now. Nothing is written.
    ///
    /// # Errors
    /// [`Error::NotFound`] also when the actor may not see it.
    pub async fn stall(&self, actor: &Actor, id: IncidentId) -> Result<StallView, Error> {
        let mut conn = self.db.reader().await?;
        let incident = incident::find(&mut conn, actor, id).await?;
        let now = self.now();
        let ready = self.make_ready(&mut conn, &incident, true).await?;
        let facts = Facts::new(
            &incident,
            &ready.seen.board,
            &ready.seen.activity,
            &ready.outside.extra,
        );
        let row = conn.fetch_optional(&LOOKS, &args![id.0]).await?;
        let looks_at = row.map(|row| row.opt_int("look_at")).transpose()?.flatten();
        Ok(StallView {
            judged: assess(&facts, &ready.settings, now),
            rung: look::rung(&mut conn, id).await?,
            prompt: ready.seen.board.watch.open_prompt().cloned(),
            figures: self.figures_of(&mut conn, &incident, now).await?,
            call: ready.call,
            looks_at: looks_at.map(Timestamp),
        })
    }

    /// The figures of the incidents in which the watch asked last, at most
    /// [`FIGURES_MOST`], as far as the actor may see them.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn stall_figures(&self, actor: &Actor) -> Result<StallFigures, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let now = self.now();
        let mut conn = self.db.reader().await?;
        let rows = conn
            .fetch_all(&PROMPTED, &args![actor.id.0, FIGURES_MOST])
            .await?;
        let mut told = StallFigures::default();
        for row in rows {
            let incident = incident::from_row(&row)?;
            let figures = self.figures_of(&mut conn, &incident, now).await?;
            told.all.merge(figures.clone());
            told.incidents.push(PromptedIncident { incident, figures });
        }
        Ok(told)
    }

    /// The figures of one incident; those of one that is over are kept.
    async fn figures_of(
        &self,
        conn: &mut crate::db::Conn,
        incident: &Incident,
        now: Timestamp,
    ) -> Result<Figures, Error> {
        if let Some((seq, figures)) = self.watch.figures.get(&incident.id)
            && seq == incident.last_seq
        {
            return Ok(figures);
        }
        let mut entries = timeline::changed_after(conn, incident.id, 0).await?;
        entries.retain(|e| e.seq <= incident.last_seq);
        entries.sort_by_key(|e| e.seq);
        let figures = Figures::of(&entries, incident.resolved_at.unwrap_or(now));
        if !incident.is_open() {
            let kept = (incident.last_seq, figures.clone());
            self.watch.figures.insert(incident.id, kept);
        }
        Ok(figures)
    }
}
