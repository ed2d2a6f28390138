//! Reads the manifests: the published crates, their versions, and the oldest supported Rust.
//!
//! Understands only TOML of the form `[section]` and `key = "value"`, each on a line of its own.

use crate::{files, outcome::Failure};

/// Published crate.
#[derive(Debug, PartialEq)]
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Relative to the root.
    pub(crate) dir: String,
    /// All features but `default`.
    pub(crate) features: Vec<String>,
}

impl Crate {
    /// Returns the name of the directory, which the crate has in documents.
    pub(crate) fn dir_name(&self) -> &str {
        self.dir.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the name that code calls the crate by, whatever the package is called.
    pub(crate) fn code_name(&self) -> String {
        self.dir_name().replace('-', "_")
    }
}

/// Directory of sse-core.
pub(crate) const CORE: &str = "crates/sse-core";

/// Returns the name of the package in [`CORE`]. It may change: the registry has another sse-core.
pub(crate) fn core_name() -> Result<String, Failure> {
    required(&format!("{CORE}/Cargo.toml"), "package", "name")
}

/// Returns the published crates in `crates/`.
pub(crate) fn published() -> Result<Vec<Crate>, Failure> {
    let shared_version = version()?;
    let mut crates = Vec::new();
    for path in files::all()? {
        let Some(dir) = path.strip_suffix("/Cargo.toml") else { continue };
        if dir.strip_prefix("crates/").is_some_and(|name| !name.contains('/')) {
            let manifest = files::read(&path)?;
            crates.extend(
                parse(&manifest, dir, &shared_version)
                    .map_err(|why| Failure(format!("{path}: {why}")))?,
            );
        }
    }
    Ok(crates)
}

/// Returns the oldest Rust that the published crates support.
pub(crate) fn rust_version() -> Result<String, Failure> {
    shared("rust-version")
}

/// Returns the version of the published crates.
pub(crate) fn version() -> Result<String, Failure> {
    shared("version")
}

/// `true` if the published crates can name their repository.
pub(crate) fn has_repository() -> bool {
    shared("repository").is_ok()
}

/// Returns the oldest Rust that a package asks for in its own manifest.
pub(crate) fn own_rust_version(manifest: &str) -> Result<String, Failure> {
    required(manifest, "package", "rust-version")
}

fn shared(key: &str) -> Result<String, Failure> {
    required("Cargo.toml", "workspace.package", key)
}

fn required(manifest: &str, of: &str, key: &str) -> Result<String, Failure> {
    value(&files::read(manifest)?, of, key)
        .map(str::to_owned)
        .ok_or_else(|| Failure(format!("{manifest}: no `{key}` in [{of}]")))
}

/// Returns the crate of a manifest, or `None` if it is not published.
fn parse(manifest: &str, dir: &str, shared_version: &str) -> Result<Option<Crate>, String> {
    let package = |key| value(manifest, "package", key);
    if package("publish") == Some("false") {
        return Ok(None);
    }
    let version = match package("version.workspace") {
        Some(_) => Some(shared_version),
        None => package("version"),
    };
    Ok(Some(Crate {
        name: package("name").ok_or("no `name`")?.to_owned(),
        version: version.ok_or("no `version`")?.to_owned(),
        dir: dir.to_owned(),
        features: section(manifest, "features")
            .filter(|(name, _)| !name.starts_with('#') && *name != "default")
            .map(|(name, _)| name.to_owned())
            .collect(),
    }))
}

fn value<'a>(manifest: &'a str, of: &'a str, key: &str) -> Option<&'a str> {
    let (_, value) = section(manifest, of).find(|(found, _)| *found == key)?;
    Some(value)
}

/// Iterates over the keys and values of a section. Strings are unquoted.
fn section<'a>(manifest: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let header = move |line: &str| line.strip_prefix('[')?.strip_suffix(']').map(|it| it == name);
    manifest
        .lines()
        .skip_while(move |line| header(line) != Some(true))
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| {
            let value = value.trim();
            let quoted = value.strip_prefix('"').and_then(|rest| rest.split('"').next());
            (key.trim(), quoted.unwrap_or(value))
        })
}

#[cfg(test)]
mod tests {
    use super::{CORE, Crate, core_name, parse, published, rust_version};

    #[test]
    fn a_manifest_tells_what_is_published() {
        let of = |version: &str, features: &[&str]| {
            let (name, dir) = ("sse-x".to_owned(), "crates/x".to_owned());
            let features = features.iter().map(|&it| it.to_owned()).collect();
            Ok(Some(Crate { name, version: version.to_owned(), dir, features }))
        };
        let cases = [
            ("name = \"sse-x\"\nversion.workspace = true", of("0.7.0", &[])),
            ("name = \"sse-x\"\nversion = \"1.2.3\" # why", of("1.2.3", &[])),
            ("version = \"1.2.3\"\nname = \"sse-x\"\n[features]", of("1.2.3", &[])),
            (
                "name=\"sse-x\"\nversion=\"1.2.3\"\n[features]\ndefault = [\"a\"]\n# b = c\na = []\nb-c = []",
                of("1.2.3", &["a", "b-c"]),
            ),
            ("name = \"sse-x\"\nversion.workspace = true\npublish = false", Ok(None)),
            ("name = \"sse-x\"\n[lib]\nversion = \"1.2.3\"", Err("no `version`".to_owned())),
            ("version = \"1.2.3\"", Err("no `name`".to_owned())),
        ];
        for (package, expected) in cases {
            let manifest = format!("[package]\n{package}\n");
            assert_eq!(parse(&manifest, "crates/x", "0.7.0"), expected, "{manifest}");
        }
    }

    #[test]
    fn our_own_manifests_can_be_read() {
        let crates = published().unwrap();
        let core = crates.iter().find(|it| it.dir == CORE).unwrap();
        assert_eq!(core.name, core_name().unwrap());
        assert_eq!(core.dir_name(), "sse-core");
        assert_eq!(core.code_name(), "sse_core");
        assert!(rust_version().unwrap().starts_with("1."));
    }
}
