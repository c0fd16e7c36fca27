mod policies;
mod routes;
mod services;
mod teams;

use super::{World, worlds};
use crate::{
    Error,
    directory::{NewService, NewTeam},
};
use rideout_domain::{Actor, ServiceId, TeamId, UserId};

/// The fields that were refused.
fn fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    match result {
        Err(Error::Invalid(errors)) => errors.into_iter().map(|e| e.field).collect(),
        other => panic!("not refused for a field: {other:?}"),
    }
}

/// The word for a program of a clash.
fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Err(Error::Conflict { code, .. }) => code,
        other => panic!("no clash: {other:?}"),
    }
}

impl World {
    async fn team(&self, name: &str, members: &[&Actor]) -> TeamId {
        let new = NewTeam {
            name: name.into(),
            members: members.iter().map(|m| m.id).collect(),
            ..NewTeam::default()
        };
        self.service
            .make_team(&self.commander, None, &new)
            .await
            .unwrap()
    }

    async fn registered(&self, name: &str) -> ServiceId {
        let new = NewService {
            name: name.into(),
            ..NewService::default()
        };
        self.service
            .make_service(&self.commander, None, &new)
            .await
            .unwrap()
    }

    async fn audited(&self, action: &str) -> Vec<serde_json::Value> {
        let filter = crate::account::AuditFilter {
            action: Some(action.to_owned()),
            ..Default::default()
        };
        let page = self
            .service
            .audit_log(&self.outsider, &filter, None, 100)
            .await
            .unwrap();
        page.entries.into_iter().map(|e| e.detail).collect()
    }

    async fn disable(&self, user: UserId) {
        self.service
            .disable_person(&self.outsider, user)
            .await
            .unwrap();
    }
}
