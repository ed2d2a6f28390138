//! The clients of other languages: sources, tools, and the commands that build and start them.

/// A client whose program stands in `peers/`, with pinned versions of what it needs.
pub struct Peer {
    /// Name on the command line and in tables.
    pub name: &'static str,
    /// Libraries with their versions, and the language.
    pub description: &'static str,
    /// Number of events that are read before the measured ones, so that what is compiled while it
    /// runs is compiled.
    pub warm_up: u64,
    /// Length of the measured stream, as a multiple of the one that the contestants in Rust read.
    ///
    /// A stream has to be long where code is still compiled and collected during its start. The
    /// JVM's clock for CPU time has a resolution of 10 ms.
    pub length: u64,
    /// Folder of the build.
    pub folder: &'static str,
    /// Names and contents of the files to build.
    pub sources: &'static [(&'static str, &'static str)],
    /// Commands that print the versions of the tools. The first tool is the language's own.
    pub tools: &'static [&'static [&'static str]],
    /// Commands that build the program, in its folder; the only ones that need a network.
    pub build: &'static [&'static [&'static str]],
    /// Command that starts the program, in its folder.
    pub start: &'static [&'static str],
}

/// Expands to the name and the contents of a file in `peers/`.
macro_rules! source {
    ($folder:literal, $name:literal) => {
        ($name, include_str!(concat!("../../peers/", $folder, "/", $name)))
    };
}

/// Expands to the command that copies the libraries of a Maven scope into a folder.
macro_rules! copied {
    ($scope:literal, $folder:literal) => {
        [
            "mvn",
            "--batch-mode",
            "--quiet",
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
            concat!("-DincludeScope=", $scope),
            concat!("-DoutputDirectory=", $folder),
        ]
    };
}

pub const PEERS: [Peer; 4] = [
    Peer {
        name: "go-sse",
        description: "`Read` of tmaxmax/go-sse 0.12.0 over `net/http`, Go",
        warm_up: 25_000,
        length: 1,
        folder: "go",
        sources: &[source!("go", "go.mod"), source!("go", "go.sum"), source!("go", "main.go")],
        tools: &[&["go", "version"]],
        build: &[&["go", "build", "-o", "peer", "."]],
        start: &["./peer"],
    },
    Peer {
        name: "eventsource-parser",
        description: "eventsource-parser 3.1.1 over `fetch`, Node",
        warm_up: 500_000,
        length: 10,
        folder: "node",
        sources: &[
            source!("node", "package.json"),
            source!("node", "package-lock.json"),
            source!("node", "main.js"),
        ],
        tools: &[&["node", "--version"], &["npm", "--version"]],
        build: &[&["npm", "ci", "--no-audit", "--no-fund"]],
        start: &["node", "main.js"],
    },
    Peer {
        name: "httpx-sse",
        description: "httpx-sse 0.4.3 over httpx 0.28.1, Python",
        warm_up: 2_500,
        length: 1,
        folder: "python",
        sources: &[source!("python", "requirements.txt"), source!("python", "main.py")],
        tools: &[&["python3", "--version"]],
        build: &[
            &["python3", "-m", "venv", "venv"],
            &[
                "./venv/bin/python",
                "-m",
                "pip",
                "install",
                "--no-deps",
                "--require-hashes",
                "--requirement",
                "requirements.txt",
            ],
        ],
        start: &["./venv/bin/python", "main.py"],
    },
    Peer {
        name: "okhttp-sse",
        description: "okhttp-sse 5.5.0 over OkHttp 5.5.0, JVM",
        warm_up: 2_000_000,
        length: 10,
        folder: "jvm",
        sources: &[source!("jvm", "pom.xml"), source!("jvm", "Main.java")],
        tools: &[&["javac", "-version"], &["java", "-version"], &["mvn", "--version"]],
        build: &[
            &copied!("runtime", "libs"),
            &["javac", "-cp", "libs/*", "-d", "classes", "Main.java"],
        ],
        start: &["java", "-cp", "classes:libs/*", "Main"],
    },
];

/// Ktor, with two of its engines, which share a build.
pub const KTOR: [Peer; 2] = [
    ktor("ktor-cio", &["java", "-cp", "classes:libs/*", "MainKt", "cio"]),
    ktor("ktor-okhttp", &["java", "-cp", "classes:libs/*", "MainKt", "okhttp"]),
];

const fn ktor(name: &'static str, start: &'static [&'static str]) -> Peer {
    Peer {
        name,
        description: "Ktor 3.6.1, JVM",
        warm_up: 500_000,
        length: 4,
        folder: "ktor",
        sources: &[source!("ktor", "pom.xml"), source!("ktor", "Main.kt")],
        tools: &[&["java", "-version"], &["mvn", "--version"]],
        build: &[
            &copied!("runtime", "libs"),
            &copied!("provided", "compiler"),
            // The compiler takes no wildcards.
            &[
                "sh",
                "-c",
                "java -cp 'compiler/*:libs/*' org.jetbrains.kotlin.cli.jvm.K2JVMCompiler -no-stdlib \
                 -no-reflect -cp \"$(echo libs/*.jar | tr ' ' ':')\" -d classes Main.kt",
            ],
        ],
        start,
    }
}

impl Peer {
    /// Returns the clients of these names, or all.
    pub fn chosen(names: Option<&[String]>) -> impl Iterator<Item = &'static Self> {
        PEERS.iter().filter(move |peer| {
            names.is_none_or(|names| names.iter().any(|name| name == peer.name))
        })
    }
}
