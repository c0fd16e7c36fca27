//! The reference of settings, and the effective ones for people to read.

use super::{Config, LogFormat, Resolved, keys::KEYS};
use std::fmt::Write;

/// `docs/configuration.md`, made from the table.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(INTRODUCTION);
    for key in KEYS {
        let _ = write!(
            out,
            "\n## {}\n\n{}\n\n| | |\n|---|---|\n| default | {} |\n| file | `{} = {}` |\n| environment | `{}={}` |\n| flag | `--{} {}` |\n",
            key.name,
            key.help,
            key.default,
            key.name,
            toml_value(key.example),
            key.variable,
            key.example,
            key.flag,
            shell(key.example),
        );
    }
    out
}

const INTRODUCTION: &str = "# Configuration

Rideout runs without any. What you set, you may set in three places; the later is stronger:

1. a TOML file: the one named by `--config` or `RIDEOUT_CONFIG`, else `rideout.toml` in the folder Rideout is started in, when it is there;
2. the environment: `RIDEOUT_` and the setting's name in capitals;
3. flags of the command line.

An unknown key in the file, or an unknown variable that begins with `RIDEOUT_`, is refused, and the nearest right one is named. `rideout config` shows the effective values and where each comes from; the admin listener shows them at `/config`. Passwords are masked in both.

This page is made from the table in `src/config/keys.rs` by `rideout config --reference`.
";

fn toml_value(example: &str) -> String {
    if example.parse::<i64>().is_ok() {
        example.to_owned()
    } else if example.contains(", ") {
        let parts: Vec<String> = example
            .split(", ")
            .map(|part| format!("\"{part}\""))
            .collect();
        format!("[{}]", parts.join(", "))
    } else {
        format!("\"{example}\"")
    }
}

fn shell(example: &str) -> String {
    if example.contains(' ') {
        format!("\"{example}\"")
    } else {
        example.to_owned()
    }
}

