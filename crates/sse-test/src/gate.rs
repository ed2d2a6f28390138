//! A place in a script that the test holds shut, and how to wait for it.
//!
//! Knows nothing of replies: they only stop at it.

use tokio::sync::watch;

/// A place where replies wait until the test lets them pass. Its clones are the same gate.
///
/// For scripts in which more than one reply waits at a time; for the others,
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
/// assert_eq!((one?.as_str(), two?.as_str()), ("data: 1\n\ndata: 2\n\n", "data: 1\n\ndata: 2\n\n"));
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
    /// A gate that is shut.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the gate for good.
    pub fn open(&self) {
        self.state.send_modify(|state| state.is_open = true);
    }

    /// Waits until so many replies have come to the gate, whether or not they have passed it. All
    /// that their scripts say before it has been written then.
    pub async fn reached(&self, count: usize) {
        until(&self.state, |state| state.arrived >= count).await;
    }

    pub(crate) async fn pass(&self) {
        self.state.send_modify(|state| state.arrived += 1);
        until(&self.state, |state| state.is_open).await;
    }
}

/// Waits until what others change is as wanted.
pub(crate) async fn until<T>(value: &watch::Sender<T>, is_wanted: impl FnMut(&T) -> bool) {
    // This can fail only once there is no sender, and there is one.
    drop(value.subscribe().wait_for(is_wanted).await);
}
