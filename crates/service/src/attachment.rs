//! Files attached to an incident, kept in the database: one file to back up.

use crate::{Error, Service, args, clock, incident, statements};
use rideout_domain::{
    Action, Actor, AttachmentId, IncidentId, Timestamp,
    entry::Attachment,
    text::{self, ATTACHMENT_MAX},
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

statements! {
    /// Adds a file.
    INSERT = "INSERT INTO attachments (id, incident_id, name, content_type, size, sha256, content, uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// A file with its content.
    FIND = "SELECT name, content_type, content, sha256, redacted_at FROM attachments WHERE id = $1 AND incident_id = $2";
    /// The next files, oldest first. Read from the index alone: to reach a column
    /// behind the content, SQLite reads all of the content.
    PAGE = "SELECT id FROM attachments WHERE id > $1 AND id < $2 ORDER BY id LIMIT 500";
    /// Which of them no entry mentions.
    UNMENTIONED = sqlite "SELECT id FROM attachments WHERE id > $1 AND id <= $2 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.incident_id = attachments.incident_id AND e.kind = 'evidence' AND json_extract(e.body, '$.attachment.id') = lower(substr(hex(attachments.id), 1, 8) || '-' || substr(hex(attachments.id), 9, 4) || '-' || substr(hex(attachments.id), 13, 4) || '-' || substr(hex(attachments.id), 17, 4) || '-' || substr(hex(attachments.id), 21)))"
        postgres "SELECT id FROM attachments WHERE id > $1 AND id <= $2 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.incident_id = attachments.incident_id AND e.kind = 'evidence' AND CAST(e.body AS JSONB) -> 'attachment' ->> 'id' = CAST(attachments.id AS TEXT))";
    /// Takes away a file that was not taken away with its entry, which keeps it
    /// for those who may redact.
    DELETE = "DELETE FROM attachments WHERE id = $1 AND redacted_at IS NULL";
}

/// A file to be attached.
#[derive(Debug, Clone)]
pub struct Upload {
    /// File name as the browser gave it.
    pub name: String,
    /// Media type as the browser gave it.
    pub content_type: String,
    /// The file.
    pub content: Vec<u8>,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct Stored {
    /// File name, without folders.
    pub name: String,
    /// Media type, as claimed by whoever uploaded it: never trust it.
    pub content_type: String,
    /// The file.
    pub content: Vec<u8>,
    /// Its SHA-256.
    pub sha256: Vec<u8>,
}

impl Service {
    /// Stores a file, to be mentioned by an evidence within a day.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above [`ATTACHMENT_MAX`] bytes.
    pub async fn attach(
        &self,
        actor: &Actor,
        incident: IncidentId,
        upload: Upload,
    ) -> Result<Attachment, Error> {
        if upload.content.len() > ATTACHMENT_MAX {
            return Err(Error::TooLarge {
                max: ATTACHMENT_MAX,
            });
        }
        if upload.content.is_empty() {
            return Err(Error::invalid("file", "the file is empty"));
        }
        let base = upload.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = text::line("The file name", base, 200).map_err(Error::text("file"))?;
        let content_type = media_type(&upload.content_type);
        let (id, now, actor) = (AttachmentId(self.new_id()), self.now(), actor.clone());
        let size = i64::try_from(upload.content.len()).map_err(Error::internal)?;
        let attachment = Attachment {
            id,
            name: name.clone(),
            size,
            content_type: content_type.clone(),
        };
        let sha256 = Sha256::digest(&upload.content).to_vec();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    incident::find(tx, &actor, incident).await?;
                    Error::authorise(&actor, Action::Respond)?;
                    let args = args![
                        id.0,
                        incident.0,
                        name,
                        content_type,
                        size,
                        sha256,
                        upload.content,
                        actor.id.0,
                        now.0
                    ];
                    tx.execute(&INSERT, &args).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok(attachment)
    }

    /// A stored file. A redacted one is for those who may redact.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn attachment(
        &self,
        actor: &Actor,
        incident: IncidentId,
        id: AttachmentId,
    ) -> Result<Stored, Error> {
        let mut conn = self.db.reader().await?;
        incident::find(&mut conn, actor, incident).await?;
        let row = conn
            .fetch_optional(&FIND, &args![id.0, incident.0])
            .await?
            .ok_or(Error::NotFound)?;
        if row.opt_int("redacted_at")?.is_some() && !actor.may(Action::Redact) {
            return Err(Error::NotFound);
        }
        Ok(Stored {
            name: row.text("name")?,
            content_type: row.text("content_type")?,
            content: row.bytes("content")?,
            sha256: row.bytes("sha256")?,
        })
    }

    /// Takes away files uploaded more than a day ago that no entry mentions.
    /// Returns how many. What was mentioned once stays so, hence each file is
    /// looked at once; `looked` is where the next call goes on.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn delete_orphaned_attachments(&self, looked: &mut Looked) -> Result<u64, Error> {
        let a_day_ago = Timestamp(self.now().0).plus_minutes(-24 * 60);
        // Identifiers sort by time.
        let before = clock::v7(a_day_ago, [0; 10]);
        let mut deleted = 0;
        loop {
            let mut conn = self.db.reader().await?;
            let page = conn.fetch_all(&PAGE, &args![looked.0, before]).await?;
            let Some(last) = page.last() else {
                return Ok(deleted);
            };
            let last = last.uuid("id")?;
            let unused = conn
                .fetch_all(&UNMENTIONED, &args![looked.0, last])
                .await?
                .iter()
                .map(|row| Ok(row.uuid("id")?))
                .collect::<Result<Vec<_>, Error>>()?;
            drop(conn);
            if !unused.is_empty() {
                deleted += self
                    .db
                    .write(move |tx| {
                        Box::pin(async move {
                            let mut deleted = 0;
                            for id in unused {
                                deleted += tx.execute(&DELETE, &args![id]).await?;
                            }
                            Ok::<_, Error>(deleted)
                        })
                    })
                    .await?;
            }
            looked.0 = last;
        }
    }
}

/// Up to which file [`Service::delete_orphaned_attachments`] has looked.
#[derive(Debug, Default)]
pub struct Looked(Uuid);

/// A media type that is safe to repeat in a header.
fn media_type(claimed: &str) -> String {
    let essence = claimed
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-/".contains(c);
    if essence.len() <= 100 && essence.matches('/').count() == 1 && essence.chars().all(token) {
        essence
    } else {
        "application/octet-stream".to_owned()
    }
}
