//! sse-starlette, run by uvicorn: lines that end with CRLF, with LF, or with CR alone.

use crate::{
    client::Protocol,
    error::Result,
    follow::follow,
    payload::Seen,
    progress::Progress,
    report::Report,
    server::{Program, Running},
};

const EVENTS: usize = 300;

/// Starts the server of `numbers_app.py`, and returns its name with its version.
pub(crate) async fn start() -> Result<(Running, String)> {
    let program = Program::Python { application: "numbers_app:app", package: "sse-starlette" };
    program.start("sse-starlette").await
}

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let (server, name) = start().await?;
    let client = Protocol::Http1.client(None)?;
    for separator in ["CRLF", "LF", "CR"] {
        for (cut_after, connections) in [(0, 1), (100, 3)] {
            let query = format!("last={EVENTS}&separator={separator}&cut-after={cut_after}");
            let url = format!("http://127.0.0.1:{}/events?{query}", server.port);
            let cuts = if cut_after == 0 { "" } else { ", cut by the server" };
            let scenario = async {
                let request = client.request(url);
                follow(request, Seen::up_to(EVENTS), &Progress::default())
                    .await?
                    .with_connections(connections)
            };
            let what = format!("{separator} separators{cuts}");
            report.scenario(&name, &what, &[&server.process], scenario).await;
        }
    }
    Ok(())
}
