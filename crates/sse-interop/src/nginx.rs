//! An nginx of our own: a configuration in, a server out that can be reloaded and whose processes
//! can be killed.

use std::path::PathBuf;

use tokio::process::Command;

use crate::{
    command,
    process::{Process, signal},
    progress::WORKER_HEADER,
    trouble::{Result, Trouble},
};

/// The nginx that this machine has.
#[derive(Debug, Clone)]
pub(crate) struct Installed {
    program: &'static str,
    pub(crate) version: String,
    /// What to load for nchan, where it is there.
    nchan: Option<PathBuf>,
    /// Whom the processes are to run as, where nginx would choose somebody else.
    user: Option<String>,
}

/// Which of its modules a configuration needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modules {
    Own,
    Nchan,
}

impl Installed {
    pub(crate) async fn find() -> Result<Self> {
        let (program, about) = match command::run("nginx", &["-V"]).await {
            Err(Trouble::Lacking(_)) => (SBIN, command::run(SBIN, &["-V"]).await),
            about => ("nginx", about),
        };
        let about = match about {
            Err(Trouble::Lacking(_)) => {
                let what = "there is no nginx on this machine (Debian: nginx-light)";
                return Err(Trouble::Lacking(what.to_owned()));
            }
            about => about?,
        };
        let after =
            |key: &str| about.split_once(key).and_then(|(_, rest)| rest.split_whitespace().next());
        let version = after("nginx version: nginx/").unwrap_or("of no version").to_owned();
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

    /// The whole configuration that goes around the contents of its `http` block.
    fn configuration(&self, modules: Modules, http: &str) -> Result<String> {
        let module = match (modules, &self.nchan) {
            (Modules::Own, _) => String::new(),
            (Modules::Nchan, Some(module)) => format!("load_module {};", module.display()),
            (Modules::Nchan, None) => {
                let what = "nginx has no nchan here (Debian: libnginx-mod-nchan)";
                return Err(Trouble::Lacking(what.to_owned()));
            }
        };
        let workers = match modules {
            Modules::Own => 2,
            // Killing one of several leaves nchan's others waiting for what it owned, for ever.
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

/// An nginx that runs.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) process: Process,
    installed: Installed,
    modules: Modules,
}

impl Nginx {
    /// Starts nginx with what `http` says is to stand in the `http` block, given so many ports.
    pub(crate) async fn start<const PORTS: usize>(
        installed: &Installed,
        modules: Modules,
        certificate: &Certificate,
        http: impl Fn([u16; PORTS]) -> String,
    ) -> Result<(Self, [u16; PORTS])> {
        // What is lacking is to be known before anything is started.
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

    /// Starts new processes with another configuration.
    pub(crate) async fn reconfigure(&self, http: &str) -> Result<()> {
        let configuration = self.installed.configuration(self.modules, http)?;
        self.process.dir.write(CONFIGURATION, &configuration)?;
        self.reload().await
    }

    /// Starts new processes, and has the old ones cut their connections.
    pub(crate) async fn reload(&self) -> Result<()> {
        let mut command = Command::new(self.installed.program);
        command.args(["-s", "reload", "-c", CONFIGURATION, "-e", "stderr", "-p"]);
        command::output(command.arg(self.process.dir.path())).await?;
        Ok(())
    }
}

/// Ends one of nginx's processes in the middle of what it does.
pub(crate) fn kill(worker: Option<&str>) -> Result<()> {
    let worker =
        worker.ok_or_else(|| Trouble::failed(format!("nginx sends no {WORKER_HEADER}")))?;
    signal("KILL", worker);
    Ok(())
}

/// A certificate for loopback, signed with its own key, and that key.
pub(crate) struct Certificate(rcgen::CertifiedKey<rcgen::KeyPair>);

impl Certificate {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?))
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.0.cert.der()
    }

    fn pem(&self) -> String {
        self.0.cert.pem()
    }

    fn key_pem(&self) -> String {
        self.0.signing_key.serialize_pem()
    }
}

/// What makes a `server` listen on a port for each of [`Protocol::ALL`](crate::client::Protocol).
pub(crate) fn listen([http1, http2, tls]: [u16; 3]) -> String {
    format!(
        "listen 127.0.0.1:{http1};
        listen 127.0.0.1:{http2} http2;
        listen 127.0.0.1:{tls} ssl http2;
        ssl_certificate certificate.pem;
        ssl_certificate_key key.pem;"
    )
}

/// Where Debian has it, to which the paths of few users lead.
const SBIN: &str = "/usr/sbin/nginx";

/// nginx writes so when it listens.
const READY: &str = "start worker processes";
const CONFIGURATION: &str = "nginx.conf";
