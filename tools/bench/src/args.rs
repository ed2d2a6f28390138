//! Parses the command line.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use lexopt::{
    Arg,
    prelude::{Long, Short, Value, ValueExt},
};

use crate::{chunking::Chunking, sessions::Runtime};

pub const HELP: &str = "\
Compares sse-core and sse-reqwest with other parsers and clients of event streams.

  parse                                       measures, and prints what it found
    --quick                                   half a minute instead of minutes, and noisier
    --only WORKLOAD --chunking C              this one only: event, whole or a number of bytes
    --contestants A,B                         these only
    --form owned|recorded|borrowed|line-ends  this table only
    --corpus DIR                              recorded streams (*.sse) instead of generated ones and
                                              look-alikes
    --json FILE                               writes the figures there
    --doc FILE                                writes the tables into that document
    --plot FILE                               draws the plot there (SVG)
  instructions [--only WORKLOAD] [--doc FILE] instructions per event, under valgrind
    --form parsers|sessions                   this table only
  instructions --form codings                 those of content codings, decoded by a session and by
                                              reqwest; built with the feature `codings`
    --only ticks|deltas|gzip|br|zstd          these streams only, or gzip-members
    --doc FILE                                as for `parse`
  instructions --form transports              those of a session over reqwest, hyper-util, sse-direct
                                              and ureq, and the memory of idle ones
    --only ticks|deltas|openai|wikimedia      this workload only
    --doc FILE                                as for `parse`
  sessions                                    clients beside ours, over loopback sockets
    --quick --json FILE --doc FILE --plot FILE as for `parse`
    --contestants A,B                         raw, ours and these only
    --only ticks|deltas|openai|wikimedia      this workload only
    --form times|delays|memory|soak           this table only
    --runtime main|spawn|current              where the reading loops run: in the main future or in
                                              a task of a multi-thread runtime, or in the main
                                              future of a current-thread one; the default is
                                              current-spawn, in a task of a current-thread one
  sessions --form runtime                     the clients in each of these runtimes
    --quick --json FILE --doc FILE            as for `parse`
    --contestants A,B                         raw, ours and these only
    --only ticks|deltas|paced                 this stream only
    --runtime main|spawn|current              this runtime only
  sessions --form languages                   clients in Rust in three runtimes, and clients of other
                                              languages: go-sse, eventsource-parser, httpx-sse and
                                              okhttp-sse; skips those whose tools are missing
    --quick --json FILE --doc FILE            as for `parse`
    --contestants A,B                         raw, ours, ours-direct and these only
    --only ticks|deltas|openai                this workload only
    --runtime main|spawn|current              this runtime only
  sessions --form ktor                        sessions in three runtimes and Ktor's client: CPU time
                                              and memory; Ktor is skipped without Java and Maven
    --doc FILE                                as for `parse`
    --only ticks|openai|paced                 this stream only
  sessions --form codings                     content codings, decoded by a session and by reqwest;
                                              built with the feature `codings`
    --quick --json FILE --doc FILE            as for `parse`
    --contestants A,B                         raw, ours and these only
    --only ticks|deltas|gzip|br|zstd|memory   these streams only, or the memory of idle ones
    --runtime main|spawn|current              as for `sessions`
  sessions --form tls                         ours, ours-direct and raw over TLS; built with the
                                              feature `tls`
    --quick --doc FILE                        as for `parse`
    --only ticks|deltas|openai|wikimedia      this workload only
    --runtime main|spawn|current              as for `sessions`
  fanout                                      gateways: one stream to many connections
    --quick --doc FILE                        as for `parse`
    --contestants A,B                         these only: limit, ours-current, ours-multi,
                                              axum-current, axum-multi, node, node-joined
    --only 100x1|1000x1|100x64|1000x64        so many connections and events at once only
    --form times|memory                       this table only
  typed [--quick] [--doc FILE]                the typed sessions and serde_json by hand
    --form pairs|values                       this table only: of events that are there already, or
                                              from the bytes of a stream
  writing [--quick] [--doc FILE]              events to bytes: ours, axum's and by hand
  differential [--quick] [--doc FILE]         random streams: who reads which otherwise
  once WORKLOAD CHUNKING CONTESTANT PASSES [--bytes LEN] [--form borrowed]
                                              parses that often, for a profiler to watch
  once-session WORKLOAD CHUNKING READER [--bytes LEN]
                                              reads a session from memory once
  once-typed PAIR by-hand|typed               decodes once; the pairs are counted from 0
  serve                                       the server of the sessions; says where it is
  client CONTESTANT ORIGIN JOB [--runtime R]  does one job of a session, for a profiler to watch
  gateway CONTESTANT URL                      one of the gateways, for a profiler to watch
  list                                        the workloads, chunkings and contestants
";

#[derive(Default)]
pub struct Args {
    pub task: String,
    /// Arguments after the task.
    pub operands: Vec<String>,
    pub quick: bool,
    pub only: Option<String>,
    pub chunking: Option<Chunking>,
    pub contestants: Option<Vec<String>>,
    pub form: Option<String>,
    pub runtime: Option<Runtime>,
    pub corpus: Option<PathBuf>,
    pub json: Option<PathBuf>,
    pub doc: Option<PathBuf>,
    pub plot: Option<PathBuf>,
    pub bytes: Option<usize>,
}

impl Args {
    pub fn parse(
        args: impl IntoIterator<Item = OsString, IntoIter: 'static>,
    ) -> Result<Self, lexopt::Error> {
        let mut parser = lexopt::Parser::from_iter(args);
        let mut found = Self::default();
        while let Some(arg) = parser.next()? {
            match arg {
                Short('h') | Long("help") => found.task = "help".to_owned(),
                Long("quick") => found.quick = true,
                Long("only") => found.only = Some(parser.value()?.string()?),
                Long("chunking") => {
                    found.chunking = Some(parser.value()?.parse_with(Chunking::from_str)?);
                }
                Long("contestants") => {
                    let names = parser.value()?.string()?;
                    found.contestants = Some(names.split(',').map(str::to_owned).collect());
                }
                Long("form") => found.form = Some(parser.value()?.string()?),
                Long("runtime") => {
                    found.runtime = Some(parser.value()?.parse_with(Runtime::from_str)?);
                }
                Long("corpus") => found.corpus = Some(parser.value()?.into()),
                Long("json") => found.json = Some(parser.value()?.into()),
                Long("doc") => found.doc = Some(parser.value()?.into()),
                Long("plot") => found.plot = Some(parser.value()?.into()),
                Long("bytes") => found.bytes = Some(parser.value()?.parse()?),
                Value(value) if found.task.is_empty() => found.task = value.string()?,
                Value(value) => found.operands.push(value.string()?),
                Arg::Short(_) | Arg::Long(_) => return Err(arg.unexpected()),
            }
        }
        Ok(found)
    }

    /// Returns `true` if the options allow this cell.
    pub fn allows(&self, form: &str, workload: &str, chunking: Chunking) -> bool {
        self.form.as_deref().is_none_or(|only| only == form)
            && self.only.as_deref().is_none_or(|only| only == workload)
            && self.chunking.is_none_or(|only| only == chunking)
    }
}