/// The effective value of each setting as text, secrets masked, in the order of the table.
#[must_use]
pub fn effective(config: &Config) -> Vec<(&'static str, String)> {
    let Config {
        database_url,
        listen,
        admin_listen,
        public_url,
        trusted_proxies,
        smtp,
        mail_from: _,
        outgoing_allow,
        outgoing_authorities,
        dead_man_url,
        dead_man_interval,
        log_level,
        log_format,
        worker_threads,
        session_days,
        request_timeout,
        max_requests,
        max_connections,
        shutdown_timeout,
    } = config;
    let proxies: Vec<String> = trusted_proxies.iter().map(ToString::to_string).collect();
    let allowed: Vec<String> = outgoing_allow.iter().map(ToString::to_string).collect();
    vec![
        ("database_url", database_url.to_string()),
        ("listen", listen.to_string()),
        ("admin_listen", admin_listen.to_string()),
        (
            "public_url",
            public_url
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
        ("trusted_proxies", proxies.join(", ")),
        (
            "smtp_url",
            smtp.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
        ("mail_from", config.mail_from()),
        ("outgoing_allow", allowed.join(", ")),
        (
            "outgoing_authorities",
            outgoing_authorities
                .as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
        ),
        (
            "dead_man_url",
            dead_man_url
                .as_ref()
                .map(|url| host_only(url.reveal()))
                .unwrap_or_default(),
        ),
        ("dead_man_seconds", dead_man_interval.as_secs().to_string()),
        ("log_level", log_level.clone()),
        (
            "log_format",
            if *log_format == LogFormat::Json {
                "json"
            } else {
                "text"
            }
            .to_owned(),
        ),
        ("worker_threads", worker_threads.to_string()),
        ("session_days", session_days.to_string()),
        (
            "request_timeout_seconds",
            request_timeout.as_secs().to_string(),
        ),
        ("max_requests", max_requests.to_string()),
        ("max_connections", max_connections.to_string()),
        ("shutdown_seconds", shutdown_timeout.as_secs().to_string()),
    ]
}

/// A web address whose path is a secret.
fn host_only(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(url) => format!("{}://{}/***", url.scheme(), url.host_str().unwrap_or("***")),
        Err(_) => "***".to_owned(),
    }
}

/// The effective values with their origins, for `rideout config`.
#[must_use]
pub fn table(resolved: &Resolved) -> String {
    let rows = effective(&resolved.config);
    let wide = rows.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let widest = rows
        .iter()
        .map(|(_, value)| value.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    let mut out = String::new();
    for (key, value) in rows {
        let _ = writeln!(
            out,
            "{key:wide$}  {value:widest$}  {}",
            resolved.origin(key)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{keys::KEYS, resolve};
    use std::collections::BTreeMap;

    #[test]
    fn every_setting_is_shown_in_the_order_of_the_table() {
        let resolved = resolve(Some("/dev/null".into()), &Vec::new(), &BTreeMap::new()).unwrap();
        let shown: Vec<_> = effective(&resolved.config)
            .into_iter()
            .map(|(key, _)| key)
            .collect();
        let known: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(shown, known);
    }

    #[test]
    fn the_document_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let found = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            found == markdown(),
            "docs/configuration.md is not what the table says: cargo run -p rideout -- config --reference > docs/configuration.md"
        );
    }

    #[test]
    fn the_examples_of_the_reference_are_accepted() {
        for key in KEYS {
            let flags = BTreeMap::from([(key.name, key.example.to_owned())]);
            resolve(Some("/dev/null".into()), &Vec::new(), &flags).unwrap();
        }
    }

    #[test]
    fn later_is_stronger_and_wrong_values_name_their_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        std::fs::write(
            &path,
            "session_days = 3\nlog_level = 'warn'\nmax_requests = 7\n",
        )
        .unwrap();
        let env = vec![
            ("RIDEOUT_SESSION_DAYS", "4"),
            ("RIDEOUT_LOG_LEVEL", "debug"),
            ("RIDEOUT_TEST_X", "1"),
        ];
        let flags = BTreeMap::from([("session_days", "5".to_owned())]);
        let resolved = resolve(Some(path.clone()), &env, &flags).unwrap();
        let got = &resolved.config;
        assert_eq!(
            (got.session_days, got.log_level.as_str(), got.max_requests),
            (5, "debug", 7)
        );
        assert_eq!(
            resolved.origin("session_days").to_string(),
            "--session-days"
        );
        assert_eq!(
            resolved.origin("log_level").to_string(),
            "RIDEOUT_LOG_LEVEL"
        );
        assert_eq!(resolved.origin("listen").to_string(), "the default");

        let wrong = |env: Vec<(&str, &str)>| {
            resolve(Some(path.clone()), &env, &BTreeMap::new())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            wrong(vec![("RIDEOUT_DATBASE_URL", "x")]),
            "there is no setting behind the variable RIDEOUT_DATBASE_URL; did you mean RIDEOUT_DATABASE_URL?"
        );
        assert!(
            wrong(vec![("RIDEOUT_LISTEN", "nowhere")])
                .starts_with("RIDEOUT_LISTEN: listen cannot be “nowhere”")
        );
        let secret = wrong(vec![("RIDEOUT_DATABASE_URL", "mysql://me:hunter2@db/x")]);
        assert!(!secret.contains("hunter2"), "{secret}");
        for (variable, value) in [
            ("RIDEOUT_SMTP_URL", "smtp://me:hunter2@mail?tls=perhaps"),
            ("RIDEOUT_SMTP_URL", "mail hunter2"),
            ("RIDEOUT_DEAD_MAN_URL", "ftp://hc/hunter2"),
        ] {
            let told = wrong(vec![(variable, value)]);
            assert!(
                !told.contains("hunter2") && told.contains(variable),
                "{told}"
            );
        }
        assert!(wrong(vec![("RIDEOUT_MAIL_FROM", "nobody")]).contains("no sender"));
        assert!(wrong(vec![("RIDEOUT_OUTGOING_ALLOW", "10.0.0.0/8, *")]).contains("“*”"));
        assert!(
            wrong(vec![
                ("RIDEOUT_LISTEN", "127.0.0.1:80"),
                ("RIDEOUT_ADMIN_LISTEN", "127.0.0.1:80")
            ])
            .contains("a port of its own")
        );
        assert!(wrong(vec![("RIDEOUT_LOG_LEVEL", "rideout=loud")]).contains("log_level"));
    }

    #[test]
    fn passwords_are_masked() {
        let flags = BTreeMap::from([
            ("database_url", "postgres://me:hunter2@db/x".to_owned()),
            ("smtp_url", "smtps://me:hunter2@mail/".to_owned()),
            ("dead_man_url", "https://hc.example.org/hunter2".to_owned()),
        ]);
        let resolved = resolve(Some("/dev/null".into()), &Vec::new(), &flags).unwrap();
        let shown = format!("{:?} {}", resolved, table(&resolved));
        assert!(!shown.contains("hunter2"), "{shown}");
        for masked in [
            "postgres://me:***@db/x",
            "smtps://me:***@mail:465",
            "https://hc.example.org/***",
        ] {
            assert!(shown.contains(masked), "{masked}: {shown}");
        }
    }
}
