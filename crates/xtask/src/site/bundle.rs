//! The WebAssembly of the browser half and the JavaScript that loads it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use wasm_bindgen_cli_support::Bindgen;

use super::{Source, hashed_name, short_hash};
use crate::{
    error::Error,
    files, process,
    progress::{self, Stopwatch},
    toolchain::{Toolchain, WASM},
    workspace::Workspace,
};

/// What a bundle is made of. Cargo and the bundler are not started when none
/// of it changed.
const SOURCES: [&str; 7] = [
    "app/src",
    "app/Cargo.toml",
    "crates/domain/src",
    "crates/domain/Cargo.toml",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
];

const SCRIPT: &str = "rideout.js";
const MODULE: &str = "rideout.wasm";
/// Scripts that crates bring along; the main script imports them by this path.
const SNIPPETS: &str = "snippets";

/// The output of the bundler.
pub(super) struct Bundle {
    script: Vec<u8>,
    module: Vec<u8>,
    snippets: Vec<(String, Vec<u8>)>,
}

impl Bundle {
    /// The files to serve. Script and module fit only each other, so both are
    /// named after both, and leptos wants them to share a name anyway.
    pub(super) fn into_sources(self) -> Vec<Source> {
        let hash = short_hash(&[self.script.as_slice(), self.module.as_slice()].concat());
        let named = |name: &str, content| Source {
            name: name.to_owned(),
            file: hashed_name(name, &hash),
            hashed: true,
            content,
        };
        let mut sources = vec![named(SCRIPT, self.script), named(MODULE, self.module)];
        let snippets = self.snippets.into_iter();
        sources.extend(snippets.map(|(name, content)| Source::plain(&name, content)));
        sources
    }

    fn load(folder: &Path) -> Result<Self, Error> {
        let mut snippets = Vec::new();
        for file in files::list(&folder.join(SNIPPETS))? {
            let name = format!("{SNIPPETS}/{}", file.to_string_lossy());
            let content = files::read(&folder.join(&name))?;
            snippets.push((name, content));
        }
        Ok(Self {
            script: files::read(&folder.join(SCRIPT))?,
            module: files::read(&folder.join(MODULE))?,
            snippets,
        })
    }
}

/// Compiles and bundles the browser half, unless its sources are those of the
/// last time.
pub(super) fn build(workspace: &Workspace) -> Result<Bundle, Error> {
    build_with(workspace, &Toolchain::find(workspace)?)
}

/// The same by a given compiler.
pub(super) fn build_with(workspace: &Workspace, toolchain: &Toolchain) -> Result<Bundle, Error> {
    let folder = toolchain.target(workspace).join("bundle");
    let stamp = folder.join("inputs");
    let inputs = inputs(workspace, toolchain)?;
    if files::read_text(&stamp).is_ok_and(|last| last == inputs)
        && let Ok(bundle) = Bundle::load(&folder)
    {
        progress::say("sources unchanged, nothing to compile");
        return Ok(bundle);
    }
    let watch = Stopwatch::start();
    let compiled = compile(workspace, toolchain)?;
    progress::say(format!("compiled in {watch}"));
    let watch = Stopwatch::start();
    files::remove_folder(&folder)?;
    bind(&compiled, &folder)?;
    files::write(&stamp, inputs)?;
    progress::say(format!("bundled in {watch}"));
    Bundle::load(&folder)
}

fn inputs(workspace: &Workspace, toolchain: &Toolchain) -> Result<String, Error> {
    let mut inputs = files::Inputs::default();
    inputs.text(include_str!("bundle.rs"));
    inputs.text(&toolchain.identity(workspace)?);
    for source in SOURCES {
        inputs.path(&workspace.root.join(source))?;
    }
    Ok(inputs.finish())
}

fn compile(workspace: &Workspace, toolchain: &Toolchain) -> Result<PathBuf, Error> {
    let target = toolchain.target(workspace);
    process::run(
        toolchain
            .cargo(workspace)
            .args(["rustc", "--quiet", "--package", "rideout-app", "--lib"])
            .args(["--crate-type", "cdylib"])
            .args(["--profile", "wasm", "--target", WASM])
            .args(["--no-default-features", "--features", "hydrate"])
            .arg("--target-dir")
            .arg(&target),
    )?;
    Ok(target.join(WASM).join("wasm/rideout_app.wasm"))
}

fn bind(compiled: &Path, folder: &Path) -> Result<(), Error> {
    let failed = |error| Error::Bundle(format!("{error:#}"));
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)
        .map_err(failed)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page says where the module is.
        .omit_default_module_path(true)
        .generate_output()
        .map_err(failed)?;
    drop_streams(output.wasm_mut());
    let script = without_comments(&without_streams(output.js()));
    let script = shorten(output.wasm_mut(), &script);
    files::write(&folder.join(SCRIPT), script)?;
    files::write(&folder.join(MODULE), output.wasm_mut().emit_wasm())?;
    let snippets = folder.join(SNIPPETS);
    for (identifier, scripts) in output.snippets() {
        for (number, script) in scripts.iter().enumerate() {
            let path = snippets.join(identifier).join(format!("inline{number}.js"));
            files::write(&path, script)?;
        }
    }
    for (name, script) in output.local_modules() {
        files::write(&snippets.join(name), script)?;
    }
    Ok(())
}

