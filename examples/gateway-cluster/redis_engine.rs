//! Engine in Redis (or Valkey): a lease, a state and a stream of entries, which scripts change in
//! one step.
//!
//! The scripts are in `scripts/`. A leader that has lost its lease without noticing cannot append:
//! its epoch is an old one. A batch whose reply was lost can be sent again: its number is known.

use std::{sync::Arc, time::Duration};

use redis::{Script, ScriptInvocation};

use crate::{
    engine::{
        Acquired, Appended, Batch, EngineError, LONGEST_WAIT, Renewed, Result, Seen, Stored, Term,
    },
    link::{InvalidOption, Link},
    place::{Place, random_name},
};

/// Engine in Redis. A clone uses the same connections.
#[derive(Debug, Clone)]
pub(crate) struct RedisEngine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: RedisOptions,
    /// Lease, appended events, and checks: short replies.
    writing: Link,
    /// History for browsers that resume: large replies, which must not delay the lease.
    reading: Link,
    /// Blocking reads, which would delay all other commands.
    waiting: Link,
    scripts: Scripts,
}

/// Options of the engine.
#[derive(Debug, Clone)]
pub(crate) struct RedisOptions {
    /// Certificates (PEM) of the authorities to trust; those of the platform if `None`.
    pub(crate) roots: Option<Vec<u8>>,
    /// First part of the names of the keys. Gateways with the same one form a cluster.
    pub(crate) topic: String,
    /// Number of events that the history has at least.
    pub(crate) history: usize,
    /// Time after which the lease of a dead leader expires.
    pub(crate) lease: Duration,
    /// Longest time for which a command may be without a reply.
    pub(crate) timeout: Duration,
}

#[derive(Debug)]
struct Scripts {
    acquire: Script,
    renew: Script,
    release: Script,
    append: Script,
    check: Script,
    rights: Script,
}

impl RedisEngine {
    /// Creates the engine, which connects when it is used.
    pub(crate) fn new(
        url: &str,
        options: RedisOptions,
    ) -> std::result::Result<Self, InvalidOption> {
        let link = |wait| Link::new(url, options.roots.as_deref(), options.timeout, wait);
        let (writing, reading) = (link(Duration::ZERO)?, link(Duration::ZERO)?);
        let waiting = link(LONGEST_WAIT)?;
        let scripts = Scripts::new();
        Ok(Self { shared: Arc::new(Shared { options, writing, reading, waiting, scripts }) })
    }

    /// Fails with [`EngineError::Forbidden`] unless the user may run every command that a gateway
    /// needs.
    pub(crate) async fn check_rights(&self) -> Result<()> {
        let Shared { writing, scripts, .. } = &*self.shared;
        // One for each type, so that a key that could not be removed does no harm.
        let keys = ["string", "hash", "set", "stream"].map(|it| self.key(&format!("rights:{it}")));
        let stream = &keys[3];
        writing.query::<()>(redis::cmd("XRANGE").arg(stream).arg("-").arg("+")).await?;
        writing.query::<()>(redis::cmd("XREAD").arg("STREAMS").arg(stream).arg("0")).await?;
        // Also if Redis has the scripts: it forgets them when it is restarted.
        writing.query::<()>(redis::cmd("SCRIPT").arg("LOAD").arg(RIGHTS)).await?;
        let mut call = scripts.rights.prepare_invoke();
        for key in &keys {
            call.key(key);
        }
        let refused: Vec<String> = writing.invoke(&call).await?;
        if refused.is_empty() {
            return Ok(());
        }
        let refused = refused.join(", ");
        Err(EngineError::Forbidden(format!("this user has no permissions to run {refused}")))
    }

