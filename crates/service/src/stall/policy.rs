//! Watch policies: the settings of the organisation, and of services that need others.

use crate::{Error, Service, account::audit, args, db::Conn, statements};
use rideout_domain::{
    Action, Actor, ServiceId, Timestamp, UserId,
    stall::{BadSettings, Settings},
};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

statements! {
    /// Every policy with the service it is for.
    LIST = "SELECT p.service_id, s.name AS service, s.archived_at, p.settings, p.changed_at, p.changed_by, u.name AS changer FROM watch_policies p JOIN users u ON u.id = p.changed_by LEFT JOIN services s ON s.id = p.service_id ORDER BY s.key";
    /// The organisation's policy.
    HAS_OWN = "SELECT id FROM watch_policies WHERE service_id IS NULL";
    /// A service's policy.
    HAS = "SELECT id FROM watch_policies WHERE service_id = $1";
    /// Adds a policy.
    INSERT = "INSERT INTO watch_policies (id, service_id, settings, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)";
    /// Changes a policy.
    UPDATE = "UPDATE watch_policies SET settings = $2, changed_at = $3, changed_by = $4 WHERE id = $1";
    /// Takes a policy away.
    DELETE = "DELETE FROM watch_policies WHERE id = $1";
    /// The name of a service.
    SERVICE = "SELECT name FROM services WHERE id = $1 AND archived_at IS NULL";
    /// Serialises changes on PostgreSQL; SQLite has one writer anyway.
    LOCK = sqlite "SELECT 1" postgres "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7240305)) AS held";
    /// Makes the watch look at everything that is open by the new settings.
    LOOK_AGAIN = "UPDATE incidents SET look_at = $1 WHERE look_at > $1";
}

/// Seconds for which policies are kept; another node may have changed them.
const KEPT: i64 = 10;

/// The settings of the watch for the organisation or for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchPolicy {
    /// The service; none for the organisation.
    pub service: Option<(ServiceId, String)>,
    /// What holds.
    pub settings: Settings,
    /// When it was changed and by whom; none while the defaults hold.
    pub changed: Option<(Timestamp, UserId, String)>,
}

/// Every policy, as the watch asks for it.
#[derive(Debug, Default)]
struct Known {
    organisation: Arc<Settings>,
    services: HashMap<String, Arc<Settings>>,
}

/// The policies, read anew from time to time.
#[derive(Debug, Default)]
pub(super) struct Policies(RwLock<Option<(Timestamp, Arc<Known>)>>);

impl Policies {
    /// The settings that hold for an incident: those of the first of its services
    /// that has its own, else the organisation's.
    pub(super) async fn of(
        &self,
        conn: &mut Conn,
        services: &[String],
        now: Timestamp,
    ) -> Result<Arc<Settings>, Error> {
        let known = self.known(conn, now).await?;
        let own = services
            .iter()
            .find_map(|name| known.services.get(&name.to_lowercase()));
        Ok(Arc::clone(own.unwrap_or(&known.organisation)))
    }

    async fn known(&self, conn: &mut Conn, now: Timestamp) -> Result<Arc<Known>, Error> {
        let kept = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((since, known)) = kept
            && (0..KEPT).contains(&now.seconds_since(since))
        {
            return Ok(known);
        }
        let mut known = Known::default();
        for policy in list(conn).await? {
            let settings = Arc::new(policy.settings);
            match policy.service {
                None => known.organisation = settings,
                Some((_, name)) => {
                    known.services.insert(name.to_lowercase(), settings);
                }
            }
        }
        let known = Arc::new(known);
        let kept = Some((now, Arc::clone(&known)));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(known)
    }