/// Classes for streams between a browser and server functions, of which there
/// are none. They come with leptos, and what is exported is never unused: a
/// twentieth of what a browser would load.
const STREAMS: &str = "IntoUnderlying";

/// Takes the classes, and whatever only they use, out of the module.
fn drop_streams(module: &mut walrus::Module) {
    let streams = STREAMS.to_ascii_lowercase();
    let exports: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.contains(&streams))
        .map(walrus::Export::id)
        .collect();
    for export in exports {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(module);
}

/// Takes the classes out of the script, as far as they look as expected.
fn without_streams(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(begin) = rest.find(&format!("export class {STREAMS}")) {
        let (before, class) = rest.split_at(begin);
        let last = class.find("\nif (Symbol.dispose) ").map(|at| at + 1);
        let end = last.and_then(|last| Some(last + class.get(last..)?.find('\n')? + 1));
        let Some(end) = end else { break };
        kept.push_str(before);
        rest = class.get(end..).unwrap_or_default();
    }
    kept + rest
}

/// The script without indentation and without the comments that stand on lines
/// of their own, which are all that the bundler writes. A text over several
/// lines would lose its spaces: with one, the script stays as it is.
fn without_comments(script: &str) -> String {
    if script
        .lines()
        .any(|line| line.matches('`').count() % 2 == 1)
    {
        return script.to_owned();
    }
    let mut kept = String::with_capacity(script.len());
    let mut inside = false;
    for line in script.lines().map(str::trim) {
        let begins = line.starts_with("/*");
        inside |= begins;
        if !inside && !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
        inside &= !line.ends_with("*/");
    }
    kept
}

/// Names by which the module asks for what the script gives. Each ends with a
/// hash, which no compression makes smaller, and stands in both files.
fn shorten(module: &mut walrus::Module, script: &str) -> String {
    let mut names = BTreeMap::new();
    for import in module.imports.iter_mut() {
        if import.name.starts_with(HASHED) {
            let count = names.len();
            let short = names
                .entry(import.name.clone())
                .or_insert_with(|| format!("_{count}"));
            import.name.clone_from(short);
        }
    }
    renamed(script, &names)
}

/// How such a name begins.
const HASHED: &str = "__wb";

/// The script with some names in place of others.
fn renamed(script: &str, names: &BTreeMap<String, String>) -> String {
    let in_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut out = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find(HASHED) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c| !in_a_name(c)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        out.push_str(before);
        let whole = !before.ends_with(in_a_name);
        let short = names.get(name).filter(|_| whole);
        out.push_str(short.map_or(name, String::as_str));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_go_and_the_rest_stays() {
        let class = "export class IntoUnderlyingSink {\n  x() {}\n}\nif (Symbol.dispose) IntoUnderlyingSink.y = 1;\n";
        let script = format!("a();\n{class}\nexport function b() {{}}\n{class}");
        assert_eq!(without_streams(&script), "a();\n\nexport function b() {}\n");
        assert_eq!(without_streams("a();"), "a();");
        let unfinished = "a();\nexport class IntoUnderlyingSink {";
        assert_eq!(without_streams(unfinished), unfinished);
    }

    #[test]
    fn whole_names_are_replaced_and_nothing_else() {
        let names = BTreeMap::from([("__wbg_a_1".to_owned(), "_0".to_owned())]);
        assert_eq!(
            renamed(
                "__wbg_a_1: f, __wbg_a_12, x__wbg_a_1, wasm.__wbg_a_1()",
                &names
            ),
            "_0: f, __wbg_a_12, x__wbg_a_1, wasm._0()"
        );
        assert_eq!(renamed("nothing", &names), "nothing");
        assert_eq!(renamed("é __wb", &names), "é __wb");
    }

    #[test]
    fn comments_go_and_code_stays() {
        let script = "/* @ts-self-types=\"./a.d.ts\" */\n/**\n * @returns {any}\n */\nexport function a() {\n    // why\n    return `//${1}` + '/*'; // not here\n}\n";
        assert_eq!(
            without_comments(script),
            "export function a() {\nreturn `//${1}` + '/*'; // not here\n}\n"
        );
        let over_lines = "a(`\n  b`);\n";
        assert_eq!(without_comments(over_lines), over_lines);
    }

    #[test]
    fn script_and_module_share_a_name() {
        let sources = Bundle {
            script: b"script".to_vec(),
            module: b"module".to_vec(),
            snippets: vec![("snippets/a/inline0.js".to_owned(), Vec::new())],
        }
        .into_sources();
        let stem = |source: &Source| source.file.split('.').next().map(str::to_owned);
        assert_eq!(stem(&sources[0]), stem(&sources[1]));
        assert!(sources[0].file.starts_with("rideout-"));
        assert_eq!(sources[2].file, "snippets/a/inline0.js");
    }
}