    /// Returns the policy by which Redis evicts keys, or `None` if it evicts none, or does not say.
    ///
    /// Fails only if Redis is unreachable, or refuses the credentials.
    pub(crate) async fn eviction(&self) -> Result<Option<String>> {
        let command = redis::cmd("CONFIG").arg("GET").arg("maxmemory-policy").to_owned();
        let reply = self.shared.writing.query::<Vec<String>>(&command).await;
        match reply {
            Ok(reply) => Ok(reply.into_iter().nth(1).filter(|policy| policy != "noeviction")),
            // Many services do not let their users see the configuration.
            Err(EngineError::Failed(_) | EngineError::Forbidden(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn acquire(&self, owner: &str, seen: &Seen) -> Result<Acquired> {
        let Shared { options, writing, scripts, .. } = &*self.shared;
        let mut call = self.call(&scripts.acquire);
        call.arg(owner).arg(millis(options.lease));
        with_seen(&mut call, seen);
        let token = random_name();
        call.arg(&token);
        let reply: Vec<redis::Value> = writing.invoke(&call).await?;
        match &reply[..] {
            [_, remaining] => {
                let remaining: i64 = value(remaining)?;
                Ok(Acquired::Other(Duration::from_millis(remaining.max(0).unsigned_abs())))
            }
            [_, epoch, generation, count, last, is_started] => Ok(Acquired::Held(Term {
                epoch: value(epoch)?,
                token,
                place: Place::new(value::<String>(generation)?, value(count)?),
                last_upstream_id: value(last)?,
                is_started: value(is_started)?,
            })),
            _ => Err(unexpected()),
        }
    }

    pub(crate) async fn renew(&self, owner: &str, token: &str, limit: Duration) -> Result<Renewed> {
        let Shared { options, writing, scripts, .. } = &*self.shared;
        let mut call = self.call(&scripts.renew);
        call.arg(owner).arg(millis(options.lease)).arg(token);
        match writing.invoke_within(limit, &call).await? {
            1 => Ok(Renewed::Held),
            -1 => Ok(Renewed::Lost),
            _ => Ok(Renewed::Other),
        }
    }

    pub(crate) async fn release(&self, owner: &str) -> Result<()> {
        let Shared { writing, scripts, .. } = &*self.shared;
        let mut call = self.call(&scripts.release);
        call.arg(owner);
        writing.invoke::<u64>(&call).await.map(|_| ())
    }

    pub(crate) async fn append(&self, batch: &Batch<'_>) -> Result<Appended> {
        let Shared { options, writing, scripts, .. } = &*self.shared;
        let last = batch.events.last().map(|event| event.last_upstream_id.as_str());
        let mut call = self.call(&scripts.append);
        call.arg(batch.term.epoch).arg(&batch.term.place.generation).arg(batch.seq);
        call.arg(batch.began).arg(options.history).arg(last.unwrap_or_default());
        call.arg(&batch.term.token);
        for event in batch.events {
            call.arg(&event.upstream_id).arg(&event.last_upstream_id);
            call.arg(&event.event).arg(&event.data);
        }
        let reply: Vec<u64> = writing.invoke(&call).await?;
        match reply[..] {
            [1, count, duplicates] => Ok(Appended::Stored { count, duplicates }),
            _ => Ok(Appended::Refused),
        }
    }

    pub(crate) async fn check(&self, seen: &Seen) -> Result<Place> {
        let mut call = self.call(&self.shared.scripts.check);
        with_seen(&mut call, seen);
        let (generation, number): (String, u64) = self.shared.writing.invoke(&call).await?;
        Ok(Place::new(generation, number))
    }

    pub(crate) async fn read(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        let mut command = redis::cmd("XRANGE");
        command.arg(self.stream(&after.generation)).arg(format!("{}-0", after.number + 1));
        command.arg("+").arg("COUNT").arg(limit);
        let entries: Vec<Entry> = self.shared.reading.query(&command).await?;
        entries.into_iter().map(stored).collect()
    }

    pub(crate) async fn wait(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(limit).arg("BLOCK").arg(millis(LONGEST_WAIT)).arg("STREAMS");
        command.arg(self.stream(&after.generation)).arg(format!("{}-0", after.number));
        let streams: Option<Vec<(String, Vec<Entry>)>> =
            self.shared.waiting.query(&command).await?;
        let entries = streams.into_iter().flatten().flat_map(|(_, entries)| entries);
        entries.map(stored).collect()
    }

    /// Abandons the connections for reads.
    pub(crate) fn reconnect_reads(&self) {
        self.shared.reading.abandon();
        self.shared.waiting.abandon();
    }

    fn call<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut call = script.prepare_invoke();
        for key in ["state", "lease", "ids"] {
            call.key(self.key(key));
        }
        call
    }

    fn stream(&self, generation: &str) -> String {
        format!("{}:{generation}", self.key("state"))
    }

    /// Returns the name of a key. The braces keep all keys of a topic on one node of a Redis
    /// Cluster.
    fn key(&self, name: &str) -> String {
        format!("sse:{{{}}}:{name}", self.shared.options.topic)
    }
}

impl Scripts {
    fn new() -> Self {
        let script =
            |own: &str| Script::new(&format!("{}{own}", include_str!("scripts/shared.lua")));
        Self {
            acquire: script(include_str!("scripts/acquire.lua")),
            renew: script(include_str!("scripts/renew.lua")),
            release: script(include_str!("scripts/release.lua")),
            append: script(include_str!("scripts/append.lua")),
            check: script(include_str!("scripts/check.lua")),
            rights: Script::new(RIGHTS),
        }
    }
}

/// Adds the arguments by which the scripts recognize that events are gone.
fn with_seen(call: &mut ScriptInvocation<'_>, seen: &Seen) {
    call.arg(random_name()).arg(&seen.place.generation).arg(seen.place.number);
    call.arg(&seen.last_upstream_id);
}

const RIGHTS: &str = include_str!("scripts/rights.lua");

/// Entry of a stream: its ID, and names and values of its fields.
type Entry = (String, Vec<String>);

fn stored((id, fields): Entry) -> Result<Stored> {
    let number = id.split('-').next().and_then(|number| number.parse().ok());
    let mut event = Stored {
        number: number.ok_or_else(unexpected)?,
        event: String::new(),
        data: String::new(),
        upstream_id: String::new(),
        last_upstream_id: String::new(),
    };
    let mut fields = fields.into_iter();
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        match name.as_str() {
            "t" => event.event = value,
            "d" => event.data = value,
            "u" => event.last_upstream_id = value,
            _ => {}
        }
    }
    Ok(event)
}

fn value<T: redis::FromRedisValue>(value: &redis::Value) -> Result<T> {
    redis::from_redis_value_ref(value).map_err(|error| EngineError::Failed(error.to_string()))
}

fn unexpected() -> EngineError {
    EngineError::Failed("unexpected reply".to_owned())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use super::{RedisEngine, RedisOptions};

    #[test]
    fn rights_are_those_of_all_scripts() {
        // Names of commands are the only words in capital letters, except for these.
        let words = |script: &'static str| -> BTreeSet<&str> {
            let quoted = script.split('\'').skip(1).step_by(2);
            let is_name = |it: &&str| it.len() > 2 && it.bytes().all(|it| it.is_ascii_uppercase());
            quoted.filter(is_name).filter(|it| !["MAXLEN", "NOPERM"].contains(it)).collect()
        };
        let without_comments = |script: &'static str| {
            let lines = script.lines().filter(|line| !line.trim_start().starts_with("--"));
            lines.flat_map(words).collect::<BTreeSet<_>>()
        };
        let scripts = [
            include_str!("scripts/shared.lua"),
            include_str!("scripts/acquire.lua"),
            include_str!("scripts/renew.lua"),
            include_str!("scripts/release.lua"),
            include_str!("scripts/append.lua"),
            include_str!("scripts/check.lua"),
        ];
        let used: BTreeSet<_> = scripts.into_iter().flat_map(without_comments).collect();
        assert!(used.len() > 10, "{used:?}");
        assert_eq!(without_comments(include_str!("scripts/rights.lua")), used);
    }