    fn forget(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Service {
    /// The organisation's policy first, then those of services, by name.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn watch_policies(&self, actor: &Actor) -> Result<Vec<WatchPolicy>, Error> {
        Error::authorise(actor, Action::ReadIncident)?;
        let mut all = list(&mut *self.db.reader().await?).await?;
        all.sort_by_key(|p| p.service.is_some());
        if all.first().is_none_or(|p| p.service.is_some()) {
            let own = WatchPolicy {
                service: None,
                settings: Settings::default(),
                changed: None,
            };
            all.insert(0, own);
        }
        Ok(all)
    }

    /// The policy of the organisation, or of a service. A service without its own
    /// answers with the organisation's settings.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a service that is not registered.
    pub async fn watch_policy(
        &self,
        actor: &Actor,
        service: Option<ServiceId>,
    ) -> Result<WatchPolicy, Error> {
        let all = self.watch_policies(actor).await?;
        let of = |id: Option<ServiceId>| {
            all.iter()
                .find(|p| p.service.as_ref().map(|(id, _)| *id) == id)
        };
        if let Some(found) = of(service) {
            return Ok(found.clone());
        }
        let Some(id) = service else {
            return Err(Error::NotFound);
        };
        let row = self
            .db
            .reader()
            .await?
            .fetch_optional(&SERVICE, &args![id.0])
            .await?;
        let name = row.ok_or(Error::NotFound)?.text("name")?;
        Ok(WatchPolicy {
            service: Some((id, name)),
            settings: of(None).map(|p| p.settings.clone()).unwrap_or_default(),
            changed: None,
        })
    }

    /// Changes the settings of the organisation, or of a service. Everything that
    /// is open is looked at by them at once.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`] naming the setting.
    pub async fn set_watch_policy(
        &self,
        actor: &Actor,
        service: Option<ServiceId>,
        settings: &Settings,
    ) -> Result<(), Error> {
        settings.validate().map_err(bad)?;
        self.change_watch_policy(actor, service, Some(settings))
            .await
    }

    /// Goes back to the defaults, or for a service to the organisation's settings.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`].
    pub async fn reset_watch_policy(
        &self,
        actor: &Actor,
        service: Option<ServiceId>,
    ) -> Result<(), Error> {
        self.change_watch_policy(actor, service, None).await
    }

    async fn change_watch_policy(
        &self,
        actor: &Actor,
        service: Option<ServiceId>,
        settings: Option<&Settings>,
    ) -> Result<(), Error> {
        Error::authorise(actor, Action::ManageDirectory)?;
        let text = settings
            .map(serde_json::to_string)
            .transpose()
            .map_err(Error::internal)?;
        let (now, id, audit_id) = (self.now(), self.new_id(), self.new_id());
        let actor = actor.clone();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    tx.fetch_optional(&LOCK, &args![]).await?;
                    let (name, found) = match service {
                        None => (
                            "organisation".to_owned(),
                            tx.fetch_optional(&HAS_OWN, &args![]).await?,
                        ),
                        Some(service) => {
                            let row = tx.fetch_optional(&SERVICE, &args![service.0]).await?;
                            (
                                row.ok_or(Error::NotFound)?.text("name")?,
                                tx.fetch_optional(&HAS, &args![service.0]).await?,
                            )
                        }
                    };
                    let found = found.map(|row| row.uuid("id")).transpose()?;
                    let action = match (&text, found) {
                        (Some(text), Some(found)) => {
                            let row = args![found, text, now.0, actor.id.0];
                            tx.execute(&UPDATE, &row).await?;
                            "watch_policy.changed"
                        }
                        (Some(text), None) => {
                            let row = args![id, service.map(|s| s.0), text, now.0, actor.id.0];
                            tx.execute(&INSERT, &row).await?;
                            "watch_policy.changed"
                        }
                        (None, Some(found)) => {
                            tx.execute(&DELETE, &args![found]).await?;
                            "watch_policy.reset"
                        }
                        (None, None) => return Ok(()),
                    };
                    tx.execute(&LOOK_AGAIN, &args![now.0]).await?;
                    let detail = serde_json::json!({"service": service, "settings": text});
                    audit::record(tx, audit_id, now, &actor, action, &name, detail).await
                })
            })
            .await?;
        self.watch.policies.forget();
        Ok(())
    }
}

async fn list(conn: &mut Conn) -> Result<Vec<WatchPolicy>, Error> {
    let mut all = Vec::new();
    for row in conn.fetch_all(&LIST, &args![]).await? {
        let service = match (row.opt_uuid("service_id")?, row.opt_text("service")?) {
            (Some(_), _) if row.opt_int("archived_at")?.is_some() => continue,
            (Some(id), Some(name)) => Some((ServiceId(id), name)),
            _ => None,
        };
        all.push(WatchPolicy {
            service,
            settings: serde_json::from_str(&row.text("settings")?).map_err(Error::internal)?,
            changed: Some((
                Timestamp(row.int("changed_at")?),
                UserId(row.uuid("changed_by")?),
                row.text("changer")?,
            )),
        });
    }
    Ok(all)
}

fn bad(error: BadSettings) -> Error {
    let field = format!("{}.{}", error.severity, error.what);
    Error::invalid(field, error)
}
