//! Settings from the environment.

use super::{
    keys::{KEYS, nearest},
    resolve::ConfigError,
};

/// Where variables come from: the process, or a list in a test.
pub trait VarSource {
    /// All variables that begin with `RIDEOUT_`.
    fn variables(&self) -> Vec<(String, String)>;
}

/// The environment of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variables;

impl VarSource for Variables {
    fn variables(&self) -> Vec<(String, String)> {
        std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name
                    .into_string()
                    .ok()
                    .filter(|name| name.starts_with(PREFIX))?;
                Some((name, value.to_string_lossy().into_owned()))
            })
            .collect()
    }
}

impl VarSource for Vec<(&str, &str)> {
    fn variables(&self) -> Vec<(String, String)> {
        self.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }
}

const PREFIX: &str = "RIDEOUT_";
/// Names the file of settings.
pub const CONFIG_VARIABLE: &str = "RIDEOUT_CONFIG";
/// Read by the build and the tests, not by the server.
const NOT_SETTINGS: &[&str] = &["RIDEOUT_BIN", "RIDEOUT_CHROMIUM", "RIDEOUT_WASM_TOOLCHAIN"];
const NOT_SETTINGS_PREFIX: &[&str] = &[
    "RIDEOUT_TEST_",
    "RIDEOUT_REQUIRE_",
    "RIDEOUT_BENCH_",
    "RIDEOUT_BROWSER_",
];

/// The settings that are in the environment, by key.
///
/// # Errors
/// An unknown variable, naming the nearest known one.
pub fn read(source: &dyn VarSource) -> Result<Vec<(&'static str, String)>, ConfigError> {
    let mut found = Vec::new();
    for (name, value) in source.variables() {
        if name == CONFIG_VARIABLE
            || NOT_SETTINGS.contains(&name.as_str())
            || NOT_SETTINGS_PREFIX
                .iter()
                .any(|prefix| name.starts_with(prefix))
        {
            continue;
        }
        match KEYS.iter().find(|key| key.variable == name) {
            Some(key) => found.push((key.name, value)),
            None => {
                let known = KEYS.iter().map(|key| key.variable).chain([CONFIG_VARIABLE]);
                return Err(ConfigError::UnknownVariable {
                    nearest: nearest(&name, known).map(str::to_owned),
                    name,
                });
            }
        }
    }
    Ok(found)
}
