//! From file, environment and flags to one [`Config`].

use super::{
    Config, LogFormat, env, file,
    keys::{KEYS, Key},
    network::Network,
};
use rideout_channels::{Allowed, BadMailServer, Secret};
use rideout_service::db::DatabaseUrl;
use std::{
    collections::BTreeMap,
    fmt,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file of settings.
    File(PathBuf),
    /// A variable of the environment.
    Variable(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// Why there is no configuration. Each sentence tells what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read", path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("the configuration file {} is not valid TOML", path.display())]
    FileNotToml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A key nobody knows.
    #[error("{}: there is no setting “{name}”{}", path.display(), did_you_mean(nearest.as_deref()))]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The key.
        name: String,
        /// The key that was meant.
        nearest: Option<String>,
    },
    /// A value of the wrong kind.
    #[error("{}: “{name}” must be a text, a number or a list of texts", path.display())]
    FileValue {
        /// The file.
        path: PathBuf,
        /// The key.
        name: String,
    },
    /// A variable nobody knows.
    #[error("there is no setting behind the variable {name}{}", did_you_mean(nearest.as_deref()))]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The variable that was meant.
        nearest: Option<String>,
    },
    /// A value that cannot be taken.
    #[error("{origin}: {key} cannot be {shown}: {why}")]
    Value {
        /// Where the value comes from.
        origin: Origin,
        /// The setting.
        key: &'static str,
        /// The value, masked where it may hold a secret.
        shown: String,
        /// What is wrong with it.
        why: String,
    },
    /// Both listeners on one address.
    #[error("listen and admin_listen are both {0}: the admin listener needs a port of its own")]
    SamePort(SocketAddr),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("; did you mean {name}?"),
        None => "; `rideout config --reference` lists all settings".to_owned(),
    }
}

/// A configuration, and where each of its values comes from.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The effective values.
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    origins: BTreeMap<&'static str, Origin>,
}

impl Resolved {
    /// Where the value of a setting comes from.
    #[must_use]
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or(Origin::Default)
    }
}

/// Puts a configuration together. `flags` are by key.
///
/// # Errors
/// A sentence that names the source, the setting and the way out.
pub fn resolve(
    file: Option<PathBuf>,
    variables: &dyn env::VarSource,
    flags: &BTreeMap<&'static str, String>,
) -> Result<Resolved, ConfigError> {
    let mut raw: BTreeMap<&'static str, (Origin, String)> = BTreeMap::new();
    let named = file.or_else(|| {
        let all = variables.variables();
        all.into_iter()
            .find(|(name, _)| name == env::CONFIG_VARIABLE)
            .map(|(_, path)| PathBuf::from(path))
    });
    let file = file::choose(named);
    if let Some(path) = &file {
        for (key, value) in file::read(path)? {
            raw.insert(key, (Origin::File(path.clone()), value));
        }
    }
    for (key, value) in env::read(variables)? {
        let variable = find(key).variable;
        raw.insert(key, (Origin::Variable(variable), value));
    }
    for (key, value) in flags {
        raw.insert(
            find(key).name,
            (Origin::Flag(find(key).flag), value.clone()),
        );
    }
    let config = build(&raw)?;
    if config.listen == config.admin_listen && config.listen.port() != 0 {
        return Err(ConfigError::SamePort(config.listen));
    }
    Ok(Resolved {
        config,
        file,
        origins: raw
            .into_iter()
            .map(|(key, (origin, _))| (key, origin))
            .collect(),
    })
}

fn find(name: &str) -> &'static Key {
    super::keys::find(name).unwrap_or(&KEYS[0])
}

type Raw = BTreeMap<&'static str, (Origin, String)>;