    #[test]
    fn redis_url_and_redis_ca_are_refused_with_the_option_and_without_the_url() {
        let check = |url, roots: Option<&str>| {
            let options = RedisOptions {
                roots: roots.map(Into::into),
                topic: "events".to_owned(),
                history: 1,
                lease: Duration::from_secs(1),
                timeout: Duration::from_secs(1),
            };
            let engine = RedisEngine::new(url, options);
            let is_shown = engine.as_ref().is_err_and(|error| error.to_string().contains("secret"));
            assert!(!is_shown, "{engine:?}");
            engine.map(|_| ()).map_err(|error| error.to_string())
        };
        for url in ["redis://:secret@h/", "rediss://:secret@h:1/", "redis+unix:///socket"] {
            assert_eq!(check(url, None), Ok(()), "{url}");
        }
        for url in ["redis+sentinel://:secret@h/", "http://:secret@h/", ":secret@h", "redis://"] {
            let why = check(url, None).unwrap_err();
            assert!(why.starts_with("--redis: "), "{url}: {why}");
        }
        let open = "-----BEGIN CERTIFICATE-----";
        let empty = format!("{open}\n-----END CERTIFICATE-----");
        for (url, roots) in [
            ("rediss://:secret@h/", ""),
            ("rediss://:secret@h/", "# none"),
            ("rediss://:secret@h/", open),
            ("rediss://:secret@h/", &empty),
            ("redis://:secret@h/", &empty),
        ] {
            let why = check(url, Some(roots)).unwrap_err();
            assert!(why.starts_with("--redis-ca: "), "{url} {roots:?}: {why}");
        }
    }
}
