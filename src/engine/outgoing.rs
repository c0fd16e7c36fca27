//! The ways out of the house, as the operator set them.

use super::dead_man::DeadMan;
use crate::config::Config;
use rideout_channels::{Authorities, Channels, Client, Guard, Mailer};

/// Channels and the dead-man ping.
#[derive(Debug)]
pub struct Outgoing {
    /// Everything messages leave by.
    pub channels: Channels,
    pub(super) dead_man: Option<DeadMan>,
}

impl Outgoing {
    /// Opens nothing yet; reads the file of authorities.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(config: &Config) -> Result<Self, String> {
        let authorities = authorities(config)?;
        let guard = Guard::new(config.outgoing_allow.clone()).away_from(config.admin_listen);
        let client = Client::new(guard, &authorities)
            .map_err(|error| format!("connections by https cannot be prepared: {error}"))?;
        let mailer = config
            .smtp
            .clone()
            .map(|server| Mailer::new(server, &config.mail_from(), &authorities))
            .transpose()
            .map_err(|error| format!("smtp_url: {error}"))?;
        let dead_man = config.dead_man_url.clone().map(|url| DeadMan {
            url,
            interval: config.dead_man_interval,
        });
        Ok(Self {
            channels: Channels::new(client, mailer),
            dead_man,
        })
    }
}

fn authorities(config: &Config) -> Result<Authorities, String> {
    let Some(path) = &config.outgoing_authorities else {
        return Ok(Authorities::default());
    };
    let told = |error: &dyn std::fmt::Display| {
        format!(
            "outgoing_authorities: {} cannot be used: {error}",
            path.display()
        )
    };
    let pem = std::fs::read(path).map_err(|error| told(&error))?;
    Authorities::from_pem(&pem).map_err(|error| told(&error))
}
