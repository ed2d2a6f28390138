//! Resumption: which requests are repeated, and which answers may begin again.

mod first_request; // connections of first requests that end before the head of a response
mod restart_unseen; // `RestartUnseen`: answers that a reconnection starts from the beginning
