//! nginx in front of a server.
//!
//! It listens on sockets in a directory of its own, needs no port, and ends with the test.

use std::{env, net::SocketAddr, path::Path, process::Command};

use sse_reqwest::reqwest::{Client, ClientBuilder};
use tempfile::TempDir;

/// nginx in front of a server.
pub(crate) struct Nginx {
    directory: TempDir,
}

impl Nginx {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let directory = tempfile::Builder::new().prefix("sse-nginx-").tempdir().unwrap();
        let path = directory.path().to_str().unwrap();
        let config = include_str!("nginx.conf")
            .replace("@server@", &server.to_string())
            .replace("@directory@", path);
        std::fs::write(directory.path().join("nginx.conf"), config).unwrap();
        let nginx = Self { directory };
        // It has become a daemon, and its sockets exist, when this returns.
        nginx.run(&[]);
        nginx
    }

    /// Returns the URL of a location of its configuration; the host does not matter.
    pub(crate) fn url(place: &str) -> String {
        format!("http://nginx.invalid{place}")
    }

    pub(crate) fn http1(&self) -> Client {
        self.http1_without(|client| client)
    }

    pub(crate) fn http1_without(&self, off: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        off(self.client("http1.sock")).build().unwrap()
    }

    pub(crate) fn http2(&self) -> Client {
        self.client("http2.sock").http2_prior_knowledge().build().unwrap()
    }

    fn client(&self, socket: &str) -> ClientBuilder {
        Client::builder().no_proxy().unix_socket(self.directory.path().join(socket))
    }

    /// Replaces its workers. The old ones do not wait for long for what they still serve.
    pub(crate) fn reload(&self) {
        self.run(&["-s", "reload"]);
    }

    fn run(&self, args: &[&str]) {
        let done = self.command(args).output().expect("nginx is there");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "nginx {args:?}: {said}");
    }

    fn command(&self, args: &[&str]) -> Command {
        // nginx itself would take `NGINX` for the sockets that it is to inherit.
        let program = env::var_os("NGINX_PROGRAM").unwrap_or_else(|| "nginx".into());
        let directory: &Path = self.directory.path();
        let mut command = Command::new(program);
        command.arg("-p").arg(directory).arg("-c").arg(directory.join("nginx.conf"));
        // Otherwise it would open the log of the system.
        command.arg("-e").arg(directory.join("error.log")).args(args);
        command
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A test that fails has its own message.
        let _ = self.command(&["-s", "stop"]).output();
    }
}
