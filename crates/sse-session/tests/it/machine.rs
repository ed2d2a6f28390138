//! Machine: what a session asks of its transport.

mod template; // headers and bodies of the requests that the session makes
