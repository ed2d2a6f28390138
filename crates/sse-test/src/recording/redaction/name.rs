//! Tells names of secrets from other names of headers and query parameters.

/// Words anywhere in the names of headers and query parameters with secrets.
const WORDS: &[&str] = &[
    "apikey",
    "assertion",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "jwt",
    "oidc",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "session",
    "sessid",
    "signature",
];

/// Last words of such names.
const LAST_WORDS: &[&str] = &["auth", "key", "pwd", "sig"];

/// Beginning of the names of headers that only say what is allowed.
const PERMISSION: &str = "access-control-";

/// Returns `true` if a name in lower case is that of a secret, whatever separates its words.
pub(super) fn is_secret(name: &str) -> bool {
    let words: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    !name.starts_with(PERMISSION)
        && (WORDS.iter().any(|word| words.contains(word))
            || LAST_WORDS.iter().any(|word| words.ends_with(word))
            || has_token(name))
}

/// Returns `true` if a name contains `token`, other than in `tokens`, which are counted.
fn has_token(name: &str) -> bool {
    name.match_indices("token").any(|(at, word)| !name[at + word.len()..].starts_with('s'))
}
