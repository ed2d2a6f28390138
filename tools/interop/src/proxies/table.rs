//! Table of the proxies: their packages, their configurations, and what their clients see of a
//! failure of the server whose responses they pass on.

use std::path::Path;

use super::{Proxy, Source};
use crate::{ended::Shown, place::TempDir};

/// Truncated over HTTP/1.1, but complete over HTTP/2.
const HTTP1_ONLY: [Shown; 2] = [Shown::TRUNCATED, Shown::END_STREAM];

pub(super) const PROXIES: &[Proxy] = &[
    Proxy {
        name: "HAProxy",
        source: Source::Debian("haproxy", "haproxy"),
        version: (&["-v"], "version "),
        configure: |dir, port, upstream| {
            let text = format!(
                "defaults\n mode http\n retries 0\n option http-no-delay\n timeout connect 5s\n \
                 timeout client 60s\n timeout server 60s\n\
                 listen events\n bind 127.0.0.1:{port}\n server upstream 127.0.0.1:{upstream}\n"
            );
            let file = dir.write("haproxy.cfg", &text)?;
            Ok(words("-db -f", &file))
        },
        failure: HTTP1_ONLY,
        is_short: true,
    },
    Proxy {
        name: "Varnish",
        source: Source::Debian("varnishd", "varnish"),
        version: (&["-V"], "varnish-"),
        configure: |dir, port, upstream| {
            let text = format!(
                "vcl 4.1;\n\
                 backend default {{ .host = \"127.0.0.1\"; .port = \"{upstream}\"; }}\n\
                 sub vcl_recv {{ return (pass); }}\n"
            );
            let file = dir.write("events.vcl", &text)?;
            let work = dir.path().join("work");
            let options = format!(
                "-F -j none -s malloc,16m -T none -p feature=+http2 -a 127.0.0.1:{port} -n {} -f",
                work.display()
            );
            Ok(words(&options, &file))
        },
        failure: HTTP1_ONLY,
        is_short: true,
    },
    Proxy {
        name: "lighttpd",
        source: Source::Debian("lighttpd", "lighttpd"),
        version: (&["-v"], "lighttpd/"),
        configure: |dir, port, upstream| {
            let text = format!(
                "server.document-root = \"{}\"\nserver.bind = \"127.0.0.1\"\n\
                 server.port = {port}\nserver.modules = (\"mod_proxy\")\n\
                 server.stream-response-body = 2\n\
                 server.feature-flags = (\"server.h2c\" => \"enable\")\n\
                 proxy.server = (\"\" => ((\"host\" => \"127.0.0.1\", \"port\" => {upstream})))\n",
                dir.path().display()
            );
            let file = dir.write("lighttpd.conf", &text)?;
            Ok(words("-D -f", &file))
        },
        failure: HTTP1_ONLY,
        is_short: true,
    },
    Proxy {
        name: "H2O",
        source: Source::Debian("h2o", "h2o"),
        version: (&["-v"], "version "),
        configure: |dir, port, upstream| {
            let text = format!(
                "num-threads: 1\nlisten:\n  host: 127.0.0.1\n  port: {port}\nhosts:\n  default:\n    \
                 paths:\n      /:\n        proxy.reverse.url: http://127.0.0.1:{upstream}\n"
            );
            let file = dir.write("h2o.conf", &text)?;
            Ok(words("-c", &file))
        },
        failure: [Shown::COMPLETE, Shown::END_STREAM],
        is_short: false,
    },
    Proxy {
        name: "Traffic Server",
        source: Source::Debian("traffic_server", "trafficserver"),
        version: (&["-V"], "Traffic Server "),
        configure: traffic_server,
        failure: HTTP1_ONLY,
        is_short: false,
    },
    Proxy {
        name: "Caddy",
        source: Source::Debian("caddy", "caddy"),
        version: (&["version"], ""),
        configure: caddy,
        failure: [Shown::COMPLETE, Shown::END_STREAM],
        is_short: false,
    },
    Proxy {
        name: "Caddy",
        source: Source::Go(
            "github.com/caddyserver/caddy/v2/cmd/caddy",
            "caddy",
            "github.com/caddyserver/caddy/v2",
        ),
        version: (&["version"], ""),
        configure: caddy,
        failure: [Shown::TRUNCATED, Shown::RESET],
        is_short: false,
    },
];

fn words(options: &str, file: &Path) -> Vec<String> {
    let options = options.split_whitespace().map(str::to_owned);
    options.chain([file.to_string_lossy().into_owned()]).collect()
}

fn caddy(dir: &TempDir, port: u16, upstream: u16) -> std::io::Result<Vec<String>> {
    let text = format!(
        "{{\n\tadmin off\n\tauto_https off\n\
         \tservers {{\n\t\tprotocols h1 h2 h2c\n\t}}\n}}\n\
         http://127.0.0.1:{port} {{\n\treverse_proxy 127.0.0.1:{upstream}\n}}\n"
    );
    let file = dir.write("Caddyfile", &text)?;
    Ok(words("run --adapter caddyfile --config", &file))
}

/// Traffic Server finds its directories by a file. As root it changes to the user of Debian's
/// package, who has to be able to write into them.
fn traffic_server(dir: &TempDir, port: u16, upstream: u16) -> std::io::Result<Vec<String>> {
    let root = dir.path().display();
    for name in ["run", "logs", "cache", "data"] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(&path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o777))?;
        }
    }
    let layout = format!(
        "prefix: {root}\nexec_prefix: {root}\nbindir: /usr/bin\nsbindir: /usr/sbin\n\
         sysconfdir: {root}\ndatadir: {root}/data\nlibexecdir: /usr/lib/trafficserver/modules\n\
         localstatedir: {root}/run\nruntimedir: {root}/run\nlogdir: {root}/logs\n\
         cachedir: {root}/cache\n"
    );
    let records = format!(
        "CONFIG proxy.config.http.server_ports STRING {port}:ip-in=127.0.0.1:proto=http2;http\n\
         CONFIG proxy.config.http.cache.http INT 0\n\
         CONFIG proxy.config.http.connect_attempts_max_retries INT 0\n\
         CONFIG proxy.config.admin.user_id STRING trafficserver\n"
    );
    dir.write("records.config", &records)?;
    dir.write("remap.config", &format!("map / http://127.0.0.1:{upstream}/\n"))?;
    // It does not start without a cache.
    dir.write("storage.config", "cache 32M\n")?;
    let all =
        "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.1\n    action: allow\n    methods: ALL\n";
    dir.write("ip_allow.yaml", all)?;
    let layout = dir.write("runroot.yaml", &layout)?;
    Ok(vec![format!("--run-root={}", layout.display())])
}
