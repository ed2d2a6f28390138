//! Properties of request methods, as IANA's registry has them (RFC 9110, section 16.1).

use http::Method;

/// Returns `true` if a method is safe: a request with it has no effect on the server that its
/// client would answer for.
pub(crate) fn is_safe(method: &Method) -> bool {
    SAFE.contains(&method.as_str())
}

/// Returns `true` if a method is idempotent: a request has the same effect whether it is made once
/// or several times. Safe methods are.
pub(crate) fn is_idempotent(method: &Method) -> bool {
    is_safe(method) || IDEMPOTENT.contains(&method.as_str())
}

/// Safe methods of the registry, except `PRI`, which no request has.
const SAFE: [&str; 8] =
    ["GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH", "QUERY"];

/// Methods of the registry that are idempotent and not safe.
const IDEMPOTENT: [&str; 27] = [
    "PUT",
    "DELETE",
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "COPY",
    "LABEL",
    "LINK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "ORDERPATCH",
    "PROPPATCH",
    "REBIND",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{IDEMPOTENT, SAFE, is_idempotent, is_safe};

    #[test]
    fn methods_are_safe_or_idempotent_as_the_registry_says() {
        for name in SAFE.iter().chain(&IDEMPOTENT) {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            assert!(is_idempotent(&method), "{name}");
            assert_eq!(is_safe(&method), SAFE.contains(name), "{name}");
        }
        // Names of methods are case-sensitive, and one that is not registered says nothing.
        for name in ["POST", "PATCH", "CONNECT", "LOCK", "get", "Query", "FEED"] {
            assert!(!is_idempotent(&Method::from_bytes(name.as_bytes()).unwrap()), "{name}");
        }
    }
}
