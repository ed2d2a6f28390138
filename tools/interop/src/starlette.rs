//! sse-starlette, run by uvicorn: lines that end with CRLF, with LF, or with CR alone.

use tokio::process::Command;

use crate::{
    client::Protocol,
    error::Result,
    follow::follow,
    packages::{python, server_file, version_of_python_package},
    payload::Seen,
    process::Process,
    progress::Progress,
    report::Report,
};

const EVENTS: usize = 300;

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let server = Starlette::start().await?;
    let client = Protocol::Http1.client(None)?;
    for separator in ["CRLF", "LF", "CR"] {
        for (cut_after, connections) in [(0, 1), (100, 3)] {
            let url =
                server.url(&format!("last={EVENTS}&separator={separator}&cut-after={cut_after}"));
            let cuts = if cut_after == 0 { "" } else { ", cut by the server" };
            let scenario = async {
                let request = client.request(url);
                follow(request, Seen::up_to(EVENTS), &Progress::default())
                    .await?
                    .with_connections(connections)
            };
            let name = format!("{separator} separators{cuts}");
            report.scenario(&server.version, &name, &[&server.process], scenario).await;
        }
    }
    Ok(())
}

/// Running server of `numbers_app.py`.
#[derive(Debug)]
pub(crate) struct Starlette {
    pub(crate) process: Process,
    pub(crate) version: String,
    pub(crate) port: u16,
}

impl Starlette {
    pub(crate) async fn start() -> Result<Self> {
        let python = python().await?;
        let version = version_of_python_package(&python, "sse-starlette").await?;
        let (process, [port]) = Process::start("sse-starlette", READY, |_, [port]| {
            let mut command = Command::new(&python);
            command
                .args(["-B", "-m", "uvicorn", "numbers_app:app", "--no-access-log"])
                .args(["--timeout-graceful-shutdown", "1", "--port", &port.to_string()])
                .arg("--app-dir")
                .arg(server_file("python"));
            Ok(command)
        })
        .await?;
        Ok(Self { process, version: format!("sse-starlette {version}"), port })
    }

    fn url(&self, query: &str) -> String {
        format!("http://127.0.0.1:{}/events?{query}", self.port)
    }
}

const READY: &str = "Uvicorn running on";
