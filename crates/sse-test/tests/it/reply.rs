//! Replies.

mod ends; // ends of replies, as the client and the record see them
