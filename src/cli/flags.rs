//! The flags that set settings, made from the table of settings.

use super::Failure;
use crate::config::{
    Resolved, Variables,
    keys::{KEYS, Key},
    resolve,
};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use std::{collections::BTreeMap, path::PathBuf};

/// Flags for all settings, or only for those that every command needs.
#[derive(Debug, Clone, Default)]
pub(super) struct SettingFlags<const ALL: bool> {
    file: Option<PathBuf>,
    values: BTreeMap<&'static str, String>,
}

/// Flags for all settings.
pub(super) type AllFlags = SettingFlags<true>;
/// Flags for the settings that every command needs.
pub(super) type StoreFlags = SettingFlags<false>;

impl<const ALL: bool> SettingFlags<ALL> {
    /// The configuration with these flags.
    pub(super) fn resolve(&self) -> Result<Resolved, Failure> {
        resolve(self.file.clone(), &Variables, &self.values).map_err(Failure::usage)
    }

    /// Sets a value unless its flag is there.
    pub(super) fn or_set(&mut self, key: &'static str, value: String) {
        self.values.entry(key).or_insert(value);
    }

    fn keys() -> impl Iterator<Item = &'static Key> {
        KEYS.iter().filter(|key| ALL || key.everywhere)
    }
}

impl<const ALL: bool> Args for SettingFlags<ALL> {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("File of settings, TOML [env: RIDEOUT_CONFIG] [default: rideout.toml when it is there]")
            .help_heading("Settings")
            .global(true);
        Self::keys().fold(command.arg(file), |command, key| {
            let first = key
                .help
                .split_inclusive(". ")
                .next()
                .unwrap_or(key.help)
                .trim_end()
                .trim_end_matches('.');
            command.arg(
                Arg::new(key.name)
                    .long(key.flag)
                    .value_name(key.value)
                    .help(format!(
                        "{first} [env: {}] [default: {}]",
                        key.variable, key.default
                    ))
                    .help_heading("Settings")
                    .global(true),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const ALL: bool> FromArgMatches for SettingFlags<ALL> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let file = matches.get_one::<PathBuf>("config").cloned();
        let values = Self::keys()
            .filter_map(|key| Some((key.name, matches.get_one::<String>(key.name)?.clone())))
            .collect();
        Ok(Self { file, values })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
