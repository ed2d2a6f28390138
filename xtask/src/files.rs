//! Files of the workspace, and reading them with errors that name the file.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use crate::outcome::Failure;

/// The directory of the root manifest.
pub(crate) fn root() -> PathBuf {
    // The path that cargo reports at run time: the program may have been built in another copy of
    // the workspace.
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    Path::new(&xtask).parent().map_or_else(PathBuf::new, Path::to_owned)
}

/// Returns the path of something that cargo builds.
pub(crate) fn built(what: &str) -> String {
    let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    root().join(target).join(what).display().to_string()
}

/// Returns every file, tracked by git or not, except git's own and build output.
///
/// The paths are relative to the root, with `/` on every platform, and sorted.
pub(crate) fn all() -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files)?;
    files.sort();
    Ok(files)
}

/// Returns the text of a file; the path is relative to the root.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(root().join(path)).map_err(|error| at(path, &error))
}

/// A failure to read or write a file.
pub(crate) fn at(path: &str, error: &io::Error) -> Failure {
    Failure(format!("{path}: {error}"))
}

fn collect(dir: &Path, prefix: &str, files: &mut Vec<String>) -> Result<(), Failure> {
    for entry in fs::read_dir(dir).map_err(|error| at(prefix, &error))? {
        let entry = entry.map_err(|error| at(prefix, &error))?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if !entry.path().is_dir() {
            files.push(path);
        } else if !is_skipped(&entry.path()) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        }
    }
    Ok(())
}

fn is_skipped(dir: &Path) -> bool {
    // Cargo marks the directories that it builds in with such a file.
    dir.ends_with(".git") || dir.ends_with("target") || dir.join("CACHEDIR.TAG").is_file()
}

#[cfg(test)]
mod tests {
    use super::{all, read};

    #[test]
    fn the_files_are_those_of_the_workspace() {
        let files = all().unwrap();
        for file in ["Cargo.toml", ".cargo/config.toml", "xtask/src/files.rs"] {
            assert!(files.iter().any(|it| it == file), "{file}");
        }
        let foreign = files.iter().find(|it| it.starts_with(".git/") || it.starts_with("target/"));
        assert_eq!(foreign, None);
    }

    #[test]
    fn an_error_names_the_file() {
        assert!(read("no/such.file").unwrap_err().0.starts_with("no/such.file: "));
    }
}
