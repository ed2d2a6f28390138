//! HTTP/2, as far as the `h2` library allows errors: reads requests and sends replies frame by
//! frame.
//!
//! One task drives the connection, and one each of its streams. The tasks of the streams send
//! orders that affect the whole connection to the first task.

mod stream;

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};

use crate::{record::Side, script::Script, socket::Socket};

use stream::{Order, Stream, reason};

/// Serves one connection to its end, and returns the side that has ended it.
pub(crate) async fn serve(script: &Arc<Script>, socket: Socket, connection: usize) -> Side {
    let reset = socket.reset_switch();
    let Ok(mut http2) = h2::server::handshake(socket).await else {
        return Side::Client;
    };
    let (orders, mut ordered) = mpsc::unbounded_channel();
    let mut streams = JoinSet::new();
    let mut ended_by = Side::Client;
    loop {
        tokio::select! {
            // Also sends the frames of the streams, which must happen before an order is carried
            // out.
            biased;
            accepted = http2.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let stream = Stream::new(script.clone(), connection, orders.clone(), respond);
                    streams.spawn(stream.serve(request));
                }
                Some(Err(_)) | None => break,
            },
            Some(order) = ordered.recv() => {
                ended_by = Side::Server;
                match order {
                    Order::GoAway => http2.graceful_shutdown(),
                    Order::Fail(error) => {
                        ordered.close();
                        http2.abrupt_shutdown(reason(error));
                    }
                    Order::Cut => break,
                    Order::Reset => {
                        reset.turn_on();
                        break;
                    }
                }
            }
            Some(_) = streams.join_next() => {}
        }
    }
    drop(http2);
    if ended_by == Side::Client {
        // The streams notice it, and report it.
        while streams.join_next().await.is_some() {}
    }
    ended_by
}
