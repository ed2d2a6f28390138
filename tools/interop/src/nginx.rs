//! Runs nginx with a given configuration, reloads it, and kills its processes.

use std::path::PathBuf;

use tokio::process::Command;

use crate::{
    command,
    error::{Result, ScenarioError},
    process::{Process, signal},
    progress::WORKER_HEADER,
};

/// nginx as installed on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    program: &'static str,
    pub(crate) version: String,
    /// Path of the module nchan, if it is installed.
    nchan: Option<PathBuf>,
    /// User and group of the processes, if this program runs as root.
    user: Option<String>,
}

/// Modules that a configuration needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modules {
    Own,
    Nchan,
}

impl Installed {
    pub(crate) async fn find() -> Result<Self> {
        let (program, about) = match command::run("nginx", &["-V"]).await {
            Err(ScenarioError::Missing(_)) => (SBIN, command::run(SBIN, &["-V"]).await),
            about => ("nginx", about),
        };
        let about = match about {
            Err(ScenarioError::Missing(_)) => {
                let what = "nginx is not installed (Debian: nginx-light)";
                return Err(ScenarioError::Missing(what.to_owned()));
            }
            about => about?,
        };
        let after =
            |key: &str| about.split_once(key).and_then(|(_, rest)| rest.split_whitespace().next());
        let version = after("nginx version: nginx/").unwrap_or("of unknown version").to_owned();
        let modules = after("--modules-path=").map(PathBuf::from);
        let nchan = modules.map(|dir| dir.join("ngx_nchan_module.so")).filter(|it| it.is_file());
        let is_root = command::run("id", &["-u"]).await?.trim() == "0";
        let user = if is_root {
            let group = command::run("id", &["-gn"]).await?;
            Some(format!("root {}", group.trim()))
        } else {
            None
        };
        Ok(Self { program, version: format!("nginx {version}"), nchan, user })
    }

    /// Returns a complete configuration with the given contents of its `http` block.
    fn configuration(&self, modules: Modules, http: &str) -> Result<String> {
        let module = match (modules, &self.nchan) {
            (Modules::Own, _) => String::new(),
            (Modules::Nchan, Some(module)) => format!("load_module {};", module.display()),
            (Modules::Nchan, None) => {
                let what = "nginx has no module nchan (Debian: libnginx-mod-nchan)";
                return Err(ScenarioError::Missing(what.to_owned()));
            }
        };
        let workers = match modules {
            Modules::Own => 2,
            // If one of several is killed, the others wait forever for its channels.
            Modules::Nchan => 1,
        };
        let user = self.user.as_ref().map(|user| format!("user {user};")).unwrap_or_default();
        Ok(format!(
            "{module}
            {user}
            daemon off;
            pid nginx.pid;
            error_log stderr notice;
            worker_processes {workers};
            worker_shutdown_timeout 50ms;
            events {{ worker_connections 128; }}
            http {{
                access_log off;
                client_body_temp_path body;
                proxy_temp_path proxied;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                {http}
            }}
            "
        ))
    }
}

/// Running nginx.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) process: Process,
    installed: Installed,
    modules: Modules,
}

impl Nginx {
    /// Starts nginx. `http` returns the contents of the `http` block for the ports it is given.
    pub(crate) async fn start<const PORTS: usize>(
        installed: &Installed,
        modules: Modules,
        certificate: &Certificate,
        http: impl Fn([u16; PORTS]) -> String,
    ) -> Result<(Self, [u16; PORTS])> {
        // Reports a missing module before anything is started.
        installed.configuration(modules, "")?;
        let (process, ports) = Process::start("nginx", READY, |dir, ports| {
            let configuration = installed.configuration(modules, &http(ports)).unwrap_or_default();
            dir.write(CONFIGURATION, &configuration)?;
            dir.write("certificate.pem", &certificate.pem())?;
            dir.write("key.pem", &certificate.key_pem())?;
            let mut command = Command::new(installed.program);
            command.args(["-c", CONFIGURATION, "-e", "stderr", "-p"]).arg(dir.path());
            Ok(command)
        })
        .await?;
        Ok((Self { process, installed: installed.clone(), modules }, ports))
    }

    /// Replaces the processes by new ones with another configuration.
    pub(crate) async fn reconfigure(&self, http: &str) -> Result<()> {
        let configuration = self.installed.configuration(self.modules, http)?;
        self.process.dir.write(CONFIGURATION, &configuration)?;
        self.reload().await
    }

    /// Replaces the processes by new ones. The old ones close their connections.
    pub(crate) async fn reload(&self) -> Result<()> {
        let mut command = Command::new(self.installed.program);
        command.args(["-s", "reload", "-c", CONFIGURATION, "-e", "stderr", "-p"]);
        command::output(command.arg(self.process.dir.path())).await?;
        Ok(())
    }
}

/// Sends SIGKILL to one of nginx's processes.
pub(crate) fn kill(worker: Option<&str>) -> Result<()> {
    let worker =
        worker.ok_or_else(|| ScenarioError::failed(format!("nginx sends no {WORKER_HEADER}")))?;
    signal("KILL", worker);
    Ok(())
}

/// Self-signed certificate for loopback, with its key.
pub(crate) struct Certificate(rcgen::CertifiedKey<rcgen::KeyPair>);

impl Certificate {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?))
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.0.cert.der()
    }

    pub(crate) fn pem(&self) -> String {
        self.0.cert.pem()
    }

    pub(crate) fn key_pem(&self) -> String {
        self.0.signing_key.serialize_pem()
    }
}

/// Returns directives that make a `server` listen on a port for each of
/// [`Protocol::ALL`](crate::client::Protocol).
pub(crate) fn listen([http1, http2, tls]: [u16; 3]) -> String {
    format!(
        "listen 127.0.0.1:{http1};
        listen 127.0.0.1:{http2} http2;
        listen 127.0.0.1:{tls} ssl http2;
        ssl_certificate certificate.pem;
        ssl_certificate_key key.pem;"
    )
}

/// Path in Debian, which is not in the `PATH` of most users.
const SBIN: &str = "/usr/sbin/nginx";

/// Text in the log once nginx listens.
const READY: &str = "start worker processes";
const CONFIGURATION: &str = "nginx.conf";
