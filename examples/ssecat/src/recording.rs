//! Recorder of a session with a server, made from its options.

use std::path::Path;

use sse_test::{Recorder, Redaction};

use crate::{args::RecordingArgs, failure::Failure};

/// Creates the file of a recording. Replaces one that exists only with --force: a recording cannot
/// be made again.
pub(crate) fn recorder(path: &Path, args: &RecordingArgs) -> Result<Recorder, Failure> {
    let builder = Recorder::builder().redaction(redaction(args));
    let recorder = if args.force { builder.overwrite(path) } else { builder.create(path) };
    recorder.map_err(|error| Failure::recording(path, error))
}

fn redaction(args: &RecordingArgs) -> Redaction {
    let redaction = Redaction::new().whole_query(true);
    let redaction = args.redact_headers.iter().fold(redaction, |it, name| it.header(name.as_str()));
    args.redact.iter().cloned().fold(redaction, Redaction::json_path)
}
