//! better-sse, run by Node: fields without a space after the colon, and a `retry` at the start of
//! each stream.
//!
//! The data is JSON, as better-sse does not split data at line breaks: all lines but the first
//! would be lost.

use tokio::process::Command;

use crate::{
    client::Protocol,
    follow::follow,
    packages::{node, server_file, version_of_node_package},
    payload::Seen,
    process::Process,
    progress::Progress,
    report::Report,
    trouble::Result,
};

const EVENTS: usize = 300;

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let modules = node().await?;
    let package = modules.join("node_modules/better-sse");
    let version = format!("better-sse {}", version_of_node_package(&package).await?);
    let (process, [port]) = Process::start("better-sse", "listening", |dir, [port]| {
        // Node looks for packages in the directory of the program.
        let program = modules.join("better-sse.mjs");
        std::fs::copy(server_file("node/better-sse.mjs"), &program)?;
        let mut command = Command::new("node");
        command.arg(program).env("PORT", port.to_string()).current_dir(dir.path());
        Ok(command)
    })
    .await?;
    let client = Protocol::Http1.client(None)?;
    for (name, query, connections) in
        [("one connection", "", 1), ("cut by the server", "&cut-after=60", 5)]
    {
        let url = format!("http://127.0.0.1:{port}/events?last={EVENTS}{query}");
        let scenario = async {
            let request = client.request(url);
            follow(request, Seen::up_to(EVENTS).in_json(), &Progress::default())
                .await?
                .with_connections(connections)
        };
        report.scenario(&version, name, &[&process], scenario).await;
    }
    Ok(())
}
