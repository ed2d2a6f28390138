//! Place in a script that the test keeps closed.
//!
//! Does not know replies: they only wait at it.

use tokio::sync::watch;

/// Place where replies wait until the test opens it. Clones are the same gate.
///
/// For scripts in which several replies wait at the same time; otherwise
/// [`Reply::pause`](crate::Reply::pause) is enough.
///
/// ```
/// use sse_test::{Gate, Reply, ScriptedServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), reqwest::Error> {
/// let gate = Gate::new();
/// let reply = Reply::events("data: 1\n\n").pause_at(&gate).send("data: 2\n\n");
/// let server = ScriptedServer::start([reply.clone(), reply]).await;
///
/// let client = reqwest::Client::builder().no_proxy().build()?;
/// let get = async || client.get(server.url("/")).send().await?.text().await;
/// let open = async {
///     gate.reached(2).await; // both have sent their first event
///     gate.open();
/// };
/// let (one, two, ()) = tokio::join!(get(), get(), open);
/// assert_eq!(one?, "data: 1\n\ndata: 2\n\n");
/// assert_eq!(two?, "data: 1\n\ndata: 2\n\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Gate {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    is_open: bool,
    arrived: usize,
}

impl Gate {
    /// Creates a closed gate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the gate permanently.
    pub fn open(&self) {
        self.state.send_modify(|state| state.is_open = true);
    }

    /// Waits until `count` replies have reached the gate, whether or not they have passed it. The
    /// steps before it in their scripts have been written by then.
    pub async fn reached(&self, count: usize) {
        until(&self.state, |state| state.arrived >= count).await;
    }

    pub(crate) async fn pass(&self) {
        self.state.send_modify(|state| state.arrived += 1);
        until(&self.state, |state| state.is_open).await;
    }
}

/// Waits until a watched value satisfies the condition.
pub(crate) async fn until<T>(value: &watch::Sender<T>, is_wanted: impl FnMut(&T) -> bool) {
    // Fails only without a sender, and the caller holds one.
    drop(value.subscribe().wait_for(is_wanted).await);
}
