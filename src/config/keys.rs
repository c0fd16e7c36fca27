//! The table of settings.

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the file, and in `/config`.
    pub name: &'static str,
    /// Its flag, without the dashes.
    pub flag: &'static str,
    /// Its variable in the environment.
    pub variable: &'static str,
    /// What stands for its value in `--help`.
    pub value: &'static str,
    /// Its value when nobody sets it, in words where it is no constant.
    pub default: &'static str,
    /// What it does, in full sentences.
    pub help: &'static str,
    /// An example of a value.
    pub example: &'static str,
    /// Whether commands other than `serve` need it, too.
    pub everywhere: bool,
}

macro_rules! keys {
    ($($name:literal, $flag:literal, $variable:literal, $value:literal, $default:literal, $everywhere:literal,
       $example:literal, $help:literal;)+) => {
        /// Every setting, in the order of the reference.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name, flag: $flag, variable: $variable, value: $value, default: $default,
            help: $help, example: $example, everywhere: $everywhere,
        }),+];
    };
}

keys! {
    "database_url", "database-url", "RIDEOUT_DATABASE_URL", "URL", "sqlite:rideout.db", true,
    "postgres://rideout:secret@db.example.org/rideout",
    "Where the data lives: sqlite:PATH for one file, or postgres://USER:PASSWORD@HOST/NAME. Its password is never shown.";
    "listen", "listen", "RIDEOUT_LISTEN", "ADDRESS", "127.0.0.1:4000", false, "0.0.0.0:4000",
    "Address of the main listener: pages and REST API. Port 0 takes any free port; the start line tells which.";
    "admin_listen", "admin-listen", "RIDEOUT_ADMIN_LISTEN", "ADDRESS", "127.0.0.1:4001", false, "127.0.0.1:9401",
    "Address of the admin listener: health, metrics, configuration, state and log level. It asks nobody to sign in: keep it off public networks.";
    "public_url", "public-url", "RIDEOUT_PUBLIC_URL", "URL", "the main listener's address", false, "https://rideout.example.org",
    "How people reach Rideout. With https, cookies are marked Secure and browsers are told to stay on https. Set it when a proxy stands in front.";
    "trusted_proxies", "trusted-proxies", "RIDEOUT_TRUSTED_PROXIES", "NETWORKS", "none", false, "10.0.0.0/8, 127.0.0.1",
    "Proxies whose X-Forwarded-For header is believed, as addresses or networks. Without it the address of the connection counts for the log-in limit and the audit log.";
    "smtp_url", "smtp-url", "RIDEOUT_SMTP_URL", "URL", "no e-mail is sent", false, "smtps://rideout:secret@mail.example.org",
    "The mail server that takes our messages: smtps://USER:PASSWORD@HOST for TLS, smtp://HOST for STARTTLS, smtp://HOST?tls=none for neither; on the machine itself smtp needs none. Its password is never shown.";
    "mail_from", "mail-from", "RIDEOUT_MAIL_FROM", "ADDRESS", "rideout at the host of public_url", false, "Rideout <rideout@example.org>",
    "The sender of e-mails, an address of its own or with a name.";
    "outgoing_allow", "outgoing-allow", "RIDEOUT_OUTGOING_ALLOW", "LIST", "none", false, "10.20.0.0/16, ntfy.example.org",
    "Networks, addresses and hosts that Rideout may send to although they are private, without https, or at an unusual port, when a person names one of them in a contact route or a calendar. Everything else must be public and use https. Rideout's own admin listener is never among them.";
    "outgoing_authorities", "outgoing-authorities", "RIDEOUT_OUTGOING_AUTHORITIES", "FILE", "none", false, "/etc/ssl/company.pem",
    "A file of certificates in PEM whose signatures are trusted for the mail server and for https, beside those that browsers trust.";
    "dead_man_url", "dead-man-url", "RIDEOUT_DEAD_MAN_URL", "URL", "nobody is told", false, "https://hc.example.org/ping/5f2c",
    "A web address that is fetched again and again as long as Rideout is able to page. Let a service outside raise the alarm when that stops. Only its host is shown.";
    "dead_man_seconds", "dead-man-seconds", "RIDEOUT_DEAD_MAN_SECONDS", "SECONDS", "60", false, "30",
    "Time between two fetches of dead_man_url.";
    "log_level", "log-level", "RIDEOUT_LOG_LEVEL", "FILTER", "info", true, "info,rideout=debug",
    "What is logged: error, warn, info, debug or trace, for all or by part. It can be changed while Rideout runs: PUT /log-level on the admin listener.";
    "log_format", "log-format", "RIDEOUT_LOG_FORMAT", "FORMAT", "text", true, "json",
    "How log lines look: text for people, json for machines. They go to standard error.";
    "worker_threads", "worker-threads", "RIDEOUT_WORKER_THREADS", "COUNT", "one for each core, at least 4", false, "8",
    "Threads of the main listener. The admin listener has its own two.";
    "session_days", "session-days", "RIDEOUT_SESSION_DAYS", "DAYS", "14", false, "30",
    "Days after which a session that nobody uses ends.";
    "request_timeout_seconds", "request-timeout-seconds", "RIDEOUT_REQUEST_TIMEOUT_SECONDS", "SECONDS", "15", false, "30",
    "Longest time from a request to its answer; uploads of files have eight times as long. Live connections are not limited.";
    "max_requests", "max-requests", "RIDEOUT_MAX_REQUESTS", "COUNT", "512", false, "1024",
    "Requests worked on at the same time. More wait up to two seconds and are then asked to come back (503).";
    "max_connections", "max-connections", "RIDEOUT_MAX_CONNECTIONS", "COUNT", "16000", false, "50000",
    "Connections held at the same time, live pages included; one address other than a trusted proxy's may hold half of them. It is lowered by itself when the system allows fewer open files.";
    "shutdown_seconds", "shutdown-seconds", "RIDEOUT_SHUTDOWN_SECONDS", "SECONDS", "20", false, "60",
    "Longest time for finishing what was begun when Rideout is told to stop.";
}

/// The setting of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The nearest of `known` to what somebody typed, when it is near enough to be meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&typed, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, nearest};

    #[test]
    fn flag_and_variable_follow_from_the_name() {
        for key in KEYS {
            assert_eq!(key.flag, key.name.replace('_', "-"));
            assert_eq!(key.variable, format!("RIDEOUT_{}", key.name.to_uppercase()));
            assert!(key.help.ends_with('.'), "{}", key.name);
        }
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_right_key() {
        let names = || KEYS.iter().map(|key| key.name);
        assert_eq!(nearest("databse_url", names()), Some("database_url"));
        assert_eq!(nearest("DATABASE-URL", names()), Some("database_url"));
        assert_eq!(nearest("loglevel", names()), Some("log_level"));
        assert_eq!(nearest("zzz", names()), None);
    }
}