fn build(raw: &Raw) -> Result<Config, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(4, usize::from);
    Ok(Config {
        database_url: database_url(raw)?,
        listen: take(raw, "listen", socket)?,
        admin_listen: take(raw, "admin_listen", socket)?,
        public_url: optional(raw, "public_url", public_url)?,
        trusted_proxies: optional(raw, "trusted_proxies", networks)?.unwrap_or_default(),
        smtp: secret(raw, "smtp_url", |text| {
            text.parse()
                .map_err(|error: BadMailServer| error.to_string())
        })?,
        mail_from: optional(raw, "mail_from", |text| {
            rideout_channels::check_sender(text)
                .map(|()| text.to_owned())
                .map_err(|error| error.to_string())
        })?,
        outgoing_allow: optional(raw, "outgoing_allow", allowed)?.unwrap_or_default(),
        outgoing_authorities: optional(raw, "outgoing_authorities", |text| {
            Ok(PathBuf::from(text))
        })?,
        dead_man_url: secret(raw, "dead_man_url", |text| {
            let good = url::Url::parse(text)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if good {
                Ok(Secret::new(text))
            } else {
                Err("write it as https://hc.example.org/ping/5f2c".to_owned())
            }
        })?,
        dead_man_interval: Duration::from_secs(take(raw, "dead_man_seconds", |text| {
            number(text, 1, 86_400)
        })?),
        log_level: take(raw, "log_level", |text| {
            crate::telemetry::check_filter(text).map(|()| text.to_owned())
        })?,
        log_format: take(raw, "log_format", |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("choose text or json".to_owned()),
        })?,
        worker_threads: optional(raw, "worker_threads", |text| number(text, 4, 512))?
            .unwrap_or(cores.max(4)),
        session_days: take(raw, "session_days", |text| number(text, 1, 3_650))?,
        request_timeout: Duration::from_secs(take(raw, "request_timeout_seconds", |text| {
            number(text, 1, 600)
        })?),
        max_requests: take(raw, "max_requests", |text| number(text, 1, 1_000_000))?,
        max_connections: take(raw, "max_connections", |text| number(text, 1, 1_000_000))?,
        shutdown_timeout: Duration::from_secs(take(raw, "shutdown_seconds", |text| {
            number(text, 1, 3_600)
        })?),
    })
}

/// Parsed apart, because a value that is not understood may still hold a password.
fn database_url(raw: &Raw) -> Result<DatabaseUrl, ConfigError> {
    let key = find("database_url");
    let (origin, text) = match raw.get(key.name) {
        Some((origin, text)) => (origin.clone(), text.as_str()),
        None => (Origin::Default, key.default),
    };
    DatabaseUrl::from_str(text).map_err(|error| ConfigError::Value {
        origin,
        key: key.name,
        shown: "taken".to_owned(),
        why: error.to_string(),
    })
}

/// Like [`optional`], for a value that is not to be shown even when it is not understood.
fn secret<T>(
    raw: &Raw,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    let Some((origin, text)) = raw.get(name) else {
        return Ok(None);
    };
    let hidden = |why| ConfigError::Value {
        origin: origin.clone(),
        key: name,
        shown: "taken".to_owned(),
        why,
    };
    parse(text.trim()).map(Some).map_err(hidden)
}

fn take<T>(
    raw: &Raw,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<T, ConfigError> {
    match optional(raw, name, &parse)? {
        Some(value) => Ok(value),
        None => parse(find(name).default).map_err(|why| ConfigError::Value {
            origin: Origin::Default,
            key: name,
            shown: find(name).default.to_owned(),
            why,
        }),
    }
}

fn optional<T>(
    raw: &Raw,
    name: &'static str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<T>, ConfigError> {
    let Some((origin, text)) = raw.get(name) else {
        return Ok(None);
    };
    parse(text.trim())
        .map(Some)
        .map_err(|why| ConfigError::Value {
            origin: origin.clone(),
            key: name,
            shown: format!("“{}”", text.chars().take(120).collect::<String>()),
            why,
        })
}

fn socket(text: &str) -> Result<SocketAddr, String> {
    let why = || "write an address and a port, for example 127.0.0.1:4000 or [::1]:4000".to_owned();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    // A name such as localhost; whatever the machine says it is.
    text.to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(why)
}

fn public_url(text: &str) -> Result<url::Url, String> {
    let why = "write it as https://rideout.example.org, without a path";
    let url = url::Url::parse(text).map_err(|_| why.to_owned())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain { Ok(url) } else { Err(why.to_owned()) }
}

fn allowed(text: &str) -> Result<Vec<Allowed>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "none")
        .map(|part| part.parse::<Allowed>().map_err(|e| e.to_string()))
        .collect()
}

fn networks(text: &str) -> Result<Vec<Network>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "none")
        .map(|part| part.parse::<Network>().map_err(|e| e.to_string()))
        .collect()
}

fn number<T: FromStr + PartialOrd + fmt::Display>(
    text: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    match text.parse::<T>() {
        Ok(n) if n >= least && n <= most => Ok(n),
        _ => Err(format!("choose a whole number from {least} to {most}")),
    }
}
