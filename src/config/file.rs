//! Settings from a TOML file.

use super::{
    keys::{KEYS, nearest},
    resolve::ConfigError,
};
use std::path::{Path, PathBuf};

/// Read when it is there and no other file is named.
pub const DEFAULT_FILE: &str = "rideout.toml";

/// The settings of a file, by key, as text.
///
/// # Errors
/// A file that cannot be read or is no TOML; an unknown key, naming the nearest known one.
pub fn read(path: &Path) -> Result<Vec<(&'static str, String)>, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::FileUnreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<Vec<(&'static str, String)>, ConfigError> {
    let table: toml::Table = text.parse().map_err(|source| ConfigError::FileNotToml {
        path: path.to_owned(),
        source: Box::new(source),
    })?;
    let mut found = Vec::new();
    for (name, value) in table {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            return Err(ConfigError::UnknownKey {
                nearest: nearest(&name, KEYS.iter().map(|key| key.name)).map(str::to_owned),
                path: path.to_owned(),
                name,
            });
        };
        let text = as_text(&value).ok_or_else(|| ConfigError::FileValue {
            path: path.to_owned(),
            name,
        })?;
        found.push((key.name, text));
    }
    Ok(found)
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => items
            .iter()
            .map(as_text)
            .collect::<Option<Vec<_>>>()
            .map(|items| items.join(", ")),
        _ => None,
    }
}

/// The file to read: the one named, else `rideout.toml` when it is there.
#[must_use]
pub fn choose(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.is_file()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_are_taken_as_they_are_written() {
        let text = "session_days = 30\ntrusted_proxies = ['10.0.0.0/8', '127.0.0.1']\nlisten = '[::1]:80'\n";
        let mut found = parse(Path::new("x.toml"), text).unwrap();
        found.sort();
        assert_eq!(
            found,
            [
                ("listen", "[::1]:80".to_owned()),
                ("session_days", "30".to_owned()),
                ("trusted_proxies", "10.0.0.0/8, 127.0.0.1".to_owned()),
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_refused_and_the_nearest_named() {
        let error = parse(Path::new("x.toml"), "databse_url = 'sqlite:x'")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("“databse_url”")
                && error.contains("database_url")
                && error.contains("x.toml"),
            "{error}"
        );
        assert!(parse(Path::new("x.toml"), "[table]\n").is_err());
        assert!(parse(Path::new("x.toml"), "listen = {}\n").is_err());
        assert!(
            parse(Path::new("x.toml"), "listen\n")
                .unwrap_err()
                .to_string()
                .contains("x.toml")
        );
    }
}
