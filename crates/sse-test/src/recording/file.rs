//! Files of recordings: how they are created and replaced.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process,
};

/// Creates a file that does not exist, or truncates one that may exist. On Unix, only the owner can
/// read a new one: a recording may have secrets in it.
pub(crate) fn create(path: &Path, may_exist: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!may_exist).create(may_exist).truncate(may_exist);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a new file, of which nothing is left if that fails.
pub(super) fn save(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = create(path, false)?;
    let written = write(&mut file);
    drop(file);
    written.inspect_err(|_| {
        // The first error is the one to report.
        let _ = fs::remove_file(path);
    })
}

/// Writes a file, in the place of one that may exist and stays as it was if that fails.
pub(super) fn overwrite(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    // A link stays a link.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(path).ok();
    if existing.as_ref().is_some_and(|it| !it.is_file()) {
        // Such as a pipe, which a file cannot replace.
        return write(&mut create(path, true)?);
    }
    let temporary = temporary(path)?;
    save(&temporary, |file| {
        if let Some(existing) = existing {
            file.set_permissions(existing.permissions())?;
        }
        write(file)
    })?;
    fs::rename(&temporary, path).inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}

/// Returns the path of a file that does not exist, in the same directory as another one.
fn temporary(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    for number in 0..100 {
        let mut temporary = OsString::from(".");
        temporary.push(name);
        temporary.push(format!(".{}-{number}.tmp", process::id()));
        let temporary = path.with_file_name(temporary);
        if !temporary.exists() {
            return Ok(temporary);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use std::{env, fs, io, io::Write, path::PathBuf, process};

    use super::{overwrite, save};

    fn directory(name: &str) -> PathBuf {
        let path = env::temp_dir().join(format!("sse-test-file-{}-{name}", process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    fn names(directory: &PathBuf) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn save_and_overwrite_that_fail_leave_no_partial_file() {
        let directory = directory("partial");
        let path = directory.join("a");
        let failing = |file: &mut fs::File| {
            file.write_all(b"partial")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        assert_eq!(save(&path, failing).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(overwrite(&path, failing).is_err());
        assert!(names(&directory).is_empty());
        save(&path, |file| file.write_all(b"one")).unwrap();
        assert_eq!(save(&path, failing).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(overwrite(&path, failing).is_err());
        assert_eq!(
            (fs::read(&path).unwrap(), names(&directory)),
            (b"one".to_vec(), vec!["a".to_owned()])
        );
        overwrite(&path, |file| file.write_all(b"2")).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), names(&directory)),
            (b"2".to_vec(), vec!["a".to_owned()])
        );
        fs::remove_dir_all(directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn save_is_for_the_owner_and_overwrite_keeps_permissions_and_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let directory = directory("mode");
        let (path, link) = (directory.join("a"), directory.join("b"));
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        save(&path, |file| file.write_all(b"one")).unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        overwrite(&link, |file| file.write_all(b"2")).unwrap();
        assert_eq!((mode(), fs::read(&path).unwrap()), (0o640, b"2".to_vec()));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_file(&path).unwrap();
        overwrite(&path, |file| file.write_all(b"3")).unwrap();
        assert_eq!(mode(), 0o600);
        fs::remove_dir_all(directory).unwrap();
    }
}
